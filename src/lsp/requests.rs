//! A request, and the view of the checked project that answers it.

use ls_types::request::{
    CodeActionRequest, DocumentSymbolRequest, Formatting, GotoDefinition, HoverRequest, Request as _,
};
use ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentFormattingParams, DocumentSymbolParams,
    GotoDefinitionParams, HoverParams, TextEdit, Uri, WorkspaceEdit,
};
use lsp_server::{ErrorCode, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert;
use super::documents::Documents;
use super::position;
use super::projects::{Analysis, Projects};
use crate::diagnostics::{Diagnostic, Fix};
use crate::source::{FileId, SourceFile};
use crate::{format, ide, syntax};

/// Why a request is not answered.
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

type Answer = Result<Value, Refusal>;

/// What an answer is made from.
struct Asked<'a> {
    projects: &'a mut Projects,
    documents: &'a Documents,
    request: Request,
}

pub(super) fn answer(projects: &mut Projects, documents: &Documents, request: Request) -> Answer {
    let method = request.method.clone();
    let asked = Asked { projects, documents, request };
    match method.as_str() {
        HoverRequest::METHOD => asked.hover(),
        GotoDefinition::METHOD => asked.definition(),
        DocumentSymbolRequest::METHOD => asked.symbols(),
        Formatting::METHOD => asked.formatting(),
        CodeActionRequest::METHOD => asked.fixes(),
        other => Err(Refusal { code: ErrorCode::MethodNotFound, message: format!("`{other}` is not supported") }),
    }
}

impl Asked<'_> {
    fn params<P: DeserializeOwned>(&self) -> Result<P, Refusal> {
        serde_json::from_value(self.request.params.clone())
            .map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })
    }

    /// Answers from the project that a file belongs to; where it belongs to none, there is nothing to say.
    fn of_file<T: serde::Serialize>(
        self,
        uri: &Uri,
        answer: impl FnOnce(&Analysis, &SourceFile) -> Option<T>,
    ) -> Answer {
        let found = convert::path(uri).and_then(|path| {
            let project = self.projects.analysed(&Projects::key(&path)?, self.documents);
            let analysis = project.analysis.as_ref()?;
            answer(analysis, analysis.file(&path)?)
        });
        Ok(serde_json::to_value(found).unwrap_or_default())
    }

    fn hover(self) -> Answer {
        let params: HoverParams = self.params()?;
        let at = params.text_document_position_params;
        self.of_file(&at.text_document.uri, |analysis, file| {
            let found = ide::hover(&analysis.checked.model, file.id, position::offset(file, at.position))?;
            Some(convert::hover(file, found))
        })
    }

    fn definition(self) -> Answer {
        let params: GotoDefinitionParams = self.params()?;
        let at = params.text_document_position_params;
        self.of_file(&at.text_document.uri, |analysis, file| {
            let tree = analysis.tree(file.id)?;
            let found = ide::definition(&analysis.checked.model, tree, position::offset(file, at.position))?;
            convert::location(analysis, found.name)
        })
    }

    fn symbols(self) -> Answer {
        let params: DocumentSymbolParams = self.params()?;
        self.of_file(&params.text_document.uri, |analysis, file| {
            let symbols = ide::symbols(analysis.tree(file.id)?);
            Some(symbols.into_iter().map(|symbol| convert::symbol(file, symbol)).collect::<Vec<_>>())
        })
    }

    fn formatting(self) -> Answer {
        let params: DocumentFormattingParams = self.params()?;
        let Some(path) = convert::path(&params.text_document.uri) else { return Ok(Value::Null) };
        let text = match self.documents.text(&path) {
            Some(text) => text.to_owned(),
            None => std::fs::read_to_string(&path).unwrap_or_default(),
        };
        let file = SourceFile::new(FileId::default(), path.to_string_lossy(), text);
        let laid_out = format::format(&file, &syntax::parse(&file));
        let edits: Option<Vec<TextEdit>> = laid_out.map(|new| convert::edits(&file, &new));
        Ok(serde_json::to_value(edits).unwrap_or_default())
    }

    fn fixes(self) -> Answer {
        let params: CodeActionParams = self.params()?;
        self.of_file(&params.text_document.uri, |analysis, file| {
            let (start, end) = (position::offset(file, params.range.start), position::offset(file, params.range.end));
            let here = analysis.checked.diagnostics.iter().filter(|diagnostic| {
                diagnostic.span().is_some_and(|span| span.file == file.id && span.start <= end && start <= span.end)
            });
            let actions = here.flat_map(|one| one.fixes.iter().filter_map(|fix| action(analysis, one, fix)));
            Some(actions.map(CodeActionOrCommand::CodeAction).collect::<Vec<_>>())
        })
    }
}

#[allow(clippy::disallowed_types, clippy::mutable_key_type)]
fn action(analysis: &Analysis, diagnostic: &Diagnostic, fix: &Fix) -> Option<CodeAction> {
    let mut changes: std::collections::HashMap<Uri, Vec<TextEdit>> = std::collections::HashMap::new();
    for edit in &fix.edits {
        let file = analysis.checked.model.sources.file(edit.span.file);
        let change = TextEdit::new(position::range(file, edit.span), edit.text.clone());
        changes.entry(convert::uri_of(analysis, edit.span.file)?).or_default().push(change);
    }
    Some(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![convert::diagnostic(analysis, diagnostic)]),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        is_preferred: Some(fix.certain),
        ..CodeAction::default()
    })
}
