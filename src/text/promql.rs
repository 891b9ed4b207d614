//! PromQL, the language of Prometheus: a typed expression and its writer.
//!
//! In: an [`Expr`]. Out: its text on one line. It alone quotes PromQL, and the templates of a rule's texts.
//! It refuses to know which metrics there are.

use std::fmt::Write;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `0.9`
    Number(f64),
    /// `"text"`: an argument of a function.
    Text(String),
    /// `up{job="a"}[5m] offset 1h`
    Selector(Selector),
    /// `rate(a)`
    Call(&'static str, Vec<Expr>),
    /// `sum by (run) (a)`
    Aggregate {
        /// `sum`, `max`, …
        by: &'static str,
        /// The labels that are kept.
        kept: Vec<&'static str>,
        /// Of what.
        of: Box<Expr>,
    },
    /// `a > b`, `a and on (run) b`
    Binary {
        /// `+ - * / > >= < <= == != and or unless`
        operator: &'static str,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
        /// The labels by which both sides find each other; none: all.
        on: Option<Vec<&'static str>>,
        /// The labels that the one side, which many of the left belong to, hands over.
        group_left: Option<Vec<&'static str>>,
    },
}

/// Series of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The metric's name, which is one: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    pub metric: String,
    /// What their labels must be.
    pub matchers: Vec<Matcher>,
    /// Seconds back, of all samples.
    pub range: Option<u64>,
    /// Seconds between the moments of the range that are looked at; none: every sample.
    pub step: Option<u64>,
    /// Seconds back, of the newest sample.
    pub offset: Option<u64>,
}

/// `name="value"`
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// `=`, `!=`, `=~`, `!~`
    pub operator: &'static str,
    /// What it is held against.
    pub value: String,
}

impl Selector {
    /// Every series of a metric.
    pub fn of(metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), matchers: Vec::new(), range: None, step: None, offset: None }
    }

    /// Those whose label is that.
    pub fn with(self, label: &str, value: impl Into<String>) -> Self {
        self.matching(label, "=", value)
    }

    /// Those whose label stands so to the value.
    pub fn matching(mut self, label: &str, operator: &'static str, value: impl Into<String>) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), operator, value: value.into() });
        self
    }

    /// Their samples over the last seconds.
    pub fn over(mut self, seconds: u64) -> Self {
        self.range = Some(seconds);
        self
    }

    /// Their values over the last seconds, once in so many.
    pub fn sampled(mut self, seconds: u64, step: u64) -> Self {
        self.step = Some(step);
        self.over(seconds)
    }

    /// As they were so many seconds ago.
    pub fn ago(mut self, seconds: u64) -> Self {
        self.offset = Some(seconds);
        self
    }

    /// As an expression.
    pub fn expr(self) -> Expr {
        Expr::Selector(self)
    }
}

impl Expr {
    /// `function(arguments)`
    pub fn call(function: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Expr::Call(function, arguments.into_iter().collect())
    }

    /// `sum by (kept) (self)`
    pub fn aggregate(self, by: &'static str, kept: &[&'static str]) -> Self {
        Expr::Aggregate { by, kept: kept.to_vec(), of: Box::new(self) }
    }

    /// `self operator right`
    pub fn then(self, operator: &'static str, right: Expr) -> Self {
        Expr::Binary { operator, left: Box::new(self), right: Box::new(right), on: None, group_left: None }
    }

    /// `self operator on (labels) right`
    pub fn then_on(self, operator: &'static str, labels: &[&'static str], right: Expr) -> Self {
        let on = Some(labels.to_vec());
        Expr::Binary { operator, left: Box::new(self), right: Box::new(right), on, group_left: None }
    }

    /// `self * on (labels) group_left (given) right`
    pub fn joined(self, labels: &[&'static str], given: &[&'static str], right: Expr) -> Self {
        let (on, group_left) = (Some(labels.to_vec()), Some(given.to_vec()));
        Expr::Binary { operator: "*", left: Box::new(self), right: Box::new(right), on, group_left }
    }
}

/// The expression on one line.
pub fn write(expr: &Expr) -> String {
    match expr {
        Expr::Number(number) => number.to_string(),
        Expr::Text(text) => quote(text),
        Expr::Selector(selector) => self::selector(selector),
        Expr::Call(function, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(write).collect();
            format!("{function}({})", arguments.join(", "))
        }
        Expr::Aggregate { by, kept, of } if kept.is_empty() => format!("{by}({})", write(of)),
        Expr::Aggregate { by, kept, of } => format!("{by} by ({}) ({})", kept.join(", "), write(of)),
        Expr::Binary { operator, left, right, on, group_left } => {
            let on = on.as_ref().map(|labels| format!(" on ({})", labels.join(", "))).unwrap_or_default();
            let group = group_left.as_ref().map(|labels| format!(" group_left ({})", labels.join(", ")));
            format!("{} {operator}{on}{} {}", operand(left), group.unwrap_or_default(), operand(right))
        }
    }
}

fn operand(expr: &Expr) -> String {
    match expr {
        Expr::Binary { .. } => format!("({})", write(expr)),
        other => write(other),
    }
}

fn selector(selector: &Selector) -> String {
    let mut text = selector.metric.clone();
    let matchers = selector.matchers.iter();
    let matchers: Vec<String> =
        matchers.map(|one| format!("{}{}{}", one.label, one.operator, quote(&one.value))).collect();
    if !matchers.is_empty() {
        let _ = write!(text, "{{{}}}", matchers.join(","));
    }
    if let Some(seconds) = selector.range {
        let step = selector.step.map(|step| format!(":{}", duration(step))).unwrap_or_default();
        let _ = write!(text, "[{}{step}]", duration(seconds));
    }
    if let Some(seconds) = selector.offset {
        let _ = write!(text, " offset {}", duration(seconds));
    }
    text
}

/// `90m`, in the largest unit that needs no fraction.
pub fn duration(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let fits = units.into_iter().find(|(length, _)| seconds > 0 && seconds.is_multiple_of(*length));
    fits.map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}

/// A text as it is where Prometheus takes templates: in a rule's labels and annotations.
pub fn plain(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

/// A text as a regular expression (RE2) that matches it alone.
pub fn literally(text: &str) -> String {
    regex::escape(text)
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() || matches!(control, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_keep_their_operands_together() {
        let up = Selector::of("up").with("job", "a\"b\\\n").over(5_400).ago(90);
        assert_eq!(write(&up.expr()), "up{job=\"a\\\"b\\\\\\n\"}[90m] offset 90s");
        let (a, b) = (Selector::of("a").expr(), Selector::of("b").expr());
        let both = a.clone().then("-", b.clone()).then_on("and", &["run"], b.aggregate("sum", &["run"]));
        assert_eq!(write(&both), "(a - b) and on (run) sum by (run) (b)");
        let counted = a.joined(&["pod"], &["run"], Expr::Number(0.9));
        assert_eq!(write(&counted), "a * on (pod) group_left (run) 0.9");
    }

    #[test]
    fn templates_are_no_templates() {
        assert_eq!(plain("{{ $labels.x }} {{{"), "{{ \"{{\" }} $labels.x }} {{ \"{{\" }}{");
        assert_eq!([duration(0), duration(60), duration(86_400)], ["0s", "1m", "1d"]);
    }
}
