//! What the errors of readers say to a person. Devices do not format them, so nothing of this is linked there.

use super::{CoreError, FabricError, ImageError, RouterError, VERSION};
use core::fmt;

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Misaligned => f.write_str("it does not begin at an address that is a multiple of 4"),
            ImageError::NotAnImage => f.write_str("it does not begin as a board image does"),
            ImageError::Version { found } => {
                write!(f, "it has version {found} of the format, this program reads version {VERSION}: compile it again")
            }
            ImageError::Length { found, expected } => {
                write!(f, "it has {found} bytes and should have {expected}: it was cut or added to on its way")
            }
            ImageError::HeaderCrc => f.write_str("the checksum of its header is wrong: it was changed on its way"),
            ImageError::Entry { at } => write!(f, "entry {at} of its table of sections is not sound"),
            ImageError::SectionCrc { at } => write!(f, "the checksum of section {at} is wrong: it was changed on its way"),
            ImageError::Hash => f.write_str("its hash is wrong: it was changed on its way"),
        }
    }
}

impl fmt::Display for CoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CoreError::Missing => f.write_str("it is missing"),
            CoreError::Length => f.write_str("its length is not what its head says"),
            CoreError::Block { at } => write!(f, "block {at} is not sound"),
            CoreError::Program { block, error: None } => write!(f, "block {block} has no program"),
            CoreError::Program { block, error: Some(error) } => {
                write!(f, "the program of block {block} is not sound ({error:?})")
            }
            CoreError::Data => f.write_str("its records name more data than there is"),
            CoreError::Modulator { at } => write!(f, "modulator {at} reads what does not exist"),
            CoreError::Source { at } => write!(f, "source {at} is not sound"),
            CoreError::Group { at } => write!(f, "the synapses of group {at} are not sound"),
            CoreError::Record { at } => write!(f, "record {at} names what does not exist"),
            CoreError::TooLarge => f.write_str("it needs more memory than 32 bits can count"),
        }
    }
}

impl fmt::Display for FabricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FabricError::Length => f.write_str("the section is shorter than it says"),
            FabricError::Route { at } => write!(f, "route {at} is not sound"),
        }
    }
}

impl fmt::Display for RouterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouterError::Length => f.write_str("the section is not as long as its head says"),
            RouterError::Chip => f.write_str("the chip or its board lies outside of the machine, or it has unknown links"),
            RouterError::Core { at } => write!(f, "core {at} of the chip has no place of its own in the entries"),
            RouterError::Entry { at } => {
                write!(f, "entry {at} can never match, or names a link that does not work or a core that is not there")
            }
        }
    }
}
