//! Codes by what nets do on every chip: each bit of a code asks all nets one question.
//!
//! Takes: [`PlainTables`].  Gives: codes for each unit (a net, or a group of nets that share the upper bits of their keys).
//! Invariants: codes differ; same input and seed, same codes on every host (integers only; threads share nothing).
//! Cost: O(bits × sweeps × visits), 5 ns each.
//! Why: an entry is a conjunction of bits of the key, and on a chip only the keys of nets that come by matter. So a bit serves many
//!   chips at once if nets that take the same route there agree in it, and nets that part there differ. Far more bits than are needed
//!   to tell nets apart make the codes sparse, and in a sparse code most sets of nets can be told from all others by few bits: even
//!   random bits save a fifth of the entries.
//! Source: own. Each bit is a cut of the graph of nets with weights of both signs, found by local search as in a Hopfield network
//!   (PNAS 79, 1982); like spectral hashing (Weiss, Torralba, Fergus, NIPS 2008) with pairs that must differ. The bits of one block
//!   split what the block's earlier bits have left together, as in recursive bisection; blocks start from other random codes.

use super::Units;
use crate::mapping::tables::PlainTables;
use crate::mapping::{THREADS, mix};
use crate::parallel::in_order;

/// Bits of a block.
const BLOCK: u32 = 10;
/// Rounds over all units for one bit; later ones change little.
const SWEEPS: u32 = 4;
/// Fixed point of weights.
const ONE: i64 = 1 << 20;

/// Ways to give codes to the units: the questions alone; and, where units have codes of so many bits by other means, those first and
/// the questions in what is left. The latter is for graphs where all send to all, whose trees depend on the chip of the source and
/// on little else.
pub(super) fn codes(visits: &Visits, bits: u32, seed: u64, ordered: Option<&(Vec<u32>, u32)>) -> Vec<Vec<u32>> {
    let count = visits.units();
    let sizes: Vec<u32> = (0..bits.div_ceil(BLOCK)).map(|block| BLOCK.min(bits - block * BLOCK)).collect();
    let blocks = in_order(THREADS, sizes.len(), |block| visits.block(sizes[block], mix(seed ^ block as u64)));
    let mut features = vec![0u32; count];
    for (of, bits) in blocks.iter().zip(&sizes) {
        features.iter_mut().zip(of).for_each(|(f, b)| *f = f.checked_shl(*bits).unwrap_or(0) | b);
    }
    let below = ordered.map(|(codes, used)| {
        let mut codes = codes.clone();
        let join = |(code, feature): (&mut u32, &u32)| *code = code.checked_shl(bits - used).unwrap_or(0) | high(*feature, *used);
        codes.iter_mut().zip(&features).for_each(join);
        codes
    });
    std::iter::once(distinct(&features, bits)).chain(below).collect()
}

/// Keeps as many of the first bits as leave room to number the units that are equal in them.
fn distinct(features: &[u32], bits: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..features.len() as u32).collect();
    order.sort_by_key(|at| features[*at as usize]);
    // With `dropped` bits fewer, how many are equal at most.
    let equal = |dropped: u32| {
        let same = |a: &u32, b: &u32| high(features[*a as usize], dropped) == high(features[*b as usize], dropped);
        order.chunk_by(same).map(<[u32]>::len).max().unwrap_or(1)
    };
    let dropped = (0..bits).find(|d| equal(*d).next_power_of_two().trailing_zeros() <= *d).unwrap_or(bits);
    let mut codes = vec![0; features.len()];
    for same in order.chunk_by(|a, b| high(features[*a as usize], dropped) == high(features[*b as usize], dropped)) {
        let mut same = same.to_vec();
        same.sort_unstable();
        for (number, at) in (0..).zip(same) {
            codes[at as usize] = high(features[at as usize], dropped).checked_shl(dropped).unwrap_or(0) | number;
        }
    }
    codes
}

fn high(code: u32, dropped: u32) -> u32 {
    code.checked_shr(dropped).unwrap_or(0)
}

/// Which units come by where, and how they go on.
pub(super) struct Visits {
    /// Visits of unit u are `start[u] .. start[u + 1]`.
    start: Vec<u32>,
    /// Class of each visit, and how many nets of the unit are in it. A class: nets that leave a chip the same way; those that go
    /// straight are one class.
    visits: Vec<(u32, u32)>,
    /// By class: its chip.
    chip: Vec<u32>,
    /// By class: whether its nets go straight; they need no entry, so they need not agree.
    straight: Vec<bool>,
    chips: usize,
}

impl Visits {
    /// Number of units.
    fn units(&self) -> usize {
        self.start.len() - 1
    }

    /// Collects them.
    pub(super) fn of(units: &Units, plain: &PlainTables) -> Visits {
        let mut all: Vec<(u32, u32)> = Vec::new();
        let (mut chip, mut straight) = (Vec::new(), Vec::new());
        for (number, table) in (0..).zip(&plain.0) {
            let first = chip.len() as u32;
            chip.resize(chip.len() + table.routes.len() + 1, number);
            straight.resize(chip.len() - 1, false);
            straight.push(true);
            let class = |v: &crate::mapping::tables::Visit| if v.straight { chip.len() as u32 - 1 } else { first + v.route };
            all.extend(table.visits.iter().map(|v| (units.of[v.net as usize].0, class(v))));
        }
        all.sort_unstable();
        let mut start = vec![0];
        let mut visits: Vec<(u32, u32)> = Vec::new();
        for same in all.chunk_by(|a, b| a == b) {
            let (unit, class) = same[0];
            start.resize(unit as usize + 1, visits.len() as u32);
            visits.push((class, same.len() as u32));
        }
        start.resize(units.units.len() + 1, visits.len() as u32);
        Visits { start, visits, chip, straight, chips: plain.0.len() }
    }

    fn of_unit(&self, unit: usize) -> std::ops::Range<usize> {
        self.start[unit] as usize..self.start[unit + 1] as usize
    }

    /// Codes of some bits, each bit splitting what those before it have left together.
    fn block(&self, bits: u32, seed: u64) -> Vec<u32> {
        let mut codes = vec![0u32; self.start.len() - 1];
        let mut cells = Cells {
            class: self.visits.iter().map(|(class, _)| *class).collect(),
            chip: self.chip.clone(),
            straight: self.straight.clone(),
            chips: self.chips,
        };
        for bit in 0..bits {
            let sides = cells.cut(self, mix(seed ^ u64::from(bit) << 32));
            codes.iter_mut().zip(&sides).for_each(|(code, side)| *code = *code << 1 | u32::from(*side > 0));
            cells.split(self, &sides);
        }
        codes
    }
}

/// Classes and chips, split by the bits so far.
struct Cells {
    /// By visit.
    class: Vec<u32>,
    /// By class.
    chip: Vec<u32>,
    /// By class.
    straight: Vec<bool>,
    chips: usize,
}

/// A class while a bit is sought.
#[derive(Clone, Copy, Default)]
struct Class {
    chip: u32,
    /// Sum of the sides of its nets.
    sum: i32,
    /// Weight of agreeing with each net of the class, and of differing from each other net of the chip.
    agree: i32,
    differ: i32,
}

impl Cells {
    /// A side, 1 or -1, for each unit, so that nets of a class agree and nets of other classes of the chip differ.
    fn cut(&self, visits: &Visits, seed: u64) -> Vec<i32> {
        let units = visits.units();
        let mut sides: Vec<i32> = (0..units as u64).map(|unit| if mix(seed ^ unit) & 1 == 1 { 1 } else { -1 }).collect();
        let mut sums = vec![0i32; self.chips];
        let mut classes: Vec<Class> = self.chip.iter().map(|chip| Class { chip: *chip, ..Class::default() }).collect();
        let (mut in_chip, mut in_class) = (vec![0i64; self.chips], vec![0i64; classes.len()]);
        for (unit, side) in sides.iter().enumerate() {
            for at in visits.of_unit(unit) {
                let (class, count) = (self.class[at] as usize, visits.visits[at].1);
                let chip = classes[class].chip as usize;
                in_class[class] += i64::from(count);
                in_chip[chip] += i64::from(count);
                classes[class].sum += side * count as i32;
                sums[chip] += side * count as i32;
            }
        }
        for ((class, size), straight) in classes.iter_mut().zip(&in_class).zip(&self.straight) {
            class.agree = if *straight { 0 } else { (ONE / (size - 1).max(1)) as i32 };
            class.differ = (ONE / (in_chip[class.chip as usize] - size).max(1)) as i32;
        }
        for _ in 0..SWEEPS {
            let mut changed = false;
            for (unit, side) in sides.iter_mut().enumerate() {
                let mut field = 0i64;
                for at in visits.of_unit(unit) {
                    let class = &classes[self.class[at] as usize];
                    let (sum, own) = (i64::from(class.sum), i64::from(visits.visits[at].1) * i64::from(*side));
                    let others = i64::from(sums[class.chip as usize]) - sum;
                    field += (sum - own) * i64::from(class.agree) - others * i64::from(class.differ);
                }
                if field.signum() == -i64::from(*side) {
                    changed = true;
                    *side = -*side;
                    for at in visits.of_unit(unit) {
                        let step = 2 * *side * visits.visits[at].1 as i32;
                        let class = &mut classes[self.class[at] as usize];
                        class.sum += step;
                        sums[class.chip as usize] += step;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        sides
    }

    /// Splits classes and chips by the sides of units.
    fn split(&mut self, visits: &Visits, sides: &[i32]) {
        const NONE: u32 = u32::MAX;
        let mut upper_chip = vec![NONE; self.chips];
        let mut upper_class = vec![NONE; self.chip.len()];
        for (unit, _) in sides.iter().enumerate().filter(|(_, side)| **side > 0) {
            for at in visits.of_unit(unit) {
                let class = self.class[at] as usize;
                if upper_class[class] == NONE {
                    let chip = &mut upper_chip[self.chip[class] as usize];
                    if *chip == NONE {
                        *chip = self.chips as u32;
                        self.chips += 1;
                    }
                    upper_class[class] = self.chip.len() as u32;
                    self.chip.push(*chip);
                    self.straight.push(self.straight[class]);
                }
                self.class[at] = upper_class[class];
            }
        }
    }
}
