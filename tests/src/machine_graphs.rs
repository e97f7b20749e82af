//! Machine graphs of published kinds, drawn by hashes: the same on every computer, and in any language.
//!
//! Source: Vogels & Abbott 2005; Potjans & Diesmann 2014, table 5; a spiking ResNet-like stack of convolutions; Watts & Strogatz 1998.
//! Numbers of drawn edges are known for each, so that a test can tell that a graph is the one that is meant.

use bouton_compiler::mapping::Board;
use bouton_compiler::mapping::board::NO_CHIP;
use std::fmt::Write;

/// A graph before it is written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Generated {
    /// Its name.
    pub name: String,
    /// The machine that it is for.
    pub machine: String,
    /// Name and number of neurons of each population, and how many vertices it was cut into.
    pub populations: Vec<(String, u32, u32)>,
    /// Population, first and last neuron of each vertex.
    pub vertices: Vec<(u32, u32, u32)>,
    /// By vertex the rate of its net and its targets, ascending; a vertex without targets has no net.
    pub nets: Vec<(f64, Vec<u32>)>,
}

/// The finaliser of splitmix64, after its step.
#[must_use]
pub fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// A number in [0, 1) for a purpose and two indices.
#[must_use]
pub fn uniform(seed: u64, purpose: u64, a: u64, b: u64) -> f64 {
    (mix(mix(mix(mix(seed) ^ purpose) ^ a) ^ b) >> 11) as f64 * (-53_f64).exp2()
}

impl Generated {
    /// Populations with their sizes, cut into slices of `per_core` neurons.
    fn cut(name: &str, machine: &str, populations: &[(&str, u32)], per_core: u32) -> Generated {
        let mut made = Generated { name: name.into(), machine: machine.into(), ..Generated::default() };
        for (population, (name, neurons)) in (0..).zip(populations) {
            made.populations.push(((*name).to_string(), *neurons, neurons.div_ceil(per_core)));
            let slices = (0..*neurons).step_by(per_core as usize);
            made.vertices.extend(slices.map(|first| (population, first, (first + per_core).min(*neurons) - 1)));
        }
        made
    }

    /// Neurons of a vertex.
    fn size(&self, vertex: usize) -> u32 {
        self.vertices[vertex].2 - self.vertices[vertex].1 + 1
    }

    /// Gives every vertex a net to those that `joined` says; `rate` is that of one neuron.
    fn join(mut self, rate: impl Fn(u32) -> f64, joined: impl Fn(usize, usize) -> bool) -> Generated {
        let all = self.vertices.len();
        self.nets = (0..all)
            .map(|s| {
                let targets = (0..all).filter(|t| joined(s, *t)).map(|t| t as u32).collect();
                (f64::from(self.size(s)) * rate(self.vertices[s].0), targets)
            })
            .collect();
        self
    }

    /// Number of edges.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.nets.iter().map(|(_, targets)| targets.len()).sum()
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let nets = || self.nets.iter().enumerate().filter(|(_, (_, targets))| !targets.is_empty());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{{\"format\":\"bouton-mapping-graph\",\"version\":1,\"name\":\"{}\",\"machine\":\"{}\",\"populations\":{},\"vertices\":{},\
             \"nets\":{},\"edges\":{}}}",
            self.name,
            self.machine,
            self.populations.len(),
            self.vertices.len(),
            nets().count(),
            self.edges()
        );
        let mut first_vertex = 0;
        for (id, (name, neurons, vertices)) in self.populations.iter().enumerate() {
            let _ = writeln!(
                text,
                "{{\"population\":{id},\"name\":\"{name}\",\"neurons\":{neurons},\"first_vertex\":{first_vertex},\"vertices\":{vertices}}}"
            );
            first_vertex += vertices;
        }
        for (id, (population, first, last)) in self.vertices.iter().enumerate() {
            let key_bits = (last - first + 1).next_power_of_two().trailing_zeros();
            let sdram = 65_536 + 48 * (last - first + 1);
            let _ = writeln!(
                text,
                "{{\"vertex\":{id},\"population\":{population},\"first\":{first},\"last\":{last},\"key_bits\":{key_bits},\"dtcm\":32768,\
                 \"sdram\":{sdram},\"load\":0.5}}"
            );
        }
        for (id, (source, (rate, targets))) in nets().enumerate() {
            let ends: Vec<String> =
                targets.chunk_by(|a, b| a + 1 == *b).map(|run| format!("{},{}", run[0], run[run.len() - 1])).collect();
            let ends = ends.join(",");
            let _ = writeln!(text, "{{\"net\":{id},\"source\":{source},\"rate\":{rate},\"targets\":[{ends}]}}");
        }
        text
    }
}

/// Whether slices are joined that expect `synapses` between them.
fn drawn(seed: u64, purpose: u64, s: usize, t: usize, synapses: f64) -> bool {
    uniform(seed, purpose, s as u64, t as u64) < -(-synapses).exp_m1()
}

/// Vogels and Abbott's 4,000 neurons at 10 Hz, ticks of 1 ms.
#[must_use]
pub fn vogels_abbott(per_core: u32) -> Generated {
    let cut = Generated::cut(&format!("va_{per_core}"), "spin3", &[("E", 3200), ("I", 800)], per_core);
    let sizes: Vec<f64> = (0..cut.vertices.len()).map(|v| f64::from(cut.size(v))).collect();
    cut.join(|_| 10.0 * 1e-3, |s, t| drawn(1, 10, s, t, 0.02 * sizes[s] * sizes[t]))
}

/// Chance that a pair is connected: rows are targets, columns sources, in the order of [`LAYERS`] (table 5 of the paper).
pub const LAYER_PROBABILITIES: [[f64; 8]; 8] = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
];

/// Populations of the microcircuit and their neurons (table 5 of the paper).
pub const LAYERS: [(&str, u32); 8] =
    [("L23E", 20683), ("L23I", 5834), ("L4E", 21915), ("L4I", 5479), ("L5E", 4850), ("L5I", 1065), ("L6E", 14395), ("L6I", 2948)];

/// Spontaneous rates, Hz.
const LAYER_RATES: [f64; 8] = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];

/// Potjans and Diesmann's microcircuit at full scale, ticks of 0.1 ms.
#[must_use]
pub fn potjans_diesmann(per_core: u32) -> Generated {
    let cut = Generated::cut(&format!("pd_{per_core}"), "boards3", &LAYERS, per_core);
    let slices: Vec<(usize, f64)> =
        (0..cut.vertices.len()).map(|v| (cut.vertices[v].0 as usize, f64::from(cut.size(v)))).collect();
    let synapses = |s: (usize, f64), t: (usize, f64)| {
        let (of_s, of_t) = (f64::from(LAYERS[s.0].1), f64::from(LAYERS[t.0].1));
        let all = (-LAYER_PROBABILITIES[t.0][s.0]).ln_1p() / (-1.0 / (of_s * of_t)).ln_1p();
        all * (s.1 / of_s) * (t.1 / of_t)
    };
    cut.join(|population| LAYER_RATES[population as usize] * 1e-4, |s, t| drawn(2, 20, s, t, synapses(slices[s], slices[t])))
}

/// Slices on a ring that target their 24 nearest, a tenth of the edges rewired; 5 Hz, 128 neurons each, ticks of 1 ms.
#[must_use]
pub fn small_world(name: &str, machine: &str, seed: u64, populations: u32, slices: u32) -> Generated {
    let named: Vec<String> = (0..populations).map(|p| format!("p{p}")).collect();
    let sized: Vec<(&str, u32)> = named.iter().map(|name| (name.as_str(), 128 * slices)).collect();
    let mut made = Generated::cut(name, machine, &sized, 128);
    let mut order: Vec<u32> = (0..populations).collect();
    order.sort_by(|a, b| uniform(seed, 30, (*a).into(), 0).total_cmp(&uniform(seed, 30, (*b).into(), 0)));
    let ring: Vec<u32> = order.iter().flat_map(|p| (0..slices).map(move |s| p * slices + s)).collect();
    let all = ring.len();
    let mut nets = vec![(0.64, Vec::new()); all];
    for (at, s) in ring.iter().enumerate() {
        let near = (0..24).map(|j| {
            let offset = j / 2 + 1;
            let neighbour = ring[if j % 2 == 0 { at + offset } else { at + all - offset } % all];
            let moved = uniform(seed, 31, (*s).into(), j as u64) < 0.1;
            if moved { (all as f64 * uniform(seed, 32, (*s).into(), j as u64)) as u32 } else { neighbour }
        });
        let mut targets: Vec<u32> = near.filter(|t| t != s).collect();
        targets.sort_unstable();
        targets.dedup();
        nets[*s as usize].1 = targets;
    }
    made.nets = nets;
    made
}

/// Forty slices of 128 neurons at 5 Hz, each with 8 random targets.
#[must_use]
pub fn forty_random() -> Generated {
    let named: Vec<String> = (0..40).map(|p| format!("p{p}")).collect();
    let sized: Vec<(&str, u32)> = named.iter().map(|name| (name.as_str(), 128)).collect();
    let mut made = Generated::cut("damaged_40", "spin5_damaged_thin", &sized, 128);
    made.nets = (0..40_u32)
        .map(|s| {
            let mut others: Vec<u32> = (0..40).filter(|t| *t != s).collect();
            others.sort_by(|a, b| uniform(6, 60, s.into(), (*a).into()).total_cmp(&uniform(6, 60, s.into(), (*b).into())));
            others.truncate(8);
            others.sort_unstable();
            (0.64, others)
        })
        .collect();
    made
}

/// Channels, height, width, kernel, stride and tile (channels, height, width) of the input and ten layers of convolutions.
const CONVOLUTIONS: [([u32; 3], u32, u32, [u32; 3]); 11] = [
    ([2, 64, 64], 0, 0, [1, 16, 16]),
    ([16, 64, 64], 3, 1, [1, 16, 16]),
    ([16, 32, 32], 3, 2, [4, 8, 8]),
    ([32, 32, 32], 3, 1, [4, 8, 8]),
    ([32, 16, 16], 3, 2, [4, 8, 8]),
    ([64, 16, 16], 3, 1, [4, 8, 8]),
    ([64, 8, 8], 3, 2, [16, 4, 4]),
    ([128, 8, 8], 3, 1, [16, 4, 4]),
    ([128, 4, 4], 3, 2, [16, 4, 4]),
    ([256, 4, 4], 3, 1, [16, 4, 4]),
    ([10, 1, 1], 4, 4, [10, 1, 1]),
];

/// Ten layers of convolutions of an input at 20 Hz, the layers at 10 Hz, ticks of 1 ms.
#[must_use]
pub fn convolutions() -> Generated {
    let mut made = Generated { name: "conv10".into(), machine: "spin5".into(), ..Generated::default() };
    // By layer the first row and column of each tile.
    let mut tiles: Vec<Vec<(u32, u32)>> = Vec::new();
    for (layer, ([c, h, w], _, _, [tile_c, tile_h, tile_w])) in (0..).zip(CONVOLUTIONS) {
        let corners = (0..c).step_by(tile_c as usize).flat_map(|_| {
            let rows = (0..h).step_by(tile_h as usize);
            rows.flat_map(move |y| (0..w).step_by(tile_w as usize).map(move |x| (y, x)))
        });
        let corners: Vec<(u32, u32)> = corners.collect();
        let name = if layer == 0 { "input".to_string() } else { format!("layer{layer}") };
        made.populations.push((name, c * h * w, corners.len() as u32));
        let size = tile_c * tile_h * tile_w;
        made.vertices.extend((0..corners.len() as u32).map(|at| (layer, at * size, (at + 1) * size - 1)));
        tiles.push(corners);
    }
    let mut first_target = 0;
    for (layer, corners) in tiles.iter().enumerate() {
        first_target += corners.len() as u32;
        let size = f64::from(CONVOLUTIONS[layer].3.iter().product::<u32>());
        let rate = size * if layer == 0 { 20.0 } else { 10.0 } * 1e-3;
        for (y, x) in corners {
            let Some((next, (_, kernel, stride, next_tile))) = tiles.get(layer + 1).zip(CONVOLUTIONS.get(layer + 1)) else {
                made.nets.push((rate, Vec::new()));
                continue;
            };
            let [_, tile_h, tile_w] = CONVOLUTIONS[layer].3;
            let touches = |from: u32, size: u32, to: u32, to_size: u32| {
                let pad = if *kernel == 3 { 1 } else { 0 };
                let (first, last) = (i64::from(to * stride) - pad, i64::from((to + to_size - 1) * stride + kernel - 1) - pad);
                i64::from(from) <= last && first < i64::from(from + size)
            };
            let joined = |(ty, tx): &(u32, u32)| touches(*y, tile_h, *ty, next_tile[1]) && touches(*x, tile_w, *tx, next_tile[2]);
            let targets = (first_target..).zip(next).filter(|(_, corner)| joined(corner)).map(|(t, _)| t).collect();
            made.nets.push((rate, targets));
        }
    }
    made
}

/// The file of a board.
#[must_use]
pub fn machine_text(board: &Board) -> String {
    let mut boards: Vec<[u16; 2]> = board.chips.iter().map(|c| [c.board.0, c.board.1]).collect();
    boards.sort_unstable();
    boards.dedup();
    let chips: Vec<String> = board
        .chips
        .iter()
        .zip(&board.neighbours)
        .map(|(c, neighbours)| {
            let links = (0..6).filter(|d| neighbours[*d] != NO_CHIP).fold(0, |mask, d| mask | 1 << d);
            format!("[{},{},{},{},{},{},{links}]", c.x, c.y, c.cores, c.shared_bytes, c.board.0, c.board.1)
        })
        .collect();
    format!(
        "{{\"format\":\"bouton-mapping-machine\",\"version\":1,\"name\":\"{}\",\"width\":{},\"height\":{},\"wrap\":true,\"router_entries\":{},\n\
         \"boards\":{boards:?},\"dead_chips\":[],\"dead_links\":[],\"cores\":{},\n\"chips\":[{}]}}\n",
        board.name,
        board.width,
        board.height,
        board.router_entries,
        board.cores(),
        chips.join(",\n")
    )
}

/// The board without the `chips` chips that are drawn first, the first chip of each board excepted, and then without `links` links.
#[must_use]
pub fn damaged(board: &Board, seed: u64, chips: usize, links: usize) -> Board {
    let mut order: Vec<usize> =
        (0..board.chips.len()).filter(|c| board.chips[*c].board != (board.chips[*c].x, board.chips[*c].y)).collect();
    let chip = |c: usize| (u64::from(board.chips[c].x), u64::from(board.chips[c].y));
    let of_chip = |c: usize| uniform(seed, 1, 256 * chip(c).0 + chip(c).1, 0);
    order.sort_by(|a, b| of_chip(*a).total_cmp(&of_chip(*b)));
    let dead = &order[..chips];
    let works = |c: usize, d: usize| {
        let next = board.neighbours[c][d];
        next != NO_CHIP && !dead.contains(&c) && !dead.contains(&(next as usize))
    };
    let of_link = |(c, d): (usize, usize)| uniform(seed, 2, 65_536 * chip(c).0 + 256 * chip(c).1 + d as u64, 0);
    let mut working: Vec<(usize, usize)> =
        (0..board.chips.len()).flat_map(|c| (0..3).map(move |d| (c, d))).filter(|(c, d)| works(*c, *d)).collect();
    working.sort_by(|a, b| of_link(*a).total_cmp(&of_link(*b)));
    let cut = &working[..links];
    let is_cut =
        |c: usize, d: usize| if d < 3 { cut.contains(&(c, d)) } else { cut.contains(&(board.neighbours[c][d] as usize, d - 3)) };
    let left: Vec<usize> = (0..board.chips.len()).filter(|c| !dead.contains(c)).collect();
    let mask = |c: usize| (0..6).filter(|d| works(c, *d) && !is_cut(c, *d)).fold(0, |mask, d| mask | 1 << d);
    let masks: Vec<u8> = left.iter().map(|c| mask(*c)).collect();
    let kept = left.iter().map(|c| board.chips[*c]).collect();
    Board::new(format!("{}_damaged", board.name), board.width, board.height, kept, &masks, board.router_entries)
}
