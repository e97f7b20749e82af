//! The raster picture: what a circuit did, for people.
//!
//! A [`Raster`] says what happened; [`Raster::to_svg`] and [`Raster::to_png`] draw it. Both go through one [`scene::Scene`] of rectangles,
//! lines, marks, bitmaps and text, so that they show the same. The same raster gives the same bytes.

mod axis;
mod band;
mod colormap;
mod density;
mod font;
mod layout;
mod palette;
mod png;
mod rates;
mod scene;
mod spikes;
mod svg;
mod traces;

#[cfg(test)]
mod tests;

/// What a picture shows.
#[derive(Clone, Debug)]
pub struct Raster {
    /// Name of the circuit.
    pub title: String,
    /// What else stands under the title.
    pub subtitle: String,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// Number of ticks.
    pub ticks: u32,
    /// What is shown, from top to bottom.
    pub bands: Vec<Band>,
}

/// One population, or one variable of it.
#[derive(Clone, Debug)]
pub struct Band {
    /// Its name: `e`, or `e.v` for a variable.
    pub name: String,
    /// Members of the population.
    pub size: u32,
    /// The members that were recorded, ascending; `None` for all.
    pub members: Option<Vec<u32>>,
    /// What its spikes do; chooses the hue.
    pub role: Role,
    /// What was recorded.
    pub kind: BandKind,
}

/// What the spikes of a population do to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Excite: warm hues.
    Excitatory,
    /// Inhibit: cold hues.
    Inhibitory,
    /// Neither, or both, or not known.
    Neutral,
}

/// What was recorded of a population.
#[derive(Clone, Debug)]
pub enum BandKind {
    /// (tick, member).
    Spikes(Vec<(u32, u32)>),
    /// Values over time.
    Traces(Traces),
}

/// Values of a variable.
#[derive(Clone, Debug)]
pub struct Traces {
    /// Unit of the values; empty for numbers.
    pub unit: String,
    /// Tick of each sample, ascending.
    pub ticks: Vec<u32>,
    /// Values by sample, then by recorded member.
    pub values: Vec<f32>,
}

impl Band {
    /// Number of rows: members that were recorded.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.members.as_ref().map_or(self.size, |m| u32::try_from(m.len()).unwrap_or(u32::MAX))
    }

    /// The row of a member.
    #[must_use]
    pub fn row(&self, member: u32) -> Option<u32> {
        match &self.members {
            None => (member < self.size).then_some(member),
            Some(members) => members.binary_search(&member).ok().and_then(|at| u32::try_from(at).ok()),
        }
    }

    /// The member of a row.
    #[must_use]
    pub fn member(&self, row: u32) -> u32 {
        self.members.as_ref().and_then(|m| m.get(row as usize).copied()).unwrap_or(row)
    }

    fn spikes(&self) -> &[(u32, u32)] {
        match &self.kind {
            BandKind::Spikes(spikes) => spikes,
            BandKind::Traces(_) => &[],
        }
    }
}

impl Raster {
    /// Duration in seconds, at least one tick.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        f64::from(self.ticks.max(1)) * self.tick_s
    }

    /// The picture as SVG.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::render(&layout::scene(self))
    }

    /// The picture as PNG, two pixels per unit of the SVG.
    ///
    /// # Errors
    /// When the picture is too large for memory.
    pub fn to_png(&self) -> Result<Vec<u8>, String> {
        png::render(&layout::scene(self))
    }
}
