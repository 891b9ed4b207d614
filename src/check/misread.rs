//! Items that could not be read whole: of what seems to be missing there, nothing is said.

use super::checker::Checker;
use crate::diagnostics::Diagnostic;
use crate::resolve::Names;
use crate::source::Span;

/// What parsing has found, as the checks ask for it; found once, since there may be as many faults as lines.
#[derive(Debug, Default)]
pub(super) struct Misread {
    /// Items with a fault of syntax in them, in the order of files and text.
    items: Vec<Span>,
    /// Whether an item was left out because it is nested too deeply.
    left_out: bool,
}

impl Misread {
    pub(super) fn of(names: &Names, earlier: &[Diagnostic]) -> Self {
        let faults = earlier.iter().filter(|diagnostic| diagnostic.code.number().starts_with("MLP01"));
        let mut places: Vec<Span> = faults.filter_map(Diagnostic::span).collect();
        places.sort();
        let items = names.decls().map(|(_, decl)| decl.item.span);
        let items = items.chain(names.nameless().map(|(_, item)| item.span));
        let holds_fault = |item: &Span| {
            let next = places.partition_point(|place| (place.file, place.start) < (item.file, item.start));
            places.get(next).is_some_and(|place| within(*item, *place))
        };
        let mut items: Vec<Span> = items.filter(holds_fault).collect();
        items.sort();
        let left_out = earlier.iter().any(|diagnostic| diagnostic.code.slug() == "too_deep");
        Self { items, left_out }
    }
}

impl Checker<'_> {
    /// Whether parsing has found a fault in the item around a place, so that something may be missing in its tree.
    pub(super) fn is_misread(&self, place: Span) -> bool {
        let items = &self.misread.items;
        let after = items.partition_point(|item| (item.file, item.start) <= (place.file, place.start));
        after.checked_sub(1).is_some_and(|at| within(items[at], place))
    }

    /// Whether a name may be declared by an item that was left out.
    pub(super) fn may_be_left_out(&self) -> bool {
        self.misread.left_out
    }
}

fn within(item: Span, place: Span) -> bool {
    item.file == place.file && item.start <= place.start && place.end <= item.end
}
