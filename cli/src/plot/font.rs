//! Text of PNG pictures: outlines of an embedded subset of Inter (assets/README.md).

use super::scene::{Anchor, Text};
use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, OutlineBuilder};

static REGULAR: &[u8] = include_bytes!("../../assets/inter-regular-subset.ttf");
static SEMIBOLD: &[u8] = include_bytes!("../../assets/inter-semibold-subset.ttf");
/// Stands for characters that the subset lacks.
const MISSING: char = '?';
/// Advance over the size of the font, should the font not load.
const FALLBACK_ADVANCE: f64 = 0.55;

fn face(bold: bool) -> Option<Face<'static>> {
    Face::parse(if bold { SEMIBOLD } else { REGULAR }, 0).ok()
}

fn glyph(face: &Face, c: char) -> Option<ttf_parser::GlyphId> {
    face.glyph_index(c).or_else(|| face.glyph_index(MISSING))
}

/// Width of a text.
#[must_use]
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let Some(face) = face(bold) else { return text.chars().count() as f64 * size * FALLBACK_ADVANCE };
    let units: u32 =
        text.chars().filter_map(|c| glyph(&face, c)).map(|g| u32::from(face.glyph_hor_advance(g).unwrap_or(0))).sum();
    f64::from(units) * size / f64::from(face.units_per_em())
}

/// The text, its start cut off as far as its width demands.
#[must_use]
pub fn fit_end(text: &str, size: f64, bold: bool, space: f64) -> String {
    let mut rest = text;
    let mut shown = text.to_string();
    while width(&shown, size, bold) > space {
        let mut chars = rest.chars();
        if chars.next().is_none() {
            break;
        }
        rest = chars.as_str();
        shown = format!("…{rest}");
    }
    shown
}

/// The outlines of a text, in units of the picture.
#[must_use]
pub fn outline(text: &Text) -> Option<Path> {
    let face = face(text.bold)?;
    let scale = text.size / f64::from(face.units_per_em());
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5,
        Anchor::End => -1.0,
    };
    let mut pen = Pen { path: PathBuilder::new(), x: text.x + shift * width(&text.text, text.size, text.bold), y: text.y, scale };
    for c in text.text.chars() {
        if let Some(glyph) = glyph(&face, c) {
            face.outline_glyph(glyph, &mut pen);
            pen.x += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        }
    }
    pen.path.finish()
}

struct Pen {
    path: PathBuilder,
    x: f64,
    y: f64,
    scale: f64,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        ((self.x + f64::from(x) * self.scale) as f32, (self.y - f64::from(y) * self.scale) as f32)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
