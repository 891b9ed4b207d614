//! Names as Kubeflow allows them.

/// A task's or pipeline's name: small letters, digits and single hyphens, as the SDK makes it.
pub(super) fn mangle(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let letters: String = lower.chars().map(kept).collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "task".to_owned() } else { words.join("-") }
}

/// What a value or artifact from outside a group is called inside.
pub(super) fn channel(name: &str) -> String {
    match name.strip_prefix("pipelinechannel--") {
        Some(_) => name.to_owned(),
        None => format!("pipelinechannel--{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_sdks() {
        assert_eq!(mangle("Pick_best 2"), "pick-best-2");
        assert_eq!(mangle("__a--b__"), "a-b");
        assert_eq!(mangle("φορτίο"), "task");
    }
}
