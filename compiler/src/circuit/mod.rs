//! What the user meant: populations, projections and models with real numbers, units checked, modules flattened.
//!
//! [`crate::elaborate`] builds a [`Circuit`]; [`crate::reference`] runs it in f64; [`crate::lower`] makes integers of it.
//! Every value is in SI units. Nothing here knows a target, a binary point or a file.

pub mod affine;
pub mod formats;
pub mod model;
mod population;
mod projection;
pub mod walk;

pub use population::{Drive, IndexSet, ModulatorBinding, Neurons, Population, PopulationKind, Sign, Values};
pub use projection::{Delay, Distribution, Edges, Law, LowRank, Pattern, Placement, Projection, Quantity, Within};

use crate::source::Span;
use crate::table::Table;
use model::{Model, StateId};
use petgraph::graph::DiGraph;

crate::ids! {
    /// A neuron model.
    ModelId "model",
    /// A population.
    PopId "pop",
    /// A projection.
    ProjId "proj",
}

/// A flattened circuit.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// Name of the top circuit.
    pub name: String,
    /// Length of a tick in seconds.
    pub tick: f64,
    /// Neuron models, each used by at least one population.
    pub models: Table<ModelId, Model>,
    /// Populations, in the order of the text.
    pub populations: Table<PopId, Population>,
    /// Projections, in the order of the text.
    pub projections: Table<ProjId, Projection>,
    /// What is recorded.
    pub records: Vec<Record>,
    /// What goes to the outside world: the top circuit's `port out`.
    pub outputs: Vec<Output>,
}

impl Circuit {
    /// Populations as nodes and projections as edges, for algorithms on graphs; node and edge weights are the ids.
    #[must_use]
    pub fn graph(&self) -> DiGraph<PopId, ProjId> {
        let mut graph = DiGraph::with_capacity(self.populations.len(), self.projections.len());
        let nodes: Vec<_> = self.populations.ids().map(|p| graph.add_node(p)).collect();
        for (id, projection) in self.projections.iter() {
            let node = |p: PopId| nodes[crate::table::Id::index(p)];
            graph.add_edge(node(projection.source), node(projection.target), id);
        }
        graph
    }

    /// The model of a population of neurons; `None` for inputs.
    #[must_use]
    pub fn model_of(&self, population: PopId) -> Option<&Model> {
        match &self.populations[population].kind {
            PopulationKind::Neurons(n) => Some(&self.models[n.model]),
            _ => None,
        }
    }
}

/// One thing that is recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The population.
    pub population: PopId,
    /// Its neurons.
    pub indices: IndexSet,
    /// What of them.
    pub variable: RecordedVariable,
    /// Period in ticks, at least 1; events are recorded in every tick.
    pub every: u32,
    /// Where the text asks for it.
    pub span: Span,
}

/// What a record records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RecordedVariable {
    /// The events of a population that emits spikes.
    Spikes,
    /// A state, as it stands at the end of the tick.
    State(StateId),
}

/// A population that the outside world hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// Name of the port.
    pub name: String,
    /// The population.
    pub population: PopId,
}
