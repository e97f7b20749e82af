//! Orders of chips and of vertices that keep near what is near.
//!
//! Takes: [`Board`], [`Hypergraph`].  Gives: permutations.
//! Invariants: every usable chip, every vertex once.
//! Cost: sorting for chips; for vertices the edges times the logarithm of the vertices, nets of many items left out.
//! Source: generalised Hilbert curve (Červený 2019, for rectangles of any size); heavy-edge matching of multilevel partitioners
//!   (Karypis and others, hMETIS, 1999) for the order of vertices, taken up to one cluster and read from left to right.

use super::super::Board;
use super::hypergraph::Hypergraph;
use super::metric::Metric;

/// Slices of one population that the clustering does not tear apart.
const CHUNK: u32 = 4;

/// A net of more items says little about which of them belong together.
const TELLING: usize = 48;

/// Usable chips along a curve that fills the board's rectangle.
pub(super) fn along_curve(board: &Board, usable: &[u32]) -> Vec<u32> {
    let (width, height) = (i32::from(board.width), i32::from(board.height));
    let mut cells = Vec::with_capacity((width * height) as usize);
    if width >= height {
        curve((0, 0), (width, 0), (0, height), &mut cells);
    } else {
        curve((0, 0), (0, height), (width, 0), &mut cells);
    }
    let mut rank = vec![0; cells.len()];
    for (i, (x, y)) in (0u32..).zip(cells) {
        rank[(x * height + y) as usize] = i;
    }
    let mut chips = usable.to_vec();
    chips.sort_by_key(|c| {
        let chip = &board.chips[*c as usize];
        rank[usize::from(chip.x) * height as usize + usize::from(chip.y)]
    });
    chips
}

/// Visits a rectangle from `at`, `a` its longer side, `b` the other.
fn curve(at: (i32, i32), a: (i32, i32), b: (i32, i32), out: &mut Vec<(i32, i32)>) {
    let (w, h) = ((a.0 + a.1).abs(), (b.0 + b.1).abs());
    let (da, db) = ((a.0.signum(), a.1.signum()), (b.0.signum(), b.1.signum()));
    if h == 1 {
        return out.extend((0..w).map(|i| (at.0 + i * da.0, at.1 + i * da.1)));
    }
    if w == 1 {
        return out.extend((0..h).map(|i| (at.0 + i * db.0, at.1 + i * db.1)));
    }
    let half = |v: (i32, i32), unit: (i32, i32), long: i32| {
        let v2 = (v.0.div_euclid(2), v.1.div_euclid(2));
        if (v2.0 + v2.1) % 2 != 0 && long > 2 { (v2.0 + unit.0, v2.1 + unit.1) } else { v2 }
    };
    if 2 * w > 3 * h {
        let a2 = half(a, da, w);
        curve(at, a2, b, out);
        curve((at.0 + a2.0, at.1 + a2.1), (a.0 - a2.0, a.1 - a2.1), b, out);
    } else {
        let (a2, b2) = ((a.0.div_euclid(2), a.1.div_euclid(2)), half(b, db, h));
        curve(at, b2, a2, out);
        curve((at.0 + b2.0, at.1 + b2.1), a, (b.0 - b2.0, b.1 - b2.1), out);
        let end = (at.0 + a.0 - da.0 + b2.0 - db.0, at.1 + a.1 - da.1 + b2.1 - db.1);
        curve(end, (-b2.0, -b2.1), (a2.0 - a.0, a2.1 - a.1), out);
    }
}

/// Usable chips by their distance from the one that is nearest to all.
pub(super) fn from_centre(usable: &[u32], metric: &Metric) -> Vec<u32> {
    // On a large board any chip of a few hundred is central enough.
    let sample = usable.iter().step_by(usable.len() / 256 + 1);
    let far = |c: &&u32| usable.iter().map(|o| u64::from(metric.distance(**c, *o))).sum::<u64>();
    let centre = sample.min_by_key(far).copied().unwrap_or(0);
    let mut chips = usable.to_vec();
    chips.sort_by_key(|c| metric.distance(centre, *c));
    chips
}

/// Vertices such that those with common nets are near each other.
pub(super) fn by_affinity(nets: &Hypergraph) -> Vec<u32> {
    let mut clusters = Clusters::of(nets);
    while clusters.join() {}
    let mut order = Vec::with_capacity(nets.vertices());
    for first in &clusters.first {
        let mut at = *first;
        while at != END {
            order.push(at);
            at = clusters.next[at as usize];
        }
    }
    order
}

const END: u32 = u32::MAX;

/// Clusters, each a list of vertices, and the nets between them.
struct Clusters {
    first: Vec<u32>,
    last: Vec<u32>,
    size: Vec<u32>,
    /// By vertex the one after it in its cluster.
    next: Vec<u32>,
    weight: Vec<u32>,
    start: Vec<u32>,
    pins: Vec<u32>,
}

impl Clusters {
    fn of(nets: &Hypergraph) -> Clusters {
        let n = nets.vertices();
        let mut all = Clusters {
            first: Vec::new(),
            last: Vec::new(),
            size: Vec::new(),
            next: vec![END; n],
            weight: nets.weight.clone(),
            start: Vec::new(),
            pins: Vec::new(),
        };
        let mut cluster_of = vec![0; n];
        for v in 0..n as u32 {
            let whole = all.size.last().is_none_or(|s| *s == CHUNK);
            if v == 0 || whole || nets.group[v as usize] != nets.group[v as usize - 1] {
                all.first.push(v);
                all.last.push(v);
                all.size.push(0);
            } else {
                all.next[v as usize - 1] = v;
            }
            let at = all.size.len() - 1;
            all.size[at] += 1;
            all.last[at] = v;
            cluster_of[v as usize] = at as u32;
        }
        all.set_nets((0..nets.len()).map(|net| nets.vertices_of(net)), &cluster_of, &nets.weight);
        all
    }

    /// Takes over nets, their pins renamed; those within one cluster go.
    fn set_nets<'a>(&mut self, nets: impl Iterator<Item = &'a [u32]>, name: &[u32], weights: &[u32]) {
        let mut seen = vec![END; self.size.len()];
        let (mut start, mut pins, mut weight) = (vec![0], Vec::new(), Vec::new());
        for (net, old) in nets.enumerate() {
            let before = pins.len();
            for pin in old {
                let pin = name[*pin as usize];
                if seen[pin as usize] != net as u32 {
                    seen[pin as usize] = net as u32;
                    pins.push(pin);
                }
            }
            if pins.len() - before < 2 {
                pins.truncate(before);
            } else {
                start.push(pins.len() as u32);
                weight.push(weights[net]);
            }
        }
        (self.start, self.pins, self.weight) = (start, pins, weight);
    }

    fn pins_of(&self, net: usize) -> &[u32] {
        &self.pins[self.start[net] as usize..self.start[net + 1] as usize]
    }

    /// Joins each cluster with the free one that it shares most with, by size; whether any were joined.
    fn join(&mut self) -> bool {
        let n = self.size.len();
        let (first, nets) = self.nets_by_cluster();
        let mut partner = vec![END; n];
        let (mut affinity, mut met) = (vec![0u64; n], Vec::new());
        for u in 0..n {
            if partner[u] != END {
                continue;
            }
            for net in &nets[first[u] as usize..first[u + 1] as usize] {
                let pins = self.pins_of(*net as usize);
                let part = (u64::from(self.weight[*net as usize]) << 10) / (pins.len() as u64 - 1);
                for pin in pins.iter().filter(|p| **p as usize != u && partner[**p as usize] == END) {
                    if affinity[*pin as usize] == 0 {
                        met.push(*pin);
                    }
                    affinity[*pin as usize] += part.max(1);
                }
            }
            let by_size = |v: &u32| ((affinity[*v as usize] << 8) / u64::from(self.size[*v as usize]), std::cmp::Reverse(*v));
            if let Some(best) = met.iter().copied().max_by_key(by_size) {
                (partner[u], partner[best as usize]) = (best, u as u32);
            }
            for v in met.drain(..) {
                affinity[v as usize] = 0;
            }
        }
        self.contract(&partner)
    }

    fn contract(&mut self, partner: &[u32]) -> bool {
        let n = partner.len();
        let mut name = vec![END; n];
        let (mut firsts, mut lasts, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        for u in (0..n).filter(|u| partner[*u] == END || partner[*u] as usize > *u) {
            name[u] = sizes.len() as u32;
            let (mut last, mut size) = (self.last[u], self.size[u]);
            if let Some(v) = Some(partner[u] as usize).filter(|_| partner[u] != END) {
                name[v] = name[u];
                self.next[last as usize] = self.first[v];
                (last, size) = (self.last[v], size + self.size[v]);
            }
            firsts.push(self.first[u]);
            lasts.push(last);
            sizes.push(size);
        }
        (self.first, self.last, self.size) = (firsts, lasts, sizes);
        let (start, pins, weight) =
            (std::mem::take(&mut self.start), std::mem::take(&mut self.pins), std::mem::take(&mut self.weight));
        self.set_nets(start.windows(2).map(|w| &pins[w[0] as usize..w[1] as usize]), &name, &weight);
        self.size.len() < n
    }

    /// Telling nets by cluster.
    fn nets_by_cluster(&self) -> (Vec<u32>, Vec<u32>) {
        let telling = || (0..self.weight.len()).filter(|net| self.pins_of(*net).len() <= TELLING);
        let mut first = vec![0; self.size.len() + 1];
        telling().flat_map(|net| self.pins_of(net)).for_each(|pin| first[*pin as usize + 1] += 1);
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        let mut at: Vec<u32> = first.clone();
        let mut nets = vec![0; first.last().map_or(0, |n| *n as usize)];
        for net in telling() {
            for pin in self.pins_of(net) {
                nets[at[*pin as usize] as usize] = net as u32;
                at[*pin as usize] += 1;
            }
        }
        (first, nets)
    }
}
