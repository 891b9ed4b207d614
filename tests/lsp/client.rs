//! An editor, as far as the server can tell.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Client {
    server: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    folder: PathBuf,
    last_id: i64,
    version: i32,
    told: BTreeMap<String, Vec<Value>>,
    texts: BTreeMap<String, String>,
}

impl Client {
    /// Starts the server and shakes hands.
    pub(super) fn start(folder: &Path) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mlp"))
            .arg("lsp")
            .env("XDG_CACHE_HOME", folder.join(".cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, out) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let (sender, from) = channel();
        thread::spawn(move || {
            let mut out = BufReader::new(out);
            while let Some(message) = read(&mut out) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let folder = folder.to_owned();
        let mut client =
            Self { server, to, from, folder, last_id: 0, version: 0, told: BTreeMap::new(), texts: BTreeMap::new() };
        let answer = client.ask("initialize", json!({ "capabilities": {}, "processId": null, "rootUri": null }));
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
        client.tell("initialized", json!({}));
        client
    }

    pub(super) fn document(&self, path: &str) -> Value {
        json!({ "uri": uri(&self.folder.join(path)) })
    }

    pub(super) fn open(&mut self, path: &str, text: &str) {
        self.version += 1;
        self.texts.insert(path.to_owned(), text.to_owned());
        let uri = uri(&self.folder.join(path));
        let document = json!({ "uri": uri, "languageId": "mlp", "version": self.version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(super) fn close(&mut self, path: &str) {
        self.tell("textDocument/didClose", json!({ "textDocument": self.document(path) }));
    }

    /// Replaces the whole text.
    pub(super) fn change(&mut self, path: &str, text: &str) {
        self.texts.insert(path.to_owned(), text.to_owned());
        self.changes(path, json!([{ "text": text }]));
    }

    /// Replaces a stretch: line and character of its start and its end, from 0.
    pub(super) fn edit(&mut self, path: &str, (line, column, end_line, end): (u32, u32, u32, u32), text: &str) {
        let range = json!({
            "start": { "line": line, "character": column },
            "end": { "line": end_line, "character": end },
        });
        self.changes(path, json!([{ "range": range, "text": text }]));
    }

    fn changes(&mut self, path: &str, changes: Value) {
        self.version += 1;
        let document = json!({ "uri": uri(&self.folder.join(path)), "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// What is wrong with a file, as soon as it is what is expected.
    pub(super) fn diagnostics(&mut self, path: &str, expected: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let uri = uri(&self.folder.join(path));
        loop {
            let message = self.from.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("last told: {:#?}", self.told));
            self.keep(&message);
            let told = self.told.get(&uri).filter(|told| expected(told));
            if let Some(told) = told.filter(|_| message["params"]["uri"] == uri) {
                return told.clone();
            }
        }
    }

    /// Asks about a byte of a text as it was opened or changed as a whole.
    pub(super) fn at(&mut self, method: &str, path: &str, offset: usize) -> Value {
        let text = self.texts.get(path).cloned().unwrap_or_default();
        let before = &text[..offset];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
        let position = json!({ "line": line, "character": column });
        self.ask(method, json!({ "textDocument": self.document(path), "position": position }))
    }

    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    pub(super) fn ask_for_error(&mut self, method: &str, params: Value) -> Value {
        self.answer(method, params)["error"].clone()
    }

    fn answer(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.from.recv_timeout(PATIENCE).expect("the server answers");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.keep(&message);
        }
    }

    fn keep(&mut self, message: &Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap().to_owned();
            let wrong = message["params"]["diagnostics"].as_array().unwrap().clone();
            self.told.insert(uri, wrong);
        }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    /// Says goodbye; the server ends well.
    pub(super) fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        assert!(self.server.wait().unwrap().success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn read(out: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut header = String::new();
        if out.read_line(&mut header).ok()? == 0 {
            return None;
        }
        match header.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    out.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// A path as the editor names it.
pub(super) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A text after an answer's edits.
pub(super) fn edited(text: &str, edits: &Value) -> String {
    let mut text = text.to_owned();
    for edit in edits.as_array().unwrap().iter().rev() {
        let at = |place: &Value| {
            let line = place["line"].as_u64().unwrap() as usize;
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            start + place["character"].as_u64().unwrap() as usize
        };
        let (start, end) = (at(&edit["range"]["start"]), at(&edit["range"]["end"]));
        text.replace_range(start..end, edit["newText"].as_str().unwrap());
    }
    text
}
