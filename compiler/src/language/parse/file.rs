//! Definitions of the top level.

use super::Parse;
use super::cursor::Parser;
use super::lexical::Kind;
use crate::language::ast::{Block, Circuit, Definition, File, Function, Ident, Import, Let, Neuron, Parameter, Synapse};

const KNOWN: &[&str] = &["import", "circuit", "neuron", "synapse", "let", "fn"];

impl Parser<'_> {
    /// The whole file.
    pub(super) fn file(&mut self) -> File {
        let start = self.here();
        let (items, dangling) = self.items(Self::definition, true);
        File { file: self.file, body: Block { items, dangling, span: start.to(self.here()) } }
    }

    fn definition(&mut self) -> Parse<Definition> {
        let Some(word) = self.word_ahead(0) else {
            return Err(self.expected("a definition", "a file consists of import, circuit, neuron, synapse, let and fn"));
        };
        let read: fn(&mut Self) -> Parse<Definition> = match word {
            "import" => Self::import,
            "circuit" => |p| Ok(Definition::Circuit(p.circuit()?)),
            "neuron" => |p| {
                let name = p.name("the name of the neuron")?;
                Ok(Definition::Neuron(Neuron { name, body: p.block(Self::neuron_statement)? }))
            },
            "synapse" => |p| {
                let name = p.name("the name of the synapse")?;
                Ok(Definition::Synapse(Synapse { name, body: p.block(Self::synapse_statement)? }))
            },
            "let" => |p| Ok(Definition::Let(p.binding()?)),
            "fn" => |p| Ok(Definition::Function(p.function()?)),
            _ => return Err(self.unknown_statement("a file", KNOWN)),
        };
        self.advance();
        read(self)
    }

    fn import(&mut self) -> Parse<Definition> {
        if matches!(self.peek().kind, Kind::Text(_)) {
            return Ok(Definition::Import(Import::File(self.text("a file name")?)));
        }
        let mut path: Vec<Ident> = vec![self.name("a library such as `std.neurons`, or a file name between `\"`")?];
        while self.accept_here(".") {
            path.push(self.field()?);
        }
        Ok(Definition::Import(Import::Library(path)))
    }

    fn circuit(&mut self) -> Parse<Circuit> {
        let name = self.name("the name of the circuit")?;
        let parameters = if self.accept_here("(") { self.parameters()? } else { Vec::new() };
        Ok(Circuit { name, parameters, body: self.block(Self::circuit_statement)? })
    }

    /// Parameters in the head of a circuit. Where they are wrong, the body is read all the same, so that its errors are
    /// told in the same run.
    fn parameters(&mut self) -> Parse<Vec<Parameter>> {
        let (brackets, nesting) = (self.brackets, self.nesting);
        let read = self.list(")", Self::parameter);
        if read.is_err() {
            (self.brackets, self.nesting) = (brackets, nesting);
            self.skip_brackets();
            if self.is("{") && !self.peek().newline {
                return Ok(Vec::new());
            }
        }
        read
    }

    /// Skips what is left between brackets that are open, on this line.
    fn skip_brackets(&mut self) {
        let mut open = 1;
        while open > 0 && !self.at_end() && !self.is("{") && !self.peek().newline {
            match self.symbol_ahead(0) {
                Some("(" | "[") => open += 1,
                Some(")" | "]") => open -= 1,
                _ => {}
            }
            self.advance();
        }
    }

    fn function(&mut self) -> Parse<Function> {
        let name = self.name("the name of the function")?;
        self.expect("(", "and what the function takes")?;
        let parameters = self.list(")", Self::parameter)?;
        let result = self.optional_type()?;
        self.expect("=", "and what the function gives")?;
        Ok(Function { name, parameters, result, value: self.expr()? })
    }

    fn parameter(&mut self) -> Parse<Parameter> {
        let name = self.name("the name of a parameter")?;
        let ty = self.typed()?;
        let default = if self.accept("=") { Some(self.expr()?) } else { None };
        Ok(Parameter { name, ty, default })
    }

    /// What follows `let`.
    pub(super) fn binding(&mut self) -> Parse<Let> {
        let name = self.name("a name")?;
        let ty = self.optional_type()?;
        self.expect("=", "and what the name stands for")?;
        Ok(Let { name, ty, value: self.expr()? })
    }
}
