//! How wide text is, and where it is broken.
//!
//! A picture does not know the font that draws it: widths are those of DejaVu Sans, the widest that is in common use,
//! so that text never leaves its box.

/// Thousandths of the font's size, from the space to `~`.
const PLAIN: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];

/// Bold letters are at most this much wider.
const BOLD: f64 = 1.14;

/// How text is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    pub(super) size: f64,
    pub(super) bold: bool,
}

pub(super) const HEADING: Face = Face { size: 19.0, bold: true };
pub(super) const TITLE: Face = Face { size: 13.0, bold: true };
pub(super) const BODY: Face = Face { size: 12.0, bold: false };
pub(super) const SMALL: Face = Face { size: 11.0, bold: false };

impl Face {
    /// From one line to the next.
    pub(super) fn leading(self) -> f64 {
        (self.size * 1.4).round()
    }

    pub(super) fn width(self, text: &str) -> f64 {
        let thousandths: f64 = text.chars().map(letter_width).sum();
        thousandths / 1000.0 * self.size * if self.bold { BOLD } else { 1.0 }
    }

    /// The widest of several texts.
    pub(super) fn widest<'a>(self, texts: impl IntoIterator<Item = &'a String>) -> f64 {
        texts.into_iter().map(|text| self.width(text)).fold(0.0, f64::max)
    }

    /// The text in lines of at most that width: broken after spaces, underscores and the like, else anywhere.
    pub(super) fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text.lines() {
            lines.push(String::new());
            for piece in pieces(paragraph) {
                self.append(&mut lines, piece, width);
            }
        }
        let too_many = lines.len() > most;
        lines.truncate(most);
        let mut lines: Vec<String> = lines.into_iter().map(|line| line.trim_end().to_owned()).collect();
        if too_many && let Some(last) = lines.last_mut() {
            *last = self.cut(&format!("{last} …"), width);
        }
        lines
    }

    fn append(self, lines: &mut Vec<String>, piece: &str, width: f64) {
        let Some(last) = lines.last_mut() else { return };
        if self.width(&format!("{last}{}", piece.trim_end())) <= width {
            last.push_str(piece);
            return;
        }
        if !last.is_empty() {
            lines.push(String::new());
        }
        for letter in piece.chars() {
            let last = lines.last().map_or(0.0, |last| self.width(last));
            if last + self.width(letter.encode_utf8(&mut [0; 4])) > width && last > 0.0 {
                lines.push(String::new());
            }
            if let Some(last) = lines.last_mut() {
                last.push(letter);
            }
        }
    }

    /// The text if it is that narrow, else its beginning and `…`.
    pub(super) fn cut(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut cut: String = text.trim_end_matches('…').trim_end().to_owned();
        while !cut.is_empty() && self.width(&format!("{cut}…")) > width {
            cut.pop();
        }
        cut.trim_end().to_owned() + "…"
    }
}

/// Where a line may be broken: after each piece. A comparison stays with what it compares to.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = Vec::new();
    let (mut start, mut end) = (0, 0);
    for piece in text.split_inclusive([' ', '_', '-', '.', '/', ',', '·']) {
        end += piece.len();
        if !matches!(piece.trim_end(), "<" | "<=" | ">" | ">=" | "==" | "!=" | "of" | "=") {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    if start < end {
        pieces.push(&text[start..]);
    }
    pieces
}

fn letter_width(letter: char) -> f64 {
    match letter {
        ' '..='~' => f64::from(PLAIN[letter as usize - 32]),
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        '·' => 318.0,
        '…' | '→' => 1000.0,
        '\u{a0}'..='\u{24f}' => 800.0,
        '\u{370}'..='\u{3ff}' => 800.0,
        '\u{400}'..='\u{52f}' => 950.0,
        '\u{1f000}'.. => 1400.0,
        _ => 1050.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_wider_than_asked() {
        let long = "a_very_long_step_name_that_goes_on_and_on and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 名前名前名前名前名前 supercalifragilisticexpialidocious";
        for width in [40.0, 90.0, 200.0] {
            for line in TITLE.wrap(long, width, 100) {
                assert!(TITLE.width(&line) <= width, "{line} in {width}");
            }
            assert!(BODY.width(&BODY.cut(long, width)) <= width);
        }
        assert_eq!(TITLE.wrap("load_all_rows", 60.0, 3), ["load_", "all_rows"]);
        assert_eq!(TITLE.wrap(&"word ".repeat(50), 100.0, 2).len(), 2);
        assert!(TITLE.wrap(&"word ".repeat(50), 100.0, 2)[1].ends_with('…'));
        assert_eq!(BODY.cut("short", 100.0), "short");
    }
}
