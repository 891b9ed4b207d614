//! Words of a command: letters, the step's places, and the structures that the orchestrator resolves.

use serde_json::Value as Json;

use super::Writer;
use super::value::{Inside, context, rich_with};
use crate::emit::kubeflow::dollar::{self, Piece};
use crate::import::kubeflow::catalog::StepId;
use crate::import::kubeflow::lang;
use crate::text::json;

impl<'a> Writer<'a, '_> {
    /// A word.
    pub(super) fn word(&mut self, id: StepId, word: &str) -> String {
        if let Some(text) = self.structure(id, word) {
            return text;
        }
        // What nobody would write so, as `$(date)` for a shell, reaches the cluster as it stands.
        let plain = !word.contains("{{$");
        let verbatim = plain && dollar::read(word).iter().any(is_odd);
        let text = match self.long_text(id, word) {
            Some(path) => format!("file({})", lang::text(&path)),
            None if verbatim => lang::text(word),
            None => return self.letters(id, word),
        };
        if verbatim { format!("verbatim({text})") } else { text }
    }

    fn letters(&mut self, id: StepId, word: &str) -> String {
        let mut used = Vec::new();
        let text = rich_with(word, &|letters| dollars(letters), &mut |placeholder| match self.place(id, placeholder) {
            Some((text, true)) => Inside::Whole(text),
            Some((text, false)) => Inside::Within(text),
            None => Inside::Whole(context(placeholder, &mut used)),
        });
        for name in used {
            self.library("run", name);
        }
        text
    }

    /// `{"Concat": …}` and `{"IfPresent": …}`, if it is written as the SDK writes them.
    fn structure(&mut self, id: StepId, word: &str) -> Option<String> {
        if !word.starts_with("{\"Concat\"") && !word.starts_with("{\"IfPresent\"") {
            return None;
        }
        let value: Json = serde_json::from_str(word).ok()?;
        if json::dumped(&value) != word {
            return None;
        }
        self.part(id, &value)
    }

    fn part(&mut self, id: StepId, value: &Json) -> Option<String> {
        if let Some(letters) = value.as_str() {
            return Some(self.letters(id, letters));
        }
        let (name, inner) = value.as_object().filter(|entries| entries.len() == 1)?.iter().next()?;
        match name.as_str() {
            "Concat" => {
                let items: Option<Vec<String>> = inner.as_array()?.iter().map(|item| self.part(id, item)).collect();
                Some(format!("concat([{}])", items?.join(", ")))
            }
            "IfPresent" => {
                let fields = inner.as_object()?;
                let known = ["InputName", "Then", "Else"];
                if !fields.keys().all(|key| known.contains(&key.as_str())) {
                    return None;
                }
                let asked = fields.get("InputName")?.as_str()?;
                let mut text = lang::name(asked);
                let around = self.present.replace(asked.to_owned());
                let then = self.words(id, fields.get("Then")?);
                self.present = around;
                text.push_str(&format!(", then: {}", then?));
                if let Some(other) = fields.get("Else") {
                    text.push_str(&format!(", otherwise: {}", self.words(id, other)?));
                }
                Some(format!("if_present({text})"))
            }
            _ => None,
        }
    }

    /// Words in a list, or one.
    fn words(&mut self, id: StepId, value: &Json) -> Option<String> {
        match value {
            Json::Array(items) => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.part(id, item)).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
            other => self.part(id, other),
        }
    }
}

/// What nobody would write so: a variable by a name that no variable has, or a `$$` of which Kubernetes makes one.
fn is_odd(piece: &Piece) -> bool {
    match piece {
        Piece::Text(_) => false,
        Piece::Variable(name) => !name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
        Piece::Verbatim(_) => true,
    }
}

/// Letters of a word between quotes, with what Kubernetes makes of `$`.
fn dollars(letters: &str) -> String {
    let piece = |piece: Piece| match piece {
        Piece::Text(text) => lang::escaped(&text),
        Piece::Variable(name) => format!("\\(variable(\"{name}\"))"),
        Piece::Verbatim(text) => format!("\\(verbatim({}))", lang::text(&text)),
    };
    dollar::read(letters).into_iter().map(piece).collect()
}
