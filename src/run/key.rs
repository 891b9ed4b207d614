//! What a step's result is found by: its code, what it is given, and its environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::cache::{self, Contents, Given};
use super::flow::Due;
use super::task::{Job, Start};
use crate::plan::{Cache, Run, Type, Word, WordPart};
use crate::python;
use crate::source::normal_path;

/// Keys, and the contents of files that have been looked at.
pub(super) struct Keys {
    project: PathBuf,
    contents: Contents,
    code: BTreeMap<String, Json>,
}

impl Keys {
    pub(super) fn new(project: &Path) -> Self {
        Self { project: project.to_owned(), contents: Contents::default(), code: BTreeMap::new() }
    }

    /// Remembers what a step wrote.
    pub(super) fn add(&mut self, given: &Given) {
        self.contents.add(given);
    }

    /// The key of a task, and whether an earlier run's result may stand for it.
    pub(super) fn of(&mut self, due: &Due, job: &Job, pipeline: &str) -> Result<(String, bool), String> {
        let task = due.task;
        let (rows, known) = self.rows(due)?;
        let given = match &job.start {
            Start::Program(program) | Start::Would { program, .. } => &program.inputs,
            _ => &due.inputs,
        };
        let inputs = given.iter().map(|(name, value)| {
            let resolved = self.contents.resolve(value).map_err(|error| format!("input {name}: {error}"))?;
            Ok((name.clone(), resolved))
        });
        let inputs: Json = inputs.collect::<Result<serde_json::Map<_, _>, String>>()?.into();
        let started = match &job.start {
            Start::Runner { step, python, .. } => {
                json!({"python": python, "step": step, "code": self.code_of(&task.run)})
            }
            Start::Program(program) | Start::Would { program, .. } => {
                json!({"words": program.words, "files": self.files_in(&program.words)})
            }
            Start::Asked { question } => json!({"question": question}),
            Start::Found { uri, metadata } => json!({"uri": uri, "metadata": metadata}),
        };
        let env: BTreeMap<&String, &String> = job.env.iter().map(|(name, value)| (name, value)).collect();
        let secrets: Vec<&String> = task.secrets.keys().collect();
        let env: BTreeMap<_, _> = env.into_iter().filter(|(name, _)| !secrets.contains(name)).collect();
        // What nobody has held against its schema does not stand for what somebody has.
        let checked = job.check_data && task.outputs.iter().any(|output| output.contract.is_some());
        let of = match &task.cache_key {
            Some(own) => json!({"own": own, "step": task.step, "pipeline": pipeline, "checked": checked}),
            None => json!({
                "runner": cache::hash(crate::emit::step::RUNNER.as_bytes()),
                "started": started, "inputs": inputs, "rows": rows, "env": env, "secrets": secrets,
                "outputs": task.outputs, "checked": checked,
            }),
        };
        let kept = !task.recorded && !matches!(job.start, Start::Found { .. } | Start::Asked { .. });
        let found_again = match task.cache {
            Cache::Off => false,
            Cache::On => kept,
            Cache::Auto => kept && known && !task.external,
        };
        Ok((cache::hash(of.to_string().as_bytes()), found_again))
    }

    /// The contents of the tables that it reads, and whether all of them are known.
    fn rows(&mut self, due: &Due) -> Result<(Vec<String>, bool), String> {
        let (mut found, mut known) = (Vec::new(), true);
        for (name, input) in &due.task.inputs {
            if !matches!(input.ty.required(), Type::Table { .. }) {
                continue;
            }
            let path = due.inputs.get(name).and_then(|table| table.get("path")).and_then(Json::as_str);
            match path.map(|path| self.contents.hash(&self.project.join(path))) {
                Some(Ok(hash)) => found.push(hash),
                _ => known = false,
            }
        }
        Ok((found, known))
    }

    /// The contents of the project's files that a command names, a notebook, a script, with everything that these import from the project.
    fn files_in(&mut self, words: &[Word]) -> Json {
        let mut found = serde_json::Map::new();
        for word in words {
            let [WordPart::Text { text }] = word.parts.as_slice() else { continue };
            let Some(path) = normal_path(text) else { continue };
            let Ok(bytes) = std::fs::read(self.project.join(&path)) else { continue };
            if path.ends_with(".py") || path.ends_with(".ipynb") {
                found.extend(self.sources(&path));
            }
            found.insert(path, json!(cache::hash(&bytes)));
        }
        found.into()
    }

    /// The source of a step with everything that it imports from the project.
    fn code_of(&mut self, run: &Run) -> Json {
        let Run::Python { file, .. } = run else { return Json::Null };
        if let Some(known) = self.code.get(file) {
            return known.clone();
        }
        let code: Json = self.sources(file).into();
        self.code.insert(file.clone(), code.clone());
        code
    }

    /// The contents of a source and of everything that it imports from the project, by path.
    fn sources(&self, file: &str) -> serde_json::Map<String, Json> {
        let read = |path: &str| std::fs::read_to_string(self.project.join(path)).ok();
        let files = python::imported_files(file, &read).into_iter();
        files.map(|file| (file.clone(), json!(read(&file).map(|text| cache::hash(text.as_bytes()))))).collect()
    }
}
