//! Steps to a program: drops what nothing reads, orders the rest, gives it registers.
//!
//! Takes: [`Code`].  Gives: [`Program`].
//! Invariants: kept: the value of every step that is stored or emitted. New: at most 32 registers; stores stand last, so a state
//!   can be loaded again anywhere before them.
//! Cost: linear in the steps, times the registers; once more for each value that must be made again.
//! Source: order by post-order walks from the results, larger operand first (Sethi and Ullman 1970); linear scan. When the
//!   registers run out, loads and constants are made again at each reader, which needs no memory.

use super::code::{Code, Step, StepId};
use crate::table::Id;
use bouton_targets::instruction::{Instruction, Op, REGISTERS};
use bouton_targets::program::Program;

/// How many registers a program would need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooMany {
    /// Registers that would be needed at the worst place.
    pub(crate) needed: usize,
}

/// The program of `code`.
pub(crate) fn program(code: &Code) -> Result<Program, TooMany> {
    let plain = Order::of(code, false);
    let order = if plain.pressure() <= REGISTERS { plain } else { Order::of(code, true) };
    let needed = order.pressure();
    if needed > REGISTERS {
        return Err(TooMany { needed });
    }
    let instructions = order.instructions().ok_or(TooMany { needed })?;
    let (ranges, tables, steps) = (code.ranges.clone(), code.tables.clone(), code.thresholds.clone());
    Ok(Program { instructions, ranges, tables, steps })
}

/// One instruction of the order; operands are places in it.
#[derive(Clone, Copy, Debug)]
struct Place {
    step: Step,
    args: [Option<usize>; 3],
    makes: bool,
}

struct Order {
    places: Vec<Place>,
    /// The last place that reads each.
    last: Vec<usize>,
}

impl Order {
    /// Results one after another, each right after what it needs; with `again`, leaves are made anew for every reader.
    fn of(code: &Code, again: bool) -> Order {
        let mut order = Order { places: Vec::new(), last: Vec::new() };
        let mut at: Vec<Option<usize>> = vec![None; code.steps.len()];
        let sizes = sizes(code);
        let mut results: Vec<(Step, Vec<StepId>)> = Vec::new();
        for mask in &code.spikes {
            results.push((Step::one(Op::EmitSpike, *mask, 0), vec![*mask]));
        }
        for (value, mask) in &code.emits {
            results.push((Step::two(Op::EmitValue, *value, *mask, 0), vec![*value, *mask]));
        }
        let stores: Vec<Step> = code.stores.iter().map(|(slot, value)| Step::one(Op::StoreState, *value, *slot as i32)).collect();
        for (step, reads) in results {
            reads.iter().for_each(|r| order.walk(code, *r, &mut at, &sizes, again));
            order.add(step, &at, false, again, code);
        }
        for store in &stores {
            store.args.iter().flatten().for_each(|r| order.walk(code, *r, &mut at, &sizes, again));
        }
        for store in stores {
            order.add(store, &at, false, false, code);
        }
        order.find_last();
        order
    }

    /// Everything that `root` needs, then `root`; with its own stack, for chains are long.
    fn walk(&mut self, code: &Code, root: StepId, at: &mut [Option<usize>], sizes: &[u32], again: bool) {
        let mut open = vec![(root, false)];
        while let Some((id, ready)) = open.pop() {
            if at[id.index()].is_some() {
                continue;
            }
            let step = code.steps[id.index()];
            if ready {
                at[id.index()] = Some(self.add(step, at, true, again, code));
                continue;
            }
            open.push((id, true));
            let mut args: Vec<StepId> = step.args.iter().flatten().copied().collect();
            args.sort_by_key(|a| sizes[a.index()]);
            open.extend(args.into_iter().map(|a| (a, false)));
        }
    }

    /// Adds a place; gives its number.
    fn add(&mut self, step: Step, at: &[Option<usize>], makes: bool, again: bool, code: &Code) -> usize {
        let args = step.args.map(|arg| {
            let arg = arg?;
            let made = code.steps[arg.index()];
            if again && is_leaf(&made) {
                self.places.push(Place { step: made, args: [None; 3], makes: true });
                return Some(self.places.len() - 1);
            }
            at[arg.index()]
        });
        self.places.push(Place { step, args, makes });
        self.places.len() - 1
    }

    /// Drops leaves that were made again for every reader and notes who reads each place last.
    fn find_last(&mut self) {
        let mut last = vec![0; self.places.len()];
        for (at, place) in self.places.iter().enumerate() {
            place.args.iter().flatten().for_each(|a| last[*a] = at);
        }
        self.last = last;
    }

    /// Whether nothing reads what a place makes.
    fn is_dead(&self, at: usize) -> bool {
        self.places[at].makes && self.last[at] == 0
    }

    /// Most values that are alive at once.
    fn pressure(&self) -> usize {
        let (mut alive, mut most) = (0usize, 0usize);
        for (at, place) in self.places.iter().enumerate() {
            if self.is_dead(at) {
                continue;
            }
            // An operand that dies here gives its register to the result, but for a multiply-add whose sum lives on.
            let ending = distinct(place.args).filter(|a| self.last[*a] == at).count();
            let sum_lives = place.step.op() == Op::MultiplyAdd && place.args[2].is_some_and(|a| self.last[a] != at);
            most = most.max(alive + usize::from(sum_lives));
            alive = alive + usize::from(place.makes) - ending;
            most = most.max(alive);
        }
        most
    }

    fn instructions(&self) -> Option<Vec<Instruction>> {
        let mut registers: Vec<Option<u8>> = vec![None; self.places.len()];
        let mut free: Vec<u8> = (0..REGISTERS as u8).rev().collect();
        let mut out = Vec::new();
        for (at, place) in self.places.iter().enumerate().filter(|(at, _)| !self.is_dead(*at)) {
            let mut args = [0u8; 3];
            for (register, arg) in args.iter_mut().zip(place.args) {
                if let Some(arg) = arg {
                    *register = registers[arg]?;
                }
            }
            let sum = if place.step.op() == Op::MultiplyAdd { place.args[2] } else { None };
            // A sum that lives on is copied before its operands can give up their registers.
            let copy = match sum {
                Some(sum) if self.last[sum] != at => {
                    let dst = free.pop()?;
                    out.push(Instruction { op: Op::Move, dst, a: args[2], b: 0, imm: 0 });
                    Some(dst)
                }
                _ => None,
            };
            for arg in distinct(place.args).filter(|a| self.last[*a] == at && Some(*a) != sum) {
                free.extend(registers[arg]);
            }
            let dst = match (place.makes, copy, sum) {
                (false, ..) => 0,
                (_, Some(dst), _) => dst,
                (_, None, Some(_)) => args[2],
                _ => free.pop()?,
            };
            if place.makes {
                registers[at] = Some(dst);
            }
            out.push(place.step.instruction(dst, args));
        }
        Some(out)
    }
}

/// The operands, each once.
fn distinct(args: [Option<usize>; 3]) -> impl Iterator<Item = usize> {
    let [a, b, c] = args;
    [a, b.filter(|_| b != a), c.filter(|_| c != a && c != b)].into_iter().flatten()
}

/// Whether a step reads no other.
fn is_leaf(step: &Step) -> bool {
    step.args.iter().all(Option::is_none)
}

/// Registers that each step's tree would need, shared parts counted with each reader.
fn sizes(code: &Code) -> Vec<u32> {
    let mut sizes: Vec<u32> = Vec::with_capacity(code.steps.len());
    for step in &code.steps {
        let mut needs: Vec<u32> = step.args.iter().flatten().map(|a| sizes[a.index()]).collect();
        needs.sort_unstable_by(|a, b| b.cmp(a));
        sizes.push((0..).zip(needs).map(|(n, need)| need + n).max().unwrap_or(1));
    }
    sizes
}
