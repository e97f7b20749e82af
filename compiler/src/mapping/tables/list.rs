//! Short decision lists: entries with any bits masked out, the first that matches wins.
//!
//! Takes: points, disjoint.  Gives: entries in order.
//! Invariants: every point is covered by an entry of its route before any entry of another route meets it; one that goes straight may
//!   also be met by none. Same points, same list.
//! Cost: O(entries × seeds × literals × bits × points / 64); on a chip that 700 nets of 30 routes visit about 1 ms.
//! Source: a table is a decision list over the bits of keys (Rivest: "Learning decision lists", Machine Learning 2, 1987), the nets
//!   that come by are its examples and all other keys are don't-cares. It is learnt by separate and conquer (Fürnkranz, Artificial
//!   Intelligence Review 13, 1999): routes from the rarest to the most frequent, so that only nets of later routes stand in the way
//!   (the order of routes is that of PACMAN's pair compressor); for each entry bits are added that keep many nets of the route and
//!   few others, then those that later bits made needless are taken back (as in the expansion of ESPRESSO, Brayton and others, 1984).

use super::{Cube, Point};
use multiversion::multiversion;

/// The shortest list that is found, from so many seeds for each entry.
pub(super) fn minimise(points: &[Point], routes: usize, seeds: usize) -> Vec<Cube> {
    let columns = Columns::of(points);
    let open = learn(points, routes, &columns, seeds, true);
    // With an entry for all that is left nets that go straight need entries too, and each route at least one.
    let mut used = vec![false; routes];
    points.iter().for_each(|p| used[p.cube.route as usize] = true);
    if open.len() <= used.into_iter().filter(|used| *used).count() {
        return open;
    }
    let closed = learn(points, routes, &columns, seeds, false);
    if open.len() <= closed.len() { open } else { closed }
}

/// The table of examples by column: sets of points as bits of words.
struct Columns {
    words: usize,
    /// Bits of keys that are not the same for all.
    bits: Vec<u32>,
    /// By place in `bits` and value: points whose keys do not have that value.
    differ: Vec<u64>,
}

impl Columns {
    fn of(points: &[Point]) -> Columns {
        let words = points.len().div_ceil(64);
        let mut columns = Columns { words, bits: Vec::new(), differ: Vec::new() };
        for bit in 0..32 {
            let mut pair = vec![0u64; 2 * words];
            for (at, point) in points.iter().enumerate().filter(|(_, p)| p.cube.mask >> bit & 1 == 1) {
                let value = point.cube.key >> bit & 1;
                pair[(1 - value as usize) * words + at / 64] |= 1 << (at % 64);
            }
            if pair[..words].iter().any(|w| *w != 0) && pair[words..].iter().any(|w| *w != 0) {
                columns.bits.push(bit);
                columns.differ.extend(pair);
            }
        }
        columns
    }

    /// Points whose keys differ from this one in the bit at a place.
    #[inline(always)]
    fn differ(&self, place: usize, key: u32) -> &[u64] {
        let value = (key >> self.bits[place] & 1) as usize;
        &self.differ[(2 * place + value) * self.words..][..self.words]
    }
}

/// A list; `open`: points that go straight need no entry, and nothing may match them that is wrong.
fn learn(points: &[Point], routes: usize, columns: &Columns, seeds: usize, open: bool) -> Vec<Cube> {
    let mut class = vec![0u64; columns.words * routes];
    let mut needed: Vec<Vec<u32>> = vec![Vec::new(); routes];
    let mut alive = vec![0u64; columns.words];
    for (at, point) in points.iter().enumerate() {
        let route = point.cube.route as usize;
        class[route * columns.words + at / 64] |= 1 << (at % 64);
        alive[at / 64] |= 1 << (at % 64);
        if !(open && point.straight) {
            needed[route].push(at as u32);
        }
    }
    let mut order: Vec<usize> = (0..routes).filter(|route| !needed[*route].is_empty()).collect();
    order.sort_by_key(|route| needed[*route].len());
    let mut cubes = Vec::new();
    let mut growth = Growth::new(columns);
    for route in order {
        let class = &class[route * columns.words..][..columns.words];
        growth.others.iter_mut().zip(&alive).zip(class).for_each(|((o, a), c)| *o = a & !c);
        let mut todo = std::mem::take(&mut needed[route]);
        while let Some(cube) = growth.best(points, columns, &todo, seeds) {
            todo.retain(|at| {
                let covered = cube.covers(&points[*at as usize].cube);
                if covered {
                    alive[*at as usize / 64] &= !(1 << (at % 64));
                }
                !covered
            });
            cubes.push(cube);
        }
    }
    cubes
}

/// Buffers for growing an entry.
struct Growth {
    /// Points that it must not meet.
    others: Vec<u64>,
    /// Points that it should cover.
    wanted: Vec<u64>,
    bad: Vec<u64>,
    good: Vec<u64>,
    chosen: Vec<usize>,
}

impl Growth {
    fn new(columns: &Columns) -> Growth {
        let empty = || vec![0u64; columns.words];
        Growth { others: empty(), wanted: empty(), bad: empty(), good: empty(), chosen: Vec::new() }
    }

    /// The entry that covers most of what is to do, from seeds spread over it; none when nothing is to do.
    fn best(&mut self, points: &[Point], columns: &Columns, todo: &[u32], seeds: usize) -> Option<Cube> {
        if let [only] = todo {
            return Some(points[*only as usize].cube);
        }
        self.wanted.fill(0);
        todo.iter().for_each(|at| self.wanted[*at as usize / 64] |= 1 << (at % 64));
        let mut best: Option<(u32, Cube)> = None;
        for seed in todo.iter().step_by(todo.len().div_ceil(seeds).max(1)) {
            let seed = points[*seed as usize].cube;
            let gain = grow(self, columns, &seed);
            if best.is_none_or(|(most, _)| gain > most) {
                let mask = self.chosen.iter().fold(0, |mask, place| mask | 1 << columns.bits[*place]);
                best = Some((gain, Cube { key: seed.key & mask, mask, route: seed.route }));
            }
            if gain as usize == todo.len() {
                break;
            }
        }
        best.map(|(_, cube)| cube)
    }
}

/// Chooses bits of the seed's key that no other point has all of; how many wanted points have them.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512vpopcntdq+avx2+popcnt", "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn grow(growth: &mut Growth, columns: &Columns, seed: &Cube) -> u32 {
    let Growth { others, wanted, bad, good, chosen } = growth;
    chosen.clear();
    bad.copy_from_slice(others);
    good.copy_from_slice(wanted);
    loop {
        let (bads, goods) = (size(bad), size(good));
        if bads == 0 {
            break;
        }
        let mut best: Option<(u64, u64, usize)> = None;
        for place in 0..columns.bits.len() {
            if seed.mask >> columns.bits[place] & 1 == 0 {
                continue;
            }
            let (fewer, lost) = common(columns.differ(place, seed.key), bad, good);
            if fewer > 0 {
                let kept = u64::from(goods - lost);
                let (gain, cost) = (kept * kept, u64::from(bads - fewer) + 1);
                if best.is_none_or(|(g, c, _)| gain * c > g * cost) {
                    best = Some((gain, cost, place));
                }
            }
        }
        // Blocks are disjoint, so some bit keeps every other point apart; without one nothing would be added for ever.
        let Some((_, _, place)) = best else { break };
        subtract(bad, columns.differ(place, seed.key));
        subtract(good, columns.differ(place, seed.key));
        chosen.push(place);
    }
    let mut at = 0;
    while at < chosen.len() {
        bad.copy_from_slice(others);
        chosen.iter().enumerate().filter(|(i, _)| *i != at).for_each(|(_, c)| subtract(bad, columns.differ(*c, seed.key)));
        if size(bad) == 0 {
            chosen.remove(at);
        } else {
            at += 1;
        }
    }
    good.copy_from_slice(wanted);
    chosen.iter().for_each(|c| subtract(good, columns.differ(*c, seed.key)));
    size(good)
}

#[inline(always)]
fn size(set: &[u64]) -> u32 {
    set.iter().map(|w| w.count_ones()).sum()
}

#[inline(always)]
fn common(set: &[u64], a: &[u64], b: &[u64]) -> (u32, u32) {
    set.iter().zip(a).zip(b).fold((0, 0), |(x, y), ((s, a), b)| (x + (s & a).count_ones(), y + (s & b).count_ones()))
}

#[inline(always)]
fn subtract(set: &mut [u64], other: &[u64]) {
    set.iter_mut().zip(other).for_each(|(s, o)| *s &= !o);
}
