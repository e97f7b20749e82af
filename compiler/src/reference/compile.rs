//! A model and the parameters of one population to a plan.

use super::error::ReferenceError;
use super::plan::{HoldPlan, MethodPlan, Plan, Propagators, StatePlan, Step, SystemPlan, Write};
use super::scalar;
use super::tape::Operand;
use super::values::{Compiler, Value, fits, one_or_each};
use crate::circuit::model::{ExprId, Method, Model, StateId, Statement, System};
use crate::circuit::{Neurons, Population};
use crate::connect::ReceptorTotals;
use crate::numeric::expm::{Matrix, propagator};
use crate::table::Id;
use std::collections::BTreeMap;

/// What a population is.
pub(crate) struct Subject<'a> {
    pub population: &'a Population,
    pub neurons: &'a Neurons,
    pub model: &'a Model,
    pub totals: &'a ReceptorTotals,
    /// Seconds.
    pub tick: f64,
}

/// The plan of a population.
pub(crate) fn compile(subject: &Subject) -> Result<Plan, ReferenceError> {
    let Subject { population, neurons, model, .. } = *subject;
    let size = population.size();
    let drives_fit = neurons.drives.iter().flat_map(|d| [&d.rate, &d.weight]).all(|v| one_or_each(v, size));
    let fit = fits(&neurons.params, model.params.len(), size) && fits(&neurons.initial, model.states.len(), size);
    if !fit || !drives_fit || neurons.modulators.len() != model.modulators.len() {
        return Err(ReferenceError::WrongLength { population: population.name.clone(), span: population.span });
    }
    let mut c = Compiler::new(model, empty_plan(model), subject.tick, size);
    c.params = neurons.params.values().iter().map(|v| c.column(v)).collect();
    c.totals = subject.totals.values().iter().map(|t| c.constant(t.sum.clone())).collect();
    for (_, hold) in model.holds.iter() {
        let duration = c.value(hold.duration);
        let ticks = |seconds: f64| libm::floor(seconds / subject.tick + 0.5).max(0.0) as u32;
        let column: Option<Vec<u32>> = (0..c.size).map(|n| c.constant_at(duration, n).map(ticks)).collect();
        let span = model.exprs[hold.duration].span;
        let states = hold.states.iter().map(|s| s.index()).collect();
        let ticks = column.ok_or(ReferenceError::NotConstant { span })?;
        c.plan.holds.push(HoldPlan { states, suppresses_spikes: hold.suppresses_spikes, ticks });
    }
    // Nothing that a hold's length needs may stay on the first statement's tape.
    c.take_tape();
    let steps = statements(&mut c, &model.body)?;
    c.plan.steps = steps;
    Ok(c.plan)
}

fn empty_plan(model: &Model) -> Plan {
    let held = |id: StateId| model.holds.values().iter().any(|h| h.states.contains(&id));
    let state =
        |(id, s): (StateId, &crate::circuit::model::State)| StatePlan { range: s.range, fixed: s.fixed, can_be_held: held(id) };
    Plan {
        steps: Vec::new(),
        fixed: Vec::new(),
        constant: Vec::new(),
        temps: 0,
        stages: 0,
        holds: Vec::new(),
        states: model.states.iter().map(state).collect(),
        exact_systems: 0,
    }
}

fn statements(c: &mut Compiler, body: &[Statement]) -> Result<Vec<Step>, ReferenceError> {
    body.iter().map(|statement| step(c, statement)).collect()
}

fn step(c: &mut Compiler, statement: &Statement) -> Result<Step, ReferenceError> {
    Ok(match statement {
        Statement::Integrate(system) => Step::Integrate(integrate(c, system)?),
        Statement::Assign(assignments) => {
            let writes = assignments.iter().map(|(state, value)| write(c, *state, *value)).collect();
            Step::Assign { tape: c.take_tape(), writes }
        }
        Statement::Let(local, value) => {
            let computed = c.value(*value);
            let operand = c.operand(computed);
            let step = Step::Let { tape: c.take_tape(), local: local.index(), value: operand };
            c.locals.insert(*local, *value);
            step
        }
        Statement::Spike { condition, then } => {
            let value = c.value(*condition);
            let condition = c.operand(value);
            Step::Spike { tape: c.take_tape(), condition, then: statements(c, then)? }
        }
        Statement::On { receptor, body } => Step::On { receptor: receptor.index(), then: statements(c, body)? },
        Statement::Hold(hold) => Step::Hold(hold.index()),
        Statement::Emit { value, when } => {
            let value = c.value(*value);
            let when = when.map(|w| c.value(w));
            let (value, when) = (c.operand(value), when.map(|w| c.operand(w)));
            Step::Emit { tape: c.take_tape(), value, when }
        }
    })
}

fn write(c: &mut Compiler, state: StateId, expr: ExprId) -> Write {
    let fixed = c.model.states[state].fixed;
    let scale = fixed.and_then(|to| c.frac(expr).map(|from| scalar::power_of_two(from - i16::from(to)))).unwrap_or(1.0);
    let value = c.value(expr);
    Write { state: state.index(), value: c.operand(value), scale }
}

fn integrate(c: &mut Compiler, system: &System) -> Result<SystemPlan, ReferenceError> {
    c.system = system.equations.iter().map(|(state, _)| *state).collect();
    c.unknowns = c.system.clone();
    c.forget();
    c.plan.stages = c.plan.stages.max(c.system.len());
    let method = match system.method {
        Method::Exact => exact(c, system)?,
        Method::Euler => MethodPlan::Euler { slopes: slopes(c, system), tape: c.take_tape() },
        Method::Midpoint => midpoint(c, system),
        Method::ExponentialEuler => exponential(c, system)?,
    };
    let states = std::mem::take(&mut c.system);
    c.unknowns.clear();
    c.forget();
    let exact = system.method == Method::Exact;
    // An exact step composes: one step is any number of substeps.
    let substeps = if exact { 1 } else { system.substeps.max(1) };
    Ok(SystemPlan { states: states.iter().map(|s| s.index()).collect(), h: c.tick / f64::from(substeps), substeps, method })
}

fn slopes(c: &mut Compiler, system: &System) -> Vec<Operand> {
    let slope = |(_, rate): &(StateId, ExprId)| {
        let value = c.value(*rate);
        c.operand(value)
    };
    system.equations.iter().map(slope).collect()
}

fn midpoint(c: &mut Compiler, system: &System) -> MethodPlan {
    let first = slopes(c, system);
    let tape = c.split_tape();
    c.at_stage = true;
    let half_slopes = slopes(c, system);
    let half = c.take_tape();
    c.at_stage = false;
    MethodPlan::Midpoint { tape, slopes: first, half, half_slopes }
}

fn exponential(c: &mut Compiler, system: &System) -> Result<MethodPlan, ReferenceError> {
    let slopes = slopes(c, system);
    let mut own = Vec::with_capacity(slopes.len());
    for (state, rate) in &system.equations {
        // Linear in its own state only; the others count as given, so what is known of dependences is of another question.
        c.unknowns = vec![*state];
        c.forget();
        let coefficient = c.linear(*rate)?.coefficients.first().copied().flatten();
        own.push(c.operand(coefficient.unwrap_or(Value::Uniform(0.0))));
    }
    Ok(MethodPlan::Exponential { tape: c.take_tape(), slopes, own })
}

fn exact(c: &mut Compiler, system: &System) -> Result<MethodPlan, ReferenceError> {
    let count = system.equations.len();
    if count > 64 {
        return Err(ReferenceError::NoPropagator { span: system.span });
    }
    let mut coefficients = Vec::with_capacity(count * count);
    let mut rest = Vec::with_capacity(count);
    for (_, rate) in &system.equations {
        let linear = c.linear(*rate)?;
        let zero = Value::Uniform(0.0);
        for coefficient in &linear.coefficients {
            let value = coefficient.unwrap_or(zero);
            if c.constant_at(value, 0).is_none() && c.size > 0 {
                return Err(ReferenceError::NotConstant { span: c.model.exprs[*rate].span });
            }
            coefficients.push(value);
        }
        rest.push(c.operand(linear.rest.unwrap_or(zero)));
    }
    let tape = c.take_tape();
    let propagators = propagators(c, system, &coefficients)?;
    c.plan.exact_systems += 1;
    Ok(MethodPlan::Exact { tape, rest, propagators, system: c.plan.exact_systems - 1 })
}

/// Solutions for every distinct set of coefficients.
fn propagators(c: &mut Compiler, system: &System, coefficients: &[Value]) -> Result<Propagators, ReferenceError> {
    let n = system.equations.len();
    let uniform = coefficients.iter().all(|v| matches!(v, Value::Uniform(_)));
    let (mut classes, mut class, mut matrices) = (BTreeMap::new(), Vec::new(), Vec::new());
    for neuron in 0..if uniform { 1 } else { c.size } {
        let values: Vec<f64> = coefficients.iter().map(|v| c.constant_at(*v, neuron).unwrap_or(f64::NAN)).collect();
        let key: Vec<u64> = values.iter().map(|x| x.to_bits()).collect();
        let next = matrices.len() as u32;
        class.push(*classes.entry(key).or_insert_with(|| {
            let mut matrix = Matrix::zeros(n);
            values.iter().enumerate().for_each(|(at, x)| matrix.set(at / n, at % n, *x));
            matrices.push(matrix);
            next
        }));
    }
    let solve = |m: &Matrix| propagator(m, c.tick).ok_or(ReferenceError::NoPropagator { span: system.span });
    let solved = matrices.iter().map(solve).collect::<Result<Vec<_>, _>>()?;
    let mut terms = [Vec::new(), Vec::new()];
    for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
        for (which, terms) in terms.iter_mut().enumerate() {
            let entry = |k: &u32| {
                let (p, q) = &solved[*k as usize];
                if which == 0 { p.get(i, j) } else { q.get(i, j) }
            };
            let column: Vec<f64> = class.iter().map(entry).collect();
            let value = c.constant(column);
            if value != Value::Uniform(0.0) {
                let operand = c.operand(value);
                terms.push((i, j, operand));
            }
        }
    }
    let class = if matrices.len() == 1 { Vec::new() } else { class };
    Ok(Propagators { h: c.tick, matrices, class, terms })
}
