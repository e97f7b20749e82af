//! What a picture is made of; SVG and PNG are drawn from the same [`Scene`].

/// Device pixels per unit: bitmaps are made, and PNGs drawn, this fine.
pub const SCALE: u32 = 2;

/// An sRGB colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// `self` and `other` mixed, `t` of `other`.
    #[must_use]
    pub fn mix(self, other: Color, t: f64) -> Color {
        let t = t.clamp(0.0, 1.0);
        let part = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
        Color(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }
}

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Vertical middle.
    #[must_use]
    pub fn middle(&self) -> f64 {
        self.y + self.h / 2.0
    }

    /// Width and height in device pixels, at least 1.
    #[must_use]
    pub fn device(&self) -> (u32, u32) {
        let whole = |x: f64| (x * f64::from(SCALE)).round().max(1.0) as u32;
        (whole(self.w), whole(self.h))
    }
}

/// Where a text's position lies in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Anchor {
    /// At its left.
    Start,
    /// In its middle.
    Middle,
    /// At its right.
    End,
}

/// One line of text; `y` is its baseline.
#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    /// Position.
    pub x: f64,
    /// Baseline.
    pub y: f64,
    /// What it says.
    pub text: String,
    /// Size of the font.
    pub size: f64,
    /// Whether semibold.
    pub bold: bool,
    /// Colour.
    pub color: Color,
    /// Where the position lies.
    pub anchor: Anchor,
}

/// Pixels, RGBA, not premultiplied, rows from the top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bitmap {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// 4 bytes each.
    pub rgba: Vec<u8>,
}

/// Something that is drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// A filled rectangle.
    Fill(Rect, Color),
    /// A connected line.
    Line {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Colour.
        color: Color,
        /// Width.
        width: f64,
        /// 0 invisible to 1 solid.
        alpha: f64,
    },
    /// A filled polygon.
    Area {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Colour.
        color: Color,
        /// 0 invisible to 1 solid.
        alpha: f64,
    },
    /// Vertical strokes with round ends, all alike; dots when `length` is 0.
    Marks {
        /// Their upper ends.
        points: Vec<(f64, f64)>,
        /// Their length.
        length: f64,
        /// Their width.
        width: f64,
        /// Colour.
        color: Color,
        /// 0 invisible to 1 solid.
        alpha: f64,
    },
    /// Pixels, stretched over a rectangle.
    Image(Rect, Bitmap),
    /// Text.
    Text(Text),
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Title, for readers of screens.
    pub title: String,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What is drawn, in this order.
    pub items: Vec<Item>,
}
