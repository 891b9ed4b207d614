//! The loop: messages in, answers and diagnostics out.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ls_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics,
};
use ls_types::request::{RegisterCapability, Request as _};
use ls_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesRegistrationOptions, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, FileSystemWatcher, GlobPattern, PublishDiagnosticsParams, Registration,
    RegistrationParams,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;

use super::convert;
use super::documents::Documents;
use super::projects::{Key, Projects};
use super::requests;

/// How long the editor must rest before a project is checked again.
const REST: Duration = Duration::from_millis(120);

/// One editor's server.
pub(super) struct Server<'a> {
    connection: &'a Connection,
    documents: Documents,
    projects: Projects,
    /// When the last change came that no diagnostics have been told of.
    changed: Option<Instant>,
}

impl<'a> Server<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection, documents: Documents::default(), projects: Projects::default(), changed: None }
    }

    /// Serves until the editor shuts the server down.
    pub(super) fn run(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.watch_files()?;
        loop {
            let Some(message) = self.next()? else { continue };
            match message {
                Message::Request(request) if self.connection.handle_shutdown(&request)? => return Ok(()),
                Message::Request(request) => self.request(request)?,
                Message::Notification(notification) => self.notification(notification),
                Message::Response(_) => {}
            }
        }
    }

    /// The next message; none when the editor rested instead, and was told what is wrong.
    fn next(&mut self) -> Result<Option<Message>, Box<dyn Error + Send + Sync>> {
        let Some(changed) = self.changed else { return Ok(Some(self.connection.receiver.recv()?)) };
        let left = REST.saturating_sub(changed.elapsed());
        match self.connection.receiver.recv_timeout(left) {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.is_timeout() => {
                self.changed = None;
                self.tell_all()?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks to be told when sources change on disk.
    fn watch_files(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let watcher =
            |pattern: &str| FileSystemWatcher { glob_pattern: GlobPattern::String(pattern.into()), kind: None };
        let watchers = vec![watcher("**/*.mlp"), watcher("**/*.py")];
        let registration = Registration {
            id: "sources".into(),
            method: DidChangeWatchedFiles::METHOD.into(),
            register_options: Some(serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers })?),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        let request = Request::new(RequestId::from("watch".to_owned()), RegisterCapability::METHOD.into(), params);
        Ok(self.connection.sender.send(request.into())?)
    }

    fn request(&mut self, request: Request) -> Result<(), Box<dyn Error + Send + Sync>> {
        let id = request.id.clone();
        let answer = catch_unwind(AssertUnwindSafe(|| requests::answer(&mut self.projects, &self.documents, request)));
        let response = match answer {
            Ok(Ok(result)) => Response::new_ok(id, result),
            Ok(Err(refusal)) => Response::new_err(id, refusal.code as i32, refusal.message),
            Err(_) => Response::new_err(id, ErrorCode::InternalError as i32, "mlp failed on this request".into()),
        };
        Ok(self.connection.sender.send(response.into())?)
    }

    fn notification(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                self.on::<DidOpenTextDocumentParams>(notification, |documents, params| {
                    let document = params.text_document;
                    if let Some(path) = convert::path(&document.uri) {
                        documents.open(path, &document.text, document.version);
                    }
                });
            }
            DidChangeTextDocument::METHOD => {
                self.on::<DidChangeTextDocumentParams>(notification, |documents, params| {
                    if let Some(path) = convert::path(&params.text_document.uri) {
                        documents.change(&path, params.content_changes, params.text_document.version);
                    }
                });
            }
            DidCloseTextDocument::METHOD => {
                self.on::<DidCloseTextDocumentParams>(notification, |documents, params| {
                    if let Some(path) = convert::path(&params.text_document.uri) {
                        documents.close(&path);
                    }
                });
            }
            DidChangeWatchedFiles::METHOD | DidSaveTextDocument::METHOD => self.something_changed(),
            _ => {}
        }
    }

    fn on<P: DeserializeOwned>(&mut self, notification: Notification, change: impl FnOnce(&mut Documents, P)) {
        if let Ok(params) = serde_json::from_value(notification.params) {
            change(&mut self.documents, params);
            self.something_changed();
        }
    }

    fn something_changed(&mut self) {
        self.projects.forget();
        self.changed = Some(Instant::now());
    }

    /// Tells what is wrong in every project.
    fn tell_all(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        for key in self.projects.keys(&self.documents) {
            let told = catch_unwind(AssertUnwindSafe(|| self.news(&key)));
            for params in told.unwrap_or_default() {
                let notification = Notification::new(PublishDiagnostics::METHOD.into(), params);
                self.connection.sender.send(notification.into())?;
            }
        }
        Ok(())
    }

    /// What is wrong in each file of a project, and in those where something was wrong before.
    fn news(&mut self, key: &Key) -> Vec<PublishDiagnosticsParams> {
        let project = self.projects.analysed(key, &self.documents);
        let Some(analysis) = &project.analysis else { return Vec::new() };
        let mut news = Vec::new();
        let mut told: Vec<PathBuf> = Vec::new();
        for (file, wrong) in analysis.by_file() {
            let Some(path) = convert::uri_of(analysis, file).as_ref().and_then(convert::path) else { continue };
            let wrong = wrong.into_iter().map(|diagnostic| convert::diagnostic(analysis, diagnostic)).collect();
            news.push((path.clone(), wrong));
            told.push(path);
        }
        let open = self.documents.paths().filter(|path| analysis.file(path).is_some());
        let quiet =
            project.told.iter().map(PathBuf::as_path).chain(open).filter(|path| !told.iter().any(|t| t == path));
        news.extend(quiet.map(|path| (path.to_owned(), Vec::new())));
        project.told = told;
        let params = news.into_iter().filter_map(|(path, wrong)| {
            Some(PublishDiagnosticsParams::new(convert::uri(&path)?, wrong, self.documents.version(&path)))
        });
        params.collect()
    }
}
