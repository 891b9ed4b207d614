//! Whether a source is nested so deeply that a recursive tree of it is a danger: told from its tokens, before parsing.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer::lex};

/// What CPython itself refuses.
const BRACKETS: usize = 200;
/// What CPython itself refuses.
const INDENTS: usize = 100;
/// Tokens without a comma or a line's end between them; each may be one level of an expression.
const CHAIN: usize = 4_000;

pub(super) fn too_deep(source: &str) -> bool {
    let mut lexer = lex(source, Mode::Module);
    let (mut brackets, mut indents, mut chain) = (0usize, 0usize, 0usize);
    loop {
        chain += 1;
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => brackets += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => brackets = brackets.saturating_sub(1),
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline => (chain, brackets) = (0, 0),
            TokenKind::Comma | TokenKind::Semi | TokenKind::Comment | TokenKind::String => chain = 0,
            _ => {}
        }
        if brackets > BRACKETS || indents > INDENTS || chain > CHAIN {
            return true;
        }
    }
}
