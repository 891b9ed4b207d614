//! The types that values of the random pipelines have, and the steps that take and give them.

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    Colour,
    Share,
    Pair,
    Counts,
    Ints,
    Texts,
    File,
    Files,
    MaybeInt,
    MaybeText,
    MaybeFile,
    /// What a loop gathers of texts that may be absent.
    MaybeTexts,
}

use Kind::{
    Bool, Colour, Counts, File, Files, Int, Ints, MaybeFile, MaybeInt, MaybeText, MaybeTexts, Pair, Share, Text, Texts,
};

impl Kind {
    /// As the language writes it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Bool => "bool",
            Int => "int",
            Text => "string",
            Colour => "Colour",
            Share => "percent",
            Pair => "Pair",
            Counts => "map<int>",
            Ints => "list<int>",
            Texts => "list<string>",
            File => "Dataset",
            Files => "list<Dataset>",
            MaybeInt => "int?",
            MaybeText => "string?",
            MaybeFile => "Dataset?",
            MaybeTexts => "list<string?>",
        }
    }

    /// What a loop makes of it that yields it.
    pub(super) fn gathered(self) -> Option<Kind> {
        match self {
            Int => Some(Ints),
            Text => Some(Texts),
            MaybeText => Some(MaybeTexts),
            File => Some(Files),
            _ => None,
        }
    }

    /// What a branch without an `else` makes of it.
    pub(super) fn maybe(self) -> Option<Kind> {
        match self {
            Int => Some(MaybeInt),
            Text => Some(MaybeText),
            File => Some(MaybeFile),
            _ => None,
        }
    }

    /// What is left of it where it is known to be there.
    pub(super) fn there(self) -> Option<Kind> {
        [Int, Text, File].into_iter().find(|kind| kind.maybe() == Some(self))
    }
}

type Named = &'static [(&'static str, Kind)];

/// A step of `steps.mlp`.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) takes: Named,
    pub(super) gives: Named,
}

const fn step(name: &'static str, takes: Named, gives: Named) -> Step {
    Step { name, takes, gives }
}

pub(super) const STEPS: &[Step] = &[
    step("succ", &[("value", Int)], &[("value", Int)]),
    step("plus", &[("value", Int)], &[("value", Int)]),
    step("plus", &[("value", Int), ("more", Int)], &[("value", Int)]),
    step("picky", &[("value", Int)], &[("value", Int)]),
    step("small", &[("value", Int)], &[("value", Int)]),
    step("big", &[("value", Int)], &[("is_big", Bool)]),
    step("flag", &[("value", Bool)], &[("word", Text)]),
    step("echo", &[("value", Text)], &[("value", Text)]),
    step("maybe", &[("value", MaybeText)], &[("value", Text)]),
    step("odd", &[("value", Int)], &[("value", MaybeInt)]),
    step("perhaps", &[("value", Int)], &[("number", MaybeInt), ("text", MaybeText)]),
    step("upto", &[("count", Int)], &[("values", Ints)]),
    step("spell", &[("values", Ints)], &[("texts", Texts)]),
    step("total", &[("values", Ints)], &[("total", Int)]),
    step("pair", &[("n", Int), ("s", Text)], &[("pair", Pair)]),
    step("unpair", &[("pair", Pair)], &[("n", Int), ("s", Text)]),
    step("colour", &[("n", Int)], &[("colour", Colour)]),
    step("paint", &[("colour", Colour)], &[("text", Text)]),
    step("share", &[("part", Share)], &[("word", Text)]),
    step("tally", &[("n", Int)], &[("counts", Counts)]),
    step("lookup", &[("counts", Counts)], &[("n", Int)]),
    step("write", &[("text", Text)], &[("file", File)]),
    step("read", &[("file", File)], &[("text", Text)]),
    step("join", &[("files", Files)], &[("text", Text)]),
    step("look", &[("file", MaybeFile)], &[("text", Text)]),
    step("shout", &[("text", Text)], &[("file", File)]),
    step("publish", &[("value", Int)], &[("receipt", Int)]),
];
