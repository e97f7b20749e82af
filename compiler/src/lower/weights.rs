//! Weights to integers: one binary point for all weights onto a receptor, so that sums need no shifts.
//!
//! Takes: the synapses of every projection, the values that graded populations can emit.  Gives: [`Receptor`] and raw weights.
//! Invariants: new: every raw weight fits the bits of its own projection; the sum of the magnitudes onto a neuron fits 32 bits
//!   where spikes arrive.
//! Descriptions: their sums of raw weights are exact where all weights are equal; where weights are drawn, they are bounds from
//!   the sums of real weights and half a unit for each synapse. How much rounding changes drawn weights (W0801, W0802) is judged
//!   on the first 4,096 synapses.
//! Cost: linear in the synapses that are written out, and in the targets of descriptions.
//! Source: own. Example: weights 1.62 mV of 16 bits get 24 fraction bits: 27179.

use super::format::ReceptorLayout;
use super::interval::Interval;
use crate::circuit::model::ReceptorId;
use crate::circuit::{Circuit, PopId, ProjId};
use crate::connect::{Connections, Generated, WeightSums, Weights};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spike_graph;
use crate::table::Table;
use bouton_targets::generate::{Recipe, WeightFormat};

/// Relative error of a projection's weights above which the user is told.
const LOUD: f64 = 0.01;
/// Fraction bits of weights stay within ± this.
const MOST_FRAC: i32 = 60;
/// Synapses of a description on which rounding is judged.
const JUDGED: usize = 4096;

/// A receptor of a population that something arrives at.
#[derive(Clone, Debug)]
pub(crate) struct Receptor {
    /// The receptor.
    pub(crate) id: ReceptorId,
    /// The projections that end at it.
    pub(crate) projections: Vec<ProjId>,
    /// Whether values arrive, not spikes.
    pub(crate) graded: bool,
    /// Most fraction bits of its weights.
    pub(crate) weight_frac: i8,
    /// Range of the sum where spikes arrive; values are summed when their ranges are known.
    pub(crate) spikes: Interval,
}

/// The receptors of `population` that something of `incoming` arrives at, with the binary point of their weights.
pub(crate) fn receptors(
    circuit: &Circuit,
    population: PopId,
    incoming: &[ProjId],
    synapses: &Table<ProjId, Connections>,
    is_graded: &Table<PopId, bool>,
    diagnostics: &mut Diagnostics,
) -> Vec<Receptor> {
    let Some(model) = circuit.model_of(population) else { return Vec::new() };
    let mut found = Vec::new();
    for id in model.receptors.ids() {
        let projections: Vec<ProjId> = incoming.iter().copied().filter(|p| circuit.projections[*p].receptor == id).collect();
        let graded = |p: &ProjId| is_graded[circuit.projections[*p].source];
        if projections.is_empty() {
            continue;
        }
        if projections.iter().any(graded) != projections.iter().all(graded) {
            mixed(circuit, &projections, &model.receptors[id].name, graded).into_iter().for_each(|d| diagnostics.push(d));
            continue;
        }
        let graded = projections.first().is_some_and(graded);
        let fixed = model.receptors[id].fixed.filter(|_| !graded);
        let weight_frac = weight_frac(circuit, &projections, synapses, fixed, graded, diagnostics);
        let spikes = if graded { Interval::ZERO } else { spike_range(circuit, &projections, synapses, weight_frac) };
        found.push(Receptor { id, projections, graded, weight_frac, spikes });
    }
    found
}

fn mixed(circuit: &Circuit, projections: &[ProjId], name: &str, graded: impl Fn(&ProjId) -> bool) -> Option<Diagnostic> {
    let text = format!("spikes and values arrive at the same receptor `{name}`");
    let mut spans = projections.iter().map(|p| (circuit.projections[*p].span, graded(p)));
    let said = |graded: bool| if graded { "values arrive from here" } else { "spikes arrive from here" };
    let (first, is_graded) = spans.next()?;
    let error = Diagnostic::error("E0806", text, first).said(said(is_graded)).help("give the model one receptor for each");
    match spans.find(|(_, other)| *other != is_graded) {
        Some((second, other)) => Some(error.label(second, said(other))),
        None => Some(error),
    }
}

/// Largest raw weight of a projection.
fn most(bits: u8) -> f64 {
    f64::from((1i32 << (bits.clamp(2, 16) - 1)) - 1)
}

/// The largest binary point with which weights up to `largest` fit `bits`.
fn fitting(largest: f64, bits: u8) -> i32 {
    let (_, exponent) = libm::frexp(largest);
    let mut frac = (i32::from(bits) - exponent).clamp(-MOST_FRAC, MOST_FRAC);
    while frac > -MOST_FRAC && raw(largest, frac) > most(bits) {
        frac -= 1;
    }
    frac
}

/// The largest binary point with which the weights of every projection fit its own bits, and their sums 32 bits.
///
/// Example: weights of 1 with 16 bits alone get 14 fraction bits, beside weights of 0.1 with 8 bits 10: 0.1 is then 102.
fn weight_frac(
    circuit: &Circuit,
    projections: &[ProjId],
    synapses: &Table<ProjId, Connections>,
    fixed: Option<i8>,
    graded: bool,
    diagnostics: &mut Diagnostics,
) -> i8 {
    // Who has no weight but zero asks for nothing.
    let asks = projections.iter().map(|p| (&circuit.projections[*p], synapses[*p].largest_weight())).filter(|(_, w)| *w > 0.0);
    let asks: Vec<_> = asks.map(|(p, largest)| (p, largest, fitting(largest, p.bits))).collect();
    let mut frac = asks.iter().map(|(.., frac)| *frac).min().unwrap_or(0);
    if let Some(fixed) = fixed {
        for (projection, largest, _) in asks.iter().filter(|(.., frac)| i32::from(fixed) > *frac) {
            let bits = projection.bits;
            let most = libm::scalbn(most(bits), -i32::from(fixed));
            let text =
                format!("weights up to {largest} do not fit {bits} bits with {fixed} of them after the point, up to {most}");
            let error = Diagnostic::error("E0807", text, projection.weight_span);
            diagnostics.push(error.help("use smaller weights, more bits, or another format"));
        }
        frac = fixed.into();
    }
    let size = projections.first().map_or(0, |p| circuit.populations[circuit.projections[*p].target].size());
    while !graded && fixed.is_none() && frac > -MOST_FRAC {
        let sums = Sums::of(projections, synapses, size, |_| (frac, Interval::new(0.0, 1.0)));
        if sums.fits_i32() {
            break;
        }
        frac -= 1;
    }
    frac as i8
}

fn raw(weight: f64, frac: i32) -> f64 {
    libm::floor(libm::scalbn(weight, frac) + 0.5)
}

/// Sums of raw weights times the least and the largest event, for each neuron.
struct Sums {
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Sums {
    fn of(
        projections: &[ProjId],
        synapses: &Table<ProjId, Connections>,
        size: u32,
        of: impl Fn(ProjId) -> (i32, Interval),
    ) -> Sums {
        let mut sums = Sums { low: vec![0.0; size as usize], high: vec![0.0; size as usize] };
        for p in projections {
            let (frac, event) = of(*p);
            // An event may be absent: zero is always possible.
            let event = event.hull(Interval::ZERO);
            let mut add = |target: u32, negative: f64, positive: f64| {
                if let (Some(low), Some(high)) = (sums.low.get_mut(target as usize), sums.high.get_mut(target as usize)) {
                    *low += negative * event.high + positive * event.low;
                    *high += negative * event.low + positive * event.high;
                }
            };
            match &synapses[*p] {
                Connections::Written(synapses) => {
                    for (at, target) in synapses.target.iter().enumerate() {
                        let weight = raw(synapses.weight_at(at), frac);
                        add(*target, weight.min(0.0), weight.max(0.0));
                    }
                }
                Connections::Generated(generated) => {
                    for target in generated.targets() {
                        let (negative, positive) = raw_sums(generated, target, frac);
                        add(target, negative, positive);
                    }
                }
            }
        }
        sums
    }

    fn range(&self) -> Interval {
        Interval::new(self.low.iter().fold(0.0, |l, x| x.min(l)), self.high.iter().fold(0.0, |h, x| x.max(h)))
    }

    fn fits_i32(&self) -> bool {
        // Partial sums stay within the sum of magnitudes, in whatever order the events come.
        self.range().magnitude() <= f64::from(i32::MAX)
    }
}

/// Bounds on the sums of the raw weights onto `target` that are below and above zero.
fn raw_sums(generated: &Generated, target: u32, frac: i32) -> (f64, f64) {
    let count = f64::from(generated.in_degree(target));
    if let WeightSums::Constant(w) = generated.weights {
        let sum = count * raw(w, frac);
        return (sum.min(0.0), sum.max(0.0));
    }
    let (sum, absolute) = generated.sums_at(target);
    let scaled = |x: f64| libm::scalbn(x, frac);
    // Rounding moves each weight by half a unit at most; adding up in f64 moved the sums by less than this.
    let slack = count / 2.0 + scaled(absolute) * count * f64::EPSILON;
    let (least, most) = generated.weight_range.unwrap_or((0.0, 0.0));
    let negative = if least < 0.0 { scaled((sum - absolute) / 2.0) - slack } else { 0.0 };
    let positive = if most > 0.0 { scaled((sum + absolute) / 2.0) + slack } else { 0.0 };
    (negative, positive)
}

/// Range of the sum of the weights of any of the spikes that can arrive in one tick.
fn spike_range(circuit: &Circuit, projections: &[ProjId], synapses: &Table<ProjId, Connections>, frac: i8) -> Interval {
    let size = projections.first().map_or(0, |p| circuit.populations[circuit.projections[*p].target].size());
    let sums = Sums::of(projections, synapses, size, |_| (frac.into(), Interval::new(0.0, 1.0))).range();
    Interval::new(libm::scalbn(sums.low, -i32::from(frac)), libm::scalbn(sums.high, -i32::from(frac)))
}

/// What emits a value, as a receptor sees it: fraction bits and range.
pub(crate) type Payload = (i8, Interval);

/// How a receptor enters the program; `payload` is asked for populations that emit values.
pub(crate) fn layout(
    circuit: &Circuit,
    receptor: &Receptor,
    slot: u32,
    synapses: &Table<ProjId, Connections>,
    payload: impl Fn(PopId) -> Payload,
) -> ReceptorLayout {
    let size = receptor.projections.first().map_or(0, |p| circuit.populations[circuit.projections[*p].target].size());
    let unit = |frac: i32| libm::scalbn(1.0, -frac);
    if !receptor.graded {
        return ReceptorLayout::Narrow { slot, frac: receptor.weight_frac, range: receptor.spikes };
    }
    let source = |p: ProjId| circuit.projections[p].source;
    let frac = sum_frac(circuit, receptor, &payload);
    let sums = Sums::of(&receptor.projections, synapses, size, |p| {
        let (bits, range) = payload(source(p));
        let weight = i32::from(frac) - i32::from(bits);
        (weight, range.times(Interval::new(unit(weight), unit(weight))))
    });
    ReceptorLayout::Wide { slot, frac, range: sums.range().slack() }
}

/// Fraction bits of the sum of weight · value: the least that any projection onto the receptor allows.
pub(crate) fn sum_frac(circuit: &Circuit, receptor: &Receptor, payload: &impl Fn(PopId) -> Payload) -> i8 {
    let bits = |p: &ProjId| i32::from(payload(circuit.projections[*p].source).0) + i32::from(receptor.weight_frac);
    receptor.projections.iter().map(bits).min().unwrap_or(0).clamp(-127, 127) as i8
}

/// The integers that the weights of a projection become.
pub(crate) fn format(circuit: &Circuit, projection: ProjId, frac: i8) -> WeightFormat {
    WeightFormat { frac, bits: circuit.projections[projection].bits }
}

/// The raw weights of a projection, and a warning when rounding changes them much.
pub(crate) fn quantise(
    circuit: &Circuit,
    projection: ProjId,
    weights: &Weights,
    format: WeightFormat,
    diagnostics: &mut Diagnostics,
) -> spike_graph::Weights {
    let mut loss = Loss::new(format);
    match weights {
        Weights::Uniform(w) => {
            let raw = loss.add(*w);
            loss.report(circuit, projection, None, diagnostics);
            spike_graph::Weights::Uniform(raw)
        }
        Weights::Each(ws) => {
            let raw = ws.iter().map(|w| loss.add(*w)).collect();
            loss.report(circuit, projection, Some("weights"), diagnostics);
            spike_graph::Weights::Each(raw)
        }
    }
}

/// The same warning for a description.
pub(crate) fn judge(
    circuit: &Circuit,
    projection: ProjId,
    generated: &Generated,
    format: WeightFormat,
    diagnostics: &mut Diagnostics,
) {
    let mut loss = Loss::new(format);
    if let WeightSums::Constant(w) = generated.weights {
        loss.add(w);
        return loss.report(circuit, projection, None, diagnostics);
    }
    let recipe: Recipe<'_> = generated.recipe();
    for target in generated.targets() {
        let left = (JUDGED - loss.count) as u32;
        // Every column was drawn before, so none fails now.
        let _ = recipe.values(target, generated.in_degree(target).min(left), |weight, _| _ = loss.add(weight));
        if loss.count >= JUDGED {
            break;
        }
    }
    let what = if generated.total > JUDGED as u64 { "weights looked at" } else { "weights" };
    loss.report(circuit, projection, Some(what), diagnostics);
}

/// What rounding changes.
struct Loss {
    format: WeightFormat,
    count: usize,
    lost: usize,
    error: f64,
    size: f64,
}

impl Loss {
    fn new(format: WeightFormat) -> Loss {
        Loss { format, count: 0, lost: 0, error: 0.0, size: 0.0 }
    }

    /// The raw weight.
    fn add(&mut self, weight: f64) -> i16 {
        let raw = self.format.raw(weight);
        self.count += 1;
        self.lost += usize::from(weight != 0.0 && raw == 0);
        self.error += (libm::scalbn(raw.into(), -i32::from(self.format.frac)) - weight).abs();
        self.size += weight.abs();
        raw
    }

    /// Warns; `each` says what was counted when weights differ.
    fn report(self, circuit: &Circuit, projection: ProjId, each: Option<&str>, diagnostics: &mut Diagnostics) {
        let subject = &circuit.projections[projection];
        let warn = |code, text: String| {
            Diagnostic::warning(code, text, subject.weight_span)
                .note(format!("one unit of a weight is {:e} in SI units", libm::scalbn(1.0, -i32::from(self.format.frac))))
                .help("weights onto one receptor share a binary point: give small ones a receptor of their own, or more bits")
        };
        if self.lost > 0 {
            let what = match each {
                None => "the weight becomes zero".to_string(),
                Some(what) => format!("{} of {} {what} become zero", self.lost, self.count),
            };
            diagnostics.push(warn("W0801", format!("{what} in `{}`", subject.name)));
        } else if self.error > LOUD * self.size {
            let percent = 100.0 * self.error / self.size;
            diagnostics.push(warn("W0802", format!("weights of `{}` change by {percent:.1} % on average", subject.name)));
        }
    }
}
