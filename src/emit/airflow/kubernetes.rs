//! What Kubernetes lets names, labels and quantities be.

use crate::emit::kubernetes;
use crate::plan::Resources;

/// A pod's name, made of any text: lower-case letters, digits and `-`, short enough for a suffix.
pub(super) fn pod_name(text: &str) -> String {
    let name: String = text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let name: String = name.to_lowercase().trim_matches('-').chars().take(50).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "step".to_owned() } else { name }
}

/// A label's value, made of any text.
pub(super) fn label(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let value: String = text.chars().map(|letter| if plain(letter) { letter } else { '-' }).take(63).collect();
    value.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned()
}

/// What a pod asks for, which is also what it may use at most.
pub(super) fn quantities(resources: &Resources) -> Vec<(String, String)> {
    let mut quantities = Vec::new();
    quantities.extend(resources.cpu.map(|cpu| ("cpu".to_owned(), cores(cpu))));
    quantities.extend(resources.memory.map(|bytes| ("memory".to_owned(), kubernetes::bytes(bytes))));
    if resources.gpu > 0 {
        let accelerator = resources.accelerator.clone().unwrap_or_else(|| "nvidia.com/gpu".to_owned());
        quantities.push((accelerator, resources.gpu.to_string()));
    }
    quantities
}

fn cores(cpu: f64) -> String {
    let thousandths = (cpu * 1000.0).round() as i64;
    if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") }
}
