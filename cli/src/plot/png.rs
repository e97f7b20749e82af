//! A scene as PNG.

use super::font;
use super::scene::{Bitmap, Color, Item, Rect, SCALE, Scene};
use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8, Stroke,
    Transform,
};

/// The bytes of the file.
///
/// # Errors
/// When the picture is too large for memory.
pub fn render(scene: &Scene) -> Result<Vec<u8>, String> {
    let (width, height) = Rect { x: 0.0, y: 0.0, w: scene.width, h: scene.height }.device();
    let mut canvas = Pixmap::new(width, height).ok_or("the picture is too large")?;
    for item in &scene.items {
        draw(item, &mut canvas);
    }
    compress(canvas).map_err(|e| e.to_string())
}

/// A bitmap as PNG.
pub fn encode(bitmap: &Bitmap) -> Option<Vec<u8>> {
    compress(pixmap(bitmap)?).ok()
}

/// The bytes of a PNG file. The least effort of deflate, without filters: a raster is small dots on flat colour, which this
/// makes as small as more effort does to within a half, in a tenth of the time.
fn compress(canvas: Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&canvas.take_demultiplied())?;
    writer.finish()?;
    Ok(bytes)
}

fn zoom() -> Transform {
    Transform::from_scale(SCALE as f32, SCALE as f32)
}

fn draw(item: &Item, canvas: &mut Pixmap) {
    match item {
        Item::Fill(r, color) => {
            if let Some(rect) = tiny_skia::Rect::from_xywh(r.x as f32, r.y as f32, r.w as f32, r.h as f32) {
                canvas.fill_rect(rect, &paint(*color, 1.0), zoom(), None);
            }
        }
        Item::Line { points, color, width, alpha } => stroke(canvas, polyline(points, false), *color, *alpha, *width),
        Item::Area { points, color, alpha } => fill(canvas, polyline(points, true), *color, *alpha),
        Item::Marks { points, length, width, color, alpha } => {
            let marks = strokes(points, *length, *width);
            stroke(canvas, marks, *color, *alpha, *width);
        }
        Item::Image(r, bitmap) => image(canvas, *r, bitmap),
        Item::Text(text) => fill(canvas, font::outline(text), text.color, 1.0),
    }
}

fn paint(Color(r, g, b): Color, alpha: f64) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint
}

fn fill(canvas: &mut Pixmap, path: Option<Path>, color: Color, alpha: f64) {
    if let Some(path) = path {
        canvas.fill_path(&path, &paint(color, alpha), FillRule::Winding, zoom(), None);
    }
}

fn stroke(canvas: &mut Pixmap, path: Option<Path>, color: Color, alpha: f64, width: f64) {
    let Some(path) = path else { return };
    let style = Stroke { width: width as f32, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    canvas.stroke_path(&path, &paint(color, alpha), &style, zoom(), None);
}

fn polyline(points: &[(f64, f64)], close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 { path.move_to(*x as f32, *y as f32) } else { path.line_to(*x as f32, *y as f32) }
    }
    if close {
        path.close();
    }
    path.finish()
}

fn strokes(points: &[(f64, f64)], length: f64, width: f64) -> Option<Path> {
    // The rasteriser draws no caps on a stroke of no length.
    let length = length.max(width / 1000.0);
    let mut path = PathBuilder::new();
    for (x, y) in points {
        path.move_to(*x as f32, *y as f32);
        path.line_to(*x as f32, (y + length) as f32);
    }
    path.finish()
}

fn image(canvas: &mut Pixmap, r: Rect, bitmap: &Bitmap) {
    let Some(pixels) = pixmap(bitmap) else { return };
    let place = Transform::from_row(
        r.w as f32 / bitmap.width as f32,
        0.0,
        0.0,
        r.h as f32 / bitmap.height as f32,
        r.x as f32,
        r.y as f32,
    );
    let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
    canvas.draw_pixmap(0, 0, pixels.as_ref(), &paint, place.post_concat(zoom()), None);
}

fn pixmap(bitmap: &Bitmap) -> Option<Pixmap> {
    let mut pixels = Pixmap::new(bitmap.width, bitmap.height)?;
    for (pixel, rgba) in pixels.pixels_mut().iter_mut().zip(bitmap.rgba.as_chunks::<4>().0) {
        let [r, g, b, a] = *rgba;
        let times = |c: u8| ((u32::from(c) * u32::from(a) + 127) / 255) as u8;
        if let Some(value) = PremultipliedColorU8::from_rgba(times(r), times(g), times(b), a) {
            *pixel = value;
        }
    }
    Some(pixels)
}
