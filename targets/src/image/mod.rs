//! The board image: what a device is loaded with, read in place.
//!
//! ```text
//! header, 64 bytes │ section entries, 20 bytes each │ header CRC │ sections, each a whole number of 32-bit words
//! ```
//!
//! Everything is little-endian. Headers and records are encoded with bincode (fixed-width integers); bulk tables are plain
//! words. A section has a CRC-32, the whole image a SHA-256. [`ImageView::new_checked`] checks lengths, offsets and sums once, and
//! [`CoreView::new_checked`] every index; afterwards nothing that reads an image can fail. docs/src/image-format.md has the
//! byte tables.

mod core_check;
mod core_view;
#[cfg(feature = "std")]
mod description;
mod error_text;
mod fabric;
mod header;
mod layout;
mod records;
#[cfg(feature = "std")]
mod ring;
mod router;
mod source;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
#[cfg(feature = "std")]
mod write;

pub use core_view::{Array, CoreError, CoreView};
#[cfg(feature = "std")]
pub use fabric::FabricBuilder;
pub use fabric::{FabricError, FabricView};
pub use header::{HEADER_BYTES, Header, ImageError, ImageView, MAGIC, SECTION_ENTRY_BYTES, SectionEntry, SectionKind, VERSION};
pub use layout::{BLOCK_TABLE_WORDS, MemoryLayout, SOURCE_TABLE_WORDS, history_slot_words};
pub use records::{
    ArrayRecord, BlockKind, BlockRecord, BroadcastRecord, CoreRecord, EventKind, GroupKind, GroupRecord, MAX_SUMS,
    ModulatorRecord, NONE, RecordKind, RecordRecord, RouteRecord, RouterRecord, SourceRecord, pack_synapse, unpack_synapse,
};
#[cfg(feature = "std")]
pub use ring::{RingChoices, lag_and_residual};
#[cfg(feature = "std")]
pub use router::RouterBuilder;
pub use router::{LINKS, RouterEntry, RouterError, RouterView};
pub use source::slice_bits;

#[cfg(feature = "std")]
pub use description::{
    CoreDescription, Description, DescriptionError, OutputDescription, PopulationDescription, RecordDescription, ValueDescription,
};
#[cfg(feature = "std")]
pub use write::{AlignedBytes, CoreBuilder, ImageBuilder};
