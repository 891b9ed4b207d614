//! Conditions: CEL as the SDK and our own emitter write it, as a tree.
//!
//! In: a condition's text. Out: a tree, or nothing where it has what neither writes. It refuses to know types and names.

use super::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::import::kubeflow) enum Cel<'a> {
    /// A value by its input's name; resolved to where it comes from by `build`.
    Name(String),
    Value(Value<'a>),
    Text(String),
    /// As it is written.
    Number(String),
    Bool(bool),
    Null,
    /// `int(x)`
    Int(Box<Cel<'a>>),
    /// `double(x)`
    Double(Box<Cel<'a>>),
    /// `type(x)`, of which nothing is left where it is asked whether `x` is there.
    Type(Box<Cel<'a>>),
    /// `null_type`
    NullType,
    Not(Box<Cel<'a>>),
    Binary(Sign, Box<Cel<'a>>, Box<Cel<'a>>),
    List(Vec<Cel<'a>>),
    Index(Box<Cel<'a>>, Box<Cel<'a>>),
    Size(Box<Cel<'a>>),
    /// `x.matches('^(?:…)$')`, without what makes it a match of the whole.
    Matches(Box<Cel<'a>>, String),
    /// `'x' in inputs.parameter_values`
    Given(String),
    Choice(Box<Cel<'a>>, Box<Cel<'a>>, Box<Cel<'a>>),
    /// In brackets.
    Group(Box<Cel<'a>>),
}

impl<'a> Cel<'a> {
    /// Every value in it.
    pub(in crate::import::kubeflow) fn walk(&self, found: &mut dyn FnMut(&Value<'a>)) {
        match self {
            Cel::Value(value) => found(value),
            Cel::Int(inner)
            | Cel::Double(inner)
            | Cel::Type(inner)
            | Cel::Not(inner)
            | Cel::Size(inner)
            | Cel::Group(inner)
            | Cel::Matches(inner, _) => inner.walk(found),
            Cel::Binary(_, left, right) | Cel::Index(left, right) => {
                left.walk(found);
                right.walk(found);
            }
            Cel::Choice(when, yes, no) => [when, yes, no].into_iter().for_each(|one| one.walk(found)),
            Cel::List(items) => items.iter().for_each(|item| item.walk(found)),
            Cel::Name(_) | Cel::Text(_) | Cel::Number(_) | Cel::Bool(_) | Cel::Null | Cel::NullType | Cel::Given(_) => {
            }
        }
    }
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import::kubeflow) enum Sign {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
}

/// What a call makes of its operand.
type Made<'a> = fn(Box<Cel<'a>>) -> Cel<'a>;

/// How deep a condition may be.
const DEEPEST: usize = 64;

/// The tree of a condition.
pub(super) fn parse<'a>(text: &str) -> Option<Cel<'a>> {
    let mut reader = Reader { rest: text, depth: 0 };
    let found = reader.choice()?;
    reader.space();
    reader.rest.is_empty().then_some(found)
}

/// The operands of a row of `&&`, brackets around each taken away.
pub(super) fn conjuncts<'a>(cel: Cel<'a>, into: &mut Vec<Cel<'a>>) {
    match cel {
        Cel::Binary(Sign::And, left, right) => {
            conjuncts(*left, into);
            into.push(*right);
        }
        other => into.push(other),
    }
}

/// `'x' in inputs && type(x) != null_type` as `x != null`, `!('x' in inputs) || type(x) == null_type` as `x == null`.
fn there<'a>(sign: Sign, left: &Cel<'a>, right: &Cel<'a>) -> Option<Cel<'a>> {
    let Cel::Binary(compare, subject, null) = right else { return None };
    let (Cel::Type(subject), Cel::NullType) = (&**subject, &**null) else { return None };
    let named = match (sign, *compare, left) {
        (Sign::And, Sign::NotEqual, named) => named,
        (Sign::Or, Sign::Equal, Cel::Not(named)) => match &**named {
            Cel::Group(named) => named,
            named => named,
        },
        _ => return None,
    };
    let same = match (named, &**subject) {
        (Cel::Given(name), Cel::Name(subject)) => name == subject,
        (Cel::Binary(Sign::In, key, of), Cel::Index(around, index)) => key == index && of == around,
        _ => false,
    };
    same.then(|| Cel::Binary(*compare, subject.clone(), Box::new(Cel::Null)))
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn choice<'a>(&mut self) -> Option<Cel<'a>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let first = self.joined("||", Sign::Or, Self::and)?;
        let found = if self.take("?") {
            let yes = self.choice()?;
            if !self.take(":") {
                return None;
            }
            Cel::Choice(Box::new(first), Box::new(yes), Box::new(self.choice()?))
        } else {
            first
        };
        self.depth -= 1;
        Some(found)
    }

    fn and<'a>(&mut self) -> Option<Cel<'a>> {
        self.joined("&&", Sign::And, Self::comparison)
    }

    /// Operands joined by one sign; two beside each other that ask whether a value is there become one.
    fn joined<'a>(&mut self, text: &str, sign: Sign, next: fn(&mut Self) -> Option<Cel<'a>>) -> Option<Cel<'a>> {
        let mut found = vec![next(self)?];
        while self.take(text) {
            let right = next(self)?;
            match found.last().and_then(|left| there(sign, left, &right)) {
                Some(one) => *found.last_mut()? = one,
                None => found.push(right),
            }
        }
        found.into_iter().reduce(|left, right| Cel::Binary(sign, Box::new(left), Box::new(right)))
    }

    fn row<'a>(&mut self, signs: &[(&str, Sign)], next: fn(&mut Self) -> Option<Cel<'a>>) -> Option<Cel<'a>> {
        let mut found = next(self)?;
        while let Some((_, sign)) = signs.iter().find(|(text, _)| self.take(text)) {
            found = Cel::Binary(*sign, Box::new(found), Box::new(next(self)?));
        }
        Some(found)
    }

    fn comparison<'a>(&mut self) -> Option<Cel<'a>> {
        let left = self.sum()?;
        let signs = [
            ("==", Sign::Equal),
            ("!=", Sign::NotEqual),
            ("<=", Sign::LessOrEqual),
            (">=", Sign::GreaterOrEqual),
            ("<", Sign::Less),
            (">", Sign::Greater),
        ];
        let sign = signs.iter().find(|(text, _)| self.take(text)).map(|(_, sign)| *sign);
        if let Some(sign) = sign {
            return Some(Cel::Binary(sign, Box::new(left), Box::new(self.sum()?)));
        }
        if !self.word("in") {
            return Some(left);
        }
        self.space();
        if let (Cel::Text(name), Some(rest)) = (&left, self.rest.strip_prefix("inputs.parameter_values"))
            && !rest.starts_with('[')
        {
            self.rest = rest;
            return Some(Cel::Given(name.clone()));
        }
        Some(Cel::Binary(Sign::In, Box::new(left), Box::new(self.sum()?)))
    }

    fn sum<'a>(&mut self) -> Option<Cel<'a>> {
        self.row(&[("+", Sign::Add)], Self::unary)
    }

    fn unary<'a>(&mut self) -> Option<Cel<'a>> {
        self.space();
        if self.rest.starts_with('!') && !self.rest.starts_with("!=") {
            self.rest = &self.rest[1..];
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let found = Cel::Not(Box::new(self.unary()?));
            self.depth -= 1;
            return Some(found);
        }
        let mut found = self.operand()?;
        loop {
            if self.take("[") {
                let index = self.choice()?;
                if !self.take("]") {
                    return None;
                }
                found = Cel::Index(Box::new(found), Box::new(index));
            } else if self.take(".matches(") {
                let pattern = self.text()?;
                let inner = pattern.strip_prefix("^(?:")?.strip_suffix(")$")?.to_owned();
                if !self.take(")") {
                    return None;
                }
                found = Cel::Matches(Box::new(found), inner);
            } else {
                return Some(found);
            }
        }
    }

    fn operand<'a>(&mut self) -> Option<Cel<'a>> {
        self.space();
        if self.take("(") {
            let inner = self.choice()?;
            return self.take(")").then(|| Cel::Group(Box::new(inner)));
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.choice()?);
                if !self.take(",") {
                    return self.take("]").then_some(Cel::List(items));
                }
            }
            return Some(Cel::List(items));
        }
        if self.take("inputs.parameter_values[") {
            let name = self.text()?;
            return self.take("]").then_some(Cel::Name(name));
        }
        let calls: [(&str, Made<'a>); 4] =
            [("int(", Cel::Int), ("double(", Cel::Double), ("size(", Cel::Size), ("type(", Cel::Type)];
        for (name, make) in calls {
            if self.take(name) {
                let inner = self.choice()?;
                return self.take(")").then(|| make(Box::new(inner)));
            }
        }
        if self.word("true") {
            return Some(Cel::Bool(true));
        }
        if self.word("false") {
            return Some(Cel::Bool(false));
        }
        if self.word("null") {
            return Some(Cel::Null);
        }
        if self.word("null_type") {
            return Some(Cel::NullType);
        }
        if self.rest.starts_with(['\'', '"']) {
            return self.text().map(Cel::Text);
        }
        self.number()
    }

    fn number<'a>(&mut self) -> Option<Cel<'a>> {
        let end = self.rest.char_indices().find(|(at, c)| {
            let exponent = *at > 0 && matches!(self.rest.as_bytes()[at - 1], b'e' | b'E');
            !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || matches!(c, '-' | '+') && (*at == 0 || exponent))
        });
        let text = &self.rest[..end.map_or(self.rest.len(), |(at, _)| at)];
        text.parse::<f64>().ok().filter(|number| number.is_finite())?;
        self.rest = &self.rest[text.len()..];
        Some(Cel::Number(text.to_owned()))
    }

    /// A text in quotes of either kind, its escapes replaced.
    fn text(&mut self) -> Option<String> {
        self.space();
        let quote = self.rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'u' => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        text.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                    }
                    c @ ('\\' | '\'' | '"' | '`' | '?') => text.push(c),
                    _ => return None,
                },
                c => text.push(c),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Box<Cel<'static>> {
        Box::new(Cel::Name(text.to_owned()))
    }

    #[test]
    fn what_the_sdk_writes_is_read() {
        assert_eq!(
            parse("int(inputs.parameter_values['a']) >= int(inputs.parameter_values['b'])"),
            Some(Cel::Binary(Sign::GreaterOrEqual, Box::new(Cel::Int(name("a"))), Box::new(Cel::Int(name("b")))))
        );
        let equal = Cel::Binary(Sign::Equal, name("a"), Box::new(Cel::Text("it's".into())));
        assert_eq!(parse("inputs.parameter_values['a'] == 'it\\'s'"), Some(equal.clone()));
        let chain = parse("!(inputs.parameter_values['a'] == 'it\\'s') && inputs.parameter_values['b'] == true")
            .expect("it is read");
        let mut parts = Vec::new();
        conjuncts(chain, &mut parts);
        assert_eq!(parts[0], Cel::Not(Box::new(Cel::Group(Box::new(equal)))));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_our_own_emitter_writes_is_read() {
        let x = "inputs.parameter_values['x']";
        let less = Cel::Binary(
            Sign::Less,
            Box::new(Cel::Double(Box::new(Cel::Int(name("x"))))),
            Box::new(Cel::Double(Box::new(Cel::Number("1".into())))),
        );
        assert_eq!(parse(&format!("double(int({x})) < double(1)")), Some(less));
        let null = |sign| Cel::Binary(sign, name("x"), Box::new(Cel::Null));
        let present = format!("'x' in inputs.parameter_values && type({x}) != null_type");
        assert_eq!(parse(&present), Some(null(Sign::NotEqual)));
        let absent = format!("!('x' in inputs.parameter_values) || type({x}) == null_type");
        assert_eq!(parse(&absent), Some(null(Sign::Equal)));
        let same = Cel::Binary(Sign::Equal, name("x"), Box::new(Cel::Text("a".into())));
        let both = Cel::Binary(Sign::And, Box::new(null(Sign::NotEqual)), Box::new(same));
        assert_eq!(parse(&format!("{present} && {x} == 'a'")), Some(both));
    }

    #[test]
    fn what_nobody_writes_is_left() {
        for text in ["", "a.b", "inputs.parameter_values['a'] ==", "'a", "f(1)", "1 == 1 1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"!".repeat(5000)), None);
        assert_eq!(parse(&"(".repeat(5000)), None);
    }
}
