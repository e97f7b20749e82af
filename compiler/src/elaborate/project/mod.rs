//! Projections: their ends, and the settings of their blocks.

mod pattern;
mod weight;
mod written;

use super::compose::{Body, events_text};
use super::context::Elaborator;
use super::path::listed;
use super::scope::Scope;
use super::value::{Eval, Input, Poisoned, Value, View};
use crate::circuit::model::OutputType;
use crate::circuit::{Delay, IndexSet, Placement, Projection};
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Expr, Path, Project, ProjectSetting};
use crate::source::Span;
use crate::units::Dimension;
use pattern::Connected;

/// Projections of one circuit.
const MAX_PROJECTIONS: usize = 1 << 18;

/// Both ends of a projection.
pub(super) struct Ends {
    source: View,
    target: Input,
    /// What weights must measure: the receptor's dimension over that of the values that arrive.
    weight: Dimension,
    /// What arrives.
    payload: Option<Dimension>,
    source_span: Span,
    target_span: Span,
}

impl Ends {
    fn sources(&self) -> &IndexSet {
        &self.source.indices
    }

    fn targets(&self) -> &IndexSet {
        &self.target.view.indices
    }

    /// Whether a source and a target, counted within the ends, are the same neuron.
    fn same_neuron(&self, source: u32, target: u32) -> bool {
        self.source.population == self.target.view.population && self.sources().nth(source) == self.targets().nth(target)
    }
}

/// The settings of a block, each at most once.
#[derive(Default)]
struct Settings<'a> {
    weight: Option<&'a Expr>,
    delay: Option<&'a Expr>,
    bits: Option<u8>,
    placement: Option<Placement>,
}

impl<'a> Elaborator<'a> {
    /// `project …`
    pub(super) fn project(&mut self, scope: &Scope<'a>, body: &Body<'a>, project: &'a Project, span: Span) -> Eval<()> {
        let source = self.source(scope, &project.source);
        let target = self.target(scope, &project.target);
        let settings = self.settings(scope, project, span);
        let (source, target, settings) = (source?, target?, settings?);
        self.uses(&source);
        let ends = self.ends(source, target, project)?;
        let connected = self.pattern(scope, project, &ends)?;
        let weight = self.weight(scope, settings.weight, &connected, &ends, project);
        let delay = self.delay(scope, settings.delay, &connected);
        let (weight, delay) = (weight?, delay?);
        if self.circuit.projections.len() >= MAX_PROJECTIONS {
            return Err(self.fail(Diagnostic::error(
                "E0415",
                format!("a circuit has at most {MAX_PROJECTIONS} projections"),
                span,
            )));
        }
        let name = match &project.name {
            Some(name) => body.path(&name.text),
            None => self.arrow(&ends),
        };
        self.circuit.projections.push(Projection {
            name,
            source: ends.source.population,
            source_indices: (*ends.source.indices).clone(),
            target: ends.target.view.population,
            target_indices: (*ends.target.view.indices).clone(),
            receptor: ends.target.receptor,
            pattern: connected.pattern,
            allow_self: connected.allow_self,
            allow_multiple: connected.allow_multiple,
            weight,
            delay,
            bits: settings.bits.unwrap_or(16),
            placement: settings.placement,
            span,
            weight_span: settings.weight.map_or(project.pattern.rule.span, |w| w.span),
        });
        Ok(())
    }

    fn arrow(&self, ends: &Ends) -> String {
        let name = |view: &View| &self.circuit.populations[view.population].name;
        let receptor = self.circuit.model_of(ends.target.view.population).map(|m| &m.receptors[ends.target.receptor].name);
        format!("{} -> {}.{}", name(&ends.source), name(&ends.target.view), receptor.map_or("", String::as_str))
    }

    fn source(&mut self, scope: &Scope<'a>, path: &'a Path) -> Eval<View> {
        match self.path(scope, path)? {
            Value::Population(view) if self.about[view.population].output != OutputType::None => Ok(view),
            Value::Population(view) => {
                let name = &self.circuit.populations[view.population].name;
                let error = Diagnostic::error("E0608", format!("`{name}` emits nothing"), path.span);
                Err(self.fail(error.help("its model needs `spike when …` or `emit …`")))
            }
            Value::Receptor(_) => {
                let error = Diagnostic::error("E0608", "a receptor cannot be the source of a projection", path.span);
                Err(self.fail(error.help("name the population; of an instance, a `port out`")))
            }
            Value::List(_) => {
                let error = Diagnostic::error("E0608", "one population is needed here, this is an array", path.span);
                Err(self.fail(error.help("connect them one by one: `for p in [a, b] { project p -> … }`")))
            }
            other => Err(self.expected("a population", &other, path.span)),
        }
    }

    fn target(&mut self, scope: &Scope<'a>, path: &'a Path) -> Eval<Input> {
        match self.path(scope, path)? {
            Value::Receptor(input) => Ok(input),
            Value::Population(view) => {
                let model = self.circuit.model_of(view.population);
                let receptors: Vec<&str> =
                    model.map_or_else(Vec::new, |m| m.receptors.values().iter().map(|r| r.name.as_str()).collect());
                let error = Diagnostic::error("E0609", "this does not say which receptor is the target", path.span);
                let text = self.sources.text(path.span).to_string();
                let help = match receptors.as_slice() {
                    [] => "this population has no receptors: nothing can arrive there".to_string(),
                    [only] => format!("write `{text}.{only}`"),
                    _ => format!("its receptors are {}: write `{text}.{}`", listed(&receptors), receptors.first().unwrap_or(&"")),
                };
                Err(self.fail(error.help(help)))
            }
            Value::State(..) => {
                let error = Diagnostic::error("E0609", "a state cannot be the target of a projection", path.span);
                Err(self.fail(error.help("projections end at receptors; a state is read by a modulator")))
            }
            other => Err(self.expected("a receptor", &other, path.span)),
        }
    }

    /// Brings both ends together: what flows, and whether the target takes it.
    fn ends(&mut self, source: View, target: Input, project: &Project) -> Eval<Ends> {
        let output = self.about[source.population].output;
        let (source_span, target_span) = (project.source.span, project.target.span);
        if let Some(wanted) = target.accepts.filter(|wanted| *wanted != output) {
            let message = format!("this port takes {}, not {}", events_text(wanted), events_text(output));
            let error = Diagnostic::error("E0608", message, target_span);
            return Err(self.fail(error.label(source_span, format!("emits {}", events_text(output)))));
        }
        let model = self.circuit.model_of(target.view.population).ok_or(Poisoned)?;
        let receptor = model.receptors[target.receptor].dimension;
        let payload = match output {
            OutputType::Graded(dimension) => Some(dimension),
            _ => None,
        };
        let Some(weight) = receptor.over(payload.unwrap_or_default()) else {
            return Err(self.fail(Diagnostic::error(
                "E0603",
                "no weight can turn what arrives into the receptor's unit",
                target_span,
            )));
        };
        self.total_fits(&target, payload.unwrap_or_default(), source_span)?;
        Ok(Ends { source, target, weight, payload, source_span, target_span })
    }

    /// Where a model reads `total(r)`, its unit says what must arrive at r.
    fn total_fits(&mut self, target: &Input, payload: Dimension, span: Span) -> Eval<()> {
        let Some(wanted) = self.total_per(target).filter(|wanted| *wanted != payload) else { return Ok(()) };
        let model = self.circuit.model_of(target.view.population).ok_or(Poisoned)?;
        let receptor = &model.receptors[target.receptor];
        let message = format!("what arrives at `{}` must be a {wanted}, this is a {payload}", receptor.name);
        let error = Diagnostic::error("E0608", message, span).label(receptor.span, format!("`{}` reads its `total`", model.name));
        Err(self.fail(error.help("the model divides by what its synapses carry: use another receptor for this projection")))
    }

    fn settings(&mut self, scope: &Scope<'a>, project: &'a Project, span: Span) -> Eval<Settings<'a>> {
        let mut settings = Settings::default();
        let mut failed = false;
        for item in &project.settings.items {
            let twice = match &item.node {
                ProjectSetting::Weight(expr) => settings.weight.replace(expr).is_some(),
                ProjectSetting::Delay(expr) => settings.delay.replace(expr).is_some(),
                ProjectSetting::Bits(expr) => match self.bits(scope, expr) {
                    Ok(bits) => settings.bits.replace(bits).is_some(),
                    Err(Poisoned) => {
                        failed = true;
                        false
                    }
                },
                ProjectSetting::Learn(call) => {
                    self.no_learning(call.span);
                    failed = true;
                    false
                }
                ProjectSetting::OnMacro(name) => {
                    let kind = name.as_ref().map(|n| n.value.clone()).unwrap_or_default();
                    settings.placement.replace(Placement::Macro(kind)).is_some()
                }
                ProjectSetting::OnCore(None) => settings.placement.replace(Placement::Core).is_some(),
                ProjectSetting::OnCore(Some(name)) => {
                    let error = Diagnostic::error("E0611", "a core has no name here", name.span);
                    self.fail(error.help("write `on core`; the placer chooses which one"));
                    failed = true;
                    false
                }
            };
            if twice {
                let kind = std::mem::discriminant(&item.node);
                let first = project.settings.items.iter().find(|i| std::mem::discriminant(&i.node) == kind);
                let error = Diagnostic::error("E0611", "this is said twice", item.span);
                self.fail(error.label(first.map_or(span, |i| i.span), "first said here").help("remove one of them"));
                failed = true;
            }
        }
        if failed { Err(Poisoned) } else { Ok(settings) }
    }

    fn bits(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<u8> {
        let bits = self.whole(scope, expr)?;
        match bits {
            4 | 8 | 16 => Ok(bits as u8),
            _ => {
                let error = Diagnostic::error("E0607", format!("a weight has 4, 8 or 16 bits, not {bits}"), expr.span);
                Err(self.fail(error.help("write `bits 4`, `bits 8` or `bits 16`")))
            }
        }
    }

    /// A projection without a delay has one of one tick.
    fn delay(&mut self, scope: &Scope<'a>, expr: Option<&'a Expr>, connected: &Connected) -> Eval<Delay> {
        let Some(expr) = expr else { return Ok(Delay::Ticks(1)) };
        if connected.has_delays {
            let error = Diagnostic::error("E0611", "the list gives a delay for each connection already", expr.span);
            return Err(self.fail(error.help("remove this line, or the column")));
        }
        match self.eval(scope, expr)? {
            Value::Zero => Ok(Delay::Ticks(0)),
            Value::Number(seconds, found) => {
                self.same_dimension(Dimension::TIME, found, expr.span)?;
                self.whole_ticks(seconds, expr.span, 0).map(Delay::Ticks)
            }
            Value::Drawn(drawn) => {
                self.same_dimension(Dimension::TIME, drawn.dimension, expr.span)?;
                self.tick()?;
                Ok(Delay::Drawn(drawn.distribution.clone(), drawn.within))
            }
            other => Err(self.expected("a time or a distribution of times", &other, expr.span)),
        }
    }

    /// Reports that learning is not there yet.
    pub(super) fn no_learning(&mut self, span: Span) -> Poisoned {
        let error = Diagnostic::error("E0615", "learning is not part of this version", span);
        self.fail(error.help("leave `learn` out: the weights then stay as they are"))
    }
}
