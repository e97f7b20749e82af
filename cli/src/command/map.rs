//! `bouton map`.

use crate::effort::Effort;
use crate::failure::Failure;
use crate::values::Time;
use crate::wording::{aligned, count, seconds};
use crate::{files, front, terminal};
use bouton_compiler::mapping::file::{FileError, GraphFile, read_graph, read_machine, write_mapping};
use bouton_compiler::mapping::simulate::{Followed, every_key};
use bouton_compiler::mapping::{self, Board, MapFailure, Mapping, Metrics, Options};
use bouton_targets::machine::{Family, Fault, Machine};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Map a machine graph: place it, route it, give it keys and small routing tables
///
/// The graph may come from any tool; the book's page on mapping has its format. Every mapping is proven before it is shown.
#[derive(Args, Debug)]
pub struct Map {
    /// The machine graph, gzipped or plain
    #[arg(value_name = "GRAPH")]
    graph: PathBuf,

    /// The machine: a name that `bouton targets` lists, or a file NAME.machine.json
    ///
    /// Default: the machine that the graph names, from the file NAME.machine.json beside the graph.
    #[arg(long, visible_alias = "machine", value_name = "NAME|FILE")]
    target: Option<String>,

    /// Do without a part of the machine
    ///
    /// FAULT is chip:X,Y, core:X,Y,NUMBER, link:X,Y,LINK, board:X,Y, cores:COUNT or sdram:BYTES; the last two are set aside on every
    /// chip. Repeat it for more. Default: all of the machine.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,

    /// Time against quality
    #[arg(long, value_name = "EFFORT", default_value = "default")]
    effort: Effort,

    /// Seed of everything that is drawn
    ///
    /// The same graph, machine, effort and seed give the same mapping on every computer.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,

    /// Longest time for improving the placement, as in 10s
    ///
    /// The mapping then depends on the speed of the computer. Default: no limit.
    #[arg(long, value_name = "TIME")]
    budget: Option<Time>,

    /// Also send every key of every net, one by one, through the tables
    #[arg(long)]
    check: bool,

    /// Print one JSON object in a line instead of a table
    #[arg(long)]
    json: bool,

    /// Write the mapping: placement, keys and tables
    #[arg(short, long, value_name = "FILE.json")]
    output: Option<PathBuf>,
}

/// What is told.
struct Told {
    file: GraphFile,
    board: Board,
    mapping: Mapping,
    metrics: Metrics,
    read_s: f64,
    checked: Option<(Followed, f64)>,
}

impl Map {
    /// Does it.
    ///
    /// # Errors
    /// When a file is wrong or the graph does not fit the machine.
    pub fn run(self) -> Result<(), Failure> {
        let began = Instant::now();
        let file = read_graph(&self.graph.to_string_lossy(), &files::read(&self.graph)?).map_err(|e| wrong(&e))?;
        let board = self.board(&file)?;
        let read_s = began.elapsed().as_secs_f64();
        let budget = self.budget.map(|time| Duration::from_secs_f64(time.seconds));
        let options = Options { effort: self.effort.into(), seed: self.seed, budget, ..Options::default() };
        let mapping = mapping::run(&file.graph, &board, &options).map_err(|failure| failed(failure, &file, &board))?;
        let Mapping { placement, keys, tables, .. } = &mapping;
        let metrics = Metrics::of(&file.graph, &board, placement, keys, tables);
        let began = Instant::now();
        let checked =
            self.check.then(|| every_key(&file.graph, &board, placement, keys, tables)).transpose().map_err(Failure::Bug)?;
        let checked = checked.map(|followed| (followed, began.elapsed().as_secs_f64()));
        if let Some(output) = &self.output {
            files::write(output, write_mapping(&file.name, &file.graph, &board, &mapping).as_bytes())?;
        }
        let told = Told { file, board, mapping, metrics, read_s, checked };
        if self.json { terminal::print(&format!("{}\n", self.json_of(&told))) } else { terminal::print(&told.text()) }
    }

    fn board(&self, file: &GraphFile) -> Result<Board, Failure> {
        let path = match &self.target {
            Some(name) if Path::new(name).is_file() => PathBuf::from(name),
            Some(name) if name.ends_with(".json") || name.ends_with(".gz") => PathBuf::from(name),
            Some(name) => return built_in(name, &self.fault),
            None => {
                let beside = self.graph.with_file_name(format!("{}.machine.json", file.machine));
                if !beside.is_file() {
                    let (machine, looked) = (&file.machine, beside.display());
                    return Err(Failure::Usage(format!(
                        "the graph is for the machine `{machine}`, but there is no {looked}; name a machine by --target"
                    )));
                }
                beside
            }
        };
        let board = read_machine(&path.to_string_lossy(), &files::read(&path)?).map_err(|e| wrong(&e))?;
        board.without(&self.fault).map_err(|what| Failure::Usage(format!("--fault {what}")))
    }

    fn json_of(&self, told: &Told) -> Value {
        let mut out = json!({
            "graph": told.file.name,
            "machine": told.board.name,
            "effort": format!("{:?}", self.effort).to_lowercase(),
            "seed": self.seed,
            "threads": std::thread::available_parallelism().map_or(1, usize::from).min(mapping::THREADS),
            "read_s": told.read_s,
            "wall_s": told.wall_s(),
        });
        for (stage, stage_s) in &told.mapping.seconds {
            out[format!("{stage}_s")] = json!(stage_s);
        }
        if let Some((followed, check_s)) = told.checked {
            out["check_s"] = json!(check_s);
            out["checked_keys"] = json!(followed.keys);
            out["checked_deliveries"] = json!(followed.deliveries);
        }
        if let (Value::Object(out), Ok(Value::Object(metrics))) = (&mut out, serde_json::to_value(told.metrics)) {
            out.extend(metrics);
        }
        out
    }
}

impl Told {
    /// Seconds from the graph to its tables, without their proof.
    fn wall_s(&self) -> f64 {
        self.mapping.seconds.iter().filter(|(stage, _)| *stage != "verify").map(|(_, s)| s).sum()
    }

    fn text(&self) -> String {
        let Told { file, board, metrics: m, .. } = self;
        let slices = count(file.graph.vertices.len() as u64, "slice");
        let graph = format!("{slices} and {}", count(file.graph.nets.len() as u64, "net"));
        let machine = format!("{} of {}", count(board.cores(), "core"), count(board.chips.len() as u64, "chip"));
        let stages: Vec<String> = self.mapping.seconds.iter().map(|(stage, s)| format!("{stage} {}", seconds(*s))).collect();
        let mut rows = vec![
            [
                "hops".to_string(),
                m.hops.to_string(),
                format!("{:.2} packets in a tick; deepest path {}", m.weighted_hops, m.max_depth),
            ],
            ["busiest link".to_string(), format!("{:.2}", m.max_link), "packets in a tick".to_string()],
            ["between boards".to_string(), m.board_hops.to_string(), format!("{:.2} packets in a tick", m.weighted_board_hops)],
            [
                "entries".to_string(),
                m.after_sum.to_string(),
                format!("{} on the fullest chip, of {}", m.after_max, board.router_entries),
            ],
            ["time".to_string(), seconds(self.wall_s()), stages.join(", ")],
        ];
        let proof = if m.valid { "every key reaches exactly its targets" } else { "not valid" };
        rows.push(["valid".to_string(), if m.valid { "yes" } else { "no" }.to_string(), proof.to_string()]);
        if let Some((followed, check_s)) = self.checked {
            let what = format!("sent one by one over {} chips to {} cores", followed.visits, followed.deliveries);
            rows.push(["keys".to_string(), followed.keys.to_string(), format!("{what}, in {}", seconds(check_s))]);
        }
        let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
        format!("{} on {}: {graph} on {machine}\n{}", file.name, board.name, aligned(&rows))
    }
}

/// A machine that comes with bouton, if it has routers.
fn built_in(name: &str, faults: &[Fault]) -> Result<Board, Failure> {
    let machine = front::machine(name)?;
    if machine.family != Family::ManyCore {
        let has_routers = |name: &&str| matches!(Machine::named(name), Some(Ok(m)) if m.family == Family::ManyCore);
        let with_routers: Vec<&str> = Machine::names().filter(has_routers).collect();
        let names = with_routers.join(", ");
        return Err(Failure::Usage(format!("`{name}` has no routers to map for; these have: {names}")));
    }
    let left = machine.with_faults(faults).map_err(|e| Failure::Usage(format!("--fault {e}")))?;
    Ok(Board::of(&left))
}

fn wrong(error: &FileError) -> Failure {
    Failure::Input(format!("error: {error}"))
}

fn failed(failure: MapFailure, file: &GraphFile, board: &Board) -> Failure {
    match failure {
        MapFailure::DoesNotFit(shortfalls) => Failure::DoesNotFit { target: board.name.clone(), shortfalls },
        MapFailure::Unreachable { from, to } => Failure::Input(format!(
            "error: {}: no working links join chip {from:?} to chip {to:?} of {}; mend a link between or leave one part out",
            file.name, board.name
        )),
        MapFailure::Wrong(what) => Failure::Bug(format!("the tables that were made are wrong: {what}")),
    }
}
