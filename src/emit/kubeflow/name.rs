//! Names as Kubeflow allows them.

/// A task's or pipeline's name: small letters, digits and single hyphens, as the SDK makes it.
pub(super) fn mangle(name: &str) -> String {
    crate::emit::running::hyphenated(name)
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
