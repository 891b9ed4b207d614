//! SARIF 2.1.0: a run of `mlp` with a rule for every code that it reports, each with its page as help.

use serde::Serialize;

use super::{Diagnostic, Place, Severity};
use crate::diagnostics::{Code, Fix};
use crate::source::{SourceMap, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Mend>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, PartialEq, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mend {
    description: Message,
    artifact_changes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

pub(super) fn render(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut writer = Writer { sources, codes };
    let driver = Driver { name: "mlp", version: env!("CARGO_PKG_VERSION"), rules: writer.rules() };
    let results = diagnostics.iter().map(|diagnostic| writer.found(diagnostic)).collect();
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    let mut text = serde_json::to_string_pretty(&log).expect("text and numbers have a JSON form");
    text.push('\n');
    text
}

struct Writer<'a> {
    sources: &'a SourceMap,
    codes: Vec<Code>,
}

impl Writer<'_> {
    fn rules(&self) -> Vec<Rule> {
        let rule = |code: &Code| Rule {
            id: code.number(),
            name: code.slug(),
            short_description: text(code.summary()),
            help: Help { text: code.page().to_owned(), markdown: code.page().to_owned() },
            default_configuration: Configuration { level: level(code.severity()) },
        };
        self.codes.iter().map(rule).collect()
    }

    fn found(&mut self, diagnostic: &Diagnostic) -> Found {
        let mut labels = diagnostic.labels.iter();
        let locations = labels.next().map(|label| self.location(label.span, "", None));
        let related = labels.enumerate().map(|(id, label)| self.location(label.span, &label.text, Some(id + 1)));
        Found {
            rule_id: diagnostic.code.number(),
            rule_index: self.codes.binary_search(&diagnostic.code).unwrap_or_default(),
            level: level(diagnostic.severity),
            message: text(&sentences(diagnostic)),
            locations: locations.into_iter().collect(),
            related_locations: related.collect(),
            fixes: diagnostic.fixes.iter().map(|fix| self.mend(fix)).collect(),
        }
    }

    fn location(&self, span: Span, message: &str, id: Option<usize>) -> Location {
        let place = Place::of(self.sources, span);
        let artifact_location = Artifact { uri: uri(&place.file) };
        let message = (!message.is_empty()).then(|| text(message));
        Location { id, physical_location: PhysicalLocation { artifact_location, region: region(&place) }, message }
    }

    fn mend(&self, fix: &Fix) -> Mend {
        let mut changes: Vec<Change> = Vec::new();
        for edit in &fix.edits {
            let place = Place::of(self.sources, edit.span);
            let artifact_location = Artifact { uri: uri(&place.file) };
            let replacement = Replacement { deleted_region: region(&place), inserted_content: text(&edit.text) };
            match changes.iter_mut().find(|change| change.artifact_location == artifact_location) {
                Some(change) => change.replacements.push(replacement),
                None => changes.push(Change { artifact_location, replacements: vec![replacement] }),
            }
        }
        Mend { description: text(&fix.title), artifact_changes: changes }
    }
}

fn region(place: &Place) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn text(text: &str) -> Message {
    Message { text: text.to_owned() }
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

/// The message with what helps to understand it: viewers show nothing else.
fn sentences(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.notes.iter().cloned());
    lines.extend(diagnostic.help.iter().map(|help| format!("Help: {help}")));
    lines.join("\n")
}

/// A path as a relative reference: everything that a URI does not take as it is becomes `%XX`.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let written = |byte: u8| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(written).collect()
}
