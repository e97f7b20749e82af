//! A scene as SVG.

use super::png::encode;
use super::scene::{Anchor, Bitmap, Color, Item, Rect, Scene, Text};
use std::fmt::Write;

/// What readers' systems have; the same shapes as the embedded font where Inter is installed.
const FAMILY: &str = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// The text of the file.
#[must_use]
pub fn render(scene: &Scene) -> String {
    let (w, h) = (n(scene.width), n(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-family=\"{FAMILY}\">\n\
         <title>{}</title>\n",
        escape(&scene.title)
    );
    for item in &scene.items {
        render_item(item, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

// Writing to a String cannot fail.
fn render_item(item: &Item, out: &mut String) {
    let _ = match item {
        Item::Fill(r, color) => writeln!(out, "<rect{} fill=\"{}\"/>", place(*r), hex(*color)),
        Item::Line { points, color, width, alpha } => writeln!(
            out,
            "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{}/>",
            polyline(points),
            hex(*color),
            n(*width),
            opacity("stroke", *alpha)
        ),
        Item::Area { points, color, alpha } => {
            writeln!(out, "<path d=\"{}Z\" fill=\"{}\"{}/>", polyline(points), hex(*color), opacity("fill", *alpha))
        }
        Item::Marks { points, length, width, color, alpha } => writeln!(
            out,
            "<path d=\"{}\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"{}/>",
            strokes(points, *length),
            hex(*color),
            n(*width),
            opacity("stroke", *alpha)
        ),
        Item::Image(r, bitmap) => writeln!(
            out,
            "<image{} preserveAspectRatio=\"none\" image-rendering=\"pixelated\" href=\"{}\"/>",
            place(*r),
            data_uri(bitmap)
        ),
        Item::Text(text) => render_text(text, out),
    };
}

fn render_text(text: &Text, out: &mut String) -> std::fmt::Result {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = if text.bold { " font-weight=\"600\"" } else { "" };
    writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight} fill=\"{}\"{anchor}>{}</text>",
        n(text.x),
        n(text.y),
        n(text.size),
        hex(text.color),
        escape(&text.text)
    )
}

fn place(r: Rect) -> String {
    format!(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", n(r.x), n(r.y), n(r.w), n(r.h))
}

fn opacity(what: &str, alpha: f64) -> String {
    if alpha < 1.0 { format!(" {what}-opacity=\"{}\"", n(alpha)) } else { String::new() }
}

fn polyline(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if at == 0 { "M" } else { "L" }, n(*x), n(*y));
    }
    d
}

fn strokes(points: &[(f64, f64)], length: f64) -> String {
    let (mut d, length) = (String::new(), n(length));
    for (x, y) in points {
        let _ = write!(d, "M{} {}v{length}", n(*x), n(*y));
    }
    d
}

/// A number with at most two decimals.
fn n(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

fn hex(Color(r, g, b): Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escape(text: &str) -> String {
    // XML 1.0 has no way to write control characters.
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn data_uri(bitmap: &Bitmap) -> String {
    // A bitmap that does not encode is left blank; a picture is never a reason to fail a run.
    format!("data:image/png;base64,{}", base64(&encode(bitmap).unwrap_or_default()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let value = word >> (18 - 6 * digit) & 63;
            out.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_the_published_values() {
        let known = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in known {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([n(1.0), n(0.254), n(-0.001), n(100.0), n(-2.5)], ["1", "0.25", "0", "100", "-2.5"]);
    }
}
