//! The language server: what editors ask, over standard input and output.
//!
//! In: the protocol's messages. Out: the protocol's messages. With `cli` the only code that touches the disk, and the
//! only one that names the protocol's types. It refuses to know anything of the language: it asks `ide`.

mod convert;
mod documents;
mod library;
mod position;
mod projects;
mod requests;
mod server;

use std::error::Error;

use ls_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, HoverProviderCapability, OneOf,
    PositionEncodingKind, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions,
};
use lsp_server::Connection;

/// Serves one editor until it says goodbye.
pub fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    let (connection, threads) = Connection::stdio();
    let (id, _asked) = connection.initialize_start()?;
    let answer = serde_json::json!({
        "capabilities": capabilities(),
        "serverInfo": { "name": "mlp", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer)?;
    server::Server::new(&connection).run()?;
    drop(connection);
    threads.join()?;
    Ok(())
}

fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        ..TextDocumentSyncOptions::default()
    };
    let fixes =
        CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]), ..CodeActionOptions::default() };
    ServerCapabilities {
        position_encoding: Some(PositionEncodingKind::UTF16),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(fixes)),
        ..ServerCapabilities::default()
    }
}
