//! `query(…)`: a query of BigQuery, by `bq`.

use std::collections::BTreeSet;

use super::sql::named_in;
use super::{Checker, Tool, joined, value, word};
use crate::diagnostics::report;
use crate::model::{Expr, Field, Type};

impl Checker<'_> {
    /// The command, with the query's text as its last word.
    pub(super) fn query(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let text = self.file_of_tool(tool)?;
        let mut words: Vec<Expr> = ["bq", "query", "--use_legacy_sql=false", "--format=none"].map(word).into();
        for (option, argument) in [("project_id", "project"), ("location", "location")] {
            words.extend(tool.text(argument).map(|value| word(&format!("--{option}={value}"))));
        }
        if let Some(table) = tool.text("into") {
            words.extend([word(&format!("--destination_table={}", destination(table))), word("--replace")]);
        }
        let asked = named_in(&text);
        words.extend(tool.inputs.iter().flat_map(|input| self.parameter(tool, input, &asked)));
        self.held_against_query(tool, &asked);
        // A text that begins with a comment would be read as an option.
        words.push(word(&format!("\n{text}")));
        Some(words)
    }

    /// `--parameter=NAME:TYPE:VALUE`; an absent value is `NULL`, for a query is never without a parameter that it asks for.
    fn parameter(&mut self, tool: &Tool, input: &Field, asked: &BTreeSet<String>) -> Vec<Expr> {
        let Some(kind) = of_bigquery(input.ty.required()) else {
            let message = format!("a query cannot be given `{}`, which is a `{}`", input.name, self.show(&input.ty));
            self.report(
                report::tool_mismatch(input.span, message).help("numbers, truths, texts and moments can be given"),
            );
            return Vec::new();
        };
        if !asked.contains(&input.name.to_lowercase()) {
            let message = format!("`{}` does not ask for `@{}`", tool.file(), input.name);
            self.report(
                report::tool_mismatch(input.span, message)
                    .label(tool.span, "it is run here")
                    .help("use it there, or remove the input"),
            );
        }
        let head = format!("--parameter={}:{kind}:", input.name);
        let absent = word(&format!("{head}NULL"));
        self.if_given(input, vec![joined(vec![word(&head), value(input)])], Some(absent))
    }

    /// A query is given all that it asks for, and writes no file.
    fn held_against_query(&mut self, tool: &Tool, asked: &BTreeSet<String>) {
        for name in asked.iter().filter(|name| !tool.inputs.iter().any(|input| input.name.to_lowercase() == **name)) {
            let message = format!("`{}` asks for `@{name}`, which the step does not give", tool.file());
            self.report(report::tool_mismatch(tool.span, message).help(format!("add an input `{name}` to the step")));
        }
        if let Some(output) = tool.outputs.first() {
            let message = format!("a query writes no file, so nothing writes the output `{}`", output.name);
            self.report(
                report::tool_mismatch(output.span, message)
                    .help("say where its rows go: `into: \"project.dataset.table\"`"),
            );
        }
    }
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
