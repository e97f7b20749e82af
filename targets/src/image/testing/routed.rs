//! Turns an image with a list of routes into one for chips with routers, by the simplest router there is.

use super::Choices;
use crate::image::{
    AlignedBytes, CoreView, EventKind, FabricView, ImageBuilder, ImageView, LINKS, RouterBuilder, RouterRecord, SectionKind,
};
use crate::machine::{STEPS, beyond};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Chips of a torus, all of whose links work.
#[derive(Clone, Copy, Debug)]
pub struct Torus {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Positions for cores on each chip.
    pub positions: u32,
    /// Fixes where cores are placed, and which entries are left to default routing.
    pub seed: u64,
}

/// First key, number of keys, and the cores that hear them.
type Route = (u32, u32, Vec<u32>);

/// The image with routers in place of its routes: cores on chips drawn by the seed, trees of shortest ways, an entry for every
/// chip of a tree but, now and then, where packets go on straight.
///
/// # Panics
/// When the image is not sound, or there are more cores than positions.
#[must_use]
pub fn routed(image: &AlignedBytes, torus: Torus) -> AlignedBytes {
    let view = ImageView::new_checked(image.as_slice()).expect("a sound image");
    let mut choices = Choices::new(torus.seed);
    let mut free: Vec<(u32, u32)> =
        (0..torus.width * torus.height).flat_map(|chip| (0..torus.positions).map(move |p| (chip, p))).collect();
    let mut places = BTreeMap::new();
    for (core, _) in view.sections(SectionKind::Core) {
        assert!(!free.is_empty(), "more cores than positions");
        places.insert(core, free.swap_remove(choices.below(free.len() as u32) as usize));
    }
    let mut routers: Vec<RouterBuilder> = (0..torus.width * torus.height).map(|chip| router(&torus, chip)).collect();
    for (core, (chip, position)) in &places {
        routers[*chip as usize].cores.push([*position, *core]);
    }
    let words = view.section(SectionKind::Fabric, 0).expect("routes");
    let fabric = FabricView::new_checked(words).expect("sound routes");
    for (core, (chip, _)) in &places {
        for (first, count) in sent(&CoreView::new_checked(view, *core).expect("a sound core")) {
            for (key, keys, cores) in cut(&fabric, first, count) {
                let targets: Vec<(u32, u32)> = cores.iter().filter_map(|core| places.get(core).copied()).collect();
                add_tree(&torus, &mut routers, *chip, (key, keys), &targets, &mut choices);
            }
        }
    }
    let mut routed = ImageBuilder::default();
    for entry in view.entries().filter(|e| e.kind != SectionKind::Fabric as u32) {
        let kind = SectionKind::from_code(entry.kind).expect("a known kind");
        routed.section(kind, entry.id, view.section(kind, entry.id).expect("it is there").to_vec());
    }
    for (chip, router) in (0..).zip(routers) {
        routed.section(SectionKind::Router, chip, router.finish());
    }
    routed.finish().expect("it is small")
}

fn router(torus: &Torus, chip: u32) -> RouterBuilder {
    RouterBuilder::new(RouterRecord {
        x: chip % torus.width,
        y: chip / torus.width,
        width: torus.width,
        height: torus.height,
        links: if torus.width * torus.height == 1 { 0 } else { LINKS },
        // Boards of four columns.
        board_x: chip % torus.width / 4 * 4,
        core_words: torus.positions.div_ceil(32),
        ..RouterRecord::default()
    })
}

/// Ranges of keys that a core sends.
fn sent(core: &CoreView<'_>) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for block in core.blocks() {
        if block.output != EventKind::None as u32 {
            ranges.push((block.key, block.count));
        }
        ranges.extend((0..block.broadcasts).filter_map(|i| core.broadcast(&block, i)).map(|b| (b.key, 1)));
    }
    ranges
}

/// The routes of some keys, cut to aligned powers of two.
fn cut(fabric: &FabricView<'_>, first: u32, count: u32) -> Vec<Route> {
    let mut cuts = Vec::new();
    for route in (0..fabric.routes()).filter_map(|at| fabric.route(at)) {
        let (mut key, end) = (route.key.max(first), (route.key + route.count).min(first + count));
        while key < end {
            let mut keys = 1;
            while key % (keys * 2) == 0 && keys * 2 <= end - key {
                keys *= 2;
            }
            cuts.push((key, keys, fabric.cores(&route).to_vec()));
            key += keys;
        }
    }
    cuts
}

/// The chip behind a link.
fn behind(torus: &Torus, chip: u32, link: usize) -> u32 {
    let size = (torus.width as u16, torus.height as u16);
    let (x, y) = beyond(((chip % torus.width) as u16, (chip / torus.width) as u16), link, size);
    u32::from(y) * torus.width + u32::from(x)
}

fn add_tree(
    torus: &Torus,
    routers: &mut [RouterBuilder],
    source: u32,
    (key, keys): (u32, u32),
    targets: &[(u32, u32)],
    choices: &mut Choices,
) {
    if targets.is_empty() {
        return;
    }
    // Breadth first: by chip the one before it and the link that leads here.
    let mut before: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    let mut queue = VecDeque::from([source]);
    while let Some(chip) = queue.pop_front() {
        for link in 0..STEPS.len() {
            let next = behind(torus, chip, link);
            if next != source && !before.contains_key(&next) {
                before.insert(next, (chip, link));
                queue.push_back(next);
            }
        }
    }
    let mut links: BTreeMap<u32, u32> = BTreeMap::from([(source, 0)]);
    for (target, _) in targets {
        let mut at = *target;
        links.entry(at).or_default();
        while let Some((chip, link)) = before.get(&at) {
            *links.entry(*chip).or_default() |= 1 << link;
            at = *chip;
        }
    }
    for (chip, links) in links {
        let here: BTreeSet<u32> = targets.iter().filter(|(at, _)| *at == chip).map(|(_, position)| *position).collect();
        let straight = before.get(&chip).is_some_and(|(_, link)| links == 1 << link);
        if straight && here.is_empty() && choices.below(4) > 0 {
            continue;
        }
        routers[chip as usize].entry(key, !(keys - 1), links, here);
    }
}
