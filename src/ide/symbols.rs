//! What a file declares, as an outline.

use crate::ast::{self, Edge, Entry, Item, ItemKind, Name, Parameter, Promotion};
use crate::source::Span;

/// Something that has a name in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name, or what it is where it has none: `ci`.
    pub name: String,
    /// The word that it begins with: `step`.
    pub detail: String,
    /// What sort of thing it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name; it lies in `span`.
    pub name_span: Span,
    /// What it holds.
    pub children: Vec<Symbol>,
}

/// Sorts of things, as an editor draws them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// `project`, `ci`, `promotion`
    Module,
    /// `schema`, `struct`, `artifact`, `type`
    Type,
    /// `enum`
    Enum,
    /// A variant.
    Variant,
    /// `let`, `var`, a mark
    Constant,
    /// `step`, `pipeline`, `fn`, `form`, `verification`, `procedure`
    Function,
    /// `environment`
    Namespace,
    /// `data`, `secret`, `compute`, `service`, `image`, `package`, `team`
    Object,
    /// A column, parameter or field.
    Field,
    /// `policy`, `expectation`, `test`, an edge
    Event,
}

/// Everything that a file declares, in the order of the text.
pub fn symbols(file: &ast::File) -> Vec<Symbol> {
    file.items.iter().filter_map(|item| symbol(item)).collect()
}

fn symbol(item: &Item) -> Option<Symbol> {
    let name = match &item.kind {
        ItemKind::Import(_) => return None,
        ItemKind::Project(fields) | ItemKind::Defaults(fields) => fields.name.clone(),
        ItemKind::Test(test) => test.title.clone(),
        ItemKind::Ci(_) => Name { text: "ci".into(), span: item.keyword },
        ItemKind::Promotion(promotion) => {
            let pipelines: Vec<&str> = promotion.pipelines.iter().map(|name| name.text.as_str()).collect();
            let span = promotion.pipelines.first().map_or(item.keyword, |name| name.span);
            Name { text: pipelines.join(", "), span }
        }
        kind => kind.declared_name()?.clone(),
    };
    Some(Symbol {
        name: name.text,
        detail: item.kind.keyword().to_owned(),
        kind: kind(&item.kind),
        span: item.span,
        name_span: name.span,
        children: children(&item.kind),
    })
}

fn kind(kind: &ItemKind) -> SymbolKind {
    match kind {
        ItemKind::Import(_)
        | ItemKind::Project(_)
        | ItemKind::Defaults(_)
        | ItemKind::Ci(_)
        | ItemKind::Promotion(_) => SymbolKind::Module,
        ItemKind::Schema(_) | ItemKind::Struct(_) | ItemKind::Artifact(_) | ItemKind::Type(_) | ItemKind::Kind(_) => {
            SymbolKind::Type
        }
        ItemKind::Enum(_) => SymbolKind::Enum,
        ItemKind::Mark(_) | ItemKind::Let(_) => SymbolKind::Constant,
        ItemKind::Fn(_)
        | ItemKind::Form(_)
        | ItemKind::Step(_)
        | ItemKind::Pipeline(_)
        | ItemKind::Verification(_)
        | ItemKind::Procedure(_) => SymbolKind::Function,
        ItemKind::Environment(_) => SymbolKind::Namespace,
        ItemKind::Need(_) | ItemKind::Service(_) | ItemKind::Image(_) | ItemKind::Package(_) | ItemKind::Team(_) => {
            SymbolKind::Object
        }
        ItemKind::Expectation(_) | ItemKind::Policy(_) | ItemKind::Test(_) => SymbolKind::Event,
    }
}

fn children(kind: &ItemKind) -> Vec<Symbol> {
    match kind {
        ItemKind::Schema(item) | ItemKind::Struct(item) => item.columns.iter().map(parameter).collect(),
        ItemKind::Enum(item) => item.variants.iter().map(|(_, name)| leaf(name, "", SymbolKind::Variant)).collect(),
        ItemKind::Step(item) => item.inputs.iter().chain(&item.outputs).map(parameter).collect(),
        ItemKind::Pipeline(item) => item.parameters.iter().chain(&item.outputs).map(parameter).collect(),
        ItemKind::Environment(item) => entries(&item.entries),
        ItemKind::Ci(items) => entries(items),
        ItemKind::Project(item) => entries(&item.entries),
        ItemKind::Promotion(item) => edges(item),
        _ => Vec::new(),
    }
}

fn parameter(parameter: &Parameter) -> Symbol {
    Symbol { span: parameter.span.to(parameter.name.span), ..leaf(&parameter.name, "", SymbolKind::Field) }
}

/// Bindings and sections; plain fields would only fill the outline.
fn entries(entries: &[Entry]) -> Vec<Symbol> {
    let named = entries.iter().filter_map(|entry| match entry {
        Entry::Binding { keyword, name, value, .. } => {
            let span = keyword.span.to(value.span);
            Some(Symbol { span, ..leaf(name, &keyword.text, SymbolKind::Field) })
        }
        Entry::Section { keyword, name, entries, span, .. } => {
            let span = span.to(name.span);
            Some(Symbol { span, children: self::entries(entries), ..leaf(name, &keyword.text, SymbolKind::Object) })
        }
        Entry::Field { .. } | Entry::OnFailure(_) | Entry::Error(_) => None,
    });
    named.collect()
}

fn edges(promotion: &Promotion) -> Vec<Symbol> {
    let symbol = |edge: &Edge| {
        let from: Vec<&str> = edge.from.iter().map(|name| name.text.as_str()).collect();
        let name = Name { text: format!("{} -> {}", from.join(", "), edge.to.text), span: edge.to.span };
        Symbol { span: edge.span.to(edge.to.span), ..leaf(&name, "", SymbolKind::Event) }
    };
    promotion.edges.iter().map(symbol).collect()
}

fn leaf(name: &Name, detail: &str, kind: SymbolKind) -> Symbol {
    Symbol {
        name: name.text.clone(),
        detail: detail.to_owned(),
        kind,
        span: name.span,
        name_span: name.span,
        children: Vec::new(),
    }
}
