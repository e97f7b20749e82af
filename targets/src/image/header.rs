//! The container: header, section table, checks.

use super::records::{CONFIG, NONE};
use bincode::{Decode, Encode};
use sha2::{Digest, Sha256};

/// First bytes of every image. The bytes 0x1A and 0x0A show damage by text-mode transfers.
pub const MAGIC: [u8; 8] = *b"BOUTON\x1A\x0A";
/// Version of the format; a reader refuses others.
pub const VERSION: u32 = 2;
/// Bytes of the header.
pub const HEADER_BYTES: usize = 64;
/// Bytes of a section entry.
pub const SECTION_ENTRY_BYTES: usize = 20;
/// Where in the header the hash stands; it counts as zeros in the hash.
pub(crate) const HASH_AT: usize = 32;
const HASH_BYTES: usize = 32;

pub(crate) const CRC: crc::Crc<u32, crc::Table<1>> = crc::Crc::<u32, crc::Table<1>>::new(&crc::CRC_32_ISO_HDLC);

/// First bytes of an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`VERSION`].
    pub version: u32,
    /// Bytes of the whole image.
    pub length: u32,
    /// Number of section entries.
    pub sections: u32,
    /// Zero.
    pub reserved: [u32; 3],
    /// SHA-256 of the whole image, with these bytes as zeros.
    pub hash: [u8; 32],
}

/// Where a section lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SectionEntry {
    /// A [`SectionKind`]; a reader passes over kinds that it does not know.
    pub kind: u32,
    /// Which of its kind: core number, program number.
    pub id: u32,
    /// First byte, from the start of the image, a multiple of 4.
    pub offset: u32,
    /// Bytes, a multiple of 4.
    pub length: u32,
    /// CRC-32 (ISO-HDLC) of the section's bytes.
    pub crc: u32,
}

/// What a section holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum SectionKind {
    /// Names and units, for people and hosts; devices do not read it.
    Description = 1,
    /// A program.
    Program = 2,
    /// What one core holds.
    Core = 3,
    /// Which events go to which cores.
    Fabric = 4,
    /// A chip of a many-core machine: its links, cores and routing table.
    Router = 5,
}

impl SectionKind {
    /// The kind with this code.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(SectionKind::Description),
            2 => Some(SectionKind::Program),
            3 => Some(SectionKind::Core),
            4 => Some(SectionKind::Fabric),
            5 => Some(SectionKind::Router),
            _ => None,
        }
    }
}

/// Why bytes are not an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageError {
    /// The bytes do not begin at an address that is a multiple of 4.
    Misaligned,
    /// They do not begin with [`MAGIC`].
    NotAnImage,
    /// Another version of the format.
    Version {
        /// The image's.
        found: u32,
    },
    /// There are fewer or more bytes than the header says.
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes the header says.
        expected: u32,
    },
    /// The CRC over header and section entries is wrong, or reserved bytes are not zero.
    HeaderCrc,
    /// The section of entry `at` does not begin where the one before ends, is no whole number of words, goes beyond the
    /// image, stands among sections of another kind or below one with a higher id, or has the id [`super::NONE`].
    Entry {
        /// Position of the entry.
        at: u32,
    },
    /// The CRC of section `at` is wrong.
    SectionCrc {
        /// Position of the entry.
        at: u32,
    },
    /// The hash over the whole is wrong.
    Hash,
}

/// A checked image in place.
#[derive(Clone, Copy, Debug)]
pub struct ImageView<'a> {
    words: &'a [u32],
    header: Header,
}

impl<'a> ImageView<'a> {
    /// Checks header, entries, CRCs and hash. An image that passes has one way to be written: sections follow each other
    /// without gaps and up to the end, those of a kind stand together, and their ids ascend.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new_checked(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let header = read_header(bytes)?;
        let words: &[u32] = bytemuck::try_cast_slice(bytes).map_err(|_| ImageError::Misaligned)?;
        let image = ImageView { words, header };
        image.check_header_crc(bytes)?;
        image.check_order()?;
        for at in 0..header.sections {
            let entry = image.entry(at).ok_or(ImageError::Entry { at })?;
            let words = image.words_of(entry).ok_or(ImageError::Entry { at })?;
            if CRC.checksum(bytemuck::cast_slice(words)) != entry.crc {
                return Err(ImageError::SectionCrc { at });
            }
        }
        if image_hash(bytes) != header.hash {
            return Err(ImageError::Hash);
        }
        Ok(image)
    }

    fn check_header_crc(&self, bytes: &[u8]) -> Result<(), ImageError> {
        let end = (self.header.sections as usize)
            .checked_mul(SECTION_ENTRY_BYTES)
            .and_then(|n| n.checked_add(HEADER_BYTES))
            .ok_or(ImageError::HeaderCrc)?;
        let (head, rest) = bytes.split_at_checked(end).ok_or(ImageError::HeaderCrc)?;
        let stored = rest.first_chunk().map(|b| u32::from_le_bytes(*b)).ok_or(ImageError::HeaderCrc)?;
        let sound = header_crc(head) == stored && self.header.reserved == [0; 3];
        if sound { Ok(()) } else { Err(ImageError::HeaderCrc) }
    }

    /// Checks that sections lie and stand in order.
    fn check_order(&self) -> Result<(), ImageError> {
        let mut end = (self.header.sections as usize)
            .checked_mul(SECTION_ENTRY_BYTES)
            .and_then(|n| n.checked_add(HEADER_BYTES + 4))
            .ok_or(ImageError::HeaderCrc)?;
        let mut before: Option<SectionEntry> = None;
        // Kinds below 32, a bit for each. Of others a reader needs to know nothing.
        let mut kinds = 0u32;
        for at in 0..self.header.sections {
            let error = ImageError::Entry { at };
            let entry = self.entry(at).filter(|e| e.offset as usize == end).ok_or(error)?;
            let bit = 1u32.checked_shl(entry.kind).unwrap_or(0);
            let ordered = match before {
                Some(last) if last.kind == entry.kind => last.id < entry.id,
                _ => kinds & bit == 0,
            };
            // An id that stands for "no such thing" in a record must name nothing.
            self.words_of(entry).filter(|_| ordered && entry.id != NONE).ok_or(error)?;
            end = end.checked_add(entry.length as usize).ok_or(error)?;
            kinds |= bit;
            before = Some(entry);
        }
        let (found, expected) = (end, self.header.length);
        if end == expected as usize { Ok(()) } else { Err(ImageError::Length { found, expected }) }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The entry at position `at`.
    #[must_use]
    pub fn entry(&self, at: u32) -> Option<SectionEntry> {
        if at >= self.header.sections {
            return None;
        }
        let start = HEADER_BYTES / 4 + at as usize * (SECTION_ENTRY_BYTES / 4);
        let words = self.words.get(start..)?.get(..SECTION_ENTRY_BYTES / 4)?;
        bincode::decode_from_slice(bytemuck::cast_slice(words), CONFIG).ok().map(|(entry, _)| entry)
    }

    /// All entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = SectionEntry> + '_ {
        (0..self.header.sections).filter_map(|at| self.entry(at))
    }

    fn words_of(&self, entry: SectionEntry) -> Option<&'a [u32]> {
        let whole = |bytes: u32| (bytes.is_multiple_of(4)).then_some(bytes as usize / 4);
        self.words.get(whole(entry.offset)?..)?.get(..whole(entry.length)?)
    }

    /// The position of the entry of section `id` of a kind.
    #[must_use]
    pub fn position(&self, kind: SectionKind, id: u32) -> Option<u32> {
        (0..self.header.sections).find(|at| self.entry(*at).is_some_and(|e| e.kind == kind as u32 && e.id == id))
    }

    /// The words of the section whose entry is at position `at`.
    #[must_use]
    pub fn section_at(&self, at: u32) -> Option<&'a [u32]> {
        self.words_of(self.entry(at)?)
    }

    /// The words of section `id` of a kind.
    #[must_use]
    pub fn section(&self, kind: SectionKind, id: u32) -> Option<&'a [u32]> {
        self.section_at(self.position(kind, id)?)
    }

    /// The sections of a kind with their ids, in order.
    pub fn sections(&self, kind: SectionKind) -> impl Iterator<Item = (u32, &'a [u32])> + '_ {
        self.entries().filter(move |e| e.kind == kind as u32).filter_map(|e| Some((e.id, self.words_of(e)?)))
    }
}

fn read_header(bytes: &[u8]) -> Result<Header, ImageError> {
    let head = bytes.get(..HEADER_BYTES).ok_or(ImageError::NotAnImage)?;
    let (header, _): (Header, usize) = bincode::decode_from_slice(head, CONFIG).map_err(|_| ImageError::NotAnImage)?;
    if header.magic != MAGIC {
        return Err(ImageError::NotAnImage);
    }
    if header.version != VERSION {
        return Err(ImageError::Version { found: header.version });
    }
    if header.length as usize != bytes.len() {
        return Err(ImageError::Length { found: bytes.len(), expected: header.length });
    }
    Ok(header)
}

/// CRC of header and entries; the hash, which is made last, does not count.
pub(crate) fn header_crc(head: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(head.get(..HASH_AT).unwrap_or(&[]));
    digest.update(head.get(HASH_AT + HASH_BYTES..).unwrap_or(&[]));
    digest.finalize()
}

/// SHA-256 of an image whose hash bytes count as zeros.
pub(crate) fn image_hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(bytes.get(..HASH_AT).unwrap_or(&[]));
    hash.update([0; HASH_BYTES]);
    hash.update(bytes.get(HASH_AT + HASH_BYTES..).unwrap_or(&[]));
    hash.finalize().into()
}
