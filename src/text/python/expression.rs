//! Expressions as text: on one line while they fit, else with what stands in brackets one below the other.

use super::string::{self, width};
use super::{Call, Expression, FormatPart};

/// The formatter's line length.
const LINE: usize = 88;

/// What an indentation adds.
pub(super) const STEP: usize = 4;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The indentation of the line that it begins on.
    pub(super) indent: usize,
    /// What stands before it on that line, the indentation included.
    pub(super) column: usize,
    /// What follows it on its last line.
    pub(super) tail: usize,
}

/// The text of an expression that is a statement or the right side of one: parenthesised where that lets it break.
pub(super) fn top(expression: &Expression, place: Place) -> String {
    let inner = Place { indent: place.indent + STEP, column: place.indent + STEP, tail: 0 };
    let flat = may_fit(expression).then(|| flat(expression));
    let fitting = |place: Place| flat.clone().filter(|flat| fits(flat, place));
    if let Some(flat) = fitting(place) {
        return flat;
    }
    match (expression, fitting(inner)) {
        (Expression::Chain { .. } | Expression::Conditional { .. } | Expression::Not(_), _) => {
            parenthesised(&broken(expression, inner), place.indent)
        }
        (Expression::Text(_) | Expression::Format(_), Some(flat)) => parenthesised(&flat, place.indent),
        _ => broken(expression, place),
    }
}

/// The text of an expression within brackets.
fn within(expression: &Expression, place: Place) -> String {
    let flat = may_fit(expression).then(|| flat(expression)).filter(|flat| fits(flat, place));
    flat.unwrap_or_else(|| broken(expression, place))
}

/// Whether it could be on one line: what has more letters than a line need not be written out, once a level, to see that.
fn may_fit(expression: &Expression) -> bool {
    take(expression, &mut LINE.clone())
}

/// Takes its letters from the room that is left; false: it is not enough.
fn take(expression: &Expression, room: &mut usize) -> bool {
    let mut all = |expressions: &[&Expression]| expressions.iter().all(|one| take(one, room));
    match expression {
        Expression::Text(pieces) => pieces.iter().all(|piece| letters(piece, room)),
        Expression::Block(text) => letters(text, room),
        Expression::Format(parts) => parts.iter().all(|part| match part {
            FormatPart::Text(text) => letters(text, room),
            FormatPart::Value(value) => take(value, room),
        }),
        Expression::Attribute(of, _) | Expression::Not(of) => take(of, room),
        Expression::Index(of, index) => all(&[of, index]),
        Expression::Call(call) => {
            call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value)).all(|one| take(one, room))
        }
        Expression::List(items) | Expression::Tuple(items) => items.iter().all(|item| take(item, room)),
        Expression::Chain { operands, .. } => operands.iter().all(|operand| take(operand, room)),
        Expression::Dict(entries) => entries.iter().all(|(key, value)| all(&[key, value])),
        Expression::Conditional { condition, then, otherwise } => all(&[condition, then, otherwise]),
        Expression::Comprehension { key, element, items, .. } => {
            key.iter().all(|key| take(key, room)) && [element, items].into_iter().all(|one| take(one, room))
        }
        Expression::Name(_) | Expression::None | Expression::Bool(_) | Expression::Number(_) => true,
    }
}

/// Each letter of a text takes a column at least: one that takes none is written as its number.
fn letters(text: &str, room: &mut usize) -> bool {
    let count = text.chars().take(*room + 1).count();
    let is_enough = count <= *room;
    *room = room.saturating_sub(count);
    is_enough
}

fn fits(text: &str, place: Place) -> bool {
    !text.contains('\n') && place.column + width(text) + place.tail <= LINE
}

fn parenthesised(text: &str, indent: usize) -> String {
    format!("({}{text}{})", line(indent + STEP), line(indent))
}

fn line(indent: usize) -> String {
    format!("\n{}", " ".repeat(indent))
}

/// The text of an expression that does not fit on its line.
fn broken(expression: &Expression, place: Place) -> String {
    match expression {
        Expression::Call(call) if !(call.arguments.is_empty() && call.keywords.is_empty()) => {
            format!("{}{}", flat(&call.function), exploded("(", call_items(call), ")", place.indent))
        }
        Expression::List(items) if !items.is_empty() => exploded("[", plain_items(items), "]", place.indent),
        Expression::Tuple(items) if !items.is_empty() => exploded("(", plain_items(items), ")", place.indent),
        Expression::Dict(entries) if !entries.is_empty() => {
            let items = entries.iter().map(|(key, value)| (format!("{}: ", flat(key)), value)).collect();
            exploded("{", items, "}", place.indent)
        }
        Expression::Text(pieces) => text_lines(pieces, place.indent),
        Expression::Format(parts) => format_lines(parts, place.indent),
        Expression::Chain { operator, operands } => {
            let strength = operator.strength();
            let operands: Vec<_> = operands.iter().map(|operand| guarded(operand, strength + 1)).collect();
            operands.join(&format!("{}{} ", line(place.indent), operator.sign()))
        }
        Expression::Conditional { condition, then, otherwise } => {
            let line = line(place.indent);
            format!("{}{line}if {}{line}else {}", guarded(then, 2), guarded(condition, 2), guarded(otherwise, 1))
        }
        Expression::Comprehension { key, element, name, items, condition } => {
            let (open, close) = brackets(key);
            let line_in = line(place.indent + STEP);
            let head = Place { indent: place.indent + STEP, column: place.indent + STEP, tail: 0 };
            let filter = condition.as_ref().map_or(String::new(), |it| format!("{line_in}if {}", guarded(it, 2)));
            let inside = flat(expression);
            let inside = &inside[1..inside.len() - 1];
            if fits(inside, head) {
                return format!("{open}{line_in}{inside}{}{close}", line(place.indent));
            }
            let key = key.as_ref().map_or(String::new(), |key| format!("{}: ", flat(key)));
            let element = within(element, Place { column: head.column + width(&key), ..head });
            let items = guarded(items, 2);
            format!("{open}{line_in}{key}{element}{line_in}for {name} in {items}{filter}{}{close}", line(place.indent))
        }
        _ => flat(expression),
    }
}

/// Items one below the other, each with what stands before it and a comma after it.
fn exploded(open: &str, items: Vec<(String, &Expression)>, close: &str, indent: usize) -> String {
    let inner = indent + STEP;
    let mut out = open.to_owned();
    for (before, item) in items {
        let place = Place { indent: inner, column: inner + width(&before), tail: 1 };
        out += &format!("{}{before}{},", line(inner), within(item, place));
    }
    out + &line(indent) + close
}

fn plain_items(items: &[Expression]) -> Vec<(String, &Expression)> {
    items.iter().map(|item| (String::new(), item)).collect()
}

fn call_items(call: &Call) -> Vec<(String, &Expression)> {
    let keywords = call.keywords.iter().map(|(name, value)| match name.as_str() {
        "**" => (name.clone(), value),
        _ => (format!("{name}="), value),
    });
    plain_items(&call.arguments).into_iter().chain(keywords).collect()
}

/// Text that is too long for its line: as many literals as it takes.
fn text_lines(pieces: &[String], indent: usize) -> String {
    let inner = Place { indent: indent + STEP, column: indent + STEP, tail: 0 };
    let lines = filled(pieces, |text| fits(&string::literal(text), inner));
    let lines: Vec<String> = lines.iter().map(|line| string::literal(line)).collect();
    several(lines, || string::literal(&pieces.concat()), inner, indent)
}

/// The same with values inside.
fn format_lines(parts: &[FormatPart], indent: usize) -> String {
    let inner = Place { indent: indent + STEP, column: indent + STEP, tail: 0 };
    let mut lines: Vec<Vec<FormatPart>> = vec![Vec::new()];
    for piece in parts.iter().flat_map(pieces) {
        let last = lines.last_mut().expect("there is always one");
        last.push(piece.clone());
        if last.len() > 1 && !fits(&format_text(last), inner) {
            last.pop();
            lines.push(vec![piece]);
        }
    }
    several(lines.iter().map(|line| format_text(line)).collect(), || format_text(parts), inner, indent)
}

/// Words and values that a line may be cut between.
fn pieces(part: &FormatPart) -> Vec<FormatPart> {
    match part {
        FormatPart::Text(text) => text.split_inclusive(' ').map(|word| FormatPart::Text(word.to_owned())).collect(),
        value => vec![value.clone()],
    }
}

/// Literals one below the other; the whole if it is one, or fits after all.
fn several(lines: Vec<String>, whole: impl Fn() -> String, inner: Place, indent: usize) -> String {
    let letters: usize = lines.iter().map(|line| width(line)).sum();
    // Each line brings quotes of its own.
    if lines.len() < 2 || (letters <= LINE + 3 * lines.len() && fits(&whole(), inner)) {
        whole()
    } else {
        parenthesised(&lines.join(&line(indent + STEP)), indent)
    }
}

/// Pieces put together as long as they fit; a line end ends a line.
fn filled(pieces: &[String], fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces.iter().flat_map(|piece| piece.split_inclusive('\n')) {
        match lines.last_mut().filter(|last| !last.ends_with('\n') && fits(&format!("{last}{piece}"))) {
            Some(last) => last.push_str(piece),
            None => lines.push(piece.to_owned()),
        }
    }
    lines
}

/// The text on one line, in parentheses if it binds less than it must there.
fn guarded(expression: &Expression, strength: u8) -> String {
    let text = flat(expression);
    if binds(expression) < strength { format!("({text})") } else { text }
}

fn binds(expression: &Expression) -> u8 {
    match expression {
        Expression::Conditional { .. } => 1,
        Expression::Not(_) => 4,
        Expression::Chain { operator, .. } => operator.strength(),
        Expression::Number(number) if number.to_string().starts_with('-') => 9,
        _ => 20,
    }
}

/// The text on one line.
pub(super) fn flat(expression: &Expression) -> String {
    match expression {
        Expression::Name(name) => name.clone(),
        Expression::None => "None".to_owned(),
        Expression::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Expression::Number(number) => number.to_string(),
        Expression::Text(pieces) => string::literal(&pieces.concat()),
        Expression::Block(text) => string::block(text).unwrap_or_else(|| string::literal(text)),
        Expression::Format(parts) => format_text(parts),
        Expression::Attribute(of, name) => format!("{}.{name}", guarded(of, 10)),
        Expression::Index(of, index) => format!("{}[{}]", guarded(of, 10), flat(index)),
        Expression::Call(call) => {
            let items = call_items(call).into_iter().map(|(before, item)| before + &flat(item));
            format!("{}({})", guarded(&call.function, 10), items.collect::<Vec<_>>().join(", "))
        }
        Expression::List(items) => format!("[{}]", joined(items)),
        Expression::Tuple(items) if items.len() == 1 => format!("({},)", flat(&items[0])),
        Expression::Tuple(items) => format!("({})", joined(items)),
        Expression::Dict(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", flat(key), flat(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Expression::Conditional { condition, then, otherwise } => {
            format!("{} if {} else {}", guarded(then, 2), guarded(condition, 2), guarded(otherwise, 1))
        }
        Expression::Not(operand) => format!("not {}", guarded(operand, 4)),
        Expression::Chain { operator, operands } => {
            let operands: Vec<_> = operands.iter().map(|operand| guarded(operand, operator.strength() + 1)).collect();
            operands.join(&format!(" {} ", operator.sign()))
        }
        Expression::Comprehension { key, element, name, items, condition } => {
            let (open, close) = brackets(key);
            let key = key.as_ref().map_or(String::new(), |key| format!("{}: ", flat(key)));
            let filter = condition.as_ref().map_or(String::new(), |it| format!(" if {}", guarded(it, 2)));
            format!("{open}{key}{} for {name} in {}{filter}{close}", flat(element), guarded(items, 2))
        }
    }
}

fn brackets(key: &Option<Box<Expression>>) -> (char, char) {
    if key.is_some() { ('{', '}') } else { ('[', ']') }
}

fn joined(items: &[Expression]) -> String {
    items.iter().map(flat).collect::<Vec<_>>().join(", ")
}

fn format_text(parts: &[FormatPart]) -> String {
    let letters = parts.iter().map(|part| match part {
        FormatPart::Text(text) => text.as_str(),
        FormatPart::Value(_) => "",
    });
    let letters: String = letters.collect();
    if !parts.iter().any(|part| matches!(part, FormatPart::Value(_))) {
        return string::literal(&letters);
    }
    let quote = string::preferred_quote(&letters);
    let body: String = parts
        .iter()
        .map(|part| match part {
            FormatPart::Text(text) => string::escaped(text, quote).replace('{', "{{").replace('}', "}}"),
            FormatPart::Value(value) => format!("{{{}}}", flat(value)),
        })
        .collect();
    format!("f{quote}{body}{quote}")
}
