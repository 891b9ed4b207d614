//! What a step measured: numbers as a table, curves as lines, a confusion matrix, and what it wrote for people.
//!
//! The fields are those of Kubeflow's `ClassificationMetrics`: `confidenceMetrics` and `confusionMatrix`.

use serde_json::{Map, Value as Json};

use super::chart;
use crate::machine::file;
use crate::run::execute::{Made, Outcome};
use crate::text::markup::Element;

/// How much of a text that a step wrote is shown, in bytes.
const MOST: u64 = 200_000;

/// The numbers that a run measured: the task and its output, the number's name, the number.
pub fn metrics(outcome: &Outcome) -> Vec<(String, String, f64)> {
    let mut found = Vec::new();
    for made in outcome.made.iter().filter(|made| made.title == "system.Metrics") {
        for (name, value) in made.json().as_ref().and_then(Json::as_object).into_iter().flatten() {
            found.extend(value.as_f64().map(|number| (format!("{}.{}", made.task, made.output), name.clone(), number)));
        }
    }
    found
}

/// What is shown of an artifact; nothing: it is not for people.
pub(super) fn of(made: &Made) -> Vec<Element> {
    match made.title.as_str() {
        "system.Metrics" | "system.ClassificationMetrics" | "system.SlicedClassificationMetrics" => {
            made.json().as_ref().and_then(Json::as_object).map(measures).unwrap_or_default()
        }
        "system.Markdown" => written(made).into_iter().map(|text| Element::new("pre").text(text)).collect(),
        "system.HTML" => {
            // A page of its own without scripts: what a step wrote cannot reach this one.
            let frame = |text: String| {
                let frame = Element::new("iframe").with("sandbox", "").with("srcdoc", text);
                frame.with("width", "100%").with("height", "420").with("title", &made.output)
            };
            written(made).into_iter().map(frame).collect()
        }
        _ => Vec::new(),
    }
}

fn written(made: &Made) -> Option<String> {
    let bytes = file::beginning_of(&made.path, MOST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn measures(fields: &Map<String, Json>) -> Vec<Element> {
    let mut found = Vec::new();
    let numbers: Vec<(&String, &Json)> =
        fields.iter().filter(|(_, value)| value.is_number() || value.is_string() || value.is_boolean()).collect();
    if !numbers.is_empty() {
        let row = |(name, value): (&String, &Json)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Element::new("tr")
                .child(Element::new("td").text(name))
                .child(Element::new("td").with("class", "number").text(text))
        };
        found.push(Element::new("table").children(numbers.into_iter().map(row)));
    }
    for (name, value) in fields {
        let numbers: Option<Vec<f64>> = value.as_array().and_then(|items| items.iter().map(Json::as_f64).collect());
        if let Some(numbers) = numbers.filter(|numbers| numbers.len() > 1) {
            let points = numbers.iter().enumerate().map(|(at, number)| (at as f64, *number)).collect();
            found.push(chart::lines(name, points, None));
        }
    }
    found.extend(fields.get("confidenceMetrics").and_then(roc));
    found.extend(fields.get("confusionMatrix").and_then(confusion));
    found
}

fn roc(points: &Json) -> Option<Element> {
    let point = |one: &Json| Some((one.get("falsePositiveRate")?.as_f64()?, one.get("recall")?.as_f64()?));
    let mut points: Vec<(f64, f64)> = points.as_array()?.iter().filter_map(point).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    (points.len() > 1).then(|| chart::lines("ROC: recall over the false positive rate", points, Some((0.0, 1.0))))
}

fn confusion(matrix: &Json) -> Option<Element> {
    let name = |one: &Json| one.get("displayName").and_then(Json::as_str).unwrap_or_default().to_owned();
    let names: Vec<String> = matrix.get("annotationSpecs")?.as_array()?.iter().map(name).collect();
    let counts = |row: &Json| -> Option<Vec<f64>> { row.get("row")?.as_array()?.iter().map(Json::as_f64).collect() };
    let rows: Vec<Vec<f64>> = matrix.get("rows")?.as_array()?.iter().map(counts).collect::<Option<_>>()?;
    let most = rows.iter().flatten().copied().fold(0.0, f64::max);
    let cell = |count: &f64| {
        let share = if most > 0.0 { count / most } else { 0.0 };
        let style = format!("background:rgba(9,105,218,{:.2})", 0.08 + 0.5 * share);
        Element::new("td").with("class", "count").with("style", style).text(count.to_string())
    };
    let row = |(at, row): (usize, &Vec<f64>)| {
        let name = names.get(at).cloned().unwrap_or_default();
        Element::new("tr").child(Element::new("th").text(name)).children(row.iter().map(cell))
    };
    let head = Element::new("tr").child(Element::new("th").text("was ↓ · called →"));
    let head = head.children(names.iter().map(|name| Element::new("th").text(name)));
    let table = Element::new("table").child(head).children(rows.iter().enumerate().map(row));
    Some(Element::new("figure").child(table).child(Element::new("figcaption").text("Confusion matrix")))
}
