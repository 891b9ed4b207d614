//! The language's words, in one table: what the scanner, the builder, the editors' grammars and the tests read.

/// The words of the language by where they are words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keywords {
    /// Words that begin an item, in the first column of a line.
    pub items: &'static [&'static str],
    /// A word that may stand before an item's keyword.
    pub modifiers: &'static [&'static str],
    /// Words inside an item's first line.
    pub clauses: &'static [&'static str],
    /// Words that give a need its value, where an entry begins: `data rows = …`.
    pub bindings: &'static [&'static str],
    /// Words that begin an entry with a name and braces: `check unit { … }`.
    pub sections: &'static [&'static str],
    /// Words that begin a reaction to a failure.
    pub reactions: &'static [&'static str],
    /// Words that begin a statement of a pipeline.
    pub statements: &'static [&'static str],
    /// Words that begin a statement of a promotion's edge.
    pub edge_statements: &'static [&'static str],
    /// Words that begin a proposition of a policy, a test, an expectation or a preflight.
    pub propositions: &'static [&'static str],
    /// Words that are operators between or before operands.
    pub operators: &'static [&'static str],
    /// Words that are values.
    pub constants: &'static [&'static str],
    /// Words that can name nothing.
    pub reserved: &'static [&'static str],
}

/// The language's words.
pub const KEYWORDS: Keywords = Keywords {
    items: &[
        "import",
        "project",
        "schema",
        "struct",
        "enum",
        "artifact",
        "type",
        "mark",
        "let",
        "fn",
        "kind",
        "form",
        "data",
        "secret",
        "compute",
        "var",
        "service",
        "image",
        "package",
        "defaults",
        "step",
        "pipeline",
        "expectation",
        "environment",
        "ci",
        "verification",
        "team",
        "procedure",
        "promotion",
        "policy",
        "test",
    ],
    modifiers: &["abstract"],
    clauses: &["as", "extends", "on", "of"],
    bindings: &["data", "secret", "compute", "service", "var"],
    sections: &["target", "check", "schedule", "alert"],
    reactions: &["rollback", "hold", "notify"],
    statements: &["for", "if", "try", "require", "yield", "return", "finally", "parallel", "else"],
    edge_statements: &[
        "require",
        "start",
        "approve",
        "soak",
        "window",
        "preflight",
        "deploy",
        "run",
        "verify",
        "release",
        "notify",
        "on",
    ],
    propositions: &["assert", "expect", "for"],
    operators: &["and", "or", "not", "in", "matches", "with"],
    constants: &["true", "false", "none", "it"],
    reserved: &["if", "else", "for", "in", "where", "and", "or", "not", "true", "false", "none", "it", "by", "of"],
};

/// Whether a word can name nothing.
pub(super) fn is_reserved(word: &str) -> bool {
    word.len() <= 5 && KEYWORDS.reserved.contains(&word)
}
