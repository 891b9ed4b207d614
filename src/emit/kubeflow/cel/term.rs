//! A term of CEL and how it is written.
//!
//! In: terms put together by [`super`]. Out: text in which every term keeps its meaning: bracketed where CEL would read it otherwise,
//! quoted so that neither CEL nor Argo nor Kubernetes takes a part of a text for a sign of its own.

use std::fmt::{Display, Formatter, Result};

/// A term.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emit::kubeflow) enum Term {
    /// A name, a constant that is no text, or a type.
    Word(String),
    /// A constant text.
    Text(String),
    /// `[a, b]`
    List(Vec<Term>),
    /// `inputs.parameter_values['x']`
    Input(String),
    /// `a[b]`
    Entry(Box<Term>, Box<Term>),
    /// `int(a)`
    Call(&'static str, Box<Term>),
    /// `a.matches(b)`
    Matches(Box<Term>, Box<Term>),
    /// `!(a)`
    Not(Box<Term>),
    /// `a == b`, `a in b`, `a + b`
    Binary(Sign, Box<Term>, Box<Term>),
    /// `a ? b : c`
    Choice(Box<Term>, Box<Term>, Box<Term>),
}

/// A sign between two terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::emit::kubeflow) enum Sign {
    Or,
    And,
    Compare(&'static str),
    Add,
}

/// The parameters that the driver gives a task.
const INPUTS: &str = "inputs.parameter_values";

impl Term {
    pub(super) fn word(text: impl Into<String>) -> Term {
        Term::Word(text.into())
    }

    /// A float as the SDK writes it: as Python does.
    pub(super) fn float(value: f64) -> Term {
        Term::Word(python_float(value))
    }

    /// All the inputs of the task, by name.
    pub(super) fn inputs() -> Term {
        Term::word(INPUTS)
    }

    pub(super) fn entry(self, key: Term) -> Term {
        Term::Entry(Box::new(self), Box::new(key))
    }

    pub(super) fn call(self, function: &'static str) -> Term {
        Term::Call(function, Box::new(self))
    }

    pub(super) fn compare(self, sign: &'static str, with: Term) -> Term {
        Term::Binary(Sign::Compare(sign), Box::new(self), Box::new(with))
    }

    pub(super) fn joined(self, sign: Sign, with: Term) -> Term {
        Term::Binary(sign, Box::new(self), Box::new(with))
    }

    pub(super) fn or(self, other: Term) -> Term {
        self.joined(Sign::Or, other)
    }

    pub(in crate::emit::kubeflow) fn and(self, other: Term) -> Term {
        self.joined(Sign::And, other)
    }

    pub(in crate::emit::kubeflow) fn negated(self) -> Term {
        Term::Not(Box::new(self))
    }

    /// How tightly it holds together: a term inside one that holds tighter stands in brackets.
    fn strength(&self) -> u8 {
        match self {
            Term::Choice(..) => 0,
            Term::Binary(Sign::Or, ..) => 1,
            Term::Binary(Sign::And, ..) => 2,
            Term::Binary(Sign::Compare(_), ..) => 3,
            Term::Binary(Sign::Add, ..) => 4,
            Term::Not(_) => 5,
            Term::Word(word) if word.starts_with('-') => 5,
            _ => 6,
        }
    }

    /// The term inside one of that strength.
    fn within(&self, strength: u8, to: &mut Formatter<'_>) -> Result {
        if self.strength() < strength { write!(to, "({self})") } else { write!(to, "{self}") }
    }
}

impl Display for Term {
    fn fmt(&self, to: &mut Formatter<'_>) -> Result {
        match self {
            Term::Word(word) => to.write_str(word),
            Term::Text(text) => to.write_str(&quote(text)),
            Term::List(items) => {
                let items: Vec<String> = items.iter().map(Term::to_string).collect();
                write!(to, "[{}]", items.join(", "))
            }
            Term::Input(name) => write!(to, "{INPUTS}[{}]", quote(name)),
            Term::Entry(of, key) => {
                of.within(6, to)?;
                write!(to, "[{key}]")
            }
            Term::Call(function, of) => write!(to, "{function}({of})"),
            Term::Matches(of, pattern) => {
                of.within(6, to)?;
                write!(to, ".matches({pattern})")
            }
            Term::Not(of) => write!(to, "!({of})"),
            Term::Binary(sign, left, right) => {
                let (text, strength) = match sign {
                    Sign::Or => ("||", 1),
                    Sign::And => ("&&", 2),
                    Sign::Compare(sign) => (*sign, 4),
                    Sign::Add => ("+", 4),
                };
                left.within(strength, to)?;
                write!(to, " {text} ")?;
                right.within(strength, to)
            }
            Term::Choice(condition, one, other) => {
                condition.within(1, to)?;
                to.write_str(" ? ")?;
                one.within(1, to)?;
                to.write_str(" : ")?;
                other.within(0, to)
            }
        }
    }
}

/// The shortest digits that read back, laid out as Python lays them out: `0.5`, `1e-07`, `1.5e+20`.
fn python_float(value: f64) -> String {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A text in single quotes. `{{` is Argo's, `$(` and `$$` are Kubernetes' in the driver's arguments.
fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\'', _) => quoted.push_str("\\'"),
            ('\\', _) => quoted.push_str("\\\\"),
            ('\n', _) => quoted.push_str("\\n"),
            ('\r', _) => quoted.push_str("\\r"),
            ('\t', _) => quoted.push_str("\\t"),
            ('{', Some('{')) => quoted.push_str("\\u007b"),
            ('$', Some('$' | '(')) => quoted.push_str("\\u0024"),
            (c, _) if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            (c, _) => quoted.push(c),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, text) in [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345.0, "123456789012345.0"),
            (1.5e20, "1.5e+20"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn nothing_in_a_text_is_taken_for_a_sign() {
        let text = "it's \"{{x}}\" $(HOME) $$ $5 \\ 🎉\n\u{feff}";
        assert_eq!(quote(text), r#"'it\'s "\u007b{x}}" \u0024(HOME) \u0024$ $5 \\ 🎉\n\ufeff'"#);
    }

    #[test]
    fn brackets_stand_where_cel_would_read_otherwise() {
        let x = || Term::word("x");
        let same = || x().compare("==", Term::word("1"));
        assert_eq!(same().compare("==", x()).to_string(), "(x == 1) == x");
        assert_eq!(same().or(same()).and(x()).to_string(), "(x == 1 || x == 1) && x");
        assert_eq!(same().and(same()).or(x()).to_string(), "x == 1 && x == 1 || x");
        let choice = Term::Choice(Box::new(same().or(x())), Box::new(x()), Box::new(x()));
        assert_eq!(choice.clone().compare(">", x()).to_string(), "(x == 1 || x ? x : x) > x");
        assert_eq!(choice.entry(x()).to_string(), "(x == 1 || x ? x : x)[x]");
        assert_eq!(same().negated().and(same()).to_string(), "!(x == 1) && x == 1");
    }
}
