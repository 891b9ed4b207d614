//! Jinja templates as typed data, and their text: what is not an expression here is never read as one there.
//!
//! In: a [`Template`] of text and expressions. Out: the template's text, which renders to exactly that text with the values between.
//! It refuses to know what the names mean.

use super::python::Operator;

/// A template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// Text that Kubernetes reads as its own.
    Live(String),
    Value {
        value: Expression,
        /// Whether its text may hold letters that mean something to whoever reads it.
        lively: bool,
    },
    Cut,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A name.
    Name(String),
    /// A JSON value.
    Json(serde_json::Value),
    /// `a.b`
    Attribute(Box<Expression>, String),
    /// `a[b]`
    Index(Box<Expression>, Box<Expression>),
    /// `a(b, c=d)`
    Call(Box<Expression>, Vec<Expression>, Vec<(String, Expression)>),
    /// `a | b`
    Filter(Box<Expression>, &'static str),
    /// `a if b else c`: then, condition, otherwise.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `a is none`
    IsNone(Box<Expression>),
    /// `not a`
    Not(Box<Expression>),
    /// `a >= b`
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `a ~ b ~ c`: their texts, put together.
    Concat(Vec<Expression>),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `{'a': b}`
    Dict(Vec<(String, Expression)>),
}

impl Template {
    /// A template that is only text.
    pub fn text_only(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    /// Goes on with text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.push_text(&text.into());
        self
    }

    /// Goes on with text in which `$(NAME)` and `$$` are for Kubernetes to read.
    pub fn live(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Live(text.into()));
        self
    }

    /// Goes on with a value that may be any text.
    pub fn value(mut self, value: Expression) -> Self {
        self.parts.push(Part::Value { value, lively: true });
        self
    }

    /// Goes on with a value that is a number, a truth value or an id: of letters that mean nothing to anyone.
    pub fn plain(mut self, value: Expression) -> Self {
        self.parts.push(Part::Value { value, lively: false });
        self
    }

    /// Goes on with JSON, which may be cut after any comma.
    pub fn json(mut self, json: &str) -> Self {
        for piece in after_commas(json) {
            self = self.text(piece).cut();
        }
        self
    }

    /// A place where a reader may want a new line of source.
    pub fn cut(mut self) -> Self {
        self.parts.push(Part::Cut);
        self
    }

    /// Goes on with another template.
    pub fn then(mut self, other: Template) -> Self {
        for part in other.parts {
            match part {
                Part::Text(text) => self.push_text(&text),
                other => self.parts.push(other),
            }
        }
        self
    }

    /// The same where Kubernetes reads the outcome as a word of a container's command or a variable's value:
    /// there `$(NAME)` is a reference and `$$` a dollar.
    pub fn for_container(self) -> Self {
        let mut parts: Vec<Part> = Vec::with_capacity(self.parts.len());
        for part in self.parts.into_iter().rev() {
            let follows = parts.iter().rev().find(|part| **part != Part::Cut);
            let part = match part {
                Part::Text(text) => Part::Text(without_references(&text, first_letter(follows))),
                Part::Value { value, lively: true } => {
                    Part::Value { value: value.filter("replace('$', '$$')"), lively: true }
                }
                other => other,
            };
            parts.push(part);
        }
        parts.reverse();
        Self { parts }
    }

    /// Whether a value in it calls that function.
    pub fn calls(&self, function: &str) -> bool {
        let call = format!("{function}(");
        self.parts.iter().any(|part| matches!(part, Part::Value { value, .. } if value.source().contains(&call)))
    }

    /// The template's source, cut where it was asked for.
    pub fn chunks(&self) -> Vec<String> {
        let mut chunks = vec![String::new()];
        for (at, part) in self.parts.iter().enumerate() {
            let chunk = chunks.last_mut().expect("there is always one");
            match part {
                Part::Text(text) | Part::Live(text) => {
                    let after = self.parts[at + 1..].iter().find(|part| **part != Part::Cut);
                    *chunk += &protected(text, after);
                }
                Part::Value { value, .. } => *chunk += &format!("{{{{ {} }}}}", value.source()),
                Part::Cut if chunk.is_empty() => {}
                Part::Cut => chunks.push(String::new()),
            }
        }
        chunks.retain(|chunk| !chunk.is_empty());
        chunks
    }

    fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }
}

/// JSON cut after the commas that stand in no string.
fn after_commas(json: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in json.char_indices() {
        match letter {
            '"' if !escaped => quoted = !quoted,
            ',' if !quoted => {
                pieces.push(&json[start..=at]);
                start = at + 1;
            }
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    pieces.push(&json[start..]);
    pieces
}

/// Text of which Jinja reads nothing as its own, and of which it changes nothing.
fn protected(text: &str, after: Option<&Part>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let follows = letters.peek().copied().or_else(|| first_letter(after));
        match (letter, follows) {
            ('{', Some('{' | '%' | '#')) => out.push_str("{{ '{' }}"),
            ('\r', _) => out.push_str("{{ '\\r' }}"),
            ('\n', None) => out.push_str("{{ '\\n' }}"),
            _ => out.push(letter),
        }
    }
    out
}

/// Text in which Kubernetes finds no reference and no pair of dollars; `{` after it stands for any value.
fn without_references(text: &str, after: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        let follows = letters.peek().copied().or(after);
        if letter == '$' && matches!(follows, Some('$' | '(' | '{')) {
            out.push('$');
        }
    }
    out
}

fn first_letter(part: Option<&Part>) -> Option<char> {
    match part {
        Some(Part::Value { .. }) => Some('{'),
        Some(Part::Text(text)) => text.chars().next(),
        _ => None,
    }
}

impl Expression {
    /// A name.
    pub fn name(name: &str) -> Self {
        Expression::Name(name.to_owned())
    }

    /// A text.
    pub fn string(text: &str) -> Self {
        Expression::Json(text.into())
    }

    /// `self.name`
    pub fn dot(self, name: &str) -> Self {
        Expression::Attribute(Box::new(self), name.to_owned())
    }

    /// `self[index]`
    pub fn at(self, index: Expression) -> Self {
        Expression::Index(Box::new(self), Box::new(index))
    }

    /// `self | filter`
    pub fn filter(self, filter: &'static str) -> Self {
        Expression::Filter(Box::new(self), filter)
    }

    /// The expression's source.
    pub fn source(&self) -> String {
        match self {
            Expression::Name(name) => name.clone(),
            Expression::Json(value) => json(value),
            Expression::Attribute(of, name) => format!("{}.{name}", of.operand()),
            Expression::Index(of, index) => format!("{}[{}]", of.operand(), index.source()),
            Expression::Call(function, arguments, keywords) => {
                let arguments = arguments.iter().map(Expression::source);
                let keywords = keywords.iter().map(|(name, value)| format!("{name}={}", value.source()));
                format!("{}({})", function.operand(), arguments.chain(keywords).collect::<Vec<_>>().join(", "))
            }
            Expression::Filter(of, filter) => match **of {
                Expression::Filter(..) => format!("{} | {filter}", of.source()),
                _ => format!("{} | {filter}", of.operand()),
            },
            Expression::Conditional(then, condition, otherwise) => {
                format!("{} if {} else {}", then.operand(), condition.operand(), otherwise.operand())
            }
            Expression::IsNone(of) => format!("{} is none", of.operand()),
            Expression::Not(of) => format!("not {}", of.operand()),
            Expression::Binary(operator, left, right) => {
                format!("{} {} {}", left.operand(), operator.sign(), right.operand())
            }
            Expression::Concat(parts) => parts.iter().map(Expression::operand).collect::<Vec<_>>().join(" ~ "),
            Expression::List(items) => {
                format!("[{}]", items.iter().map(Expression::source).collect::<Vec<_>>().join(", "))
            }
            Expression::Dict(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}: {}", string(key), value.source()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The source where something binds to it.
    fn operand(&self) -> String {
        let atom = match self {
            Expression::Name(_)
            | Expression::Attribute(..)
            | Expression::Index(..)
            | Expression::Call(..)
            | Expression::List(_)
            | Expression::Dict(_) => true,
            Expression::Json(value) => !value.is_number() || value.as_f64().is_some_and(|number| number >= 0.0),
            _ => false,
        };
        if atom { self.source() } else { format!("({})", self.source()) }
    }
}

fn json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", string(key), json(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text in quotes, on one line.
fn string(text: &str) -> String {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(template: Template) -> String {
        template.chunks().concat()
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(source(Template::text_only(r#"{"a": {"b": 1}} }} %} 100%"#)), r#"{"a": {"b": 1}} }} %} 100%"#);
    }

    #[test]
    fn delimiters_in_text_are_no_delimiters() {
        assert_eq!(source(Template::text_only("{{ ds }}")), "{{ '{' }}{ ds }}");
        assert_eq!(source(Template::text_only("{% x %}{# y #}")), "{{ '{' }}% x %}{{ '{' }}# y #}");
        assert_eq!(source(Template::text_only("{{{")), "{{ '{' }}{{ '{' }}{");
    }

    #[test]
    fn a_brace_before_a_value_or_a_cut_is_no_delimiter() {
        let template = Template::text_only("{").cut().value(Expression::name("a")).text("}");
        assert_eq!(source(template), "{{ '{' }}{{ a }}}");
    }

    #[test]
    fn a_container_gets_dollars_as_they_are() {
        let template = Template::text_only("$(A) $$ $x a$").value(Expression::name("v")).for_container();
        assert_eq!(source(template), "$$(A) $$$ $x a$${{ v | replace('$', '$$') }}");
    }

    #[test]
    fn line_ends_survive() {
        assert_eq!(source(Template::text_only("a\r\nb\n")), "a{{ '\\r' }}\nb{{ '\\n' }}");
    }
}
