//! A declaration's head as it was written: everything before its body.

use crate::ast::{Item, ItemKind};
use crate::source::SourceMap;

/// More lines than this say too much.
const LINES: usize = 12;

/// `step load(source: Table<Aspirate>, …) -> (rows: Dataset<Features>)`
pub(super) fn head(sources: &SourceMap, item: &Item) -> String {
    let text = sources.text(item.span);
    let from = (item.keyword.start.saturating_sub(item.span.start)) as usize;
    let text = text.get(from..).unwrap_or(text);
    let text = match &item.kind {
        _ if is_whole(&item.kind) => text,
        _ => text.get(..body(text)).unwrap_or(text),
    };
    let lines: Vec<&str> = text.trim_end().lines().take(LINES).collect();
    lines.join("\n")
}

/// Items whose body is what one wants to know.
fn is_whole(kind: &ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Schema(_)
            | ItemKind::Struct(_)
            | ItemKind::Enum(_)
            | ItemKind::Type(_)
            | ItemKind::Mark(_)
            | ItemKind::Let(_)
            | ItemKind::Fn(_)
            | ItemKind::Kind(_)
            | ItemKind::Need(_)
            | ItemKind::Import(_)
    )
}

/// Where the first brace outside brackets and texts opens.
fn body(text: &str) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '{' if depth == 0 => return at,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}
