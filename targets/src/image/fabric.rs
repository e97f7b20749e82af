//! The fabric section: which events go to which cores.
//!
//! ```text
//! number of routes │ RouteRecords, ascending by key, not overlapping │ lists of cores, each ascending
//! ```
//!
//! An event whose key no route names goes nowhere. A core that hears its own events is in the list like any other: nothing
//! is delivered that is not written here. Routing tables of a board are made from the same routes.

use super::core_view::record;
use super::records::{Record, RouteRecord};
use crate::in_order;

/// Why words are not a fabric section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FabricError {
    /// The section is shorter than its first word says.
    Length,
    /// Route `at` is empty, overlaps the one before, or names cores that are not there or not ascending.
    Route {
        /// Its position.
        at: u32,
    },
}

/// A checked fabric section in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct FabricView<'a> {
    count: u32,
    routes: &'a [u32],
    cores: &'a [u32],
}

impl<'a> FabricView<'a> {
    /// Checks every route.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new_checked(words: &'a [u32]) -> Result<Self, FabricError> {
        let (count, rest) = words.split_first().ok_or(FabricError::Length)?;
        let length = (*count as usize).checked_mul(RouteRecord::WORDS).ok_or(FabricError::Length)?;
        let (routes, cores) = rest.split_at_checked(length).ok_or(FabricError::Length)?;
        let view = FabricView { count: *count, routes, cores };
        let mut free = 0;
        for at in 0..*count {
            free = view.check_route(at, free).ok_or(FabricError::Route { at })?;
        }
        Ok(view)
    }

    /// The first key after route `at`, if it begins at `free` or later and is sound.
    fn check_route(&self, at: u32, free: u32) -> Option<u32> {
        let route = self.route(at)?;
        let end = route.key.checked_add(route.count)?;
        let cores = self.cores.get(route.cores_at as usize..)?.get(..route.cores as usize)?;
        (route.key >= free && route.count > 0 && in_order(cores, |a, b| a < b)).then_some(end)
    }

    /// Number of routes.
    #[must_use]
    pub fn routes(&self) -> u32 {
        self.count
    }

    /// Route `at`.
    #[must_use]
    pub fn route(&self, at: u32) -> Option<RouteRecord> {
        record(self.routes, at)
    }

    /// Cores of a route, ascending.
    #[must_use]
    pub fn cores(&self, route: &RouteRecord) -> &'a [u32] {
        self.cores.get(route.cores_at as usize..).and_then(|c| c.get(..route.cores as usize)).unwrap_or(&[])
    }

    /// The cores that hear `key`, ascending; none when no route names it.
    #[must_use]
    pub fn cores_of_key(&self, key: u32) -> &'a [u32] {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(route) = self.route(middle) else { return &[] };
            if key < route.key {
                high = middle;
            } else if key - route.key < route.count {
                return self.cores(&route);
            } else {
                low = middle + 1;
            }
        }
        &[]
    }
}

/// Collects routes.
#[cfg(feature = "std")]
#[derive(Clone, Debug, Default)]
pub struct FabricBuilder {
    routes: Vec<(u32, u32, Vec<u32>)>,
}

#[cfg(feature = "std")]
impl FabricBuilder {
    /// Events with keys `key .. key + count` go to `cores`. Ranges may come in any order and must not overlap.
    pub fn route(&mut self, key: u32, count: u32, cores: &[u32]) {
        let mut cores = cores.to_vec();
        cores.sort_unstable();
        cores.dedup();
        self.routes.push((key, count, cores));
    }

    /// The words of the section, with routes sorted and equal lists of cores stored once.
    #[must_use]
    pub fn finish(mut self) -> Vec<u32> {
        self.routes.sort();
        let mut words = vec![self.routes.len() as u32];
        let mut lists: std::collections::BTreeMap<&[u32], u32> = std::collections::BTreeMap::new();
        let mut all = Vec::new();
        for (key, count, cores) in &self.routes {
            let at = *lists.entry(cores).or_insert_with(|| {
                let at = all.len() as u32;
                all.extend_from_slice(cores);
                at
            });
            words.extend([*key, *count, at, cores.len() as u32]);
        }
        words.extend(all);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u32> {
        let mut fabric = FabricBuilder::default();
        fabric.route(300, 10, &[2, 0, 2]);
        fabric.route(100, 50, &[0, 2]);
        fabric.route(200, 1, &[]);
        fabric.finish()
    }

    #[test]
    fn routes_are_found_by_any_of_their_keys() {
        let words = sample();
        let fabric = FabricView::new_checked(&words).expect("sound");
        assert_eq!(fabric.routes(), 3);
        for (key, cores) in [(99, &[][..]), (100, &[0, 2]), (149, &[0, 2]), (150, &[]), (200, &[]), (309, &[0, 2]), (310, &[])] {
            assert_eq!(fabric.cores_of_key(key), cores, "key {key}");
        }
        assert_eq!(words.len(), 1 + 3 * 4 + 2, "equal lists are stored once");
    }

    #[test]
    fn unsound_sections_are_refused() {
        assert_eq!(FabricView::new_checked(&[]).err(), Some(FabricError::Length));
        assert_eq!(FabricView::new_checked(&[u32::MAX, 1]).err(), Some(FabricError::Length));
        for (at, value) in [(2, 0), (2, 101), (4, 3), (1, 201), (13, 2), (2, u32::MAX)] {
            let mut words = sample();
            words[at] = value;
            assert!(FabricView::new_checked(&words).is_err(), "word {at} = {value}");
        }
    }
}
