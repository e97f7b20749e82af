//! Ranges that a model's states never leave: declared ones, or proven by induction.
//!
//! Takes: a [`Tick`], initial values, the ranges of what comes from outside.  Gives: [`Plan`].
//! Invariants: new: with every state in its range at the start of a tick it is in its range at the end, rounding included.
//! Cost: one emission per guess; ranges grow by at least a half each, so at most about a hundred.
//! Source: own; interval iteration with widening and narrowing (Cousot and Cousot 1977). Example: x' = 0.9·x + u with u in ±1
//!   starts at 0, grows to ±12 and narrows to about ±10.

use super::build::{Constants, Tick};
use super::emit::{Emitted, emit};
use super::format::{Layout, ReceptorLayout, StateLayout, full_range};
use super::graph::NodeId;
use super::interval::Interval;
use super::known::Known;
use crate::circuit::model::{Model, ModulatorId, ReceptorId, StateId};
use crate::diagnostic::Diagnostic;
use crate::table::{Id, Table};

/// Guesses before a range is given up.
const MOST_GUESSES: usize = 160;
/// Guesses that take the new range as it is, to find ranges that close in a few ticks; later ones reach beyond it.
const EXACT_GUESSES: usize = 3;
/// A range may outgrow where it started by this much.
const MOST_GROWTH: f64 = 1_099_511_627_776.0;
/// Halvings of the part by which proven ranges reach beyond the initial values.
const HALVINGS: usize = 10;
/// Further attempts to make proven ranges smaller, each by itself.
const NARROWINGS: usize = 6;

/// What comes from outside a population.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Externals {
    /// Receptors.
    pub(crate) receptors: Table<ReceptorId, ReceptorLayout>,
    /// Modulators: fraction bits and range.
    pub(crate) modulators: Table<ModulatorId, (i8, Interval)>,
    /// Fraction bits of the emitted value.
    pub(crate) payload: Option<i8>,
}

/// Ranges, formats and steps of one population.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Ranges and formats.
    pub(crate) layout: Layout,
    /// The steps.
    pub(crate) emitted: Emitted,
}

/// Finds ranges for all states and makes the steps.
pub(crate) fn plan(
    model: &Model,
    tick: &Tick,
    constants: &Constants<'_>,
    externals: &Externals,
    initial: &Table<StateId, Known>,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut search = Search { model, tick, constants, externals, initial, spared: model.states.ids().map(|_| 0).collect() };
    for _ in 0..=MOST_SPARED {
        let found = search.grow()?;
        let found = if search.has_free_states() { search.narrow(found) } else { found };
        if !search.spare(&found) {
            return Ok(found);
        }
    }
    search.grow()
}

/// The range that a state has before anything is proven: what is declared, what its format holds, or its initial values.
pub(crate) fn first_layout(model: &Model, state: StateId, initial: &Known) -> StateLayout {
    let declared = &model.states[state];
    let (low, high) = initial.bounds();
    match (declared.range, declared.fixed) {
        (Some((low, high)), fixed) => StateLayout::new(Interval::new(low, high), fixed, true),
        (None, Some(frac)) => StateLayout::new(full_range(frac), Some(frac), false),
        (None, None) => StateLayout::new(Interval::new(low, high), None, false),
    }
}

/// Whether the range of a state must be found: only for these do plans look at initial values.
pub(crate) fn is_free(model: &Model, state: StateId) -> bool {
    model.states[state].range.is_none() && model.states[state].fixed.is_none()
}

/// Fraction bits that a state gives up so that what is written to it needs no change of format.
const MOST_SPARED: i8 = 2;

struct Search<'a> {
    model: &'a Model,
    tick: &'a Tick,
    constants: &'a Constants<'a>,
    externals: &'a Externals,
    initial: &'a Table<StateId, Known>,
    /// Fraction bits that each state gives up.
    spared: Table<StateId, i8>,
}

impl Search<'_> {
    fn is_free(&self, state: StateId) -> bool {
        is_free(self.model, state)
    }

    fn has_free_states(&self) -> bool {
        self.model.states.ids().any(|s| self.is_free(s))
    }

    fn layout(&self, ranges: &Table<StateId, Interval>) -> Layout {
        let state = |(id, range): (StateId, &Interval)| {
            let first = first_layout(self.model, id, &self.initial[id]);
            match self.model.states[id].range {
                _ if self.is_free(id) => StateLayout::new(*range, None, false),
                Some((low, high)) => StateLayout::new(Interval::new(low, high), Some(first.frac - self.spared[id]), true),
                None => first,
            }
        };
        Layout {
            states: ranges.iter().map(state).collect(),
            holds: self.tick.durations.values().iter().map(|d| d.bounds().1.min(f64::from(i32::MAX)) as i32).collect(),
            receptors: self.externals.receptors.clone(),
            modulators: self.externals.modulators.clone(),
        }
    }

    /// Takes a bit or two from states whose values come in fewer before they saturate: a shift there and back costs more
    /// than the bits are worth, and would round a value that is held. Whether any gave up more than before.
    fn spare(&mut self, found: &Plan) -> bool {
        let mut more = false;
        for (id, state) in self.model.states.iter().filter(|(_, s)| s.range.is_some() && s.fixed.is_none()) {
            let missing =
                found.layout.states[id].frac - found.emitted.written[id].unwrap_or(i8::MAX).min(found.layout.states[id].frac);
            let spared = self.spared[id] + missing;
            debug_assert!(missing >= 0, "{} is written in a finer format", state.name);
            if missing > 0 && spared <= MOST_SPARED {
                self.spared[id] = spared;
                more = true;
            }
        }
        more
    }

    fn attempt(&self, ranges: &Table<StateId, Interval>) -> Result<Plan, Vec<Diagnostic>> {
        let layout = self.layout(ranges);
        let emitted = emit(self.model, self.tick, self.constants, &layout, self.externals.payload)?;
        Ok(Plan { layout, emitted })
    }

    /// The first state that can leave its range, and where it can go.
    fn escapes(&self, plan: &Plan) -> Vec<(StateId, Interval)> {
        let next = plan.layout.states.iter().zip(&plan.emitted.next);
        next.filter_map(|((id, state), value)| Some((id, state, value.as_ref()?.range)))
            .filter(|(_, state, range)| !range.within(state.range()))
            .map(|(id, _, range)| (id, range))
            .collect()
    }

    fn initial_ranges(&self) -> Table<StateId, Interval> {
        self.initial.values().iter().map(|k| Interval::new(k.bounds().0, k.bounds().1)).collect()
    }

    fn grow(&self) -> Result<Plan, Vec<Diagnostic>> {
        let mut ranges = self.initial_ranges();
        let mut limits: Table<StateId, f64> = ranges.values().iter().map(|r| r.magnitude() * MOST_GROWTH).collect();
        for guess in 0..MOST_GUESSES {
            let plan = self.attempt(&ranges)?;
            let escapes = self.escapes(&plan);
            if escapes.is_empty() {
                return Ok(plan);
            }
            for (id, reached) in escapes {
                if limits[id] == 0.0 {
                    limits[id] = reached.magnitude() * MOST_GROWTH;
                }
                if !self.is_free(id) || !reached.is_finite() || reached.magnitude() > limits[id] {
                    return Err(vec![self.unbounded(id)]);
                }
                ranges[id] = grown(ranges[id], reached, guess);
            }
        }
        let free = self.model.states.ids().find(|s| self.is_free(*s)).unwrap_or(StateId::from_index(0));
        Err(vec![self.unbounded(free)])
    }

    /// Takes smaller ranges as long as they are proven too: all by the same part of what lies beyond the initial values, found
    /// by halving; then each what it reaches.
    fn narrow(&self, mut found: Plan) -> Plan {
        let whole: Table<StateId, Interval> = found.layout.states.values().iter().map(|s| s.range()).collect();
        let (mut refused, mut taken) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let part = (refused + taken) / 2.0;
            let mut ranges = self.initial_ranges();
            for (id, range) in ranges.iter_mut() {
                range.low += part * (whole[id].low - range.low);
                range.high += part * (whole[id].high - range.high);
            }
            match self.proven(&ranges) {
                Some(plan) => (found, taken) = (plan, part),
                None => refused = part,
            }
        }
        for _ in 0..NARROWINGS {
            let mut ranges = self.initial_ranges();
            for ((_, range), value) in ranges.iter_mut().zip(&found.emitted.next) {
                let hull = value.as_ref().map_or(*range, |v| range.hull(v.range));
                *range = hull.widened((hull.high - hull.low) * 1e-4);
            }
            match self.proven(&ranges) {
                Some(plan) => found = plan,
                None => return found,
            }
        }
        found
    }

    fn proven(&self, ranges: &Table<StateId, Interval>) -> Option<Plan> {
        self.attempt(ranges).ok().filter(|plan| self.escapes(plan).is_empty())
    }

    fn unbounded(&self, state: StateId) -> Diagnostic {
        let State { name, span } = State::of(self.model, state);
        let diagnostic = Diagnostic::error("E0801", format!("no range can be proven for `{name}`"), span)
            .said("it has no declared range")
            .help(format!("declare where it saturates: `state {name}: … in LOW .. HIGH`"));
        match self.tick.next[state].as_node().map(|n: NodeId| self.tick.graph.nodes[n].span) {
            Some(place) if place != span => diagnostic.label(place, "this can take it beyond every bound"),
            _ => diagnostic,
        }
    }
}

struct State<'a> {
    name: &'a str,
    span: crate::source::Span,
}

impl<'a> State<'a> {
    fn of(model: &'a Model, state: StateId) -> State<'a> {
        model.states.get(state).map_or(State { name: "?", span: model.span }, |s| State { name: &s.name, span: s.span })
    }
}

/// The next guess for a range that reached further.
fn grown(old: Interval, reached: Interval, guess: usize) -> Interval {
    let hull = old.hull(reached);
    if guess < EXACT_GUESSES {
        return hull;
    }
    let by = (hull.high - hull.low) / 2.0;
    Interval::new(
        if reached.low < old.low { hull.low - by } else { hull.low },
        if reached.high > old.high { hull.high + by } else { hull.high },
    )
}
