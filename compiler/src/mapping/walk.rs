//! Follows a block of keys through routing tables as routers do, all keys at once.
//!
//! Takes: [`Board`], [`Tables`], a source's chip, its keys.  Gives: every visit of a chip, with the keys that it is about.
//! Invariants: exact: the keys of the visits are a partition of the keys that arrive; a block is split only where an entry matches
//!   some of its keys. The mapper's trees are not looked at. No key visits a chip twice, so that every walk ends.
//! Cost: for each visit one scan of a table up to the entry that matches, 16 entries at a time.
//! Source: SpiNNaker datasheet, multicast router: first match wins; without a match a packet goes straight on.

use super::{Board, CoreSet, Link, Tables, TreeNode};

/// Keys that agree with `key` where `care` has ones; `key` has zeros elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Keyset {
    /// What the bits must be.
    pub key: u32,
    /// Bits that are fixed.
    pub care: u32,
}

impl Keyset {
    /// The block `base .. base + 2^bits`, where `base` is aligned.
    pub(super) fn block(base: u32, bits: u8) -> Keyset {
        let care = u32::MAX.checked_shl(bits.into()).unwrap_or(0);
        Keyset { key: base & care, care }
    }

    /// Number of keys.
    pub(super) fn count(self) -> u64 {
        1 << self.care.count_zeros()
    }

    fn meets(self, other: Keyset) -> bool {
        (self.key ^ other.key) & self.care & other.care == 0
    }
}

/// The tables' keys and masks, laid out for scanning.
pub(super) struct Scan<'t> {
    board: &'t Board,
    tables: &'t Tables,
    start: Vec<usize>,
    keys: Vec<u32>,
    masks: Vec<u32>,
}

/// Entries that are looked at together.
const LANES: usize = 16;

impl<'t> Scan<'t> {
    /// Lays out the tables of a board.
    pub(super) fn new(board: &'t Board, tables: &'t Tables) -> Self {
        let mut scan = Scan { board, tables, start: vec![0], keys: Vec::new(), masks: Vec::new() };
        for table in tables {
            scan.keys.extend(table.iter().map(|e| e.key));
            scan.masks.extend(table.iter().map(|e| e.mask));
            scan.start.push(scan.keys.len());
        }
        scan
    }

    /// Number of the first entry, from `least` on, that matches some of the keys.
    fn first(&self, chip: u32, least: usize, keys: Keyset) -> Option<usize> {
        // Bits outside of an entry's mask have to be zero in its key: such an entry matches nothing on a router.
        let matches = |key: u32, mask: u32| ((keys.key & mask) ^ key) & (keys.care | !mask) == 0;
        let all = self.start[chip as usize] + least..self.start[chip as usize + 1];
        let (entry_keys, entry_masks) = (&self.keys[all.clone()], &self.masks[all]);
        let mut at = 0;
        for (k, m) in entry_keys.chunks_exact(LANES).zip(entry_masks.chunks_exact(LANES)) {
            if k.iter().zip(m).fold(false, |any, (k, m)| any | matches(*k, *m)) {
                break;
            }
            at += LANES;
        }
        entry_keys[at..].iter().zip(&entry_masks[at..]).position(|(k, m)| matches(*k, *m)).map(|found| least + at + found)
    }
}

/// What a router does with some keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// Chip.
    pub chip: u32,
    /// Link that they came in by; [`TreeNode::HERE`] from a core.
    pub from: Link,
    /// Links crossed so far.
    pub depth: u32,
    /// The keys.
    pub keys: Keyset,
    /// Whether an entry matched.
    pub matched: bool,
    /// Links that they leave by.
    pub links: u8,
    /// Cores that they reach.
    pub cores: CoreSet,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A chip is visited.
    Visit(Visit),
    /// Keys come to a chip that they have visited. They are not followed further.
    Twice {
        /// Chip.
        chip: u32,
        /// Keys.
        keys: Keyset,
    },
    /// Keys leave by a link that is not there.
    DeadLink {
        /// Chip.
        chip: u32,
        /// Link.
        link: Link,
        /// Keys.
        keys: Keyset,
    },
}

struct Packet {
    chip: u32,
    from: Link,
    depth: u32,
    keys: Keyset,
}

/// Follows one net after the other; keeps its memory.
pub(super) struct Walker<'s> {
    scan: &'s Scan<'s>,
    /// By chip: the walk that was here last, and the first keys of it that were.
    seen: Vec<(u32, Keyset)>,
    /// Further keys of this walk that were on a chip.
    seen_more: Vec<(u32, Keyset)>,
    walk: u32,
    waiting: Vec<Packet>,
    parts: Vec<(Keyset, usize)>,
}

impl<'s> Walker<'s> {
    /// A walker over tables.
    pub(super) fn new(scan: &'s Scan<'s>) -> Self {
        let nobody = (0, Keyset { key: 0, care: u32::MAX });
        let seen = vec![nobody; scan.board.chips.len()];
        Walker { scan, seen, seen_more: Vec::new(), walk: 0, waiting: Vec::new(), parts: Vec::new() }
    }

    /// Follows keys that a core of `source` sends, and tells `on` what happens, until it says to stop.
    pub(super) fn follow<E>(&mut self, source: u32, keys: Keyset, on: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        self.begin();
        self.waiting.push(Packet { chip: source, from: TreeNode::HERE, depth: 0, keys });
        while let Some(packet) = self.waiting.pop() {
            if !self.mark(packet.chip, packet.keys) {
                on(Event::Twice { chip: packet.chip, keys: packet.keys })?;
                continue;
            }
            self.parts.push((packet.keys, 0));
            while let Some((keys, least)) = self.parts.pop() {
                let visit = self.route(&packet, keys, least);
                on(Event::Visit(visit))?;
                let neighbours = &self.scan.board.neighbours[visit.chip as usize];
                for link in (0..8).filter(|link| visit.links >> link & 1 == 1) {
                    match neighbours.get(usize::from(link)) {
                        Some(next) if (*next as usize) < self.seen.len() => {
                            self.waiting.push(Packet {
                                chip: *next,
                                from: (link + 3) % 6,
                                depth: visit.depth + 1,
                                keys: visit.keys,
                            });
                        }
                        _ => on(Event::DeadLink { chip: visit.chip, link, keys: visit.keys })?,
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.waiting.clear();
        self.parts.clear();
        self.seen_more.clear();
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.seen.iter_mut().for_each(|(walk, _)| *walk = 0);
            self.walk = 1;
        }
    }

    /// Notes that keys are here; false when some of them were here before.
    fn mark(&mut self, chip: u32, keys: Keyset) -> bool {
        let (walk, first) = &mut self.seen[chip as usize];
        if *walk != self.walk {
            (*walk, *first) = (self.walk, keys);
            return true;
        }
        let fresh = !first.meets(keys) && !self.seen_more.iter().any(|(at, seen)| *at == chip && seen.meets(keys));
        self.seen_more.push((chip, keys));
        fresh
    }

    /// What happens to those of the keys that the first entry from `least` on matches, or to all; keeps the others for later.
    fn route(&mut self, packet: &Packet, keys: Keyset, least: usize) -> Visit {
        let visit = Visit {
            chip: packet.chip,
            from: packet.from,
            depth: packet.depth,
            keys,
            matched: false,
            links: 0,
            cores: CoreSet::default(),
        };
        let Some(found) = self.scan.first(packet.chip, least, keys) else {
            let links = if packet.from == TreeNode::HERE { 0 } else { 1 << ((packet.from + 3) % 6) };
            return Visit { links, ..visit };
        };
        let entry = &self.scan.tables[packet.chip as usize][found];
        let mut part = keys;
        let mut split = entry.mask & !keys.care;
        while split != 0 {
            let bit = split & split.wrapping_neg();
            split ^= bit;
            let (same, other) = (part.key | entry.key & bit, part.key | !entry.key & bit);
            self.parts.push((Keyset { key: other, care: part.care | bit }, found + 1));
            part = Keyset { key: same, care: part.care | bit };
        }
        Visit { keys: part, matched: true, links: entry.links, cores: entry.cores, ..visit }
    }
}
