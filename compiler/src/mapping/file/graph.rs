//! Reads machine graphs: a header, then populations, vertices and nets, one JSON object on each line.
//!
//! Takes: bytes, gzipped or plain.  Gives: [`GraphFile`].
//! Invariants: ids are places in the file; populations' vertices follow each other and cover all; nets ascend by source, at most one
//!   each; ranges of targets ascend, do not touch and name vertices; the header's counts are true.
//! Cost: linear; 12,000 vertices and nets with 730,000 edges, 4.3 MB of text, take 0.11 s gzipped on a busy core.
//! Source: docs/src/mapping.md.

use super::lines::Lines;
use super::{FileError, complaint};
use crate::mapping::{Group, MachineGraph, Net, Vertex, VertexId};
use crate::table::Id;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What `format` says in the header of a graph.
const FORMAT: &str = "bouton-mapping-graph";

/// A machine graph and what its header says.
#[derive(Clone, PartialEq, Debug)]
pub struct GraphFile {
    /// Name of the graph.
    pub name: String,
    /// Name of the machine that it is meant for.
    pub machine: String,
    /// The graph. Its groups are the file's populations.
    pub graph: MachineGraph,
}

#[derive(Deserialize)]
struct Format {
    format: String,
    version: u64,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    machine: String,
    populations: u64,
    vertices: u64,
    nets: u64,
    edges: u64,
}

#[derive(Deserialize)]
struct PopulationLine {
    population: u64,
    name: String,
    neurons: u64,
    first_vertex: u64,
    vertices: u64,
}

#[derive(Deserialize)]
struct VertexLine {
    vertex: u64,
    population: u64,
    first: u64,
    last: u64,
    key_bits: u64,
    sdram: u64,
    load: f64,
}

#[derive(Deserialize)]
struct NetLine {
    net: u64,
    source: u64,
    rate: f64,
    targets: Vec<u64>,
}

/// Reads a machine graph. `file` is what errors call it.
///
/// # Errors
/// When the bytes are not a graph as docs/src/mapping.md describes it: the line, what is wrong and what was expected.
pub fn read_graph(file: &str, bytes: &[u8]) -> Result<GraphFile, FileError> {
    let mut reader = Reader { lines: Lines::new(file, bytes), key_bits: Vec::new(), graph: MachineGraph::default() };
    let header = reader.header()?;
    reader.populations(&header)?;
    reader.vertices(&header)?;
    reader.nets(&header)?;
    if reader.lines.next()?.is_some() {
        let nets = header.nets;
        return Err(reader
            .lines
            .wrong(format!("the file goes on after its {nets} nets; correct the header's counts or end it here")));
    }
    Ok(GraphFile { name: header.name, machine: header.machine, graph: reader.graph })
}

struct Reader<'b> {
    lines: Lines<'b>,
    /// By vertex: its net needs `2^key_bits` keys.
    key_bits: Vec<u8>,
    graph: MachineGraph,
}

impl Reader<'_> {
    fn header(&mut self) -> Result<Header, FileError> {
        let expected = format!("expected a header with \"format\":\"{FORMAT}\"");
        let Some(line) = self.lines.next()? else { return Err(self.lines.wrong(format!("the file is empty; {expected}"))) };
        let line = line.to_vec();
        let format: Format = serde_json::from_slice(&line)
            .map_err(|e| self.lines.wrong(format!("this is no machine graph: {}; {expected}", complaint(&e))))?;
        if format.format != FORMAT {
            return Err(self.lines.wrong(format!("this is no machine graph but a `{}`; {expected}", format.format)));
        }
        if format.version != 1 {
            return Err(self.lines.wrong(format!("version {} of the format is not known; expected version 1", format.version)));
        }
        let header: Header = serde_json::from_slice(&line).map_err(|e| {
            let counts = "expected name, machine and the counts populations, vertices, nets, edges";
            self.lines.wrong(format!("the header is not complete: {}; {counts}", complaint(&e)))
        })?;
        // Vertices and nets are numbered by 32 bits, and the last number stands for none.
        match [header.populations, header.vertices, header.nets].into_iter().max().filter(|n| *n >= u64::from(u32::MAX)) {
            Some(many) => Err(self.lines.wrong(format!("a count of {many} is out of range; expected less than 2^32 - 1"))),
            None => Ok(header),
        }
    }

    /// The object on the next line, the `at`-th of `all` of its kind.
    fn object<T: DeserializeOwned>(&mut self, kind: &str, at: u64, all: u64, fields: &str) -> Result<T, FileError> {
        let Some(line) = self.lines.next()? else {
            let message =
                format!("the file ends here; expected {kind} {at} of the {all} that the header counts: it may be cut off");
            return Err(self.lines.wrong(message));
        };
        let parsed = serde_json::from_slice(line);
        parsed.map_err(|e| self.lines.wrong(format!("{kind} {at} does not read: {}; expected {{{fields}}}", complaint(&e))))
    }

    fn expect(&self, what: &str, found: u64, expected: u64) -> Result<(), FileError> {
        if found == expected {
            return Ok(());
        }
        Err(self.lines.wrong(format!("{what} is {found}; expected {expected}")))
    }

    fn populations(&mut self, header: &Header) -> Result<(), FileError> {
        let mut next = 0;
        for id in 0..header.populations {
            let fields = "\"population\", \"name\", \"neurons\", \"first_vertex\", \"vertices\"";
            let line: PopulationLine = self.object("population", id, header.populations, fields)?;
            self.expect("the id of the population", line.population, id)?;
            self.expect("`first_vertex`, where the population before it ended,", line.first_vertex, next)?;
            if line.vertices > header.vertices - next {
                let all = header.vertices;
                let message = format!("vertices {next} to {next} + {} - 1 lie outside; the header counts {all}", line.vertices);
                return Err(self.lines.wrong(message));
            }
            if line.vertices > line.neurons {
                let message = format!("{} vertices for {} neurons; expected at least one each", line.vertices, line.neurons);
                return Err(self.lines.wrong(message));
            }
            self.graph.groups.push(Group { name: line.name, first: next as u32, count: line.vertices as u32 });
            next += line.vertices;
        }
        self.expect("the sum of the populations' vertices", next, header.vertices)
    }

    fn vertices(&mut self, header: &Header) -> Result<(), FileError> {
        let groups: Vec<(u64, u64)> =
            self.graph.groups.values().iter().map(|g| (u64::from(g.first), u64::from(g.first) + u64::from(g.count))).collect();
        let (mut population, mut next_neuron) = (0, 0);
        for id in 0..header.vertices {
            let fields = "\"vertex\", \"population\", \"first\", \"last\", \"key_bits\", \"dtcm\", \"sdram\", \"load\"";
            let line: VertexLine = self.object("vertex", id, header.vertices, fields)?;
            self.expect("the id of the vertex", line.vertex, id)?;
            while groups.get(population).is_some_and(|(_, end)| id >= *end) {
                (population, next_neuron) = (population + 1, 0);
            }
            self.expect("the vertex's population, by the populations' ranges,", line.population, population as u64)?;
            self.expect("`first`, after the slice before it,", line.first, next_neuron)?;
            if line.last < line.first || line.last == u64::MAX {
                return Err(self.lines.wrong(format!("`last` is {}; expected at least `first`, {}", line.last, line.first)));
            }
            next_neuron = line.last + 1;
            if line.key_bits > 32 {
                return Err(self.lines.wrong(format!("`key_bits` is {}; expected at most 32", line.key_bits)));
            }
            if !(line.load.is_finite() && line.load >= 0.0) {
                return Err(self.lines.wrong(format!("`load` is {}; expected at least 0", line.load)));
            }
            self.key_bits.push(line.key_bits as u8);
            self.graph.vertices.push(Vertex { shared_bytes: line.sdram });
        }
        Ok(())
    }

    fn nets(&mut self, header: &Header) -> Result<(), FileError> {
        let mut edges = 0;
        let group_of: Vec<u32> =
            (0..).zip(self.graph.groups.values()).flat_map(|(at, g)| (0..g.count).map(move |_| at)).collect();
        for id in 0..header.nets {
            let fields = "\"net\", \"source\", \"rate\", \"targets\":[first,last, …]";
            let line: NetLine = self.object("net", id, header.nets, fields)?;
            self.expect("the id of the net", line.net, id)?;
            if line.source >= header.vertices {
                let message = format!("`source` is {}; expected a vertex below {}", line.source, header.vertices);
                return Err(self.lines.wrong(message));
            }
            if let Some(before) = self.graph.nets.values().last().map(|n| n.source.index() as u64).filter(|s| *s >= line.source) {
                let message = format!("`source` is {} after {before}; expected ascending sources, one net each", line.source);
                return Err(self.lines.wrong(message));
            }
            if !(line.rate.is_finite() && line.rate >= 0.0) {
                return Err(self.lines.wrong(format!("`rate` is {}; expected at least 0", line.rate)));
            }
            let first_range =
                u32::try_from(self.graph.ranges.len()).map_err(|_| self.lines.wrong("there are more than 2^32 ranges"))?;
            edges += self.targets(&line.targets, header.vertices)?;
            self.graph.nets.push(Net {
                source: VertexId::from_index(line.source as usize),
                keys_with: group_of[line.source as usize],
                rate: line.rate,
                key_bits: self.key_bits[line.source as usize],
                first_range,
                ranges: (line.targets.len() / 2) as u32,
            });
        }
        self.expect("the sum of the nets' targets, `edges` in the header,", edges, header.edges)
    }

    /// Keeps the ranges of a net; gives the number of its targets.
    fn targets(&mut self, flat: &[u64], vertices: u64) -> Result<u64, FileError> {
        if flat.is_empty() || flat.len() % 2 == 1 {
            let message =
                format!("`targets` has {} numbers; expected pairs first,last, at least one (leave out an empty net)", flat.len());
            return Err(self.lines.wrong(message));
        }
        let (mut least, mut targets) = (0, 0);
        for pair in flat.chunks_exact(2) {
            let (first, last) = (pair[0], pair[1]);
            if last < first || last >= vertices {
                let message =
                    format!("the targets {first} to {last} are no range of vertices; expected first ≤ last < {vertices}");
                return Err(self.lines.wrong(message));
            }
            if first < least {
                let message = format!(
                    "the targets {first} to {last} are not beyond those before; expected ascending ranges with a gap between"
                );
                return Err(self.lines.wrong(message));
            }
            least = last + 2;
            targets += last - first + 1;
            self.graph.ranges.push((first as u32, last as u32));
        }
        Ok(targets)
    }
}
