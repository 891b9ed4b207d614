//! The words of a command, with the values of a run in them.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::flow::Values;
use crate::plan::{Expr, ExprKind, Type, Word, WordPart, Words};

/// What stands in a command's words.
pub(super) struct Filling<'a> {
    /// Every input, whole; an artifact is `{"path", "uri"}`.
    pub(super) inputs: &'a Values,
    /// Where each output is to be written.
    pub(super) outputs: &'a IndexMap<String, PathBuf>,
}

/// The word with letters in place of what the pipeline around and its run know.
pub(super) fn settled(word: &Word, value: &dyn Fn(&Expr) -> Result<Json, String>) -> Result<Word, String> {
    let again = |word: &Word| settled(word, value);
    let all = |words: &Words| -> Result<Words, String> {
        Ok(match words {
            Words::Many(words) => Words::Many(words.iter().map(again).collect::<Result<_, _>>()?),
            Words::One(word) => Words::One(again(word)?),
        })
    };
    let part = |part: &WordPart| {
        Ok(match part {
            WordPart::Context { name, sign } => {
                let kind = ExprKind::Context { name: name.clone(), sign: sign.clone() };
                WordPart::Text { text: text_of(&value(&Expr { ty: Type::String, kind })?) }
            }
            WordPart::Value { value: expr } => WordPart::Text { text: text_of(&value(expr)?) },
            WordPart::Concat { words } => {
                WordPart::Concat { words: words.iter().map(again).collect::<Result<_, _>>()? }
            }
            WordPart::IfPresent { input, then, otherwise } => WordPart::IfPresent {
                input: input.clone(),
                then: all(then)?,
                otherwise: otherwise.as_ref().map(all).transpose()?,
            },
            other => other.clone(),
        })
    };
    Ok(Word { parts: word.parts.iter().map(part).collect::<Result<_, String>>()?, span: word.span })
}

impl Filling<'_> {
    /// Each word, in order; one that stands for none is left out.
    pub(super) fn words(&self, words: &[Word]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for word in words {
            match word.parts.as_slice() {
                [WordPart::IfPresent { input, then, otherwise }] => {
                    found.extend(self.words(self.chosen(input, then, otherwise.as_ref()))?);
                }
                _ => found.push(self.word(word)?),
            }
        }
        Ok(found)
    }

    /// One word, its parts put together.
    pub(super) fn word(&self, word: &Word) -> Result<String, String> {
        word.parts.iter().map(|part| self.part(part)).collect()
    }

    fn chosen<'w>(&self, input: &str, then: &'w Words, otherwise: Option<&'w Words>) -> &'w [Word] {
        let given = self.inputs.get(input).is_some_and(|value| !value.is_null());
        if given { then.all() } else { otherwise.map_or(&[], Words::all) }
    }

    fn part(&self, part: &WordPart) -> Result<String, String> {
        Ok(match part {
            WordPart::Text { text } | WordPart::Verbatim { text } => text.clone(),
            WordPart::Input { name } => text_of(self.input(name)?),
            WordPart::InputPath { name } => self.artifact(name, "path")?,
            WordPart::InputUri { name } => self.artifact(name, "uri")?,
            WordPart::InputArtifact { name } => self.input(name)?.to_string(),
            WordPart::InputMetadata { name, key } => {
                metadata(&PathBuf::from(self.artifact(name, "path")?), key.as_deref())
            }
            WordPart::OutputPath { name } | WordPart::OutputUri { name } => self.output(name)?,
            WordPart::OutputArtifact { name } => {
                let path = self.output(name)?;
                json!({"name": name, "uri": path, "path": path}).to_string()
            }
            WordPart::OutputMetadata { name: _, key } => {
                if key.is_some() {
                    String::new()
                } else {
                    "{}".to_owned()
                }
            }
            WordPart::Variable { name } => std::env::var(name).unwrap_or_default(),
            WordPart::Context { .. } | WordPart::Value { .. } => return Err("a part of a word is not known".to_owned()),
            WordPart::Concat { words } => self.words(words)?.concat(),
            WordPart::IfPresent { input, then, otherwise } => {
                self.words(self.chosen(input, then, otherwise.as_ref()))?.concat()
            }
        })
    }

    fn input(&self, name: &str) -> Result<&Json, String> {
        self.inputs.get(name).ok_or_else(|| format!("input {name} is missing"))
    }

    fn artifact(&self, name: &str, field: &str) -> Result<String, String> {
        let found = self.input(name)?.get(field).and_then(Json::as_str);
        found.map(str::to_owned).ok_or_else(|| format!("input {name} is missing"))
    }

    fn output(&self, name: &str) -> Result<String, String> {
        let path = self.outputs.get(name).ok_or_else(|| format!("there is no output {name}"))?;
        Ok(path.display().to_string())
    }
}

/// How a value reads in a word: a text as it is, nothing for `none`, anything else as JSON.
pub(super) fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn metadata(path: &std::path::Path, key: Option<&str>) -> String {
    let known = std::fs::read(super::cache::metadata_file(path)).ok();
    let known: Json = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_else(|| json!({}));
    match key {
        None => known.to_string(),
        Some(key) => known.get(key).map(text_of).unwrap_or_default(),
    }
}
