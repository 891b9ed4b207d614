//! The folder of measurements that the jobs of a delivery hand on: one JSON file an environment, `{"training": {"auc": 0.97}}`.

use std::io;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::gate::Measured;
use crate::machine::file;
use crate::plan::Verification;

/// The file of an environment.
fn place(folder: &Path, environment: &str) -> PathBuf {
    folder.join(format!("{environment}.json"))
}

/// What was measured in an environment, as its text; nothing where nothing was.
fn text(path: &Path) -> Result<String, String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        text => text.map_err(|error| format!("{} cannot be read: {error}", path.display())),
    }
}

/// What was measured in an environment, for gates.
pub fn read(folder: &Path, environment: &str) -> Result<Measured, String> {
    let path = place(folder, environment);
    Measured::read(&text(&path)?).map_err(|why| format!("{} cannot be read: {why}", path.display()))
}

/// One value that was measured in an environment, by who gave it and its name.
pub fn value(folder: &Path, environment: &str, of: &str, name: &str) -> Result<Option<Json>, String> {
    Ok(all(&place(folder, environment))?.get(of).and_then(|outputs| outputs.get(name)).cloned())
}

fn all(path: &Path) -> Result<Map<String, Json>, String> {
    match text(path)? {
        text if text.trim().is_empty() => Ok(Map::new()),
        text => serde_json::from_str(&text)
            .map_err(|error| format!("{} is no object of measurements: {error}", path.display())),
    }
}

/// Puts what was measured into the file of an environment, in place of what was measured by the same before. The file is
/// replaced whole.
pub fn merge(folder: &Path, environment: &str, of: &str, outputs: &IndexMap<String, Json>) -> Result<(), String> {
    let path = place(folder, environment);
    let mut all = all(&path)?;
    let outputs: Map<String, Json> = outputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    all.insert(of.to_owned(), outputs.into());
    let text = serde_json::to_string_pretty(&all).expect("it has a JSON form") + "\n";
    file::replace(&path, text.as_bytes()).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// What a verification declares, of the text that it wrote; every fault is said.
pub fn outputs(verification: &Verification, text: &str) -> Result<IndexMap<String, Json>, Vec<String>> {
    let name = &verification.name;
    let wrapped = format!("{{{}: {text}}}", Json::from(name.as_str()));
    let measured = Measured::read(&wrapped).map_err(|why| vec![format!("what {name} wrote is no JSON: {why}")])?;
    let written: Json = serde_json::from_str(text).unwrap_or_default();
    let (mut found, mut faults) = (IndexMap::new(), Vec::new());
    for (output, ty) in &verification.outputs {
        match measured.check(name, output, ty) {
            Ok(()) => drop(found.insert(output.clone(), written.get(output).cloned().unwrap_or_default())),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}
