//! `bouton inspect`.

use crate::failure::Failure;
use crate::report::Report;
use crate::{files, terminal};
use bouton_targets::image::AlignedBytes;
use clap::Args;
use std::path::PathBuf;

/// Show what a board image holds
///
/// The image is checked first: header, sums of all sections, hash.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The image
    #[arg(value_name = "IMAGE")]
    image: PathBuf,

    /// Print stable JSON
    #[arg(long)]
    json: bool,
}

impl Inspect {
    /// Does it.
    ///
    /// # Errors
    /// When the file cannot be read or is not a sound image.
    pub fn run(self) -> Result<(), Failure> {
        let bytes = AlignedBytes::new(&files::read(&self.image)?);
        let report = Report::of(&self.image, bytes.as_slice(), &[])?;
        terminal::print(&if self.json { report.to_json() } else { report.to_text() })
    }
}
