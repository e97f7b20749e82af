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
    /// Where the scale bends from linear to logarithmic, as a distance from the centre (or from the low end); `None` for a linear
    /// scale.
    pub bend: Option<f64>,
}

/// A tail is heavy when nine values of ten lie within this part of the largest distance.
const HEAVY: f64 = 0.12;
/// The scale bends no nearer than this part of the largest distance.
const NEAREST_BEND: f64 = 2e-3;

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
        Colormap { low, high, center, bend: None }
    }

    /// The same with a logarithmic scale, if a few large values would leave all others pale.
    #[must_use]
    pub fn bent_for(self, values: &[f32]) -> Colormap {
        let base = self.center.unwrap_or(self.low);
        let mut distances: Vec<f64> =
            values.iter().map(|v| (f64::from(*v) - base).abs()).filter(|d| d.is_finite() && *d > 0.0).collect();
        let at = distances.len() * 9 / 10;
        if at >= distances.len() {
            return self;
        }
        let (_, most, _) = distances.select_nth_unstable_by(at, f64::total_cmp);
        let most = *most;
        let bend = (most < HEAVY * self.reach()).then(|| (most / 2.0).max(NEAREST_BEND * self.reach()));
        Colormap { bend, ..self }
    }

    /// The largest distance from the base.
    fn reach(&self) -> f64 {
        self.center.map_or(self.high - self.low, |center| (self.high - center).max(center - self.low))
    }

    /// A distance as a part of the largest one, along the scale.
    fn along(&self, distance: f64) -> f64 {
        match self.bend {
            None => distance / self.reach(),
            Some(bend) => libm::asinh(distance / bend) / libm::asinh(self.reach() / bend),
        }
    }

    /// Place of a value along the map, 0 to 1. A diverging map has the same scale to both sides of its centre.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let t = match self.center {
            None => self.along(value - self.low),
            Some(center) => 0.5 + 0.5 * self.along(value - center),
        };
        t.clamp(0.0, 1.0)
    }

    /// The value at a place between those of `low` (0) and `high` (1): the inverse of the scale, for legends.
    #[must_use]
    pub fn value_between(&self, part: f64) -> f64 {
        let (from, to) = (self.place(self.low), self.place(self.high));
        let place = from + (to - from) * part;
        let (base, along) = match self.center {
            None => (self.low, place),
            Some(center) => (center, 2.0 * place - 1.0),
        };
        base + match self.bend {
            None => along * self.reach(),
            Some(bend) => libm::sinh(along * libm::asinh(self.reach() / bend)) * bend,
        }
    }

    /// Where a value lies between `low` (0) and `high` (1), along the scale.
    #[must_use]
    pub fn part(&self, value: f64) -> f64 {
        let (from, to) = (self.place(self.low), self.place(self.high));
        (self.place(value) - from) / (to - from)
    }

    /// Round values to name in a legend that has room for about `wanted`: those of a bent scale are powers of ten to both sides
    /// of its base.
    #[must_use]
    pub fn ticks(&self, wanted: f64) -> Vec<(f64, usize)> {
        let Some(bend) = self.bend else {
            let (values, decimals) = super::axis::ticks(self.low, self.high, wanted);
            return values.into_iter().map(|value| (value, decimals)).collect();
        };
        let base = self.center.unwrap_or(self.low);
        let mut step = super::axis::round_step(bend);
        let mut ticks = vec![(base, super::axis::decimals(super::axis::round_step(self.reach() / 100.0)))];
        while step <= self.reach() {
            let decimals = super::axis::decimals(step);
            ticks.extend(
                [base - step, base + step].into_iter().filter(|v| (self.low..=self.high).contains(v)).map(|v| (v, decimals)),
            );
            step = super::axis::round_step(step * 4.0);
        }
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        ticks
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_and_their_inverses_agree() {
        let heavy: Vec<f32> = (0..100).map(|k| if k == 0 { 80.0 } else { 0.01 * k as f32 - 0.3 }).collect();
        let maps =
            [Colormap::of(-0.3, 80.0, None), Colormap::of(-0.3, 80.0, None).bent_for(&heavy), Colormap::of(1.0, 2.0, None)];
        assert!(maps[0].bend.is_none() && maps[1].bend.is_some());
        for map in maps {
            for part in [0.0, 0.2, 0.7, 1.0] {
                assert!((map.part(map.value_between(part)) - part).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn maps_diverge_where_values_do() {
        assert_eq!(Colormap::of(-1.0, 3.0, None).center, Some(0.0));
        assert_eq!(Colormap::of(-60.0, -20.0, Some(-35.0)).center, Some(-35.0));
        assert_eq!(Colormap::of(-60.0, -20.0, Some(-59.0)).center, None);
        assert_eq!(Colormap::of(-1.0, 1.0, None).color(0.0), DIVERGING[4]);
    }
}
