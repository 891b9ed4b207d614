//! Steps that a tool of the library runs: each becomes the command that starts the tool, and is held against the file that it runs.
//!
//! In: `notebook(…)`, `spark(…)`, `ray(…)`, `query(…)`, `mlflow_register(…)` and what the step takes and gives. Out: words, as a person
//! would have written them by `command(…)`, so that nothing after the checks learns of the tools.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Field, Place, Run, Type, Value};
use crate::python;
use crate::source::Span;

/// Registers a model in MLflow, which has no command for that.
const REGISTER: &str = include_str!("mlflow_register.py");

/// What a notebook's executed form is called.
const EXECUTED: &str = "executed";

/// The step, and where its tool is named.
pub(super) struct Tool<'a> {
    pub(super) arguments: &'a IndexMap<String, Value>,
    pub(super) span: Span,
    pub(super) inputs: &'a [Field],
    pub(super) outputs: &'a [Field],
}

impl Tool<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_text)
    }

    /// `--NAME VALUE` for every input, `--NAME PATH` for every output.
    fn options(&self) -> Vec<Expr> {
        let given = self.inputs.iter().flat_map(|input| [word(&format!("--{}", input.name)), given(input)]);
        let written =
            self.outputs.iter().flat_map(|output| [word(&format!("--{}", self.told(output))), written(output)]);
        given.chain(written).collect()
    }

    /// What an output is called where an input may have its name.
    fn told(&self, output: &Field) -> String {
        let is_taken = self.inputs.iter().any(|input| input.name == output.name);
        if is_taken { format!("out_{}", output.name) } else { output.name.clone() }
    }
}

fn word(text: &str) -> Expr {
    Expr { ty: Type::String, kind: ExprKind::Value(Value::Text(text.to_owned())), span: Span::default() }
}

fn place(place: Place, field: &Field, ty: Type) -> Expr {
    Expr { ty, kind: ExprKind::Place(place, field.name.clone()), span: field.span }
}

/// An input as a word: its text, of an artifact its path.
fn given(input: &Field) -> Expr {
    match input.ty.is_artifact() {
        true => place(Place::InputPath, input, Type::String),
        false => joined(vec![place(Place::Input, input, input.ty.clone())]),
    }
}

fn written(output: &Field) -> Expr {
    place(Place::OutputPath, output, Type::String)
}

fn joined(parts: Vec<Expr>) -> Expr {
    Expr { ty: Type::String, kind: ExprKind::Text(parts), span: Span::default() }
}

impl Checker<'_> {
    /// The command of a step that a tool runs; none where the form is no tool of the library.
    pub(super) fn tool_run(&mut self, name: &str, tool: &Tool) -> Option<Run> {
        let optional = tool.inputs.iter().find(|input| matches!(input.ty, Type::Optional(_)));
        let words = match name {
            "notebook" => self.notebook(tool)?,
            "spark" => self.file_of_tool(tool).map(|_| spark(tool))?,
            "ray" => self.file_of_tool(tool).map(|_| ray(tool))?,
            "query" => self.query(tool)?,
            "mlflow_register" => self.register(tool)?,
            _ => return None,
        };
        if let Some(input) = optional {
            let message = format!("`{name}` cannot be given `{}`, which may be absent", input.name);
            self.report(
                report::tool_mismatch(input.span, message).help("give the input a default, in place of the `?`"),
            );
        }
        Some(Run::Command(words, Vec::new()))
    }

    /// The text of the file that the tool runs.
    fn file_of_tool(&mut self, tool: &Tool) -> Option<String> {
        let file = tool.text("file")?.to_owned();
        self.text_of_file(&file, tool.span)
    }

    fn notebook(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let text = self.file_of_tool(tool)?;
        let file = tool.text("file").unwrap_or_default();
        let executed = tool.outputs.iter().find(|output| output.name == EXECUTED);
        let mut words = vec![word("papermill"), word(file), executed.map_or_else(|| word("/dev/null"), written)];
        if let Some(kernel) = tool.text("kernel") {
            words.extend([word("--kernel"), word(kernel)]);
        }
        let mut named = Vec::new();
        for input in tool.inputs {
            named.push((input.name.clone(), input.span));
            let is_text =
                matches!(input.ty.unrefined(), Type::String | Type::Uri | Type::Cron | Type::Enum(_) | Type::Timestamp);
            match is_text || input.ty.is_artifact() {
                true => words.extend([word("-r"), word(&input.name), given(input)]),
                // YAML, of which JSON is a part: no text becomes a number, and no number a text.
                false => {
                    let (head, tail) = (word(&format!("{{\"{}\": ", input.name)), word("}"));
                    words.extend([word("-y"), joined(vec![head, place(Place::Input, input, input.ty.clone()), tail])]);
                }
            }
        }
        for output in tool.outputs.iter().filter(|output| output.name != EXECUTED) {
            named.push((tool.told(output), output.span));
            words.extend([word("-r"), word(&tool.told(output)), written(output)]);
        }
        self.held_against_cell(&text, file, tool.span, &named);
        Some(words)
    }

    /// What papermill sets is what the notebook's cell of parameters names.
    fn held_against_cell(&mut self, text: &str, file: &str, at: Span, named: &[(String, Span)]) {
        let known = match parameters(text) {
            Ok(known) => known,
            Err(why) => {
                let diagnostic = report::tool_mismatch(at, format!("`{file}` {why}"));
                return self.report(
                    diagnostic
                        .help("give one of its cells the tag `parameters`, and assign each input and output there"),
                );
            }
        };
        for (name, span) in named.iter().filter(|(name, _)| !known.contains(name)) {
            let message = format!("the notebook `{file}` has no parameter `{name}`");
            let help = format!("assign it in the cell with the tag `parameters`: `{name} = None`");
            self.report(report::tool_mismatch(*span, message).label(at, "it is run here").help(help));
        }
        for name in known.iter().filter(|name| !named.iter().any(|(given, _)| given == *name)) {
            let message = format!("the notebook `{file}` has a parameter `{name}` that the step does not give");
            self.report(
                report::tool_mismatch(at, message).help("make it an input of the step, or assign it in another cell"),
            );
        }
    }

    fn query(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let text = self.file_of_tool(tool)?;
        let mut words: Vec<Expr> = ["bq", "query", "--use_legacy_sql=false", "--format=none"].map(word).into();
        for (option, value) in [("project_id", "project"), ("location", "location")] {
            words.extend(tool.text(value).map(|value| word(&format!("--{option}={value}"))));
        }
        if let Some(table) = tool.text("into") {
            words.extend([word(&format!("--destination_table={}", destination(table))), word("--replace")]);
        }
        let file = tool.text("file").unwrap_or_default();
        let asked = named_in(&text);
        for input in tool.inputs {
            let Some(kind) = of_bigquery(input.ty.unrefined()) else {
                let message =
                    format!("a query cannot be given `{}`, which is a `{}`", input.name, self.show(&input.ty));
                self.report(
                    report::tool_mismatch(input.span, message).help("numbers, truths, texts and moments can be given"),
                );
                continue;
            };
            if !asked.contains(&input.name.to_lowercase()) {
                let message = format!("`{file}` does not ask for `@{}`", input.name);
                self.report(
                    report::tool_mismatch(input.span, message)
                        .label(tool.span, "it is run here")
                        .help("use it there, or remove the input"),
                );
            }
            let head = word(&format!("--parameter={}:{kind}:", input.name));
            words.push(joined(vec![head, place(Place::Input, input, input.ty.clone())]));
        }
        for name in asked.iter().filter(|name| !tool.inputs.iter().any(|input| input.name.to_lowercase() == **name)) {
            let message = format!("`{file}` asks for `@{name}`, which the step does not give");
            self.report(report::tool_mismatch(tool.span, message).help(format!("add an input `{name}` to the step")));
        }
        if let Some(output) = tool.outputs.first() {
            let message = format!("a query writes no file, so nothing writes the output `{}`", output.name);
            self.report(
                report::tool_mismatch(output.span, message)
                    .help("say where its rows go: `into: \"project.dataset.table\"`"),
            );
        }
        // A text that begins with a comment would be read as an option.
        words.push(word(&format!("\n{text}")));
        Some(words)
    }

    fn register(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let [model] = tool.inputs.iter().filter(|input| input.ty.is_artifact()).collect::<Vec<_>>()[..] else {
            let message = "what is registered is one model, so the step has one input that is an artifact";
            self.report(
                report::tool_mismatch(tool.span, message).help("`step register(model: Model) -> (version: int) { … }`"),
            );
            return None;
        };
        let mut others = tool.inputs.iter().filter(|input| input.name != model.name);
        let ([] | [Field { ty: Type::Int, .. }]) = tool.outputs else {
            let message = "the registry gives the number of the version, and nothing else";
            self.report(report::tool_mismatch(tool.span, message).help("`-> (version: int)`, or no output"));
            return None;
        };
        if let Some(other) = others.next() {
            let message = format!("nothing is registered of the input `{}`", other.name);
            self.report(report::tool_mismatch(other.span, message).help("remove it"));
        }
        let (name, alias) = (tool.text("name").unwrap_or_default(), tool.text("alias").unwrap_or_default());
        let mut words: Vec<Expr> = ["python3", "-c", REGISTER, name, alias].map(word).into();
        words.push(given(model));
        words.extend(tool.outputs.iter().map(written));
        Some(words)
    }
}

fn spark(tool: &Tool) -> Vec<Expr> {
    let mut words = vec![word("spark-submit")];
    for (option, value) in [("--master", "master"), ("--deploy-mode", "deploy_mode")] {
        words.extend(tool.text(value).into_iter().flat_map(|value| [word(option), word(value)]));
    }
    let listed = tool.arguments.get("packages").and_then(Value::as_list).unwrap_or_default();
    let packages: Vec<&str> = listed.iter().filter_map(Value::as_text).collect();
    if !packages.is_empty() {
        words.extend([word("--packages"), word(&packages.join(","))]);
    }
    if let Some(Value::Record(conf)) = tool.arguments.get("conf") {
        let entries = conf.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_text()?)));
        words.extend(entries.flat_map(|entry| [word("--conf"), word(&entry)]));
    }
    words.push(word(tool.text("file").unwrap_or_default()));
    words.extend(tool.options());
    words
}

fn ray(tool: &Tool) -> Vec<Expr> {
    let mut words: Vec<Expr> = ["ray", "job", "submit"].map(word).into();
    words.extend(tool.text("address").into_iter().flat_map(|address| [word("--address"), word(address)]));
    words.extend(["--working-dir", ".", "--", "python", tool.text("file").unwrap_or_default()].map(word));
    words.extend(tool.options());
    words
}

/// `project:dataset.table`, as `bq` has it.
fn destination(table: &str) -> String {
    if table.contains(':') { table.to_owned() } else { table.replacen('.', ":", 1) }
}

fn of_bigquery(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Int | Type::Size => "INT64",
        Type::Float | Type::Percent | Type::Duration => "FLOAT64",
        Type::Bool => "BOOL",
        Type::String | Type::Uri | Type::Cron | Type::Enum(_) => "STRING",
        Type::Timestamp => "TIMESTAMP",
        _ => return None,
    })
}

/// The parameters that a query asks for by `@NAME`, in small letters, as they are compared; not those in texts and comments.
/// <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical>
fn named_in(sql: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let line = || rest.find('\n').unwrap_or(rest.len());
        let skipped = match first {
            '\'' | '"' | '`' => length_of_text(rest, first),
            '#' => line(),
            '-' if rest.starts_with("--") => line(),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            // A variable of the system.
            '@' if rest.starts_with("@@") => 2 + length_of_name(&rest[2..]),
            '@' => {
                let end = 1 + length_of_name(&rest[1..]);
                found.extend((end > 1).then(|| rest[1..end].to_lowercase()));
                end
            }
            other => other.len_utf8(),
        };
        rest = &rest[skipped.max(1)..];
    }
    found
}

/// How long a text is that begins here, its quotes included: one of three quotes ends with three, and `\` takes the letter after it along.
fn length_of_text(sql: &str, quote: char) -> usize {
    let three: String = std::iter::repeat_n(quote, 3).collect();
    let end = if sql.starts_with(&three) { three } else { quote.to_string() };
    let mut at = end.len();
    while let Some(letter) = sql[at..].chars().next() {
        if sql[at..].starts_with(&end) {
            return at + end.len();
        }
        at += letter.len_utf8();
        if letter == '\\' {
            at += sql[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    sql.len()
}

fn length_of_name(text: &str) -> usize {
    text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len())
}

/// The names that the cell with the tag `parameters` of a notebook assigns, or what is wrong with the notebook.
/// <https://nbformat.readthedocs.io/en/latest/format_description.html>
fn parameters(text: &str) -> Result<BTreeSet<String>, String> {
    let notebook: serde_json::Value = serde_json::from_str(text).map_err(|error| format!("is no notebook: {error}"))?;
    let cells = notebook.get("cells").and_then(|cells| cells.as_array()).ok_or("is no notebook: it has no cells")?;
    let is_tagged = |cell: &&serde_json::Value| {
        let tags = cell.get("metadata").and_then(|metadata| metadata.get("tags")?.as_array());
        tags.is_some_and(|tags| tags.iter().any(|tag| tag == "parameters"))
    };
    let cell = cells.iter().find(is_tagged).ok_or("has no cell with the tag `parameters`")?;
    let source = match cell.get("source") {
        Some(serde_json::Value::Array(lines)) => lines.iter().filter_map(|line| line.as_str()).collect(),
        Some(serde_json::Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    python::assigned(&source).map_err(|_| "has parameters that are no Python".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_what_stands_outside_of_quotes_and_comments() {
        let sql = "SELECT '@a', `@b`, @C, @@system.x -- @d\n# @e\n/* @f */ FROM t WHERE x > @from_day AND y = \"@g\"";
        assert_eq!(named_in(sql), BTreeSet::from(["c".to_owned(), "from_day".to_owned()]));
        let escaped = r#"SELECT 'it\'s @no', @x, 'b', """a " @neither""", ``` ' @nor```, @y, '', @z"#;
        assert_eq!(named_in(escaped), BTreeSet::from(["x", "y", "z"].map(str::to_owned)));
        assert_eq!(named_in("'"), BTreeSet::new());
        assert_eq!(named_in("@"), BTreeSet::new());
        assert_eq!(named_in("é @é"), BTreeSet::new());
    }
}
