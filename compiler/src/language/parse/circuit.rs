//! Statements of a circuit and of a projection's block.

use super::Parse;
use super::cursor::Parser;
use super::lexical::Kind;
use crate::diagnostic::Diagnostic;
use crate::language::ast::{
    Branch, CircuitStatement, Direction, Expr, Flag, For, If, Instance, Model, Pattern, Polarity, Population, Port, Project,
    ProjectSetting, Record, Sign, Text,
};
use crate::language::is_reserved;

const KNOWN: &[&str] = &["tick", "let", "population", "project", "instance", "port", "record", "for", "if"];
const SETTINGS: &[&str] = &["weight", "delay", "bits", "learn", "on"];

impl Parser<'_> {
    /// One statement of a circuit.
    pub(super) fn circuit_statement(&mut self) -> Parse<CircuitStatement> {
        let read: fn(&mut Self) -> Parse<CircuitStatement> = match self.word_ahead(0) {
            Some("tick") => |p| Ok(CircuitStatement::Tick(p.expr()?)),
            Some("let") => |p| Ok(CircuitStatement::Let(p.binding()?)),
            Some("population") => |p| Ok(CircuitStatement::Population(p.population()?)),
            Some("project") => |p| Ok(CircuitStatement::Project(p.project()?)),
            Some("instance") => |p| Ok(CircuitStatement::Instance(p.instance()?)),
            Some("port") => |p| Ok(CircuitStatement::Port(p.port()?)),
            Some("record") => |p| Ok(CircuitStatement::Record(p.record()?)),
            Some("for") => |p| Ok(CircuitStatement::For(p.repetition()?)),
            Some("if") => |p| Ok(CircuitStatement::If(p.condition()?)),
            _ => return Err(self.unknown_statement("a circuit", KNOWN)),
        };
        self.advance();
        read(self)
    }

    fn shape(&mut self) -> Parse<Vec<Expr>> {
        if self.accept_here("[") { self.list("]", Self::expr) } else { Ok(Vec::new()) }
    }

    fn population(&mut self) -> Parse<Population> {
        let name = self.name("the name of the population")?;
        let shape = self.shape()?;
        self.expect_with_help(":", "and what the neurons are", "name a model, as in `population e[10]: lif_exp`")?;
        let model = self.model()?;
        let polarity = if self.accept_here(",") { Some(self.polarity()?) } else { None };
        Ok(Population { name, shape, model, polarity })
    }

    fn model(&mut self) -> Parse<Model> {
        match (self.word_ahead(0), self.word_ahead(1)) {
            (Some("spikes"), Some("from")) => {
                self.skip_two();
                Ok(Model::SpikesFrom(self.text("a file name")?))
            }
            (Some("spikes"), Some("at")) => {
                self.skip_two();
                Ok(Model::SpikesAt(self.expr()?))
            }
            (Some("signal"), Some("from")) => {
                self.skip_two();
                Ok(Model::SignalFrom(self.text("a file name")?))
            }
            // What goes on with a word of the language is a model called `live`.
            (Some("live"), Some(kind)) if !self.ahead(1).newline && !is_reserved(kind) => self.live(),
            _ => Ok(Model::Cell(self.expr()?)),
        }
    }

    fn skip_two(&mut self) {
        self.advance();
        self.advance();
    }

    fn live(&mut self) -> Parse<Model> {
        self.advance();
        if self.accept_word("spikes") {
            return Ok(Model::LiveSpikes);
        }
        if !self.is_word("graded") {
            return Err(self.unknown_word("E0012", "a kind of live input", &["spikes", "graded"]));
        }
        self.advance();
        let open = self.expect("(", "and the type of the values")?;
        self.brackets += 1;
        let ty = self.ty()?;
        self.close(open, ")", "")?;
        Ok(Model::LiveGraded(ty))
    }

    fn polarity(&mut self) -> Parse<Polarity> {
        let span = self.here();
        let sign = match self.word_ahead(0) {
            Some("excitatory") => Sign::Excitatory,
            Some("inhibitory") => Sign::Inhibitory,
            _ => return Err(self.unknown_word("E0012", "a sign of a population", &["excitatory", "inhibitory"])),
        };
        self.advance();
        Ok(Polarity { sign, span })
    }

    fn project(&mut self) -> Parse<Project> {
        let first = self.path("a population")?;
        let (name, source) = match first.as_name() {
            Some(name) if self.is(":") => {
                let name = name.clone();
                self.advance();
                (Some(name), self.path("a population")?)
            }
            _ => (None, first),
        };
        self.expect("->", "and the target")?;
        let target = self.path("a receptor, as in `e.exc`")?;
        if !self.accept_word("by") {
            return Err(self.expected("`by` and a pattern", "say who is connected to whom: `by random(p = 0.1)`"));
        }
        let pattern = self.pattern()?;
        Ok(Project { name, source, target, pattern, settings: self.optional_block(Self::setting)? })
    }

    fn pattern(&mut self) -> Parse<Pattern> {
        let rule = self.call_or_name("a pattern such as `one_to_one`")?;
        let mut pattern = Pattern { rule, own: None, multiple: None };
        while self.accept_here(",") {
            self.flag(&mut pattern)?;
        }
        Ok(pattern)
    }

    fn flag(&mut self, pattern: &mut Pattern) -> Parse<()> {
        let start = self.here();
        let allowed = !self.accept_word("no");
        let slot = match self.word_ahead(0) {
            Some("self") => &mut pattern.own,
            Some("multiple") => &mut pattern.multiple,
            _ => return Err(self.unknown_word("E0012", "a choice of a pattern", &["self", "multiple", "no"])),
        };
        let span = start.to(self.here());
        if let Some(earlier) = slot.replace(Flag { allowed, span }) {
            let error = Diagnostic::error("E0017", "this is said twice", span).label(earlier.span, "first said here");
            return Err(self.fail(error.help("remove one of them")));
        }
        self.advance();
        Ok(())
    }

    fn setting(&mut self) -> Parse<ProjectSetting> {
        let read: fn(&mut Self) -> Parse<ProjectSetting> = match self.word_ahead(0) {
            Some("weight") => |p| Ok(ProjectSetting::Weight(p.expr()?)),
            Some("delay") => |p| Ok(ProjectSetting::Delay(p.expr()?)),
            Some("bits") => |p| Ok(ProjectSetting::Bits(p.expr()?)),
            Some("learn") => |p| Ok(ProjectSetting::Learn(p.call_or_name("a synapse")?)),
            Some("on") => |p| match p.word_ahead(0) {
                Some("macro") => Ok(ProjectSetting::OnMacro(p.place()?)),
                Some("core") => Ok(ProjectSetting::OnCore(p.place()?)),
                _ => Err(p.unknown_word("E0012", "a kind of place", &["macro", "core"])),
            },
            _ => return Err(self.unknown_statement("the block of a projection", SETTINGS)),
        };
        self.advance();
        read(self)
    }

    fn place(&mut self) -> Parse<Option<Text>> {
        self.advance();
        let named = self.goes_on() && matches!(self.peek().kind, Kind::Text(_));
        if named { Ok(Some(self.text("a name")?)) } else { Ok(None) }
    }

    fn instance(&mut self) -> Parse<Instance> {
        let name = self.name("the name of the instance")?;
        let shape = self.shape()?;
        self.expect(":", "and a circuit")?;
        Ok(Instance { name, shape, circuit: self.call_or_name("a circuit")? })
    }

    fn port(&mut self) -> Parse<Port> {
        let direction = match self.word_ahead(0) {
            Some("in") => Direction::In,
            Some("out") => Direction::Out,
            _ => return Err(self.unknown_word("E0012", "a direction of a port", &["in", "out"])),
        };
        self.advance();
        let name = self.name("the name of the port")?;
        let ty = self.optional_type()?;
        self.expect("=", "and what the port is an alias of")?;
        Ok(Port { direction, name, ty, endpoint: self.path("a receptor or population")? })
    }

    fn record(&mut self) -> Parse<Record> {
        let mut endpoints = vec![self.path("what to record, as in `e.spike`")?];
        while self.accept_here(",") {
            endpoints.push(self.path_below("what to record, as in `e.spike`")?);
        }
        let every = if self.accept_word("every") { Some(self.expr()?) } else { None };
        Ok(Record { endpoints, every })
    }

    fn repetition(&mut self) -> Parse<For> {
        let name = self.name("a name for each value")?;
        self.expect_word("in", "write `for x in [a, b] { … }` or `for k in 0 .. 6 { … }`")?;
        Ok(For { name, values: self.expr()?, body: self.block(Self::circuit_statement)? })
    }

    fn condition(&mut self) -> Parse<If> {
        let mut branches = vec![self.branch()?];
        while self.word_ahead(0) == Some("else") {
            self.advance();
            if !self.accept_word("if") {
                let otherwise = Some(self.block(Self::circuit_statement)?);
                return Ok(If { branches, otherwise });
            }
            branches.push(self.branch()?);
        }
        Ok(If { branches, otherwise: None })
    }

    fn branch(&mut self) -> Parse<Branch> {
        Ok(Branch { condition: self.expr()?, body: self.block(Self::circuit_statement)? })
    }
}
