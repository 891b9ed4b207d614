//! The standard library's text: `.mlp` files under `stdlib/`, part of the program.

/// Every file of the standard library: the module's name and its text. `core` is always in view.
pub const MODULES: &[(&str, &str)] = &[
    ("core", include_str!("../stdlib/core.mlp")),
    ("command", include_str!("../stdlib/command.mlp")),
    ("items", include_str!("../stdlib/items.mlp")),
    ("targets", include_str!("../stdlib/targets.mlp")),
    ("environment", include_str!("../stdlib/environment.mlp")),
    ("kubernetes", include_str!("../stdlib/kubernetes.mlp")),
    ("run", include_str!("../stdlib/run.mlp")),
    ("schedule", include_str!("../stdlib/schedule.mlp")),
    ("approval", include_str!("../stdlib/approval.mlp")),
    ("kubeflow", include_str!("../stdlib/kubeflow.mlp")),
    ("notify", include_str!("../stdlib/notify.mlp")),
    ("delivery", include_str!("../stdlib/delivery.mlp")),
    ("expectation", include_str!("../stdlib/expectation.mlp")),
    ("policy", include_str!("../stdlib/policy.mlp")),
    ("tools", include_str!("../stdlib/tools.mlp")),
    ("test", include_str!("../stdlib/test.mlp")),
];

/// The path under which a module's text stands in a source map: `std/core.mlp`.
pub fn path(module: &str) -> String {
    format!("std/{module}.mlp")
}

/// The module whose text stands at that path.
pub fn module_of(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("std/")?.strip_suffix(".mlp")?;
    MODULES.iter().map(|(module, _)| *module).find(|module| *module == name)
}
