//! Entries: fields, bindings, sections, `on failure`.

use super::{Build, is_reported};
use crate::ast::{Docs, Entry, Expr, Name, OnFailure, Reaction};
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};
use crate::syntax::keywords::KEYWORDS;

impl Build<'_> {
    /// `entries`
    pub(super) fn entries(&mut self, node: Node) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::entry => entries.push(self.entry(inner, &mut nodes)),
                rule => {
                    entries.extend((rule == Rule::junk).then(|| Entry::Error(self.span(&inner))));
                    self.other(&inner);
                }
            }
        }
        entries
    }

    fn entry(&mut self, node: Node, after: &mut Nodes) -> Entry {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        if let Some(on_failure) = nodes.accept(Rule::on_failure) {
            let on_failure = self.on_failure(on_failure);
            self.junk(after, before, "`on failure`");
            return Entry::OnFailure(on_failure);
        }
        let Some(first) = nodes.accept(Rule::word) else { return Entry::Error(span) };
        let first = Name { text: first.as_str().to_string(), span: self.span(&first) };
        let entry = match nodes.peek() {
            Some(Rule::sign) => self.field_entry(&mut nodes, docs, first, before),
            Some(Rule::word) => self.named_entry(&mut nodes, docs, first, span, before, after),
            _ => self.bare_entry(after, first, span, before),
        };
        self.junk(after, before, "the value");
        entry
    }

    /// `timeout: 30min`
    fn field_entry(&mut self, nodes: &mut Nodes, docs: Docs, name: Name, before: usize) -> Entry {
        let (value, sign) = self.signed_value(nodes, before);
        if self.text_of(sign) == "=" {
            self.say(
                report::bad_syntax(sign, format!("`:` gives the field `{}` its value, not `=`", name.text))
                    .note("`=` gives a value to a new name, or here to what is declared at the top: `data rows = …`.")
                    .fix("write `:`", sign, ":"),
            );
        }
        Entry::Field { docs, name, value }
    }

    /// A sign and the value after it.
    pub(super) fn signed_value(&mut self, nodes: &mut Nodes, before: usize) -> (Expr, Span) {
        let sign = nodes.next().map_or(Span::default(), |sign| self.span(&sign));
        let after = format!("after `{}`", self.text_of(sign));
        (self.wanted_expr(nodes, Rule::expr, sign, before, &after, &mut 0), sign)
    }

    /// Two words: `data rows = …`, `check unit { … }`, `target terraform`
    fn named_entry(
        &mut self,
        nodes: &mut Nodes,
        docs: Docs,
        keyword: Name,
        span: Span,
        before: usize,
        after: &mut Nodes,
    ) -> Entry {
        let word = nodes.next();
        let name =
            word.map_or(keyword.clone(), |word| Name { text: word.as_str().to_string(), span: self.span(&word) });
        match nodes.peek() {
            Some(Rule::sign) => {
                let (value, sign) = self.signed_value(nodes, before);
                if self.text_of(sign) == ":" {
                    self.say(report::bad_syntax(sign, format!("`=` gives `{}` its value, not `:`", name.text)).fix(
                        "write `=`",
                        sign,
                        "=",
                    ));
                }
                self.check_keyword(&keyword, KEYWORDS.bindings, before);
                Entry::Binding { docs, keyword, name, value }
            }
            Some(Rule::entries) => {
                let entries = nodes.next().map(|node| self.entries(node)).unwrap_or_default();
                self.check_keyword(&keyword, KEYWORDS.sections, before);
                Entry::Section { docs, keyword, name, entries, span }
            }
            _ => self.short_entry(after, docs, keyword, name, span, before),
        }
    }

    /// Two words and neither a sign nor braces.
    fn short_entry(
        &mut self,
        nodes: &Nodes,
        docs: Docs,
        keyword: Name,
        name: Name,
        span: Span,
        before: usize,
    ) -> Entry {
        let (word, value) = (&keyword.text, &name.text);
        if KEYWORDS.sections.contains(&word.as_str()) {
            return Entry::Section { docs, keyword, name, entries: Vec::new(), span };
        }
        if KEYWORDS.bindings.contains(&word.as_str()) && !nodes.peek_node().is_some_and(is_reported) {
            let help = format!("Write `{word} {value} = ` and the value that it has here.");
            self.say_once(before, report::bad_syntax(name.span, format!("`{value}` has no value here")).help(help));
        } else if let Some(meant) = did_you_mean(word, KEYWORDS.sections.iter().chain(KEYWORDS.bindings).copied()) {
            let fix = format!("write `{meant}`");
            let diagnostic = report::bad_syntax(keyword.span, format!("`{word}` begins no entry"));
            self.say_once(before, diagnostic.help(format!("Did you mean `{meant}`?")).fix(fix, keyword.span, meant));
        } else {
            self.missing_colon(&keyword, before);
        }
        Entry::Error(span)
    }

    /// One word and neither a sign nor a second one.
    fn bare_entry(&mut self, nodes: &Nodes, name: Name, span: Span, before: usize) -> Entry {
        match nodes.peek_node() {
            Some(junk) if is_reported(junk) => {}
            Some(junk) if junk.as_rule() == Rule::junk => self.missing_colon(&name, before),
            _ => {
                let message = format!("the value of `{}` is missing", name.text);
                let help = format!("A field is written `{}: value`.", name.text);
                self.say_once(before, report::bad_syntax(name.span, message).help(help));
            }
        }
        Entry::Error(span)
    }

    fn missing_colon(&mut self, name: &Name, before: usize) {
        let message = format!("a colon is missing after `{}`", name.text);
        let diagnostic = report::bad_syntax(name.span, message);
        self.say_once(before, diagnostic.fix("write `:`", name.span.at_end(), ":"));
    }

    /// Says it unless something was said since `before`.
    pub(super) fn say_once(&mut self, before: usize, diagnostic: Diagnostic) {
        if self.diagnostics.len() == before {
            self.say(diagnostic);
        }
    }

    fn check_keyword(&mut self, keyword: &Name, of: &'static [&'static str], before: usize) {
        if of.contains(&keyword.text.as_str()) {
            return;
        }
        let message = format!("`{}` begins no entry of this kind", keyword.text);
        let known: Vec<String> = of.iter().map(|word| format!("`{word}`")).collect();
        let diagnostic = report::bad_syntax(keyword.span, message).note(format!("These do: {}.", known.join(", ")));
        let diagnostic = self.suggest(diagnostic, &keyword.text, keyword.span, of);
        self.say_once(before, diagnostic);
    }

    /// `on failure { … }`
    pub(super) fn on_failure(&mut self, node: Node) -> OnFailure {
        let span = self.span(&node);
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::on_word);
        nodes.pass(Rule::failure_word);
        let Some(list) = nodes.accept(Rule::reactions) else {
            self.missing(Rule::reactions, span, "after `on failure`");
            return OnFailure { reactions: Vec::new(), span };
        };
        let mut reactions = Vec::new();
        let mut nodes = Nodes::of(list);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::reaction => reactions.push(self.reaction(inner, &mut nodes)),
                rule => {
                    reactions.extend((rule == Rule::junk).then(|| Reaction::Error(self.span(&inner))));
                    self.other(&inner);
                }
            }
        }
        OnFailure { reactions, span }
    }

    fn reaction(&mut self, node: Node, after: &mut Nodes) -> Reaction {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let Some(word) = nodes.accept(Rule::word) else { return Reaction::Error(span) };
        let place = self.span(&word);
        let reaction = match word.as_str() {
            "rollback" => Reaction::Rollback(place),
            "hold" => Reaction::Hold(place),
            "notify" => {
                Reaction::Notify(self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `notify`", &mut 0))
            }
            other => {
                let diagnostic = report::bad_syntax(place, format!("`{other}` is nothing to do on failure"))
                    .note("On failure stand `rollback`, `hold` and `notify`.");
                let diagnostic = self.suggest(diagnostic, other, place, KEYWORDS.reactions);
                self.say_once(before, diagnostic);
                return Reaction::Error(span);
            }
        };
        if let Some(value) = nodes.accept(Rule::expr) {
            let place = self.span(&value);
            self.say_once(before, report::bad_syntax(place, "nothing was expected here"));
        }
        self.junk(after, before, "");
        reaction
    }
}
