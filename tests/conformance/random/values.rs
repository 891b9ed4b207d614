//! Random values, conditions and gates, made of what can be seen.

use super::author::Author;
use super::kind::Kind;

impl Author {
    /// A value that is known when compiling.
    pub(super) fn constant(&mut self, kind: Kind) -> String {
        let n = self.seed.below(7);
        match kind {
            Kind::Bool => n.is_multiple_of(2).to_string(),
            Kind::Int => n.to_string(),
            Kind::Text => format!("\"{}\"", ["a", "b c", "red", ""][n % 4]),
            Kind::Colour => ["red", "green", "blue"][n % 3].to_owned(),
            Kind::Share => format!("{}%", [25, 50, 75][n % 3]),
            Kind::Pair => format!("{{ n: {n}, s: \"y\" }}"),
            Kind::Counts => format!("{{ a: {n} }}"),
            Kind::Ints => format!("[{n}, 2]"),
            Kind::Texts => r#"["one", "two"]"#.to_owned(),
            Kind::MaybeInt | Kind::MaybeText | Kind::MaybeFile => "none".to_owned(),
            Kind::File | Kind::Files | Kind::MaybeTexts => unreachable!("no constant is a {kind:?}"),
        }
    }

    /// Something that can be seen already.
    pub(super) fn known(&mut self, kind: Kind) -> Option<String> {
        let known: Vec<String> =
            self.seen().iter().filter(|(_, of)| *of == kind).map(|(name, _)| name.clone()).collect();
        (!known.is_empty()).then(|| known[self.seed.below(known.len())].clone())
    }

    /// A constant, or something that can be seen, as it is.
    pub(super) fn plain(&mut self, kind: Kind) -> String {
        let known = self.known(kind).filter(|_| self.seed.percent(85));
        known.unwrap_or_else(|| match kind {
            Kind::File | Kind::Files => self.file(kind == Kind::Files),
            _ => self.constant(kind),
        })
    }

    /// A file that is there, or one that is written before the statement.
    fn file(&mut self, listed: bool) -> String {
        let name = self.known(Kind::File).unwrap_or_else(|| self.written());
        if listed { format!("[{name}, {name}]") } else { name }
    }

    /// A value of that type, put together so deep.
    pub(super) fn value(&mut self, kind: Kind, depth: usize) -> String {
        if depth == 0 || self.seed.percent(45) {
            return self.plain(kind);
        }
        match kind {
            Kind::Bool => self.condition(depth - 1),
            Kind::Int => match self.seed.below(4) {
                0 => self.known(Kind::MaybeInt).map(|known| format!("{known} ?? 3")),
                1 => self.known(Kind::Pair).map(|known| format!("{known}.n")),
                2 => self.known(Kind::Counts).map(|known| format!("{known}[\"a\"]")),
                _ => None,
            }
            .unwrap_or_else(|| self.plain(Kind::Int)),
            Kind::Text => match self.seed.below(4) {
                0 => self.known(Kind::MaybeText).map(|known| format!("{known} ?? \"none\"")),
                1 => self.known(Kind::Pair).map(|known| format!("{known}.s")),
                _ => None,
            }
            .unwrap_or_else(|| {
                let inside = self.seed.one(&[
                    Kind::Int,
                    Kind::Text,
                    Kind::Bool,
                    Kind::Colour,
                    Kind::Share,
                    Kind::Ints,
                    Kind::Pair,
                ]);
                let (first, second) = (self.plain_known(inside), self.plain(Kind::Text));
                format!("\"<\\({first}) \\({second})>\"")
            }),
            Kind::Ints => format!("[{}, {}]", self.value(Kind::Int, depth - 1), self.plain(Kind::Int)),
            Kind::Pair if self.seed.percent(30) => format!("{{ n: {} }}", self.plain(Kind::Int)),
            Kind::Pair => {
                format!("{{ n: {}, s: {} }}", self.value(Kind::Int, depth - 1), self.value(Kind::Text, depth - 1))
            }
            Kind::Counts => format!("{{ a: {}, b: {} }}", self.value(Kind::Int, depth - 1), self.plain(Kind::Int)),
            Kind::Files => format!("[{}, {}]", self.plain(Kind::File), self.plain(Kind::File)),
            _ => self.plain(kind),
        }
    }

    /// Inside a text nothing says what a bare word is.
    fn plain_known(&mut self, kind: Kind) -> String {
        self.known(kind).unwrap_or_else(|| self.plain(Kind::Int))
    }

    pub(super) fn condition(&mut self, depth: usize) -> String {
        if depth > 0 && self.seed.percent(40) {
            let (left, right) = (self.condition(depth - 1), self.condition(depth - 1));
            return match self.seed.below(3) {
                0 => format!("({left}) and ({right})"),
                1 => format!("({left}) or ({right})"),
                _ => format!("not ({left})"),
            };
        }
        let found = match self.seed.below(9) {
            0 => self.known(Kind::Bool),
            1 => self.known(Kind::Text).map(|known| format!("{known} {} \"a\"", ["==", "!="][self.seed.below(2)])),
            2 => self.known(Kind::Colour).map(|known| format!("{known} == green")),
            // A bare name would be narrowed in the block.
            3 => self
                .known(Kind::MaybeText)
                .filter(|known| known.contains('.'))
                .map(|known| format!("{known} {} none", ["==", "!="][self.seed.below(2)])),
            4 => self.known(Kind::MaybeInt).map(|known| format!("({known} ?? 0) > 1")),
            5 => self.known(Kind::Share).map(|known| format!("{known} >= 50%")),
            6 => self.known(Kind::Text).map(|known| format!("{known} in [\"a\", \"red\", \"yes\"]")),
            _ => None,
        };
        found.unwrap_or_else(|| {
            let left = self.known(Kind::Int).unwrap_or_else(|| self.plain(Kind::Int));
            match self.seed.below(3) {
                0 => format!("{left} in [1, 2, 4]"),
                _ => format!(
                    "{left} {} {}",
                    ["<", "<=", ">", ">=", "==", "!="][self.seed.below(6)],
                    self.plain(Kind::Int)
                ),
            }
        })
    }

    /// What a gate asks: it computes too.
    pub(super) fn gate(&mut self) -> String {
        let n = self.known(Kind::Int).unwrap_or_else(|| self.number());
        match self.seed.below(6) {
            0 => format!("{n} + 1 < {} * 2 + 9", self.plain(Kind::Int)),
            1 => format!("{n} / 2 - 1 < 3"),
            2 => self.known(Kind::Ints).map_or(format!("{n} != 5"), |known| format!("{known}.length < 3")),
            3 => {
                self.known(Kind::Text).map_or(format!("{n} != 4"), |known| format!("{known} matches r\"[a-z <>0-9]*\""))
            }
            4 => format!("{n} in 0..=8"),
            _ => format!("{n} < 12 and ({})", self.condition(1)),
        }
    }
}
