//! The folder of measurements that the jobs of a delivery hand on: one JSON file an environment.

use std::io::{self, Write};
use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

/// Puts what was measured into the file of an environment, in place of what was measured by the same before. The file is
/// replaced whole.
pub(super) fn merge(
    folder: &Path,
    environment: &str,
    of: &str,
    outputs: &IndexMap<String, Json>,
) -> Result<(), String> {
    let path = folder.join(format!("{environment}.json"));
    let said = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let mut all: Map<String, Json> = match std::fs::read(&path) {
        Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => Map::new(),
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| format!("{} is no object of measurements: {error}", path.display()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    all.insert(
        of.to_owned(),
        outputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into(),
    );
    std::fs::create_dir_all(folder).map_err(said)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(said)?;
    file.write_all((serde_json::to_string_pretty(&all).expect("it has a JSON form") + "\n").as_bytes())
        .map_err(said)?;
    file.persist(&path).map(drop).map_err(|error| said(error.error))
}
