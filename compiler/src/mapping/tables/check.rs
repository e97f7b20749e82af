//! Tests of the algorithms against a checker and an oracle that share nothing with them.

use super::{Cube, Point, list, trie};
use proptest::prelude::*;

/// What is wrong first, in words. It would call a right table wrong where several entries hide a block piecewise; no algorithm here
/// makes such tables.
fn wrong(points: &[Point], cubes: &[Cube]) -> Option<String> {
    points.iter().find_map(|point| {
        let here = || cubes.iter().filter(|c| c.meets(&point.cube));
        let covered = here().position(|c| c.covers(&point.cube));
        let first = covered.map_or(usize::MAX, |at| at + 1);
        let other = here().take(first).find(|c| c.route != point.cube.route);
        match other {
            Some(cube) => Some(format!("{point:x?} meets {cube:x?}")),
            None if covered.is_none() && !point.straight => Some(format!("{point:x?} matches no entry")),
            None => None,
        }
    })
}

/// Disjoint blocks of up to 4 keys in a space of `2^bits`.
fn points(bits: u32, most: usize, routes: u32) -> impl Strategy<Value = Vec<Point>> {
    prop::collection::btree_map(0u32..1 << (bits - 2), (0u32..3, 0..routes, any::<bool>()), 1..most).prop_map(|blocks| {
        let point = |(at, (size, route, straight))| {
            let cube = Cube { key: at << 2, mask: u32::MAX << size, route };
            Point { cube, straight: straight && route % 2 == 0 }
        };
        blocks.into_iter().map(point).collect()
    })
}

/// Fewest prefixes below this one, under an entry with that route or under none: tries every entry at every prefix.
fn fewest(points: &[Point], prefix: u32, length: u32, routes: u32, above: Option<u32>) -> usize {
    let cube = Cube { key: prefix, mask: u32::MAX.checked_shl(32 - length).unwrap_or(0), route: 0 };
    let inside: Vec<Point> = points.iter().copied().filter(|p| cube.meets(&p.cube)).collect();
    let below = |above: Option<u32>| match inside.as_slice() {
        [] => Some(0),
        [only] if cube.mask == only.cube.mask => {
            let right = above == Some(only.cube.route) || above.is_none() && only.straight;
            right.then_some(0)
        }
        _ => Some([0, 1].iter().map(|half| fewest(&inside, prefix | half << (31 - length), length + 1, routes, above)).sum()),
    };
    let with = (0..routes).filter_map(|route| below(Some(route))).min().map(|n| n + 1);
    below(above).into_iter().chain(with).min().unwrap_or(usize::MAX)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn tables_do_what_they_have_to(points in points(9, 90, 6), seeds in 1usize..9) {
        let lists = list::minimise(&points, 6, seeds);
        prop_assert_eq!(wrong(&points, &lists), None);
        let prefixes = trie::minimise(&points);
        prop_assert_eq!(wrong(&points, &prefixes), None);
        let needed = points.iter().filter(|p| !p.straight).count();
        prop_assert!(lists.len() <= needed && prefixes.len() <= needed);
    }

    #[test]
    fn no_table_of_prefixes_is_shorter(points in points(5, 7, 3)) {
        let shifted: Vec<Point> = points.iter().map(|p| {
            Point { cube: Cube { key: p.cube.key << 27, mask: p.cube.mask << 27, ..p.cube }, ..*p }
        }).collect();
        let made = trie::minimise(&shifted);
        prop_assert_eq!(wrong(&shifted, &made), None);
        prop_assert_eq!(made.len(), fewest(&shifted, 0, 0, 3, None));
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let cube = |key, mask, route| Cube { key, mask, route };
    let point = |key, route, straight| Point { cube: cube(key, !3, route), straight };
    let two = [point(0, 0, false), point(4, 1, true)];
    assert_eq!(wrong(&two, &[cube(0, !3, 0)]), None);
    assert!(wrong(&two, &[cube(0, 0, 0)]).is_some(), "the straight one is caught by a wrong entry");
    assert!(wrong(&two, &[cube(4, !3, 1)]).is_some(), "one that turns needs an entry");
    assert!(wrong(&two, &[cube(0, !1, 0)]).is_some(), "half of a block");
    assert!(wrong(&two, &[cube(4, !0, 0), cube(0, 0, 1)]).is_some(), "one key of a block goes elsewhere");
}

#[test]
fn the_frequent_route_becomes_one_entry() {
    // 0, 1, 2, 4 differ in more bits than one each; the exception 3 goes first, all others need one entry.
    let routes = [0, 0, 0, 1, 0];
    let points: Vec<Point> =
        (0..).zip(routes).map(|(key, route)| Point { cube: Cube { key, mask: u32::MAX, route }, straight: false }).collect();
    let list = list::minimise(&points, 2, 4);
    assert_eq!(list.len(), 2);
    assert_eq!((list[1].mask, list[1].route), (0, 0));
}
