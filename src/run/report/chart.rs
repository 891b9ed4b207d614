//! A line through points, with its axes.

use crate::text::markup::Element;

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 250.0;
const MARGIN: (f64, f64) = (52.0, 26.0);
/// More points than this are thinned out: nobody sees them.
const MOST: usize = 2_000;

/// A figure; `square` are the bounds of both axes where they are known, and then the even line is drawn too.
pub(super) fn lines(title: &str, points: Vec<(f64, f64)>, square: Option<(f64, f64)>) -> Element {
    let points: Vec<(f64, f64)> = points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let step = points.len().div_ceil(MOST).max(1);
    let last = points.last().copied();
    let shown: Vec<(f64, f64)> = points.iter().step_by(step).copied().chain(last).collect();
    let (across, up) = match square {
        Some(bounds) => (bounds, bounds),
        None => (bounds(shown.iter().map(|point| point.0)), bounds(shown.iter().map(|point| point.1))),
    };
    let x = |value: f64| MARGIN.0 + (value - across.0) / (across.1 - across.0) * (WIDTH - MARGIN.0 - 10.0);
    let y = |value: f64| HEIGHT - MARGIN.1 - (value - up.0) / (up.1 - up.0) * (HEIGHT - MARGIN.1 - 10.0);
    let way: Vec<String> = shown.iter().map(|(one, other)| format!("{:.1},{:.1}", x(*one), y(*other))).collect();
    let label = |text: f64, at: (f64, f64), anchor: &str| {
        Element::new("text").with("x", at.0).with("y", at.1).with("text-anchor", anchor).text(number(text))
    };
    let axes = format!("M{:.1} 10V{:.1}H{:.1}", MARGIN.0, HEIGHT - MARGIN.1, WIDTH - 10.0);
    let mut svg = Element::new("svg")
        .with("width", WIDTH)
        .with("height", HEIGHT)
        .with("viewBox", format!("0 0 {WIDTH} {HEIGHT}"))
        .with("role", "img")
        .with("aria-label", title);
    if let Some((low, high)) = square {
        let even = format!("M{:.1} {:.1}L{:.1} {:.1}", x(low), y(low), x(high), y(high));
        svg = svg.child(Element::new("path").with("class", "even").with("d", even));
    }
    svg = svg
        .child(Element::new("path").with("class", "axis").with("d", axes))
        .child(Element::new("polyline").with("class", "line").with("points", way.join(" ")))
        .child(label(up.1, (MARGIN.0 - 6.0, 16.0), "end"))
        .child(label(up.0, (MARGIN.0 - 6.0, HEIGHT - MARGIN.1), "end"))
        .child(label(across.0, (MARGIN.0, HEIGHT - 8.0), "start"))
        .child(label(across.1, (WIDTH - 10.0, HEIGHT - 8.0), "end"));
    Element::new("figure").child(svg).child(Element::new("figcaption").text(title))
}

/// The smallest and the largest, never the same.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match low < high {
        true => (low, high),
        false if low.is_finite() => (low - 0.5, low + 0.5),
        false => (0.0, 1.0),
    }
}

fn number(value: f64) -> String {
    match value == value.round() && value.abs() < 1e7 {
        true => format!("{value}"),
        false => format!("{value:.3}"),
    }
}
