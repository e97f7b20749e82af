//! Statements of a neuron and of a synapse.

use super::Parse;
use super::cursor::Parser;
use crate::language::ast::{
    Assign, AssignOp, Derivative, Emit, Hold, Integrate, Method, Modulator, NeuronStatement, On, Param, Receptor, Side, Spike,
    State, SynapseStatement,
};

const NEURON: &[&str] =
    &["param", "state", "receptor", "modulator", "integrate", "d", "let", "spike", "emit", "hold", "on", "update"];
const NESTED: &[&str] = &["d", "let", "spike", "emit", "hold"];
const SPIKE: &[&str] = &["let", "emit", "hold", "refractory"];
const REACTION: &[&str] = &["let"];
const SYNAPSE: &[&str] = &["param", "weight", "pre", "post", "state", "modulator", "integrate", "d", "let", "on"];

impl Parser<'_> {
    /// One statement of a neuron.
    pub(super) fn neuron_statement(&mut self) -> Parse<NeuronStatement> {
        self.neuron_line(NEURON, "a neuron")
    }

    fn spike_statement(&mut self) -> Parse<NeuronStatement> {
        self.neuron_line(SPIKE, "the block of a spike")
    }

    fn nested_statement(&mut self) -> Parse<NeuronStatement> {
        self.neuron_line(NESTED, "a block of a neuron")
    }

    fn reaction_statement(&mut self) -> Parse<NeuronStatement> {
        self.neuron_line(REACTION, "a block of a synapse")
    }

    fn neuron_line(&mut self, known: &[&'static str], place: &str) -> Parse<NeuronStatement> {
        if let Some(op) = self.assignment_ahead() {
            return Ok(NeuronStatement::Assign(self.assign(op)?));
        }
        let word = self.word_ahead(0).filter(|word| known.contains(word));
        let read: fn(&mut Self) -> Parse<NeuronStatement> = match word {
            Some("param") => |p| Ok(NeuronStatement::Param(p.param()?)),
            Some("state") => |p| Ok(NeuronStatement::State(p.state()?)),
            Some("receptor") => |p| {
                let name = p.name("the name of the receptor")?;
                Ok(NeuronStatement::Receptor(Receptor { name, ty: p.typed()? }))
            },
            Some("modulator") => |p| Ok(NeuronStatement::Modulator(p.modulator()?)),
            Some("integrate") => |p| Ok(NeuronStatement::Integrate(p.integrate()?)),
            Some("d") => |p| Ok(NeuronStatement::Derivative(p.derivative()?)),
            Some("let") => |p| Ok(NeuronStatement::Let(p.binding()?)),
            Some("spike") => |p| Ok(NeuronStatement::Spike(p.spike()?)),
            Some("emit") => |p| Ok(NeuronStatement::Emit(p.emit()?)),
            Some("hold") => |p| Ok(NeuronStatement::Hold(p.hold()?)),
            Some("refractory") => |p| Ok(NeuronStatement::Refractory(p.expr()?)),
            Some("on") => |p| {
                let receptor = p.name("a receptor")?;
                Ok(NeuronStatement::On(On { receptor, body: p.block(Self::nested_statement)? }))
            },
            Some("update") => |p| Ok(NeuronStatement::Update(p.block(Self::nested_statement)?)),
            _ => return Err(self.no_statement(place, known)),
        };
        self.advance();
        read(self)
    }

    /// Reports a line that is no statement; a lone name most likely lacks its `=`.
    fn no_statement(&mut self, place: &str, known: &[&'static str]) -> super::Failed {
        let lone = self.word_ahead(0).is_some_and(|w| !super::statement::is_keyword(w))
            && (self.ahead(1).newline || self.word_ahead(1).is_none());
        if lone {
            self.advance();
            return self.expected("`=`, `+=`, `-=`, `*=` or `/=`", "a line of a neuron assigns: `x = …`, or `d x = …`");
        }
        self.unknown_statement(place, known)
    }

    /// The operator, when a name and an assignment operator come next.
    fn assignment_ahead(&self) -> Option<AssignOp> {
        self.word_ahead(0)?;
        Some(match self.symbol_ahead(1)? {
            "=" => AssignOp::Set,
            "+=" => AssignOp::Add,
            "-=" => AssignOp::Sub,
            "*=" => AssignOp::Mul,
            "/=" => AssignOp::Div,
            _ => return None,
        })
    }

    fn assign(&mut self, op: AssignOp) -> Parse<Assign> {
        let name = self.name_below("a state")?;
        self.advance();
        Ok(Assign { name, op, value: self.expr()? })
    }

    fn param(&mut self) -> Parse<Param> {
        let name = self.name("the name of the parameter")?;
        let ty = self.typed()?;
        let default = if self.accept_here("=") { Some(self.expr()?) } else { None };
        Ok(Param { name, ty, default })
    }

    fn modulator(&mut self) -> Parse<Modulator> {
        let Param { name, ty, default } = self.param()?;
        Ok(Modulator { name, ty, default })
    }

    fn state(&mut self) -> Parse<State> {
        let Param { name, ty, default } = self.param()?;
        let range = if self.accept_word("in") { Some(Box::new(self.interval()?)) } else { None };
        Ok(State { name, ty, initial: default, range })
    }

    fn integrate(&mut self) -> Parse<Integrate> {
        let word = self.word_ahead(0).filter(|_| self.goes_on());
        let Some((method, _)) = Method::ALL.into_iter().find(|(_, name)| Some(*name) == word) else {
            return Err(self.unknown_word("E0012", "a method of integration", &Method::ALL.map(|(_, name)| name)));
        };
        self.advance();
        let mut substeps = None;
        if self.accept_here(",") {
            if !self.accept_word("substeps") {
                return Err(self.unknown_word("E0012", "an option of `integrate`", &["substeps"]));
            }
            substeps = Some(self.expr()?);
        }
        Ok(Integrate { method, substeps })
    }

    fn derivative(&mut self) -> Parse<Derivative> {
        let name = self.name("a state")?;
        self.expect("=", "and its derivative with respect to time")?;
        Ok(Derivative { name, value: self.expr()? })
    }

    fn spike(&mut self) -> Parse<Spike> {
        self.expect_word("when", "say when it fires: `spike when v >= v_th { … }`")?;
        Ok(Spike { condition: self.expr()?, body: self.optional_block(Self::spike_statement)? })
    }

    fn emit(&mut self) -> Parse<Emit> {
        let value = self.expr()?;
        let when = if self.accept_word("when") { Some(self.expr()?) } else { None };
        Ok(Emit { value, when })
    }

    fn hold(&mut self) -> Parse<Hold> {
        let mut names = vec![self.name("a state")?];
        while self.accept_here(",") {
            names.push(self.name_below("a state")?);
        }
        self.expect_word("for", "say for how long: `hold v for 2 ms`")?;
        Ok(Hold { names, duration: self.expr()? })
    }

    /// One statement of a synapse.
    pub(super) fn synapse_statement(&mut self) -> Parse<SynapseStatement> {
        if let Some(op) = self.assignment_ahead() {
            return Ok(SynapseStatement::Assign(self.assign(op)?));
        }
        let read: fn(&mut Self) -> Parse<SynapseStatement> = match self.word_ahead(0) {
            Some("param") => |p| Ok(SynapseStatement::Param(p.param()?)),
            Some("weight") => |p| Ok(SynapseStatement::Weight(p.state()?)),
            Some("pre") => |p| p.sided_state(Side::Pre),
            Some("post") => |p| p.sided_state(Side::Post),
            Some("state") => |p| Ok(SynapseStatement::State { side: None, state: p.state()? }),
            Some("modulator") => |p| Ok(SynapseStatement::Modulator(p.modulator()?)),
            Some("integrate") => |p| Ok(SynapseStatement::Integrate(p.integrate()?)),
            Some("d") => |p| Ok(SynapseStatement::Derivative(p.derivative()?)),
            Some("let") => |p| Ok(SynapseStatement::Let(p.binding()?)),
            Some("on") => Self::reaction,
            _ => return Err(self.unknown_statement("a synapse", SYNAPSE)),
        };
        self.advance();
        read(self)
    }

    fn sided_state(&mut self, side: Side) -> Parse<SynapseStatement> {
        self.expect_word("state", "`pre` and `post` say who keeps a state: `pre state x: number`")?;
        Ok(SynapseStatement::State { side: Some(side), state: self.state()? })
    }

    fn reaction(&mut self) -> Parse<SynapseStatement> {
        let side = match self.word_ahead(0) {
            Some("pre") => Side::Pre,
            Some("post") => Side::Post,
            _ => return Err(self.unknown_word("E0012", "an event of a synapse", &["pre", "post"])),
        };
        self.advance();
        Ok(SynapseStatement::On { side, body: self.block(Self::reaction_statement)? })
    }
}
