//! The words of a command.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Expr;
use crate::source::Span;

/// A word of a command: its parts are put together without anything between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// In order.
    pub parts: Vec<WordPart>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum WordPart {
    /// Letters.
    Text {
        /// As they are.
        text: String,
    },
    /// The value of an input that is no artifact.
    Input {
        /// The step's input.
        name: String,
    },
    /// The readable path of an input artifact.
    InputPath {
        /// The step's input.
        name: String,
    },
    /// The address of an input artifact.
    InputUri {
        /// The step's input.
        name: String,
    },
    /// What is known of an input artifact, or of each of a list, as JSON.
    InputArtifact {
        /// The step's input.
        name: String,
    },
    /// The metadata of an input artifact, as JSON, or one entry of it.
    InputMetadata {
        /// The step's input.
        name: String,
        /// The entry.
        key: Option<String>,
    },
    /// The path where an output (artifact or value) is to be written.
    OutputPath {
        /// The step's output.
        name: String,
    },
    /// The address where an output artifact will be.
    OutputUri {
        /// The step's output.
        name: String,
    },
    /// What is known of an output artifact beforehand, as JSON.
    OutputArtifact {
        /// The step's output.
        name: String,
    },
    /// The metadata of an output artifact beforehand, as JSON, or one entry of it.
    OutputMetadata {
        /// The step's output.
        name: String,
        /// The entry.
        key: Option<String>,
    },
    /// What an environment variable of the container holds when it starts.
    Variable {
        /// The variable.
        name: String,
    },
    /// Letters that reach the cluster as they are, even where it gives them a meaning.
    Verbatim {
        /// As they are.
        text: String,
    },
    /// What only the orchestrator knows.
    Context {
        /// The function of `std.run`.
        name: String,
        /// Of `placeholder`: the orchestrator's own name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign: Option<String>,
    },
    /// A value of the pipeline around, where a call says what its step runs in.
    Value {
        /// The value.
        value: Expr,
    },
    /// Words put together as one.
    Concat {
        /// In order.
        words: Vec<Word>,
    },
    /// Words that stand there if an optional input is given, and others if not.
    IfPresent {
        /// The step's input.
        input: String,
        /// If it is given.
        then: Words,
        /// If it is not; none: nothing.
        otherwise: Option<Words>,
    },
}

/// One word, or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// In a list.
    Many(Vec<Word>),
    /// By itself.
    One(Word),
}

impl Words {
    /// Each of them.
    pub fn all(&self) -> &[Word] {
        match self {
            Words::Many(words) => words,
            Words::One(word) => std::slice::from_ref(word),
        }
    }
}
