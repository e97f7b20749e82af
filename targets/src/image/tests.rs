//! Properties of the reader: any bytes give an error or a view that nothing can fail to read.

use super::testing::{Choices, repair, sample_image, walk};
use super::{
    AlignedBytes, CoreBuilder, CoreView, FabricView, HEADER_BYTES, ImageBuilder, ImageError, ImageView, RouterView, SectionKind,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A change of a valid image's words, made before its sums are made right again.
#[derive(Clone, Debug)]
enum Damage {
    /// A word becomes another.
    Set(u32, u32),
    /// A word grows or shrinks a little, as an index that is off by one.
    Add(u32, i8),
    /// A bit flips.
    Flip(u32, u8),
    /// A word becomes a copy of another.
    Copy(u32, u32),
    /// The end is cut off.
    Cut(u32),
}

fn damage() -> impl Strategy<Value = Damage> {
    let extreme = prop_oneof![Just(0), Just(1), Just(u32::MAX), Just(u32::MAX - 1), Just(1 << 31), any::<u32>()];
    prop_oneof![
        4 => (any::<u32>(), extreme).prop_map(|(at, value)| Damage::Set(at, value)),
        8 => (any::<u32>(), -3..=3_i8).prop_map(|(at, by)| Damage::Add(at, by)),
        4 => (any::<u32>(), 0..32_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (any::<u32>(), any::<u32>()).prop_map(|(to, from)| Damage::Copy(to, from)),
        1 => any::<u32>().prop_map(Damage::Cut),
    ]
}

fn damaged(image: &AlignedBytes, all: &[Damage]) -> Vec<u8> {
    let mut words: Vec<u32> = image.as_slice().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    for one in all {
        let length = words.len() as u32;
        let at = |n: u32| (n % length) as usize;
        match *one {
            Damage::Set(to, value) => words[at(to)] = value,
            Damage::Add(to, by) => words[at(to)] = words[at(to)].wrapping_add_signed(by.into()),
            Damage::Flip(to, bit) => words[at(to)] ^= 1 << bit,
            Damage::Copy(to, from) => words[at(to)] = words[at(from)],
            Damage::Cut(n) => words.truncate((n % length).max(length / 2).max(1) as usize),
        }
    }
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// Walks bytes at an aligned address.
fn reads(bytes: &[u8]) -> bool {
    walk(AlignedBytes::new(bytes).as_slice())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sampled_images_are_valid_and_have_one_form(seed: u64) {
        let bytes = sample_image(seed);
        prop_assert!(walk(bytes.as_slice()), "{:?}", why(bytes.as_slice()));
        let image = ImageView::new_checked(bytes.as_slice()).expect("walked");
        for (id, words) in image.sections(SectionKind::Core) {
            let core = CoreView::new_checked(image, id).expect("walked");
            prop_assert_eq!(CoreBuilder::of(&core).finish(), words);
        }
        prop_assert_eq!(ImageBuilder::of(&image).and_then(ImageBuilder::finish), Some(bytes.clone()));
        prop_assert_eq!(repair(bytes.as_slice()), bytes.as_slice(), "nothing to repair");
    }

    #[test]
    fn any_bytes_give_an_error_or_a_view(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(!reads(&bytes));
        reads(&repair(&bytes));
    }

    #[test]
    fn damage_is_found_by_the_sums(seed: u64, at: u32, bit in 0..8_u8) {
        let mut bytes = sample_image(seed).as_slice().to_vec();
        let at = at as usize % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(!reads(&bytes), "bit {bit} of byte {at}");
        bytes.truncate(at);
        prop_assert!(!reads(&bytes), "the first {at} bytes");
    }

    #[test]
    fn damage_behind_the_sums_gives_an_error_or_a_view(seed: u64, all in vec(damage(), 1..6)) {
        let bytes = AlignedBytes::new(&repair(&damaged(&sample_image(seed), &all)));
        let _ = walk(bytes.as_slice());
        // What is accepted has one form, whatever it was made from.
        if let Ok(image) = ImageView::new_checked(bytes.as_slice()) {
            let again = ImageBuilder::of(&image).and_then(ImageBuilder::finish);
            prop_assert!(again.is_none_or(|again| again == bytes));
        }
    }
}

#[test]
fn every_check_of_a_core_is_reached() {
    let mut found = std::collections::BTreeSet::new();
    for seed in 0..4000 {
        let mut choices = Choices::new(seed);
        let bytes = sample_image(seed % 50);
        let image = ImageView::new_checked(bytes.as_slice()).expect("sound");
        let mut words: Vec<u32> = bytes.as_slice().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
        let core = image.entries().find(|e| e.kind == SectionKind::Core as u32 && e.length > 200);
        let Some(core) = core else { continue };
        let at = core.offset / 4 + choices.below(core.length / 4);
        let by = choices.one_of(&[1, u32::MAX, 7, 1 << 20, 1 << 31]).expect("one of five");
        words[at as usize] = words[at as usize].wrapping_add(by);
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes = AlignedBytes::new(&repair(&bytes));
        let image = ImageView::new_checked(bytes.as_slice()).expect("only its inside is wrong");
        if let Err(error) = CoreView::new_checked(image, core.id) {
            found.insert(format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        }
    }
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, ["Block", "Data", "Group", "Length", "Modulator", "Program", "Record", "Source", "TooLarge"]);
}

/// What a reader says about the parts of an image.
fn why(bytes: &[u8]) -> Vec<String> {
    let Ok(image) = ImageView::new_checked(bytes) else { return vec![format!("{:?}", ImageView::new_checked(bytes).err())] };
    let cores = image.sections(SectionKind::Core).filter_map(|(id, _)| CoreView::new_checked(image, id).err());
    let fabric = image.sections(SectionKind::Fabric).filter_map(|(_, w)| FabricView::new_checked(w).err());
    let routers = image.sections(SectionKind::Router).filter_map(|(_, w)| RouterView::new_checked(w).err());
    let parts = cores.map(|e| format!("{e:?}")).chain(fabric.map(|e| format!("{e:?}")));
    parts.chain(routers.map(|e| format!("{e:?}"))).collect()
}

#[test]
fn samples_have_everything() {
    let (mut cores, mut blocks, mut generated, mut groups, mut records, mut modulators, mut broadcasts) = (0, 0, 0, 0, 0, 0, 0);
    for seed in 0..200 {
        let bytes = sample_image(seed);
        let image = ImageView::new_checked(bytes.as_slice()).expect("sound");
        for (id, _) in image.sections(SectionKind::Core) {
            let head = *CoreView::new_checked(image, id).expect("sound").head();
            cores += 1;
            blocks += head.blocks;
            let core = CoreView::new_checked(image, id).expect("sound");
            groups += head.groups;
            generated += (0..head.groups).filter(|at| core.group(*at).is_some_and(|g| g.kind == 1)).count() as u32;
            records += head.records;
            modulators += head.modulators;
            broadcasts += head.broadcasts;
        }
    }
    let counts = [cores, blocks, generated, groups, records, modulators, broadcasts];
    assert!(counts.iter().all(|n| *n > 50), "{counts:?}");
}

/// An image whose entries are changed behind its sums.
#[track_caller]
fn entries(seed: u64, change: impl FnOnce(&mut [u32])) -> Option<ImageError> {
    let mut words: Vec<u32> = sample_image(seed).as_slice().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    change(&mut words);
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let bytes = AlignedBytes::new(&repair(&bytes));
    ImageView::new_checked(bytes.as_slice()).err()
}

#[test]
fn entries_out_of_order_are_refused() {
    let first = HEADER_BYTES / 4;
    assert_eq!(entries(1, |_| {}), None);
    assert_eq!(entries(1, |w| w[first + 1] += 9), Some(ImageError::Entry { at: 1 }), "ids ascend");
    assert_eq!(entries(1, |w| w[first] = 4), Some(ImageError::Entry { at: fabric_of(1) }), "kinds stand together");
    assert_eq!(entries(1, |w| w[first + 2] += 4), Some(ImageError::Entry { at: 0 }), "no gaps");
    assert_eq!(entries(1, |w| w[first + 3] += 4), Some(ImageError::Entry { at: 1 }), "no overlap");
    assert_eq!(entries(1, |w| w[first + 3] = u32::MAX), Some(ImageError::Entry { at: 0 }), "within the image");
    let fabric = fabric_of(1);
    let id = first + fabric as usize * 5 + 1;
    assert_eq!(entries(1, |w| w[id] = 7), None);
    assert_eq!(entries(1, |w| w[id] = u32::MAX), Some(ImageError::Entry { at: fabric }), "an id that means none");
    assert_eq!(entries(1, |w| w[5] = 1), Some(ImageError::HeaderCrc), "reserved words are zero");
    assert!(matches!(entries(1, |w| w[4] -= 1), Some(ImageError::Entry { .. } | ImageError::Length { .. })));
}

fn fabric_of(seed: u64) -> u32 {
    let bytes = sample_image(seed);
    let image = ImageView::new_checked(bytes.as_slice()).expect("sound");
    image.position(SectionKind::Fabric, 0).expect("there is one")
}

#[test]
fn choices_are_fixed_by_their_seed() {
    let words = |seed| {
        let mut choices = Choices::new(seed);
        [choices.word(), choices.word(), choices.below(10), choices.from_to(3, 4)]
    };
    assert_eq!(words(7), words(7));
    assert_ne!(words(7), words(8));
}
