//! HCL, the language of Terraform: a typed document and its writer.
//!
//! In: a [`Body`]. Out: its text, laid out so that `terraform fmt` leaves it as it is. It alone quotes HCL.
//! It refuses to know what a block or an attribute means.

use std::fmt::Write;

/// Columns up to which a list or an object stands on one line.
const WIDTH: usize = 100;

/// What stands in a file or between a block's braces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// In the order of the text.
    pub items: Vec<Item>,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `# …`, a line each.
    Comment(String),
    /// `name = value`
    Attribute(String, Expr),
    /// `kind "label" { … }`
    Block {
        /// `variable`
        kind: String,
        /// Each is quoted.
        labels: Vec<String>,
        /// Between the braces.
        body: Body,
    },
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, letter for letter.
    Number(String),
    /// Text without values inside.
    Text(String),
    /// Text and values in turn.
    Template(Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a = 1 }`
    Object(Vec<(String, Expr)>),
    /// A name: `var`, `string`.
    Name(String),
    /// `var.region`
    Attribute(Box<Expr>, String),
    /// `tags["a"]`
    Index(Box<Expr>, Box<Expr>),
    /// `contains(a, b)`
    Call(String, Vec<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// `a && b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a ? b : c`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[for name in source : value]`
    For {
        /// The item's name.
        name: String,
        /// What is gone through.
        source: Box<Expr>,
        /// What is made of each.
        value: Box<Expr>,
    },
}

/// Between two operands, the loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Operator::Or => "||",
            Operator::And => "&&",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
        }
    }

    fn tightness(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Equal | Operator::NotEqual => 3,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 4,
            Operator::Add | Operator::Subtract => 5,
            Operator::Multiply | Operator::Divide => 6,
        }
    }
}

impl Body {
    /// Adds an attribute.
    pub fn attribute(mut self, name: impl Into<String>, value: Expr) -> Self {
        self.items.push(Item::Attribute(name.into(), value));
        self
    }

    /// Adds a block.
    pub fn block<'a>(mut self, kind: &str, labels: impl IntoIterator<Item = &'a str>, body: Body) -> Self {
        let labels = labels.into_iter().map(str::to_owned).collect();
        self.items.push(Item::Block { kind: kind.to_owned(), labels, body });
        self
    }

    /// Adds a comment of one line or several.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.items.push(Item::Comment(text.into()));
        self
    }
}

impl Expr {
    /// Text without values inside.
    pub fn text(text: impl Into<String>) -> Self {
        Expr::Text(text.into())
    }

    /// A name.
    pub fn name(name: impl Into<String>) -> Self {
        Expr::Name(name.into())
    }

    /// `function(arguments)`
    pub fn call(function: &str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Expr::Call(function.to_owned(), arguments.into_iter().collect())
    }

    /// `self.name`
    pub fn dot(self, name: impl Into<String>) -> Self {
        Expr::Attribute(Box::new(self), name.into())
    }

    /// `left operator right`
    pub fn binary(operator: Operator, left: Expr, right: Expr) -> Self {
        Expr::Binary(operator, Box::new(left), Box::new(right))
    }

    /// `condition ? then : otherwise`
    pub fn choose(condition: Expr, then: Expr, otherwise: Expr) -> Self {
        Expr::If(Box::new(condition), Box::new(then), Box::new(otherwise))
    }

    /// `!operand`
    pub fn negate(operand: Expr) -> Self {
        Expr::Not(Box::new(operand))
    }

    /// The JSON value as it stands.
    pub fn json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Expr::Null,
            serde_json::Value::Bool(value) => Expr::Bool(*value),
            serde_json::Value::Number(number) => Expr::Number(number.to_string()),
            serde_json::Value::String(text) => Expr::Text(text.clone()),
            serde_json::Value::Array(items) => Expr::List(items.iter().map(Expr::json).collect()),
            serde_json::Value::Object(entries) => {
                Expr::Object(entries.iter().map(|(key, value)| (key.clone(), Expr::json(value))).collect())
            }
        }
    }

    fn tightness(&self) -> u8 {
        match self {
            Expr::If(..) => 0,
            Expr::Binary(operator, ..) => operator.tightness(),
            Expr::Not(_) => 7,
            Expr::Number(number) if number.starts_with('-') => 7,
            _ => 8,
        }
    }
}

/// The text of a file.
pub fn write(body: &Body) -> String {
    let mut text = String::new();
    self::body(&mut text, body, 0);
    text
}

fn body(text: &mut String, body: &Body, depth: usize) {
    let indent = "  ".repeat(depth);
    let written: Vec<Line> = body.items.iter().map(|item| line(item, depth)).collect();
    for (index, item) in written.iter().enumerate() {
        if index > 0 && (item.is_block || written[index - 1].is_block || (depth == 0 && item.is_comment)) {
            text.push('\n');
        }
        match &item.attribute {
            Some(name) => {
                let width = aligned_width(&written, index);
                let _ = writeln!(text, "{indent}{name:width$} = {}", item.text);
            }
            None => text.push_str(&item.text),
        }
    }
}

/// An item that is written but for the place of its `=`.
struct Line {
    attribute: Option<String>,
    text: String,
    is_block: bool,
    is_comment: bool,
}

/// The longest name among the attributes of one line each that stand together with this one.
fn aligned_width(lines: &[Line], index: usize) -> usize {
    let together = |line: &&Line| line.attribute.is_some() && !line.text.contains('\n');
    if !together(&&lines[index]) {
        return 0;
    }
    let before = lines[..index].iter().rev().take_while(together);
    let names = before.chain(lines[index..].iter().take_while(together)).flat_map(|line| &line.attribute);
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}

fn line(item: &Item, depth: usize) -> Line {
    let indent = "  ".repeat(depth);
    let mut line = Line { attribute: None, text: String::new(), is_block: false, is_comment: false };
    match item {
        Item::Comment(comment) => {
            line.is_comment = true;
            for text in comment.lines() {
                line.text.push_str(format!("{indent}# {}", plain(text)).trim_end());
                line.text.push('\n');
            }
        }
        Item::Attribute(name, value) => {
            line.attribute = Some(name.clone());
            line.text = expr(value, depth);
        }
        Item::Block { kind, labels, body } => {
            line.is_block = true;
            let labels: String = labels.iter().map(|label| format!(" {}", quote(label))).collect();
            let _ = writeln!(line.text, "{indent}{kind}{labels} {{");
            self::body(&mut line.text, body, depth + 1);
            let _ = writeln!(line.text, "{indent}}}");
        }
    }
    line
}

/// A comment's text without what would end it.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() || *letter == '\t').collect()
}

/// An expression that begins at `depth`, on one line if it is short.
fn expr(value: &Expr, depth: usize) -> String {
    let single = one_line(value);
    if single.chars().count() + 2 * depth <= WIDTH {
        return single;
    }
    let (outer, inner) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    match value {
        Expr::List(items) => {
            let items: String = items.iter().map(|item| format!("{inner}{},\n", expr(item, depth + 1))).collect();
            format!("[\n{items}{outer}]")
        }
        Expr::Object(entries) => {
            let mut text = "{\n".to_owned();
            let entries = entries.iter().map(|(name, value)| Item::Attribute(key(name), value.clone()));
            body(&mut text, &Body { items: entries.collect() }, depth + 1);
            text + &outer + "}"
        }
        Expr::Call(function, arguments) => match arguments.split_first() {
            Some((first @ (Expr::Object(_) | Expr::List(_) | Expr::Call(..)), rest)) => {
                let rest: String = rest.iter().map(|argument| format!(", {}", one_line(argument))).collect();
                format!("{function}({}{rest})", expr(first, depth))
            }
            _ => single,
        },
        _ => single,
    }
}

fn one_line(value: &Expr) -> String {
    let within = |operand: &Expr, least: u8| match operand.tightness() < least {
        true => format!("({})", one_line(operand)),
        false => one_line(operand),
    };
    match value {
        Expr::Null => "null".to_owned(),
        Expr::Bool(value) => value.to_string(),
        Expr::Number(number) => number.clone(),
        Expr::Text(text) => quote(text),
        Expr::Template(parts) => template(parts),
        Expr::List(items) => format!("[{}]", comma_separated(items)),
        Expr::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Expr::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, value)| format!("{} = {}", key(name), one_line(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Expr::Name(name) => name.clone(),
        Expr::Attribute(of, name) => format!("{}.{name}", within(of, 8)),
        Expr::Index(of, index) => format!("{}[{}]", within(of, 8), one_line(index)),
        Expr::Call(function, arguments) => format!("{function}({})", comma_separated(arguments)),
        Expr::Not(operand) => format!("!{}", within(operand, 8)),
        Expr::Binary(operator, left, right) => {
            let tightness = operator.tightness();
            format!("{} {} {}", within(left, tightness), operator.sign(), within(right, tightness + 1))
        }
        Expr::If(condition, then, otherwise) => {
            format!("{} ? {} : {}", within(condition, 1), within(then, 1), within(otherwise, 1))
        }
        Expr::For { name, source, value } => format!("[for {name} in {} : {}]", one_line(source), one_line(value)),
    }
}

fn comma_separated(items: &[Expr]) -> String {
    items.iter().map(one_line).collect::<Vec<_>>().join(", ")
}

fn template(parts: &[Expr]) -> String {
    let parts = parts.iter().map(|part| match part {
        // A `$` right before a value would read as the sign that there is none.
        Expr::Text(text) => match text.strip_suffix('$') {
            Some(before) => format!("{}${{\"$\"}}", escape(before)),
            None => escape(text),
        },
        value => format!("${{{}}}", one_line(value)),
    });
    format!("\"{}\"", parts.collect::<String>())
}

/// A key of an object: bare where it is a plain name.
fn key(name: &str) -> String {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    let goes_on = letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_word = matches!(name, "for" | "if" | "in" | "null" | "true" | "false");
    if begins && goes_on && !is_word { name.to_owned() } else { quote(name) }
}

/// Text in quotes.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => escaped.extend([letter, letter]),
            control if control.is_control() || matches!(control, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(control));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted() {
        assert_eq!(quote("a\"b\\c\n\td\u{1}"), r#""a\"b\\c\n\td\u0001""#);
        assert_eq!(quote("${a} %{b} $${c $d 5%"), r#""$${a} %%{b} $$${c $d 5%""#);
        assert_eq!(quote("größe"), "\"größe\"");
        let template = Expr::Template(vec![Expr::text("is ${"), Expr::name("var").dot("x"), Expr::text("%{\"")]);
        assert_eq!(one_line(&template), r#""is $${${var.x}%%{\"""#);
        let dollar = Expr::Template(vec![Expr::text("US$"), Expr::name("x"), Expr::text("%")]);
        assert_eq!(one_line(&dollar), r#""US${"$"}${x}%""#);
    }

    #[test]
    fn operators_keep_their_operands_together() {
        let name = |name: &str| Expr::name(name);
        let or = Expr::binary(Operator::Or, name("a"), name("b"));
        let both = Expr::binary(Operator::And, or.clone(), Expr::negate(or));
        assert_eq!(one_line(&both), "(a || b) && !(a || b)");
        let minus = Expr::binary(Operator::Subtract, name("b"), name("c"));
        let twice = Expr::binary(Operator::Subtract, name("a"), minus.clone());
        assert_eq!(one_line(&twice), "a - (b - c)");
        assert_eq!(one_line(&Expr::binary(Operator::Subtract, minus, name("d"))), "b - c - d");
        let choice = Expr::choose(name("a"), name("b"), Expr::choose(name("c"), name("d"), name("e")));
        assert_eq!(one_line(&choice), "a ? b : (c ? d : e)");
    }

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        let object = Expr::json(&serde_json::json!({"a": 1, "for": 2, "a b": 0.1, "ü": null, "": true}));
        assert_eq!(one_line(&object), r#"{ a = 1, "for" = 2, "a b" = 0.1, "ü" = null, "" = true }"#);
    }

    #[test]
    fn equal_signs_stand_below_each_other() {
        let long = Expr::call(
            "object",
            [Expr::Object((0..9).map(|at| (format!("field_{at}"), Expr::name("string"))).collect())],
        );
        let inner = Body::default()
            .attribute("description", Expr::text("What."))
            .attribute("type", long)
            .attribute("default", Expr::Null)
            .attribute("nullable", Expr::Bool(true))
            .block("validation", [], Body::default().attribute("condition", Expr::Bool(true)));
        let file = Body::default().comment("Made.\nHere.").block("variable", ["a\"b"], inner);
        let text = write(&file);
        assert!(text.starts_with(
            "# Made.\n# Here.\n\nvariable \"a\\\"b\" {\n  description = \"What.\"\n  type = object({\n    field_0"
        ));
        assert!(
            text.ends_with(
                "  })\n  default  = null\n  nullable = true\n\n  validation {\n    condition = true\n  }\n}\n"
            )
        );
    }
}
