//! How Kubernetes writes amounts and words: what every target that starts pods shares.
//!
//! In: numbers and words of the plan. Out: Kubernetes' spelling. It refuses to know which target asks.

use crate::plan::MatchOperator;

/// Units of bytes, the largest first; of two that fit, the larger is written.
const UNITS: &[(&str, i64)] = &[
    ("Ei", 1 << 60),
    ("E", 1_000_000_000_000_000_000),
    ("Pi", 1 << 50),
    ("P", 1_000_000_000_000_000),
    ("Ti", 1 << 40),
    ("T", 1_000_000_000_000),
    ("Gi", 1 << 30),
    ("G", 1_000_000_000),
    ("Mi", 1 << 20),
    ("M", 1_000_000),
    ("Ki", 1 << 10),
    ("k", 1_000),
];

/// Cores: whole, or thousandths; what is finer as it is.
pub(super) fn cores(cpu: f64) -> String {
    let thousandths = cpu * 1000.0;
    match (cpu.fract() == 0.0, thousandths.round()) {
        (true, _) => cpu.to_string(),
        (false, whole) if (thousandths - whole).abs() < 1e-9 => format!("{whole}m"),
        _ => cpu.to_string(),
    }
}

/// Bytes in the largest unit that they are whole in.
pub(super) fn bytes(bytes: i64) -> String {
    let unit = UNITS.iter().find(|(_, size)| bytes > 0 && bytes % size == 0);
    unit.map_or_else(|| bytes.to_string(), |(unit, size)| format!("{}{unit}", bytes / size))
}

/// A word of the library's enums as Kubernetes spells it: `no_execute` is `NoExecute`.
pub(super) fn word(text: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    text.split('_').map(capital).collect()
}

/// What is asked of a node's label.
pub(super) fn operator(operator: MatchOperator) -> &'static str {
    match operator {
        MatchOperator::In => "In",
        MatchOperator::NotIn => "NotIn",
        MatchOperator::Exists => "Exists",
        MatchOperator::Absent => "DoesNotExist",
        MatchOperator::Above => "Gt",
        MatchOperator::Below => "Lt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_the_largest_unit_that_is_exact() {
        let written = [1 << 34, 15_000_000_000, 1 << 20, 1_024_000_000, 1500, 1536, 0].map(bytes);
        assert_eq!(written, ["16Gi", "15G", "1Mi", "1024M", "1500", "1536", "0"].map(str::to_owned));
    }

    #[test]
    fn cores_are_whole_or_thousandths() {
        assert_eq!(
            [4.0, 0.5, 2.5, 0.1, 0.0001].map(cores),
            ["4", "500m", "2500m", "100m", "0.0001"].map(str::to_owned)
        );
    }

    #[test]
    fn words_are_spelled_as_kubernetes_does() {
        let words = ["no_execute", "read_write_once_pod", "if_not_present", "huge_pages", "exists"].map(word);
        let expected = ["NoExecute", "ReadWriteOncePod", "IfNotPresent", "HugePages", "Exists"].map(str::to_owned);
        assert_eq!(words, expected);
    }
}
