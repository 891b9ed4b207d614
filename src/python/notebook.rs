//! The cells of a notebook. <https://nbformat.readthedocs.io/en/latest/format_description.html>

use serde_json::Value;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Whether it is run: it is no text for people.
    pub is_code: bool,
    /// Its tags: `parameters`.
    pub tags: Vec<String>,
    /// What is written in it.
    pub source: String,
}

/// The cells of a notebook, in order; the error says what a text is that is no notebook.
pub fn cells(text: &str) -> Result<Vec<Cell>, String> {
    let notebook: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let cells = notebook.get("cells").and_then(Value::as_array).ok_or("it has no cells")?;
    Ok(cells.iter().map(cell).collect())
}

fn cell(cell: &Value) -> Cell {
    let tags = cell.get("metadata").and_then(|metadata| metadata.get("tags"));
    Cell {
        is_code: cell.get("cell_type").and_then(Value::as_str) == Some("code"),
        tags: texts(tags).map(str::to_owned).collect(),
        source: match cell.get("source") {
            Some(Value::String(text)) => text.clone(),
            lines => texts(lines).collect(),
        },
    }
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
