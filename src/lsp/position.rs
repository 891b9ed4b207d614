//! Between bytes and the protocol's positions: lines from 0, columns in UTF-16 code units.

use ls_types::{Position, Range};

use crate::source::{SourceFile, Span};

/// Where a byte is; one past the end is the end.
pub(super) fn position(file: &SourceFile, offset: u32) -> Position {
    let offset = file.boundary(offset);
    let line = file.line_of(offset as u32);
    let start = file.line_start(line) as usize;
    let units = file.text[start..offset].encode_utf16().count();
    Position::new(line as u32 - 1, units as u32)
}

/// Where a span is.
pub(super) fn range(file: &SourceFile, span: Span) -> Range {
    Range::new(position(file, span.start), position(file, span.end.max(span.start)))
}

/// The byte at a position; past a line's end it is that end, past the last line the text's.
pub(super) fn offset(file: &SourceFile, position: Position) -> u32 {
    let line = position.line as usize + 1;
    if line > file.line_count() {
        return file.text.len() as u32;
    }
    let mut units = position.character as usize;
    let start = file.line_start(line);
    let mut offset = start;
    for letter in file.line_text(line).chars() {
        if units < letter.len_utf16() {
            break;
        }
        units -= letter.len_utf16();
        offset += letter.len_utf8() as u32;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn columns_are_utf16() {
        let file = SourceFile::new(FileId(0), "a.mlp", "a𝛼é\r\nb");
        assert_eq!(position(&file, 5), Position::new(0, 3));
        assert_eq!(position(&file, 3), Position::new(0, 1));
        assert_eq!(position(&file, 99), Position::new(1, 1));
        assert_eq!(offset(&file, Position::new(0, 3)), 5);
        assert_eq!(offset(&file, Position::new(0, 2)), 1);
        assert_eq!(offset(&file, Position::new(0, 99)), 7);
        assert_eq!(offset(&file, Position::new(9, 9)), 10);
    }
}
