//! Values as colours, for heat maps.

use super::scene::Color;

/// From pale to dark: more is darker.
const SEQUENTIAL: [Color; 7] = [
    Color(253, 247, 228),
    Color(208, 230, 199),
    Color(135, 200, 183),
    Color(66, 154, 178),
    Color(47, 100, 156),
    Color(45, 50, 112),
    Color(27, 20, 66),
];

/// From blue over nearly white to red.
const DIVERGING: [Color; 9] = [
    Color(20, 48, 107),
    Color(42, 99, 168),
    Color(106, 161, 208),
    Color(182, 211, 233),
    Color(248, 247, 244),
    Color(247, 201, 177),
    Color(230, 132, 100),
    Color(191, 56, 56),
    Color(108, 14, 38),
];

/// How values become colours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Colormap {
    /// Value of the first colour.
    pub low: f64,
    /// Value of the last colour.
    pub high: f64,
    /// The value that is nearly white, when the map diverges.
    pub center: Option<f64>,
}

impl Colormap {
    /// The map for values: it diverges round zero when they change sign, round the value they rest at when they leave it to
    /// both sides.
    #[must_use]
    pub fn of(low: f64, high: f64, rest: Option<f64>) -> Colormap {
        let high = if high > low { high } else { low + 1.0 };
        let span = high - low;
        let center = if low < 0.0 && high > 0.0 {
            Some(0.0)
        } else {
            rest.filter(|rest| (rest - low) > 0.1 * span && (high - rest) > 0.1 * span)
        };
        Colormap { low, high, center }
    }

    /// Place of a value along the map, 0 to 1. A diverging map has the same scale to both sides of its centre.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let t = match self.center {
            None => (value - self.low) / (self.high - self.low),
            Some(center) => 0.5 + 0.5 * (value - center) / (self.high - center).max(center - self.low),
        };
        t.clamp(0.0, 1.0)
    }

    /// The colour of a value.
    #[must_use]
    pub fn color(&self, value: f64) -> Color {
        let stops: &[Color] = if self.center.is_some() { &DIVERGING } else { &SEQUENTIAL };
        let at = self.place(value) * (stops.len() - 1) as f64;
        let below = (at as usize).min(stops.len() - 2);
        stops[below].mix(stops[below + 1], at - below as f64)
    }
}
