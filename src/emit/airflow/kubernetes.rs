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

/// Amounts by resource, as Kubernetes writes them.
pub(super) type Quantities = Vec<(String, String)>;

/// What is kept for a pod, and what it may use at most; where only the one is said, it is both.
pub(super) fn quantities(resources: &Resources) -> (Quantities, Quantities) {
    let cpu = resources.cpu.map(kubernetes::cores);
    let memory = resources.memory.map(kubernetes::bytes);
    let accelerator = || resources.accelerator.clone().unwrap_or_else(|| "nvidia.com/gpu".to_owned());
    let gpu = (resources.gpu > 0).then(|| (accelerator(), resources.gpu.to_string()));
    let all = |cpu: Option<String>, memory: Option<String>| {
        let cpu = cpu.map(|cpu| ("cpu".to_owned(), cpu));
        let memory = memory.map(|memory| ("memory".to_owned(), memory));
        cpu.into_iter().chain(memory).chain(gpu.clone()).collect()
    };
    let requests = all(
        resources.cpu_request.map(kubernetes::cores).or_else(|| cpu.clone()),
        resources.memory_request.map(kubernetes::bytes).or_else(|| memory.clone()),
    );
    (requests, all(cpu, memory))
}
