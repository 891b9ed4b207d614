//! What a run came to as one page that needs no network: outputs, metrics, curves, confusion matrices, and how each step ended.
//!
//! In: a run that is over. Out: HTML. It refuses to know where the page is kept.

mod chart;
mod measured;

use std::path::Path;
use std::time::Duration;

use super::execute::{End, Made, Outcome, Request};
use super::flow::Ending;
use crate::plan::{Type, value_text};
use crate::text::markup::{Element, Markup};

pub use measured::metrics;

const STYLE: &str = "
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px 28px 60px;font:15px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1f2328;background:#fff}
h1{font-size:25px;margin:0 0 4px}h2{font-size:19px;margin:34px 0 8px}h3{font-size:15px;margin:18px 0 4px}
.muted{color:#59636e;margin:0}
.succeeded{color:#1a7f37}.failed{color:#cf222e}.cancelled{color:#9a6700}
table{border-collapse:collapse;margin:8px 0}
th,td{text-align:left;vertical-align:top;padding:4px 16px 4px 0;border-bottom:1px solid #d1d9e0;overflow-wrap:anywhere}
th{font-size:12px;color:#59636e}
td.number{text-align:right;font-variant-numeric:tabular-nums}
td.count{text-align:right;padding:6px 14px;font-variant-numeric:tabular-nums}
pre{background:#f6f8fa;padding:10px 12px;border-radius:6px;overflow:auto;font:13px/1.4 ui-monospace,Menlo,Consolas,monospace}
figure{display:inline-block;margin:6px 26px 6px 0}figcaption{font-size:13px;color:#59636e}
svg text{font:11px system-ui,sans-serif;fill:#59636e}svg .axis{stroke:#8c959f;fill:none}svg .line{stroke:#0969da;fill:none;stroke-width:1.6}svg .even{stroke:#d1d9e0;stroke-dasharray:4 4}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#3d444d}pre{background:#151b23}svg .line{stroke:#4493f8}.succeeded{color:#3fb950}.failed{color:#f85149}}
";

/// The page.
pub fn html(request: &Request, outcome: &Outcome) -> String {
    let title = format!("{} in {}", request.pipeline.name, request.pipeline.environment);
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(Element::new("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1"))
        .child(Element::new("title").text(format!("{title} · {}", request.id)))
        .child(Element::new("style").child(Markup::Raw(STYLE)));
    let (word, class) = match outcome.ending {
        Ending::Succeeded => ("succeeded", "succeeded"),
        Ending::Failed => ("failed", "failed"),
        Ending::Cancelled => ("was stopped", "cancelled"),
    };
    let ended = Element::new("p").child(Element::new("strong").with("class", class).text(word)).text(format!(
        " in {:.1} s · run {} of {}",
        outcome.took.as_secs_f64(),
        request.id,
        request.created_at
    ));
    let mut body = Element::new("body").child(Element::new("h1").text(title));
    if let Some(description) = &request.pipeline.description {
        body = body.child(Element::new("p").with("class", "muted").text(description));
    }
    body = body.child(ended);
    if !outcome.faults.is_empty() {
        body = body.child(Element::new("pre").text(outcome.faults.join("\n")));
    }
    for section in [outputs(request, outcome), parameters(request), measures(outcome), steps(outcome)] {
        body = body.children(section);
    }
    Element::new("html").with("lang", "en").child(head).child(body).html()
}

fn heading(text: &str) -> Element {
    Element::new("h2").text(text).on_own_line()
}

fn outputs(request: &Request, outcome: &Outcome) -> Vec<Element> {
    let rows = outcome
        .typed_outputs
        .iter()
        .map(|(name, (value, ty))| (name.clone(), shown(ty, value, &request.place.project)));
    table("Outputs", rows.collect())
}

fn parameters(request: &Request) -> Vec<Element> {
    let of = |parameter: &crate::plan::Parameter| {
        let value = request.parameters.get(&parameter.name)?;
        Some((parameter.name.clone(), value_text(&parameter.ty, value)))
    };
    table("Parameters", request.pipeline.parameters.iter().filter_map(of).collect())
}

fn table(title: &str, rows: Vec<(String, String)>) -> Vec<Element> {
    if rows.is_empty() {
        return Vec::new();
    }
    let row = |(name, value): (String, String)| {
        Element::new("tr").child(Element::new("td").text(name)).child(Element::new("td").text(value))
    };
    vec![heading(title), Element::new("table").children(rows.into_iter().map(row))]
}

/// What steps measured, and what they wrote for people.
fn measures(outcome: &Outcome) -> Vec<Element> {
    let mut found = Vec::new();
    for made in &outcome.made {
        let part = measured::of(made);
        if !part.is_empty() {
            found.push(Element::new("h3").text(format!("{} · {}", made.task, made.output)));
            found.extend(part);
        }
    }
    if found.is_empty() { found } else { std::iter::once(heading("Measured")).chain(found).collect() }
}

fn steps(outcome: &Outcome) -> Vec<Element> {
    let row = |(name, end): (&String, &End)| {
        let took = outcome.times.get(name).map_or_else(String::new, time);
        let class = if matches!(end, End::Failed | End::TimedOut) { "failed" } else { "" };
        Element::new("tr")
            .child(Element::new("td").text(name))
            .child(Element::new("td").with("class", class).text(end.words()))
            .child(Element::new("td").with("class", "number").text(took))
    };
    let head = Element::new("tr").children(["step", "ended", "took"].map(|name| Element::new("th").text(name)));
    vec![heading("Steps"), Element::new("table").child(head).children(outcome.ends.iter().map(row))]
}

fn time(took: &Duration) -> String {
    format!("{:.3} s", took.as_secs_f64())
}

/// A value as one would write it; an artifact's path below the project.
pub fn shown(ty: &Type, value: &serde_json::Value, project: &Path) -> String {
    match value.get("path").and_then(serde_json::Value::as_str) {
        Some(path) if matches!(ty.required(), Type::Artifact { .. }) => {
            Path::new(path).strip_prefix(project).unwrap_or(Path::new(path)).display().to_string()
        }
        _ => value_text(ty, value),
    }
}

/// An artifact of a run, by its path.
impl Made {
    /// What stands in it, where it is JSON.
    fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()
    }
}
