//! The standard library's text where an editor can open it.

use std::fs;
use std::path::PathBuf;

use crate::source::SourceFile;

/// Writes a file of the library into the user's cache and gives its path there.
pub(super) fn written_out(file: &SourceFile) -> Option<PathBuf> {
    let path = cache()?.join("mlp").join(env!("CARGO_PKG_VERSION")).join(&file.path);
    let is_there = fs::read_to_string(&path).is_ok_and(|text| *text == *file.text);
    if !is_there {
        fs::create_dir_all(path.parent()?).ok()?;
        fs::write(&path, file.text.as_bytes()).ok()?;
    }
    Some(path)
}

fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(|| Some(set("HOME")?.join(".cache")))
}
