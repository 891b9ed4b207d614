//! Blocks of random pipelines: branches, loops, what is tried.

use super::{Author, For, Place};
use crate::conformance::random::kind::Kind;

impl Author {
    fn block(&mut self, place: Place, indent: usize, yields: &[Kind]) -> Vec<String> {
        let (seen, own, bound) = (self.seen.len(), self.own, self.bound.len());
        self.own = seen;
        self.statements(place, indent);
        let mut found = Vec::new();
        for kind in yields {
            found.push(self.yielded(*kind, indent));
        }
        if self.text.trim_end().ends_with('{') {
            self.call(indent, 0);
        }
        self.seen.truncate(seen);
        self.bound.truncate(bound);
        self.own = own;
        found
    }

    /// A value that a block gives on: where Kubeflow is to run it, of a step inside.
    fn yielded(&mut self, kind: Kind, indent: usize) -> String {
        let own: Vec<String> =
            self.made().iter().filter(|(_, of)| *of == kind).map(|(value, _)| value.clone()).collect();
        if !own.is_empty() {
            return own[self.seed.below(own.len())].clone();
        }
        if self.audience == For::Here && self.seed.percent(30) {
            return self.plain(kind);
        }
        let name = self.fresh("v");
        let value = self.value(if kind == Kind::Int { Kind::Int } else { Kind::Text }, 1);
        match kind {
            Kind::Int => self.line(indent, &format!("{name} = succ(value: {value})")),
            Kind::Text => self.line(indent, &format!("{name} = echo(value: {value})")),
            Kind::File => self.line(indent, &format!("{name} = write(text: {value})")),
            _ if self.audience == For::Kubeflow => {
                let (inner, condition) = (self.fresh("v"), self.condition(1));
                self.line(indent, &format!("{name} = if {condition} {{"));
                self.line(indent + 2, &format!("{inner} = echo(value: {value})"));
                self.line(indent + 2, &format!("yield {inner}"));
                self.line(indent, "}");
            }
            _ => {
                self.line(indent, &format!("{name} = perhaps(value: {})", self.names));
                return format!("{name}.text");
            }
        }
        name
    }

    fn yields(&mut self, indent: usize, names: &[String], values: &[String]) {
        if let ([_], [value]) = (names, values) {
            self.line(indent, &format!("yield {value}"));
        } else {
            let both: Vec<String> = names.iter().zip(values).map(|(name, value)| format!("{name}: {value}")).collect();
            self.line(indent, &format!("yield ({})", both.join(", ")));
        }
    }

    /// Kinds that are yielded, with names for them.
    fn kinds(&mut self, of: &[Kind]) -> (Vec<Kind>, Vec<String>) {
        let kinds: Vec<Kind> = (0..1 + self.seed.below(2)).map(|_| self.seed.one(of)).collect();
        let names = kinds.iter().map(|_| self.fresh("y")).collect();
        (kinds, names)
    }

    pub(super) fn branch(&mut self, place: Place, indent: usize, as_value: bool, whole: bool) {
        let (kinds, names) = self.kinds(&[Kind::Int, Kind::Text, Kind::File]);
        let bound = self.fresh("v");
        let kinds = if as_value { kinds } else { Vec::new() };
        let arms = 1 + self.seed.below(2);
        for arm in 0..arms {
            let condition = self.condition(2);
            match arm {
                0 if as_value => self.line(indent, &format!("{bound} = if {condition} {{")),
                0 => self.line(indent, &format!("if {condition} {{")),
                _ => self.line(indent, &format!("}} else if {condition} {{")),
            }
            self.arm(place, indent, &kinds, &names);
        }
        if whole || (!as_value && self.seed.percent(40)) {
            self.line(indent, "} else {");
            self.arm(place, indent, &kinds, &names);
        }
        self.line(indent, "}");
        if as_value {
            let kind = |kind: Kind| if whole { Some(kind) } else { kind.maybe() };
            let gives = names.into_iter().zip(kinds).filter_map(|(name, one)| Some((name, kind(one)?))).collect();
            let before = self.seen.len();
            self.gives(&bound, gives);
            // No task of Kubeflow's can take what may be absent, so it can be returned alone.
            if !whole && self.audience == For::Kubeflow {
                self.seen.truncate(before);
            }
        }
    }

    fn arm(&mut self, place: Place, indent: usize, kinds: &[Kind], names: &[String]) {
        let inside = Place { depth: place.depth + 1, in_arm: true, ..place };
        let values = self.block(inside, indent + 2, kinds);
        if !kinds.is_empty() {
            self.yields(indent + 2, names, &values);
        }
    }

    pub(super) fn turns(&mut self, place: Place, indent: usize) {
        self.loops = true;
        let (item, bound) = (self.fresh("i"), self.fresh("v"));
        let (items, kind) = if self.seed.percent(70) {
            (self.items(indent), Kind::Int)
        } else {
            (self.known(Kind::Texts).unwrap_or_else(|| r#"["a", "b"]"#.to_owned()), Kind::Text)
        };
        let parallel =
            if self.seed.percent(40) { format!(" parallel: {}", 1 + self.seed.below(3)) } else { String::new() };
        let as_value = self.seed.percent(75);
        let head = format!("for {item} in {items}{parallel} {{");
        self.line(indent, &if as_value { format!("{bound} = {head}") } else { head });
        let (kinds, names) = self.kinds(&[Kind::Int, Kind::Text, Kind::File, Kind::MaybeText]);
        let kinds = if as_value { kinds } else { Vec::new() };
        let inside = Place { depth: place.depth + 1, in_loop: true, ..place };
        self.seen.push((item, kind));
        let values = self.block(inside, indent + 2, &kinds);
        self.seen.pop();
        if as_value {
            self.yields(indent + 2, &names, &values);
        }
        self.line(indent, "}");
        if as_value {
            let gives = names.into_iter().zip(kinds).filter_map(|(name, one)| Some((name, one.gathered()?))).collect();
            self.gives(&bound, gives);
        }
    }

    fn items(&mut self, indent: usize) -> String {
        let known = self.known(Kind::Ints).filter(|_| self.seed.percent(80));
        known.unwrap_or_else(|| match self.seed.below(6) {
            3 | 4 => {
                let (name, count) = (self.fresh("v"), self.plain(Kind::Int));
                self.line(indent, &format!("{name} = upto(count: {count})"));
                self.seen.push((name.clone(), Kind::Ints));
                name
            }
            0 => "1..=2".to_owned(),
            1 => "[for n in [1, 2, 3] where n != 2: n * 2]".to_owned(),
            2 if self.audience == For::Here => format!("[{}, 2]", self.plain(Kind::Int)),
            _ => "[4, 5]".to_owned(),
        })
    }

    pub(super) fn tried(&mut self, place: Place, indent: usize) {
        self.line(indent, "try {");
        self.block(Place { depth: place.depth + 1, ..place }, indent + 2, &[]);
        self.line(indent, "} finally status {");
        let n = self.seed.below(5);
        let called = if self.seed.percent(30) { format!("{}_tail", self.name) } else { "tell".to_owned() };
        self.line(indent + 2, &format!("{called}(status, n: {n})"));
        self.line(indent, "}");
    }

    /// A branch that asks whether a value is there, and uses it.
    pub(super) fn narrowed(&mut self, indent: usize) {
        let plain = |(name, kind): &&(String, Kind)| kind.there().is_some() && !name.contains('.');
        let found: Vec<_> = self.seen.iter().filter(plain).cloned().collect();
        if found.is_empty() {
            return self.call(indent, 20);
        }
        let (name, kind) = found[self.seed.below(found.len())].clone();
        let Some(there) = kind.there().filter(|there| *there != Kind::File) else { return self.call(indent, 0) };
        self.line(indent, &format!("if {name} != none {{"));
        let (inner, step) = (self.fresh("v"), if there == Kind::Int { "succ" } else { "echo" });
        self.line(indent + 2, &format!("{inner} = {step}(value: {name})"));
        self.line(indent, "}");
    }
}
