//! Reads everything in an image by every accessor.

use crate::image::{
    Array, CoreView, Description, FabricView, GroupKind, ImageView, NONE, RecordKind, RouterBuilder, RouterView, SectionKind,
    unpack_synapse,
};
use crate::program::{Program, ProgramView};

/// Whether the bytes are an image all of whose sections are sound; everything in it is then read by every accessor, and what
/// the checks promise is asserted by other means.
///
/// # Panics
/// When something can be had that a checked image excludes: a bug of the checks.
#[must_use]
pub fn walk(bytes: &[u8]) -> bool {
    let Ok(image) = ImageView::new_checked(bytes) else { return false };
    assert_eq!(image.entries().count(), image.header().sections as usize);
    let mut sound = true;
    for (id, words) in image.sections(SectionKind::Core) {
        assert_eq!(image.section(SectionKind::Core, id), Some(words), "the only core of its number");
        match CoreView::new_checked(image, id) {
            Ok(core) => walk_core(&core),
            Err(_) => sound = false,
        }
    }
    for (_, words) in image.sections(SectionKind::Program) {
        match ProgramView::new_checked(words) {
            Ok(program) => walk_program(&program, words),
            Err(_) => sound = false,
        }
    }
    for (_, words) in image.sections(SectionKind::Fabric) {
        match FabricView::new_checked(words) {
            Ok(fabric) => walk_fabric(&fabric),
            Err(_) => sound = false,
        }
    }
    for (_, words) in image.sections(SectionKind::Router) {
        match RouterView::new_checked(words) {
            Ok(router) => walk_router(&router, words),
            Err(_) => sound = false,
        }
    }
    for (_, words) in image.sections(SectionKind::Description) {
        match Description::from_words(words) {
            Ok(description) => assert_eq!(description.to_words().as_deref(), Ok(words), "a description has one form"),
            Err(_) => sound = false,
        }
    }
    sound
}

fn walk_core(core: &CoreView<'_>) {
    let head = *core.head();
    for (at, block) in (0..).zip(core.blocks()) {
        assert_eq!(core.block(at), Some(block));
        for i in 0..block.states + block.params {
            match core.array(&block, i).expect("an array of a block") {
                Array::Uniform(_) => {}
                Array::Each(values) => assert_eq!(values.len(), block.count as usize),
            }
        }
        for i in 0..block.modulators {
            let m = core.modulator(&block, i).expect("a modulator of a block");
            assert!(core.source(m.source).is_some_and(|s| (1..=s.depth).contains(&m.delay)));
        }
        for i in 0..block.broadcasts {
            let b = core.broadcast(&block, i).expect("a broadcast of a block");
            assert!(b.state < block.states && b.lane < block.count);
        }
        assert!(core.data_at(block.input_at, block.input_words).is_some());
        assert_eq!(core.program(&block).is_some(), block.program != NONE);
    }
    for at in 0..head.sources {
        let s = core.source(at).expect("a source");
        for member in [0, s.count - 1] {
            let key = s.key_of(member).expect("the key of a member");
            assert_eq!(core.source_of_key(key), Some((at, s, member)), "a key names one source");
        }
        for group in s.first_group..s.first_group + s.groups {
            assert!(core.group(group).is_some_and(|g| g.source == at), "a group of the source");
        }
    }
    for at in 0..head.groups {
        walk_group(core, at);
    }
    for at in 0..head.records {
        let r = core.record(at).expect("a record");
        let block = core.block(r.block).expect("the block of a record");
        assert!(RecordKind::from_code(r.kind).is_some());
        if r.lanes_at != NONE {
            let lanes = core.data_at(r.lanes_at, r.lanes).expect("the lanes of a record");
            assert!(lanes.iter().all(|lane| *lane < block.count));
        }
    }
    let bytes = crate::image::MemoryLayout::of(core).and_then(|l| l.bytes()).expect("the memory of a core");
    assert!(bytes.is_multiple_of(8) && u32::try_from(bytes).is_ok());
}

fn walk_group(core: &CoreView<'_>, at: u32) {
    let g = core.group(at).expect("a group");
    let (source, block) = (core.source(g.source).expect("its source"), core.block(g.block).expect("its block"));
    let lags = core.data_at(g.lags_at, g.lags).expect("its lags");
    assert!(lags.iter().all(|lag| *lag <= source.depth));
    let rows = g.lags * source.count + 1;
    if g.kind == GroupKind::Generated as u32 {
        let recipe = core.recipe(&g).expect("its recipe");
        assert!(recipe.sources.first + recipe.sources.count <= source.count);
        assert!(g.synapses_at == g.rows_at + rows && g.synapses_at + g.synapses <= core.head().synaptic);
        return;
    }
    assert_eq!(core.recipe(&g), None);
    let rows = core.data_at(g.rows_at, rows).expect("its rows");
    let synapses = core.data_at(g.synapses_at, g.synapses).expect("its synapses");
    for pair in rows.windows(2) {
        let row = synapses.get(pair[0] as usize..pair[1] as usize).expect("a row lies within the synapses");
        for word in row {
            let (place, weight) = unpack_synapse(*word);
            assert!(place < (block.narrow.max(block.wide) * block.count * block.ring) as usize);
            assert!(i16::try_from(weight).is_ok());
        }
    }
}

fn walk_program(view: &ProgramView<'_>, words: &[u32]) {
    for i in view.instructions() {
        let [low, high] = view.range(i.imm);
        assert!(low <= high);
        assert!(view.thresholds(i.imm).is_sorted());
        if let Some(table) = view.table(i.imm) {
            for x in [i32::MIN, table.low, table.high, i32::MAX, i.imm] {
                let _ = table.at(x);
            }
        }
        assert!(!i.to_string().is_empty());
    }
    if let Some(program) = Program::of(view) {
        assert_eq!(program.to_words(), words, "a program has one form");
    }
}

fn walk_fabric(fabric: &FabricView<'_>) {
    for at in 0..fabric.routes() {
        let route = fabric.route(at).expect("a route");
        let cores = fabric.cores(&route);
        assert!(cores.len() == route.cores as usize && cores.is_sorted());
        for key in [route.key, route.key + (route.count - 1)] {
            assert_eq!(fabric.cores_of_key(key), cores, "a key names one route");
        }
    }
    for key in [0, u32::MAX] {
        let _ = fabric.cores_of_key(key);
    }
}

fn walk_router(router: &RouterView<'_>, words: &[u32]) {
    assert!(router.cores().iter().all(|[position, core]| router.core_at(*position) == Some(*core)));
    for at in 0..router.head().entries {
        let entry = router.entry(at).expect("an entry");
        assert!(entry.positions().all(|position| router.core_at(position).is_some()), "its cores are there");
        let found = router.find(entry.key).expect("its own key matches it, or one before");
        assert!(found.matches(entry.key) && found.links & !router.head().links == 0);
    }
    for key in [0, u32::MAX] {
        let _ = router.find(key);
    }
    assert_eq!(RouterBuilder::of(router).finish(), words, "a router has one form");
}
