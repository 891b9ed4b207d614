//! The fenced blocks of a Markdown page, so that what a page shows is also tried.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The last headings above it, the deepest last.
    pub(crate) headings: Vec<String>,
    /// The first word after the fence: `mlp`, `python`, `console`.
    pub(crate) language: String,
    /// What follows it: a file's name, or words that say how it is tried.
    pub(crate) rest: String,
    /// The line (from 1) of its fence.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Every fenced block of a page, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(String, Block)> = None;
    for (number, line) in page.lines().enumerate() {
        if let Some((fence, mut block)) = open.take() {
            if line.trim_end() == fence {
                found.push(block);
            } else {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some((fence, block));
            }
        } else if line.starts_with("```") {
            let fence: String = line.chars().take_while(|letter| *letter == '`').collect();
            let info = line[fence.len()..].trim();
            let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
            let headings = headings.iter().map(|(_, heading)| heading.clone()).collect();
            let (language, rest, text) = (language.to_owned(), rest.trim().to_owned(), String::new());
            open = Some((fence, Block { headings, language, rest, line: number + 1, text }));
        } else if line.starts_with('#') {
            let depth = line.chars().take_while(|letter| *letter == '#').count();
            headings.retain(|(other, _)| *other < depth);
            headings.push((depth, line[depth..].trim().to_owned()));
        }
    }
    found
}

#[test]
fn blocks_know_their_place() {
    let page = "# A\n## B\n```mlp steps.mlp\nlet x = 1\n```\n# C\n````text\n```\n````\n";
    let found = blocks(page);
    assert_eq!(found[0].headings, ["A", "B"]);
    assert_eq!((found[0].rest.as_str(), found[0].text.as_str(), found[0].line), ("steps.mlp", "let x = 1\n", 3));
    assert_eq!((found[1].headings.join("/"), found[1].text.as_str()), ("C".to_owned(), "```\n"));
}
