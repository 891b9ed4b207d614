//! The project's folder as the compiler sees it: it asks for bytes by path and never touches the disk itself.

use std::collections::BTreeMap;

/// What lies in the project's folder. Paths are relative to it, with `/`; one that leaves it holds nothing.
pub trait ProjectFiles {
    /// The bytes of the file at that path, if there is one that can be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// Whether there is a file or folder at that path.
    fn exists(&self, path: &str) -> bool;
}

/// Files by path, as tests and tools hold them.
impl ProjectFiles for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.get(&normal_path(path)?).cloned()
    }

    fn exists(&self, path: &str) -> bool {
        let Some(path) = normal_path(path) else { return false };
        let folder = format!("{path}/");
        path.is_empty() || self.contains_key(&path) || self.keys().any(|file| file.starts_with(&folder))
    }
}

/// The path without `.` and `..`; none where it is absolute or leaves the folder.
pub fn normal_path(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', '\0']) || path.get(1..2) == Some(":") {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(normal_path("a/./b/../c.py").as_deref(), Some("a/c.py"));
        assert_eq!(normal_path("").as_deref(), Some(""));
        for outside in ["..", "a/../../b", "/etc/passwd", "C:/x", "a\\b", "a\0b"] {
            assert_eq!(normal_path(outside), None, "{outside:?}");
        }
    }
}
