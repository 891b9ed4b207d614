//! Items: each keyword's rule, and what its parts become.

use super::{Build, is_reported};
use crate::ast::{
    Artifact, Columns, Docs, Entry, Enum, Environment, Expectation, Fields, Form, Function, Import, ImportName,
    ImportSource, Item, ItemKind, Let, Name, Need, NeedKind, Parameter, Pipeline, Policy, Procedure, Promotion,
    Proposition, Service, Step, Test, TypeAlias, TypeExpr, TypeKind, Verification,
};
use crate::ast::{Block, Expr};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::cut::Piece;
use crate::syntax::grammar::{Node, Nodes, Rule};

/// The rule that reads what follows a keyword.
pub(super) fn rule(keyword: &str) -> Rule {
    match keyword {
        "import" => Rule::import_item,
        "schema" | "struct" => Rule::columns_item,
        "enum" => Rule::enum_item,
        "artifact" => Rule::artifact_item,
        "type" => Rule::type_item,
        "mark" | "kind" => Rule::bare_item,
        "let" => Rule::let_item,
        "fn" => Rule::fn_item,
        "form" => Rule::form_item,
        "data" | "secret" | "compute" | "var" => Rule::need_item,
        "service" | "step" | "verification" => Rule::call_item,
        "pipeline" => Rule::pipeline_item,
        "expectation" => Rule::expectation_item,
        "environment" => Rule::environment_item,
        "procedure" => Rule::procedure_item,
        "promotion" => Rule::promotion_item,
        "policy" => Rule::policy_item,
        "test" => Rule::test_item,
        _ => Rule::fields_item,
    }
}

/// The parts of one item, taken in order.
struct Parts<'i, 'p> {
    nodes: Nodes<'i>,
    keyword: &'p str,
    place: Span,
    /// How many diagnostics there were before it.
    before: usize,
}

impl<'i> Parts<'i, '_> {
    fn accept(&mut self, rule: Rule) -> Option<Node<'i>> {
        self.nodes.accept(rule)
    }
}

impl Build<'_> {
    /// The item that a piece is.
    pub(super) fn read_item(&mut self, piece: &Piece, nodes: Nodes) -> Item {
        let docs: Docs = self.docs(piece.head as u32);
        let start = self.documentation_start(piece.head);
        let keyword = Span::new(self.file, piece.keyword_at.start, piece.keyword_at.end);
        let before = self.diagnostics.len();
        let mut parts = Parts { nodes, keyword: piece.keyword, place: keyword, before };
        let is_abstract = piece.head < piece.keyword_at.start;
        if is_abstract && piece.keyword != "environment" {
            let place = Span::new(self.file, piece.head, piece.head + "abstract".len());
            self.say(report::bad_syntax(place, "only an environment can be abstract"));
        }
        let kind = self.kind(&mut parts, is_abstract);
        self.rest(&mut parts);
        if piece.broken {
            self.diagnostics.clear();
        }
        let complete = !piece.broken && self.diagnostics.is_empty();
        Item { docs, keyword, kind, complete, span: Span::new(self.file, start, piece.end) }
    }

    fn documentation_start(&self, head: usize) -> usize {
        let end = self.documentation.partition_point(|line| line.start < head);
        let lines = self.documentation[..end].iter().rev().take_while(|line| line.documents == Some(head));
        lines.last().map_or(head, |line| line.start)
    }

    fn kind(&mut self, parts: &mut Parts, is_abstract: bool) -> ItemKind {
        match parts.keyword {
            "import" => ItemKind::Import(self.import(parts)),
            "project" => ItemKind::Project(self.fields(parts)),
            "schema" => ItemKind::Schema(self.columns(parts)),
            "struct" => ItemKind::Struct(self.columns(parts)),
            "enum" => ItemKind::Enum(self.enumeration(parts)),
            "artifact" => ItemKind::Artifact(self.artifact(parts)),
            "type" => ItemKind::Type(self.type_alias(parts)),
            "mark" => ItemKind::Mark(self.bare(parts, Rule::mark)),
            "kind" => ItemKind::Kind(self.bare(parts, Rule::word)),
            "let" => ItemKind::Let(self.constant(parts)),
            "fn" => ItemKind::Fn(self.function(parts)),
            "form" => ItemKind::Form(self.form(parts)),
            "data" => ItemKind::Need(self.need(parts, NeedKind::Data)),
            "secret" => ItemKind::Need(self.need(parts, NeedKind::Secret)),
            "compute" => ItemKind::Need(self.need(parts, NeedKind::Compute)),
            "var" => ItemKind::Need(self.need(parts, NeedKind::Var)),
            "service" => {
                let (name, parameters, outputs, entries) = self.call(parts);
                ItemKind::Service(Service { name, parameters, outputs, entries })
            }
            "step" => {
                let (name, inputs, outputs, entries) = self.call(parts);
                ItemKind::Step(Step { name, inputs, outputs, entries })
            }
            "verification" => ItemKind::Verification(self.verification(parts)),
            "image" => ItemKind::Image(self.fields(parts)),
            "package" => ItemKind::Package(self.fields(parts)),
            "defaults" => ItemKind::Defaults(self.fields(parts)),
            "pipeline" => ItemKind::Pipeline(self.pipeline(parts)),
            "expectation" => ItemKind::Expectation(self.expectation(parts)),
            "environment" => ItemKind::Environment(self.environment(parts, is_abstract)),
            "ci" => ItemKind::Ci(self.ci(parts)),
            "team" => ItemKind::Team(self.fields(parts)),
            "procedure" => ItemKind::Procedure(self.procedure(parts)),
            "promotion" => ItemKind::Promotion(self.promotion(parts)),
            "policy" => {
                let name = self.item_name(parts);
                ItemKind::Policy(Policy { name, propositions: self.stated(parts) })
            }
            _ => ItemKind::Test(self.test(parts)),
        }
    }

    /// What is left when every part has been taken.
    fn rest(&mut self, parts: &mut Parts) {
        let Some(node) = parts.nodes.next() else { return };
        if self.diagnostics.len() == parts.before && !is_reported(&node) {
            let diagnostic = self.unexpected(&node, "");
            self.say(diagnostic);
        }
    }

    /// Says that a part of an item is missing, unless something else has been said of it.
    fn lacks(&mut self, parts: &Parts, rule: Rule, of: &str) {
        if self.diagnostics.len() > parts.before || parts.nodes.peek_node().is_some_and(is_reported) {
            return;
        }
        match parts.nodes.peek_node() {
            Some(node) if matches!(node.as_rule(), Rule::rest) => {
                let place = self.first_word(self.span(node));
                let found = self.text_of(place);
                let message = format!("{} is expected {of}, not `{found}`", super::words::name_of(rule));
                self.say(report::bad_syntax(place, message));
            }
            _ => self.missing(rule, parts.place, of),
        }
    }

    fn item_name(&mut self, parts: &mut Parts) -> Name {
        match parts.accept(Rule::word) {
            Some(word) => {
                if word.as_str().starts_with('`') {
                    let message = "only inputs, outputs and what is bound in a pipeline may have a name in backquotes";
                    self.say(
                        report::bad_syntax(self.span(&word), message).help("Name it with letters, digits and `_`."),
                    );
                }
                self.name(&word)
            }
            None => {
                self.lacks(parts, Rule::word, &format!("after `{}`", parts.keyword));
                Name { text: String::new(), span: parts.place.at_end() }
            }
        }
    }

    fn braces(&mut self, parts: &mut Parts) -> Vec<Entry> {
        match parts.accept(Rule::entries) {
            Some(node) => self.entries(node),
            None => {
                self.lacks(parts, Rule::entries, &format!("in this `{}`", parts.keyword));
                Vec::new()
            }
        }
    }

    fn optional_braces(&mut self, parts: &mut Parts) -> Vec<Entry> {
        parts.accept(Rule::entries).map(|node| self.entries(node)).unwrap_or_default()
    }

    fn stated(&mut self, parts: &mut Parts) -> Vec<Proposition> {
        match parts.accept(Rule::propositions) {
            Some(node) => self.propositions(node),
            None => {
                self.lacks(parts, Rule::propositions, &format!("in this `{}`", parts.keyword));
                Vec::new()
            }
        }
    }

    fn import(&mut self, parts: &mut Parts) -> Import {
        let source = match parts.nodes.peek() {
            Some(Rule::text) => parts.nodes.next().map(|node| ImportSource::File(self.plain_text(node))),
            Some(Rule::std_path) => parts.nodes.next().map(|node| self.std_path(&node)),
            _ => None,
        };
        let source = source.unwrap_or_else(|| {
            if self.diagnostics.len() == parts.before && !parts.nodes.peek_node().is_some_and(is_reported) {
                let help =
                    "Write a file in quotes, `\"steps.mlp\"`, or a part of the standard library, `std.schedule`.";
                self.say(report::bad_syntax(parts.place, "where to import from is missing").help(help));
            }
            ImportSource::File(Name { text: String::new(), span: parts.place.at_end() })
        });
        let names = match parts.accept(Rule::import_names) {
            Some(node) => self.import_names(node),
            None => {
                self.lacks(parts, Rule::import_names, "after what is imported from");
                Vec::new()
            }
        };
        Import { source, names }
    }

    fn std_path(&mut self, node: &Node) -> ImportSource {
        let span = self.span(node);
        let written = node.as_str().trim_end();
        match written.split_once('.') {
            Some(("std", name)) if !name.contains('.') => ImportSource::Std(Name { text: name.to_string(), span }),
            _ => {
                let help =
                    "Write a file in quotes, `\"steps.mlp\"`, or a part of the standard library, `std.schedule`.";
                self.say(report::bad_syntax(span, format!("nothing can be imported from `{written}`")).help(help));
                ImportSource::File(Name { text: String::new(), span })
            }
        }
    }

    fn import_names(&mut self, node: Node) -> Vec<ImportName> {
        let mut names = Vec::new();
        let mut list = Nodes::of(node);
        while let Some(inner) = list.next() {
            if inner.as_rule() != Rule::import_name {
                self.other(&inner);
                continue;
            }
            let before = self.diagnostics.len();
            let mut nodes = Nodes::of(inner);
            if let Some(word) = nodes.accept(Rule::word) {
                let name = self.name(&word);
                let alias = nodes
                    .accept(Rule::as_word)
                    .map(|word| self.span(&word))
                    .map(|place| self.wanted_name(&mut nodes, place, "after `as`"));
                names.push(ImportName { name, alias });
            }
            self.junk(&mut list, before, "");
        }
        names
    }

    fn fields(&mut self, parts: &mut Parts) -> Fields {
        let name = self.item_name(parts);
        Fields { name, entries: self.braces(parts) }
    }

    fn ci(&mut self, parts: &mut Parts) -> Vec<Entry> {
        if let Some(word) = parts.accept(Rule::word) {
            let place = self.span(&word);
            self.say(report::bad_syntax(place, "`ci` has no name").fix("remove it", place, ""));
        }
        self.braces(parts)
    }

    fn columns(&mut self, parts: &mut Parts) -> Columns {
        let name = self.item_name(parts);
        let columns = match parts.accept(Rule::columns) {
            Some(node) => self.parameters(node),
            None => {
                self.lacks(parts, Rule::columns, &format!("in this `{}`", parts.keyword));
                Vec::new()
            }
        };
        Columns { name, columns }
    }

    fn enumeration(&mut self, parts: &mut Parts) -> Enum {
        let name = self.item_name(parts);
        let mut variants = Vec::new();
        let Some(node) = parts.accept(Rule::variants) else {
            self.lacks(parts, Rule::variants, "in this `enum`");
            return Enum { name, variants };
        };
        let mut list = Nodes::of(node);
        while let Some(inner) = list.next() {
            if inner.as_rule() != Rule::variant {
                self.other(&inner);
                continue;
            }
            let (span, before) = (self.span(&inner), self.diagnostics.len());
            let docs = self.docs(span.start);
            let mut nodes = Nodes::of(inner);
            if let Some(word) = nodes.accept(Rule::word) {
                variants.push((docs, self.name(&word)));
            }
            self.junk(&mut list, before, "");
        }
        Enum { name, variants }
    }

    fn artifact(&mut self, parts: &mut Parts) -> Artifact {
        let name = self.item_name(parts);
        let mut parameters = Vec::new();
        for inner in parts.accept(Rule::artifact_parameters).into_iter().flat_map(Nodes::of) {
            match inner.as_rule() {
                Rule::word => parameters.push(self.name(&inner)),
                _ => self.other(&inner),
            }
        }
        let extends = parts.accept(Rule::extends_word).and_then(|_| match parts.accept(Rule::type_expr) {
            Some(node) => Some(self.type_expr(node)),
            None => {
                self.lacks(parts, Rule::type_expr, "after `extends`");
                None
            }
        });
        Artifact { name, parameters, extends, entries: self.optional_braces(parts) }
    }

    fn type_alias(&mut self, parts: &mut Parts) -> TypeAlias {
        let name = self.item_name(parts);
        let ty = parts.accept(Rule::equals).map(|_| self.part_type(parts, "after `=`"));
        TypeAlias { name, ty }
    }

    fn part_type(&mut self, parts: &mut Parts, of: &str) -> TypeExpr {
        match parts.accept(Rule::type_expr) {
            Some(node) => self.type_expr(node),
            None => {
                self.lacks(parts, Rule::type_expr, of);
                TypeExpr { kind: TypeKind::Error, span: parts.place.at_end() }
            }
        }
    }

    fn part_value(&mut self, parts: &mut Parts, of: &str) -> Expr {
        match parts.accept(Rule::expr) {
            Some(node) => self.expr(node),
            None => {
                self.lacks(parts, Rule::expr, of);
                self.error(parts.place.at_end())
            }
        }
    }

    fn bare(&mut self, parts: &mut Parts, rule: Rule) -> Name {
        match parts.nodes.next() {
            Some(node) if node.as_rule() == rule && rule == Rule::mark => self.mark(&node),
            Some(node) if node.as_rule() == rule => self.name(&node),
            Some(node) if node.as_rule() == Rule::word => {
                let name = Name { text: node.as_str().to_string(), span: self.span(&node) };
                let diagnostic =
                    report::bad_syntax(name.span, format!("a mark's name begins with `@`: `@{}`", name.text));
                self.say(diagnostic.fix("write `@`", name.span.at_start(), "@"));
                name
            }
            found => {
                let span = found.map_or(parts.place, |node| self.span(&node));
                self.missing(rule, parts.place, &format!("after `{}`", parts.keyword));
                Name { text: String::new(), span: span.at_end() }
            }
        }
    }

    fn constant(&mut self, parts: &mut Parts) -> Let {
        let name = self.item_name(parts);
        let ty = parts.accept(Rule::colon).map(|_| self.part_type(parts, "after `:`"));
        if parts.accept(Rule::equals).is_none() {
            self.lacks(parts, Rule::equals, &format!("after `{}`", name.text));
        }
        Let { ty, value: self.part_value(parts, "after `=`"), name }
    }

    fn function(&mut self, parts: &mut Parts) -> Function {
        let name = self.item_name(parts);
        let parameters = self.part_parameters(parts, &format!("after `{}`", name.text));
        if parts.accept(Rule::arrow).is_none() {
            self.lacks(parts, Rule::arrow, "and what the function gives");
        }
        let result = self.part_type(parts, "after `->`");
        let body = parts.accept(Rule::equals).map(|_| self.part_value(parts, "after `=`"));
        Function { name, parameters, result, body }
    }

    fn part_parameters(&mut self, parts: &mut Parts, of: &str) -> Vec<Parameter> {
        match parts.accept(Rule::parameters) {
            Some(node) => self.parameters(node),
            None => {
                self.lacks(parts, Rule::parameters, of);
                Vec::new()
            }
        }
    }

    fn form(&mut self, parts: &mut Parts) -> Form {
        let name = self.item_name(parts);
        let parameters = parts.accept(Rule::parameters).map(|node| self.parameters(node)).unwrap_or_default();
        if parts.accept(Rule::arrow).is_none() {
            self.lacks(parts, Rule::arrow, "and the kind that the form makes");
        }
        let kind = match parts.accept(Rule::word) {
            Some(word) => self.name(&word),
            None => {
                self.lacks(parts, Rule::word, "after `->`");
                Name { text: String::new(), span: parts.place.at_end() }
            }
        };
        Form { name, parameters, kind, entries: self.optional_braces(parts) }
    }

    fn need(&mut self, parts: &mut Parts, kind: NeedKind) -> Need {
        let name = self.item_name(parts);
        let ty = parts.accept(Rule::colon).map(|_| self.part_type(parts, "after `:`"));
        let default = parts.accept(Rule::equals).map(|_| self.part_value(parts, "after `=`"));
        let typed = matches!(kind, NeedKind::Data | NeedKind::Var);
        if typed && ty.is_none() && self.diagnostics.len() == parts.before && parts.nodes.peek().is_none() {
            let help = format!("Write `{} {}: ` and its type.", parts.keyword, name.text);
            self.say(report::bad_syntax(name.span, format!("the type of `{}` is missing", name.text)).help(help));
        }
        if let (false, Some(ty)) = (typed, &ty) {
            let message = format!("a `{}` has no type", parts.keyword);
            self.say_once(parts.before, report::bad_syntax(ty.span, message));
        }
        if let Some(value) = default.as_ref().filter(|_| kind != NeedKind::Var) {
            let message = format!("`{}` gets its value in an environment", name.text);
            let help =
                format!("Write `{} {}` here, and the value with `=` in each environment.", parts.keyword, name.text);
            self.say_once(parts.before, report::bad_syntax(value.span, message).help(help));
        }
        Need { kind, name, ty, default }
    }

    fn call(&mut self, parts: &mut Parts) -> (Name, Vec<Parameter>, Vec<Parameter>, Vec<Entry>) {
        let name = self.item_name(parts);
        let parameters = self.part_parameters(parts, &format!("after `{}`", name.text));
        let outputs = self.outputs(parts);
        (name, parameters, outputs, self.braces(parts))
    }

    fn outputs(&mut self, parts: &mut Parts) -> Vec<Parameter> {
        match parts.accept(Rule::arrow) {
            Some(_) => self.part_parameters(parts, "after `->`"),
            None => Vec::new(),
        }
    }

    fn verification(&mut self, parts: &mut Parts) -> Verification {
        let name = self.item_name(parts);
        if let Some(node) = parts.accept(Rule::parameters) {
            let place = self.span(&node);
            self.say_once(parts.before, report::bad_syntax(place, "a verification has no parameters"));
        }
        let outputs = self.outputs(parts);
        Verification { name, outputs, entries: self.braces(parts) }
    }

    fn pipeline(&mut self, parts: &mut Parts) -> Pipeline {
        let name = self.item_name(parts);
        let parameters = self.part_parameters(parts, &format!("after `{}`", name.text));
        let outputs = self.outputs(parts);
        let with = parts.accept(Rule::with).map(|node| self.with_entries(node, parts.place)).unwrap_or_default();
        let body = match parts.accept(Rule::block) {
            Some(node) => self.block(node),
            None => {
                self.lacks(parts, Rule::block, "in this `pipeline`");
                Block { statements: Vec::new(), span: parts.place.at_end() }
            }
        };
        Pipeline { name, parameters, outputs, with, body }
    }

    fn expectation(&mut self, parts: &mut Parts) -> Expectation {
        let name = self.item_name(parts);
        if parts.accept(Rule::on_word).is_none() {
            self.lacks(parts, Rule::on_word, "and the data that is expected to be so");
        }
        let on = match parts.accept(Rule::word) {
            Some(word) => self.name(&word),
            None => {
                self.lacks(parts, Rule::word, "after `on`");
                Name { text: String::new(), span: parts.place.at_end() }
            }
        };
        Expectation { name, on, propositions: self.stated(parts) }
    }

    fn environment(&mut self, parts: &mut Parts, is_abstract: bool) -> Environment {
        let name = self.item_name(parts);
        let extends = parts.accept(Rule::extends_word).and_then(|_| match parts.accept(Rule::word) {
            Some(word) => Some(self.name(&word)),
            None => {
                self.lacks(parts, Rule::word, "after `extends`");
                None
            }
        });
        Environment { is_abstract, name, extends, entries: self.braces(parts) }
    }

    fn procedure(&mut self, parts: &mut Parts) -> Procedure {
        let name = self.item_name(parts);
        let parameters = parts.accept(Rule::parameters).map(|node| self.parameters(node)).unwrap_or_default();
        let statements = match parts.accept(Rule::edge_block) {
            Some(node) => self.edge_block(node),
            None => {
                self.lacks(parts, Rule::edge_block, "in this `procedure`");
                Vec::new()
            }
        };
        Procedure { name, parameters, statements }
    }

    fn promotion(&mut self, parts: &mut Parts) -> Promotion {
        if parts.accept(Rule::of_word).is_none() {
            self.lacks(parts, Rule::of_word, "and the pipelines that are promoted");
        }
        let mut promotion = Promotion { pipelines: Vec::new(), on_failure: None, edges: Vec::new() };
        while let Some(word) = parts.accept(Rule::word) {
            let name = self.name(&word);
            promotion.pipelines.push(name);
        }
        if promotion.pipelines.is_empty() {
            self.lacks(parts, Rule::word, "after `of`");
        }
        match parts.accept(Rule::edges) {
            Some(node) => self.edges(node, &mut promotion),
            None => self.lacks(parts, Rule::edges, "in this `promotion`"),
        }
        promotion
    }

    fn test(&mut self, parts: &mut Parts) -> Test {
        let title = match parts.accept(Rule::text) {
            Some(node) => self.plain_text(node),
            None => {
                self.lacks(parts, Rule::text, "after `test`");
                Name { text: String::new(), span: parts.place.at_end() }
            }
        };
        Test { title, propositions: self.stated(parts) }
    }
}
