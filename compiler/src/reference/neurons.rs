//! One population at work: its state, and one tick of its plan.

use super::plan::{Plan, Step, Write};
use super::scalar;
use super::tape::{Frame, LANES, Op, Operand, View};
use crate::numeric::expm::Matrix;
use bouton_targets::random::Seed;
use std::collections::BTreeMap;

/// Neurons of a block for which something happens.
type Mask = [bool; LANES];

/// Solutions of one exact system with some states held: e^(A·h) and its integral, by class and held states.
type HeldSolutions = BTreeMap<(u32, u64), Option<(Matrix, Matrix)>>;

/// State of a population, column by column.
pub(crate) struct Columns {
    pub state: Vec<Vec<f64>>,
    local: Vec<Vec<f64>>,
    /// Sums at receptors in this tick, `[receptor][neuron]`.
    pub input: Vec<f64>,
    /// Value of each modulator in this tick.
    pub modulators: Vec<f64>,
    /// Last tick of each hold, plus one; zero where it does not last.
    until: Vec<Vec<u64>>,
    /// How often each state was saturated.
    pub saturations: Vec<u64>,
    /// Spikes of this tick, ascending.
    pub spikes: Vec<u32>,
    /// Graded events of this tick, ascending.
    pub graded: Vec<(u32, f64)>,
    scratch: Scratch,
}

/// Room for one block.
struct Scratch {
    temps: Vec<f64>,
    stage: Vec<f64>,
    /// States before a step, rests of exact systems, and results, block by block.
    before: Vec<f64>,
    rest: Vec<f64>,
    values: Vec<f64>,
    /// By state: whether any neuron of the block is held, and which.
    any_held: Vec<bool>,
    held: Vec<Mask>,
    suppressed: Mask,
    spiked: Mask,
    emitted: Mask,
    emission: [f64; LANES],
    solutions: Vec<HeldSolutions>,
}

/// A population of neurons.
pub(crate) struct NeuronsAtWork {
    pub plan: Plan,
    pub columns: Columns,
    pub size: usize,
    /// The population's id: its stream of random numbers.
    pub stream: u32,
}

impl NeuronsAtWork {
    pub(crate) fn new(plan: Plan, state: Vec<Vec<f64>>, size: usize, stream: u32, counts: [usize; 3]) -> Self {
        let [locals, receptors, modulators] = counts;
        let states = state.len();
        let room = plan.stages.max(states).max(1);
        let scratch = Scratch {
            temps: vec![0.0; plan.temps * LANES],
            stage: vec![0.0; room * LANES],
            before: vec![0.0; room * LANES],
            rest: vec![0.0; room * LANES],
            values: vec![0.0; room * LANES],
            any_held: vec![false; states],
            held: vec![[false; LANES]; states],
            suppressed: [false; LANES],
            spiked: [false; LANES],
            emitted: [false; LANES],
            emission: [0.0; LANES],
            solutions: vec![BTreeMap::new(); plan.exact_systems],
        };
        let columns = Columns {
            state,
            local: vec![vec![0.0; size]; locals],
            input: vec![0.0; receptors * size],
            modulators: vec![0.0; modulators],
            until: vec![vec![0; size]; plan.holds.len()],
            saturations: vec![0; states],
            spikes: Vec::new(),
            graded: Vec::new(),
            scratch,
        };
        NeuronsAtWork { plan, columns, size, stream }
    }

    /// One tick: inputs and modulators stand ready, spikes and graded events are left behind.
    pub(crate) fn update(&mut self, tick: u32, seed: Seed) {
        self.columns.spikes.clear();
        self.columns.graded.clear();
        for start in (0..self.size).step_by(LANES) {
            let len = LANES.min(self.size - start);
            let frame = Frame { start, len, population: self.stream, size: self.size, tick, seed };
            let mut block = Block { plan: &self.plan, columns: &mut self.columns, frame };
            block.begin();
            block.run(&self.plan.steps, None);
            block.end();
        }
    }
}

/// One block in one tick.
pub(crate) struct Block<'a> {
    pub plan: &'a Plan,
    pub columns: &'a mut Columns,
    pub frame: Frame,
}

impl Block<'_> {
    /// Who is held and whose spikes are suppressed is settled before anything happens: a hold that begins now lasts from the
    /// next tick on.
    fn begin(&mut self) {
        let Frame { start, len, tick, .. } = self.frame;
        let scratch = &mut self.columns.scratch;
        (scratch.spiked, scratch.emitted, scratch.suppressed) = ([false; LANES], [false; LANES], [false; LANES]);
        scratch.any_held.fill(false);
        for (hold, until) in self.plan.holds.iter().zip(&self.columns.until) {
            let lasts = |lane: usize| until[start + lane] > u64::from(tick);
            if !(0..len).any(lasts) {
                continue;
            }
            if hold.suppresses_spikes {
                (0..len).for_each(|lane| scratch.suppressed[lane] |= lasts(lane));
            }
            for state in &hold.states {
                if !std::mem::replace(&mut scratch.any_held[*state], true) {
                    scratch.held[*state] = [false; LANES];
                }
                (0..len).for_each(|lane| scratch.held[*state][lane] |= lasts(lane));
            }
        }
    }

    fn end(&mut self) {
        let Frame { start, len, .. } = self.frame;
        let Columns { scratch, spikes, graded, .. } = &mut *self.columns;
        spikes.extend((0..len).filter(|lane| scratch.spiked[*lane]).map(|lane| (start + lane) as u32));
        let emitted = (0..len).filter(|lane| scratch.emitted[*lane]);
        graded.extend(emitted.map(|lane| ((start + lane) as u32, scratch.emission[lane])));
    }

    fn run(&mut self, steps: &[Step], mask: Option<&Mask>) {
        for step in steps {
            match step {
                Step::Integrate(system) => self.integrate(system),
                Step::Assign { tape, writes } => self.assign(tape, writes, mask),
                Step::Let { tape, local, value } => {
                    self.evaluate(tape);
                    let Frame { start, len, .. } = self.frame;
                    let mut lanes = [0.0; LANES];
                    lanes[..len].copy_from_slice(self.result(*value));
                    self.columns.local[*local][start..start + len].copy_from_slice(&lanes[..len]);
                }
                Step::Spike { tape, condition, then } => {
                    let spiking = self.condition(tape, *condition, mask);
                    if spiking.contains(&true) {
                        let spiked = &mut self.columns.scratch.spiked;
                        spiked.iter_mut().zip(&spiking).for_each(|(s, now)| *s |= now);
                        self.run(then, Some(&spiking));
                    }
                }
                Step::On { receptor, then } => {
                    let arrived = self.mask_of(Operand::Input(*receptor), mask);
                    if arrived.contains(&true) {
                        self.run(then, Some(&arrived));
                    }
                }
                Step::Hold(hold) => self.hold(*hold, mask),
                Step::Emit { tape, value, when } => self.emit(tape, *value, *when, mask),
            }
        }
    }

    /// Neurons for which a value is not zero, within `mask`.
    fn mask_of(&self, operand: Operand, mask: Option<&Mask>) -> Mask {
        let mut out = [false; LANES];
        for (lane, (out, value)) in out.iter_mut().zip(self.result(operand)).enumerate() {
            *out = *value != 0.0 && mask.is_none_or(|m| m[lane]);
        }
        out
    }

    fn condition(&mut self, tape: &[Op], condition: Operand, mask: Option<&Mask>) -> Mask {
        self.evaluate(tape);
        let mut out = self.mask_of(condition, mask);
        for (out, suppressed) in out.iter_mut().zip(&self.columns.scratch.suppressed) {
            *out &= !suppressed;
        }
        out
    }

    fn hold(&mut self, hold: usize, mask: Option<&Mask>) {
        let Frame { start, len, tick, .. } = self.frame;
        for lane in (0..len).filter(|lane| mask.is_none_or(|m| m[*lane])) {
            let ticks = self.plan.holds[hold].ticks[start + lane];
            self.columns.until[hold][start + lane] = u64::from(tick) + u64::from(ticks) + 1;
        }
    }

    fn emit(&mut self, tape: &[Op], value: Operand, when: Option<Operand>, mask: Option<&Mask>) {
        self.evaluate(tape);
        let every = mask.copied().unwrap_or([true; LANES]);
        let emits = when.map_or(every, |when| self.mask_of(when, mask));
        let mut lanes = [0.0; LANES];
        lanes[..self.frame.len].copy_from_slice(self.result(value));
        let scratch = &mut self.columns.scratch;
        for lane in (0..self.frame.len).filter(|lane| emits[*lane]) {
            (scratch.emitted[lane], scratch.emission[lane]) = (true, lanes[lane]);
        }
    }

    /// All values are computed before any is written.
    fn assign(&mut self, tape: &[Op], writes: &[Write], mask: Option<&Mask>) {
        self.evaluate(tape);
        let len = self.frame.len;
        let mut values = std::mem::take(&mut self.columns.scratch.values);
        values.resize(values.len().max(writes.len() * LANES), 0.0);
        for (write, out) in writes.iter().zip(values.chunks_mut(LANES)) {
            for (out, value) in out.iter_mut().zip(self.result(write.value)) {
                *out = value * write.scale;
            }
        }
        for (write, values) in writes.iter().zip(values.chunks(LANES)) {
            self.write(write.state, &values[..len], mask);
        }
        self.columns.scratch.values = values;
    }

    /// Writes a state: held neurons ignore it, `fixed` states are rounded to their grid, ranges saturate and are counted.
    pub(crate) fn write(&mut self, state: usize, values: &[f64], mask: Option<&Mask>) {
        let Frame { start, len, .. } = self.frame;
        let Columns { state: states, scratch, saturations, .. } = &mut *self.columns;
        let plan = self.plan.states[state];
        let held = (plan.can_be_held && scratch.any_held[state]).then_some(&scratch.held[state]);
        let column = &mut states[state][start..start + len];
        let grid = plan.fixed.map(|f| scalar::power_of_two(f.into()));
        let (low, high) = plan.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if mask.is_none() && held.is_none() && grid.is_none() {
            let mut outside = 0u64;
            for (to, x) in column.iter_mut().zip(values) {
                outside += u64::from(*x < low) + u64::from(*x > high);
                *to = scalar::limit(*x, low, high);
            }
            saturations[state] += outside;
            return;
        }
        for (lane, (to, x)) in column.iter_mut().zip(values).enumerate() {
            if held.is_some_and(|h| h[lane]) || mask.is_some_and(|m| !m[lane]) {
                continue;
            }
            let x = grid.map_or(*x, |grid| libm::floor(x * grid + 0.5) / grid);
            saturations[state] += u64::from(x < low || x > high);
            *to = scalar::limit(x, low, high);
        }
    }

    fn view<'b>(&'b self) -> View<'b> {
        let columns = &*self.columns;
        View {
            fixed: &self.plan.fixed,
            constant: &self.plan.constant,
            state: &columns.state,
            local: &columns.local,
            input: &columns.input,
            stage: &columns.scratch.stage,
            modulators: &columns.modulators,
            frame: self.frame,
        }
    }

    /// Runs a tape; its results are then read by [`Block::result`].
    pub(crate) fn evaluate(&mut self, tape: &[Op]) {
        if !tape.is_empty() {
            let mut temps = std::mem::take(&mut self.columns.scratch.temps);
            self.view().run(tape, &mut temps);
            self.columns.scratch.temps = temps;
        }
    }

    /// The values of an operand.
    pub(crate) fn result(&self, operand: Operand) -> &[f64] {
        self.view().get(operand, &self.columns.scratch.temps)
    }

    /// The neurons of the block in which `state` is held, if there are any.
    pub(crate) fn held(&self, state: usize) -> Option<&Mask> {
        let scratch = &self.columns.scratch;
        scratch.any_held[state].then_some(&scratch.held[state])
    }

    /// Room for the states before a step, for rests and for results, to be given back.
    pub(crate) fn take_room(&mut self) -> [Vec<f64>; 3] {
        let s = &mut self.columns.scratch;
        [std::mem::take(&mut s.before), std::mem::take(&mut s.rest), std::mem::take(&mut s.values)]
    }

    pub(crate) fn give_room(&mut self, [before, rest, values]: [Vec<f64>; 3]) {
        let s = &mut self.columns.scratch;
        (s.before, s.rest, s.values) = (before, rest, values);
    }

    pub(crate) fn stage(&mut self) -> &mut [f64] {
        &mut self.columns.scratch.stage
    }

    pub(crate) fn solutions(&mut self, system: usize) -> &mut HeldSolutions {
        &mut self.columns.scratch.solutions[system]
    }
}
