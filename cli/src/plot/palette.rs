//! Colours: of the page, and of populations.
//!
//! The hues are those of Okabe and Ito's palette, which people with any colour vision can tell apart, darkened where they are too
//! light for small dots on white. Excitatory populations take the warm ones, inhibitory ones the cold ones.

use super::scene::Color;
use super::{Raster, Role};

/// The page.
pub const PAGE: Color = Color(255, 255, 255);
/// Behind bands, in turns.
pub const BACK: [Color; 2] = [Color(246, 246, 243), Color(240, 242, 245)];
/// Titles.
pub const INK: Color = Color(31, 36, 43);
/// Numbers and notes.
pub const SOFT_INK: Color = Color(104, 112, 122);
/// Lines of the grid.
pub const GRID: Color = Color(219, 222, 226);
/// Axes.
pub const AXIS: Color = Color(140, 147, 156);

const WARM: [Color; 4] = [Color(213, 94, 0), Color(200, 134, 0), Color(181, 84, 132), Color(163, 58, 36)];
const COLD: [Color; 4] = [Color(0, 114, 178), Color(58, 158, 211), Color(0, 98, 128), Color(92, 107, 192)];
const NEUTRAL: [Color; 5] =
    [Color(0, 140, 103), Color(123, 94, 167), Color(84, 110, 122), Color(139, 115, 60), Color(0, 121, 140)];

/// The colour of each band. Bands of one population (`e`, `e.v`) share one.
#[must_use]
pub fn of_bands(raster: &Raster) -> Vec<Color> {
    let mut used = [0_usize; 3];
    let mut seen: Vec<(&str, Color)> = Vec::new();
    let mut colors = Vec::new();
    for band in &raster.bands {
        let population = match band.kind {
            super::BandKind::Spikes(_) => band.name.as_str(),
            super::BandKind::Traces(_) => band.name.rsplit_once('.').map_or(band.name.as_str(), |(population, _)| population),
        };
        let color = seen.iter().find(|(name, _)| *name == population).map(|(_, color)| *color).unwrap_or_else(|| {
            let (hues, count) = match band.role {
                Role::Excitatory => (&WARM[..], &mut used[0]),
                Role::Inhibitory => (&COLD[..], &mut used[1]),
                Role::Neutral => (&NEUTRAL[..], &mut used[2]),
            };
            let color = hues[*count % hues.len()];
            *count += 1;
            seen.push((population, color));
            color
        });
        colors.push(color);
    }
    colors
}
