//! The picture as a whole.

use super::scene::SCALE;
use super::{Band, BandKind, Raster, Role, Traces, layout};
use std::path::PathBuf;
use tiny_skia::Pixmap;

fn spikes(name: &str, size: u32, role: Role, list: &[(u32, u32)]) -> Band {
    Band { name: name.into(), size, members: None, role, kind: BandKind::Spikes(list.to_vec()) }
}

fn small() -> Raster {
    let values = (0..10).flat_map(|t| [t as f32 - 65.0, -60.0]).collect();
    let traces = Traces { unit: "mV".into(), ticks: (0..10).map(|t| t * 10).collect(), values };
    Raster {
        title: "small <1>".into(),
        subtitle: "2 neurons".into(),
        tick_s: 1e-3,
        ticks: 100,
        bands: vec![
            spikes("e", 3, Role::Excitatory, &[(0, 0), (50, 1), (99, 2)]),
            spikes("i", 200, Role::Inhibitory, &[(10, 0), (20, 199)]),
            Band {
                name: "e.v".into(),
                size: 3,
                members: Some(vec![0, 2]),
                role: Role::Excitatory,
                kind: BandKind::Traces(traces),
            },
        ],
    }
}

fn busy() -> Raster {
    let list: Vec<(u32, u32)> = (0..30_000).map(|k| (k % 1000, k * 7919 % 500)).collect();
    let values = (0..1000).flat_map(|t| (0..20).map(move |k| ((t * k) % 37) as f32 - 18.0)).collect();
    let traces = Traces { unit: "nA".into(), ticks: (0..1000).collect(), values };
    Raster {
        bands: vec![
            spikes("many", 500, Role::Neutral, &list),
            Band { name: "cells.i".into(), size: 20, members: None, role: Role::Neutral, kind: BandKind::Traces(traces) },
        ],
        ticks: 1000,
        ..small()
    }
}

#[test]
fn a_small_picture_is_as_blessed() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/plot/small.svg");
    let svg = small().to_svg();
    if std::env::var_os("BOUTON_BLESS").is_some() {
        std::fs::write(&path, &svg).expect("it can be written");
    }
    assert_eq!(svg, std::fs::read_to_string(&path).expect("it is in the repository"), "BOUTON_BLESS=1 rewrites it");
}

#[test]
fn the_same_raster_gives_the_same_bytes() {
    assert_eq!(busy().to_svg(), busy().to_svg());
    assert_eq!(busy().to_png(), busy().to_png());
}

#[test]
fn every_band_of_a_png_has_ink() {
    for raster in [small(), busy()] {
        let scene = layout::scene(&raster);
        let pixels = Pixmap::decode_png(&raster.to_png().expect("it is small")).expect("it is a PNG");
        assert_eq!((pixels.width(), pixels.height()), ((scene.width as u32) * SCALE, (scene.height as u32) * SCALE));
        for placed in layout::placed(&raster) {
            let inked = |x: u32, y: u32| {
                pixels.pixel(x, y).is_some_and(|p| {
                    (p.red(), p.green(), p.blue()) != {
                        let back = placed.back;
                        (back.0, back.1, back.2)
                    }
                })
            };
            let range = |from: f64, to: f64| (from.ceil() as u32 * SCALE)..(to.floor() as u32 * SCALE);
            // Away from edges and grid lines.
            let (x, y) = (placed.rect.x + 3.0, placed.rect.y);
            let ink = range(y, placed.rect.bottom()).flat_map(|y| range(x, placed.rect.right()).map(move |x| (x, y)));
            let count = ink.filter(|(x, y)| inked(*x, *y)).count();
            assert!(count > 20, "{}: {count}", placed.band.name);
        }
    }
}

#[test]
fn many_spikes_stay_a_small_file() {
    assert!(busy().to_svg().len() < 1_000_000);
}

#[test]
fn strange_rasters_are_drawn() {
    let empty = Raster { title: String::new(), subtitle: String::new(), tick_s: 1e-3, ticks: 0, bands: Vec::new() };
    let none = Traces { unit: String::new(), ticks: Vec::new(), values: Vec::new() };
    let nan = Traces { unit: String::new(), ticks: vec![0, 4_000_000_000], values: vec![f32::NAN; 40] };
    let flat = Traces { unit: String::new(), ticks: vec![0], values: vec![0.0; 20] };
    let band =
        |traces, size| Band { name: "x".repeat(300), size, members: None, role: Role::Neutral, kind: BandKind::Traces(traces) };
    let outside = spikes("\u{0}&<π", 1, Role::Neutral, &[(u32::MAX, 0), (0, 7)]);
    let strange = Raster {
        bands: vec![band(none, 20), band(nan, 20), band(flat, 20), outside, spikes("", 0, Role::Neutral, &[])],
        ..empty.clone()
    };
    for raster in [empty, strange.clone(), Raster { ticks: u32::MAX, ..strange }] {
        assert!(raster.to_svg().ends_with("</svg>\n"));
        assert!(raster.to_png().is_ok());
    }
}
