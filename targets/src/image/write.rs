//! Writing images: the same input gives the same bytes.

use super::header::{
    CRC, HASH_AT, HEADER_BYTES, Header, MAGIC, SECTION_ENTRY_BYTES, SectionEntry, SectionKind, VERSION, header_crc, image_hash,
};
use super::records::{
    ArrayRecord, BlockRecord, BroadcastRecord, CONFIG, CoreRecord, GroupKind, GroupRecord, ModulatorRecord, RecordRecord,
    SourceRecord,
};
use super::{CoreView, ImageView};
use crate::random::Seed;
use bincode::Encode;

/// Bytes that begin at a multiple of 4, as an image must.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AlignedBytes {
    words: Vec<u32>,
    length: usize,
}

impl AlignedBytes {
    /// A copy of `bytes`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0u32; bytes.len().div_ceil(4)];
        bytemuck::cast_slice_mut::<u32, u8>(&mut words)[..bytes.len()].copy_from_slice(bytes);
        AlignedBytes { words, length: bytes.len() }
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length]
    }
}

/// Collects the sections of an image.
#[derive(Clone, Debug, Default)]
pub struct ImageBuilder {
    sections: Vec<(SectionKind, u32, Vec<u32>)>,
}

impl ImageBuilder {
    /// The sections of a checked image: finishing it gives the same bytes. `None` when there are sections of unknown kinds.
    #[must_use]
    pub fn of(image: &ImageView<'_>) -> Option<Self> {
        let section = |at: u32| {
            let entry = image.entry(at)?;
            Some((SectionKind::from_code(entry.kind)?, entry.id, image.section_at(at)?.to_vec()))
        };
        (0..image.header().sections).map(section).collect::<Option<_>>().map(|sections| ImageBuilder { sections })
    }

    /// Adds a section. Those of a kind stand together, by ascending id.
    pub fn section(&mut self, kind: SectionKind, id: u32, words: Vec<u32>) {
        self.sections.push((kind, id, words));
    }

    /// The image; `None` when it would be longer than 4 GiB.
    #[must_use]
    pub fn finish(self) -> Option<AlignedBytes> {
        let head = HEADER_BYTES + self.sections.len() * SECTION_ENTRY_BYTES;
        let length = head + 4 + self.sections.iter().map(|(_, _, words)| words.len() * 4).sum::<usize>();
        let header = Header {
            magic: MAGIC,
            version: VERSION,
            length: u32::try_from(length).ok()?,
            sections: self.sections.len() as u32,
            reserved: [0; 3],
            hash: [0; 32],
        };
        let mut words = words_of(&header);
        let mut offset = head + 4;
        for (kind, id, section) in &self.sections {
            let crc = CRC.checksum(bytemuck::cast_slice(section));
            let length = section.len() * 4;
            words.extend(words_of(&SectionEntry {
                kind: *kind as u32,
                id: *id,
                offset: offset as u32,
                length: length as u32,
                crc,
            }));
            offset += length;
        }
        let crc = header_crc(bytemuck::cast_slice(&words));
        words.push(crc);
        words.extend(self.sections.into_iter().flat_map(|(_, _, section)| section));
        let hash = image_hash(bytemuck::cast_slice(&words));
        bytemuck::cast_slice_mut::<u32, u8>(&mut words)[HASH_AT..HASH_AT + hash.len()].copy_from_slice(&hash);
        Some(AlignedBytes { words, length })
    }
}

/// The words of a record, all of whose fields are whole words.
pub(super) fn words_of<T: Encode>(record: &T) -> Vec<u32> {
    // Encoding fields of fixed width into a growing vector has no way to fail.
    let bytes = bincode::encode_to_vec(record, CONFIG).unwrap_or_default();
    bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect()
}

/// Collects the records and data of a core section.
#[derive(Clone, Debug, Default)]
pub struct CoreBuilder {
    /// Number of the core.
    pub core: u32,
    /// Seed of all draws.
    pub seed: Seed,
    /// See [`BlockRecord`].
    pub blocks: Vec<BlockRecord>,
    /// See [`ArrayRecord`].
    pub arrays: Vec<ArrayRecord>,
    /// See [`ModulatorRecord`].
    pub modulators: Vec<ModulatorRecord>,
    /// See [`BroadcastRecord`].
    pub broadcasts: Vec<BroadcastRecord>,
    /// See [`SourceRecord`]; sorted by key.
    pub sources: Vec<SourceRecord>,
    /// See [`GroupRecord`]; in any order: finishing sorts them by source, tells the sources which are theirs, and gives the
    /// generated ones their places in synaptic memory.
    pub groups: Vec<GroupRecord>,
    /// See [`RecordRecord`].
    pub records: Vec<RecordRecord>,
    data: Vec<u32>,
}

impl CoreBuilder {
    /// What a checked section says: finishing it gives the same words.
    #[must_use]
    pub fn of(view: &CoreView<'_>) -> Self {
        let head = view.head();
        CoreBuilder {
            core: head.core,
            seed: view.seed(),
            blocks: view.blocks().collect(),
            arrays: (0..head.arrays).filter_map(|at| view.array_record(at)).collect(),
            modulators: (0..head.modulators).filter_map(|at| view.modulator_record(at)).collect(),
            broadcasts: (0..head.broadcasts).filter_map(|at| view.broadcast_record(at)).collect(),
            sources: (0..head.sources).filter_map(|at| view.source(at)).collect(),
            groups: (0..head.groups).filter_map(|at| view.group(at)).collect(),
            records: (0..head.records).filter_map(|at| view.record(at)).collect(),
            data: view.data_at(0, head.data).unwrap_or(&[]).to_vec(),
        }
    }

    /// Adds words of data and gives where they begin.
    pub fn data(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
        let at = self.data.len() as u32;
        self.data.extend(words);
        at
    }

    /// Adds an array: one word when all are equal.
    pub fn array(&mut self, values: &[i32]) {
        let uniform = values.first().copied().filter(|first| values.iter().all(|v| v == first));
        let record = match uniform {
            Some(value) => ArrayRecord { each: 0, value: value as u32 },
            None => ArrayRecord { each: 1, value: self.data(values.iter().map(|v| *v as u32)) },
        };
        self.arrays.push(record);
    }

    /// The words of the section.
    #[must_use]
    pub fn finish(mut self) -> Vec<u32> {
        self.give_groups_to_sources();
        let synaptic = self.place_generated();
        let head = CoreRecord {
            core: self.core,
            seed_low: self.seed.0 as u32,
            seed_high: (self.seed.0 >> 32) as u32,
            blocks: self.blocks.len() as u32,
            arrays: self.arrays.len() as u32,
            modulators: self.modulators.len() as u32,
            broadcasts: self.broadcasts.len() as u32,
            sources: self.sources.len() as u32,
            groups: self.groups.len() as u32,
            records: self.records.len() as u32,
            data: self.data.len() as u32,
            synaptic,
        };
        let mut words = words_of(&head);
        words.extend(self.blocks.iter().flat_map(words_of));
        words.extend(self.arrays.iter().flat_map(words_of));
        words.extend(self.modulators.iter().flat_map(words_of));
        words.extend(self.broadcasts.iter().flat_map(words_of));
        words.extend(self.sources.iter().flat_map(words_of));
        words.extend(self.groups.iter().flat_map(words_of));
        words.extend(self.records.iter().flat_map(words_of));
        words.extend(self.data);
        words
    }

    fn give_groups_to_sources(&mut self) {
        self.groups.sort_by_key(|group| group.source);
        for (at, source) in (0..).zip(&mut self.sources) {
            let [first, end] = [at, at + 1].map(|at| self.groups.partition_point(|group| group.source < at) as u32);
            (source.first_group, source.groups) = (first, end - first);
        }
    }

    /// Words of synaptic memory for the rows of generated groups; `None` when they are more than 32 bits can count.
    #[must_use]
    pub fn synaptic_words(&self) -> Option<u32> {
        let words = self
            .groups
            .iter()
            .filter(|g| g.kind == GroupKind::Generated as u32)
            .map(|g| self.row_words(g) + u64::from(g.synapses));
        u32::try_from(words.sum::<u64>()).ok()
    }

    /// Words of the row starts of a group.
    fn row_words(&self, group: &GroupRecord) -> u64 {
        let count = self.sources.get(group.source as usize).map_or(0, |source| source.count);
        u64::from(group.lags) * u64::from(count) + 1
    }

    /// Places the rows of generated groups, and gives the words of synaptic memory. A core that has too many is refused by
    /// every reader.
    fn place_generated(&mut self) -> u32 {
        let mut next = 0u32;
        let mut groups = std::mem::take(&mut self.groups);
        for group in groups.iter_mut().filter(|group| group.kind == GroupKind::Generated as u32) {
            group.rows_at = next;
            group.synapses_at = next.wrapping_add(self.row_words(group) as u32);
            next = group.synapses_at.wrapping_add(group.synapses);
        }
        self.groups = groups;
        next
    }
}
