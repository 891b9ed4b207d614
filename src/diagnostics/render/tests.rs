//! All forms of one report name the same place, whatever the text holds.

use serde_json::Value;

use super::{Format, Layout, render};
use crate::diagnostics::{Diagnostic, report};
use crate::source::{SourceMap, Span};

/// Where every form says that the only diagnostic is: `file:line:column`.
fn places(sources: &SourceMap, diagnostic: &Diagnostic) -> Vec<String> {
    let all = std::slice::from_ref(diagnostic);
    let text = |format| render(format, sources, all, &Layout::default());
    let json: Value = serde_json::from_str(&text(Format::Json)).unwrap();
    let json = &json["diagnostics"][0];
    let sarif: Value = serde_json::from_str(&text(Format::Sarif)).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let human = text(Format::Human);
    let human = human.split_once('[').unwrap().1.split_once(']').unwrap().0.to_owned();
    let narrated = text(Format::Narrated);
    let narrated = narrated.lines().next().unwrap().strip_prefix("In ").unwrap().trim_end_matches(':');
    let github = text(Format::Github);
    let property = |name: &str| github.split_once(&format!("{name}=")).unwrap().1.split(',').next().unwrap().to_owned();
    let short = text(Format::Short);
    vec![
        format!("{}:{}:{}", json["file"].as_str().unwrap(), json["line"], json["column"]),
        format!(
            "{}:{}:{}",
            location["artifactLocation"]["uri"].as_str().unwrap(),
            location["region"]["startLine"],
            location["region"]["startColumn"]
        ),
        human,
        narrated.replace(", line ", ":").replace(", column ", ":"),
        format!("{}:{}:{}", property("file"), property("line"), property("col")),
        short.split(": ").next().unwrap().to_owned(),
    ]
}

fn one_place(text: &str, start: usize, end: usize, expected: &str) {
    let mut sources = SourceMap::default();
    let file = sources.add("main.mlp", text);
    let diagnostic = report::unknown_name(Span::new(file, start, end), "no `x` here").here("this one");
    for place in places(&sources, &diagnostic) {
        assert_eq!(place, expected, "in {text:?}");
    }
}

#[test]
fn every_form_names_the_same_place() {
    let text = "let a = 1\n\tlet 𝛼é = x\r\nlet c = 3";
    let x = text.find("x").unwrap();
    one_place(text, x, x + 1, "main.mlp:2:11");
    one_place(text, x, x, "main.mlp:2:11");
    one_place(text, x + 1, x + 1, "main.mlp:2:12");
    one_place(text, 0, text.len(), "main.mlp:1:1");
    one_place(text, text.len(), text.len(), "main.mlp:3:10");
    one_place("let a\n", 6, 6, "main.mlp:2:1");
    one_place("", 0, 0, "main.mlp:1:1");
    one_place("a\n\n\nb\n", 2, 3, "main.mlp:2:1");
    one_place("名 = 名前\n", 6, 12, "main.mlp:1:5");
    one_place("\u{feff}abc", 0, 3, "main.mlp:1:1");
}

#[test]
fn spans_inside_a_character_or_past_the_end_do_no_harm() {
    let mut sources = SourceMap::default();
    let file = sources.add("main.mlp", "é\té\n");
    for (start, end) in [(1, 2), (0, 900), (900, 901), (5, 3)] {
        let diagnostic = report::unknown_name(Span::new(file, start, end), "no");
        for format in [Format::Human, Format::Narrated, Format::Short, Format::Json, Format::Sarif, Format::Github] {
            assert!(!render(format, &sources, std::slice::from_ref(&diagnostic), &Layout::default()).is_empty());
        }
    }
}

#[test]
fn the_drawn_report_shows_every_file() {
    let mut sources = SourceMap::default();
    let main = sources.add("main.mlp", "import \"steps.mlp\" { lod }\n\nlet a = 1\n");
    let steps = sources.add("steps.mlp", "\nstep load() { run: x }\n");
    let diagnostic = report::unknown_name(Span::new(main, 21, 24), "`steps.mlp` declares no `lod`")
        .here("not declared there")
        .label(Span::new(main, 7, 18), "in this file")
        .label(Span::new(steps, 6, 10), "`load` is declared here")
        .note("names are case-sensitive")
        .help("did you mean `load`?")
        .fix("rename it to `load`", Span::new(main, 21, 24), "load");
    let text = render(Format::Human, &sources, std::slice::from_ref(&diagnostic), &Layout::default());
    insta::assert_snapshot!(text, @r#"
MLP0201 unknown_name

  × `steps.mlp` declares no `lod`
   ╭─[main.mlp:1:22]
 1 │ import "steps.mlp" { lod }
   ·        ─────┬─────   ─┬─
   ·             │         ╰── not declared there
   ·             ╰── in this file
 2 │
   ╰────
  ╰─▶   ☞ `load` is declared here
         ╭─[steps.mlp:2:6]
       1 │
       2 │ step load() { run: x }
         ·      ────
       3 │
         ╰────
  note: names are case-sensitive
  help: did you mean `load`?
  fix: rename it to `load`
"#);
    let text = render(Format::Narrated, &sources, std::slice::from_ref(&diagnostic), &Layout::default());
    insta::assert_snapshot!(text, @r#"
In main.mlp, line 1, column 22:
`steps.mlp` declares no `lod`
    Diagnostic severity: error
Begin snippet for main.mlp starting at line 1, column 1

snippet line 1: import "steps.mlp" { lod }
    label at line 1, columns 8 to 18: in this file
    label at line 1, columns 22 to 24: not declared there
snippet line 2:
diagnostic code: MLP0201 unknown_name

Advice: `load` is declared here
    Diagnostic severity: advice

Begin snippet for steps.mlp starting at line 1, column 1

snippet line 1:
snippet line 2: step load() { run: x }
    label at line 2, columns 6 to 9
snippet line 3:
note: names are case-sensitive
help: did you mean `load`?
fix: rename it to `load`
"#);
    insta::assert_snapshot!(super::plain(&sources, std::slice::from_ref(&diagnostic)), @r#"
error[MLP0201]: `steps.mlp` declares no `lod`
  ┌─ main.mlp:1:22
  │
1 │ import "steps.mlp" { lod }
  │        -----------   ^^^ not declared there
  │        │
  │        in this file
  │
  ┌─ steps.mlp:2:6
  │
2 │ step load() { run: x }
  │      ---- `load` is declared here
  │
  = names are case-sensitive
  = help: did you mean `load`?
  = fix: rename it to `load`
"#);
    let text = render(Format::Github, &sources, std::slice::from_ref(&diagnostic), &Layout::default());
    insta::assert_snapshot!(text, @r#"
::error file=main.mlp,line=1,endLine=1,col=22,endColumn=25,title=MLP0201 unknown_name::`steps.mlp` declares no `lod`%0Anote: names are case-sensitive%0Ahelp: did you mean `load`?
"#);
}

#[test]
fn two_thousand_reports_in_a_long_file_are_fast() {
    let line = "let some_name = an_expression_of_some_length(with: 10, more: \"text\") // and a comment\n";
    let mut sources = SourceMap::default();
    let file = sources.add("main.mlp", line.repeat(23_000));
    let at = |index: usize| Span::new(file, index * 11 * line.len() + 4, index * 11 * line.len() + 13);
    let all: Vec<_> = (0..2_000).map(|index| report::unknown_name(at(index), "no").here("here")).collect();
    let begun = std::time::Instant::now();
    let layout = Layout { limit: usize::MAX, ..Layout::default() };
    for format in [Format::Human, Format::Narrated, Format::Short, Format::Json, Format::Sarif, Format::Github] {
        assert!(!render(format, &sources, &all, &layout).is_empty());
    }
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let text = render(Format::Human, &sources, &all, &Layout::default());
    assert!(text.ends_with("… and 1950 more: `--format short` lists them all\n"));
}

#[test]
fn a_line_of_ten_million_letters_is_shown_in_part() {
    let mut sources = SourceMap::default();
    let file = sources.add("main.mlp", format!("let a = \"{}\" + b", "é".repeat(5_000_000)));
    let length = sources.file(file).text.len();
    let diagnostic = report::unknown_name(Span::new(file, length - 1, length), "no `b`")
        .here("here")
        .label(Span::new(file, 8, length - 4), "this text");
    let text = render(Format::Human, &sources, &[diagnostic], &Layout::default());
    assert!(text.len() < 4_000, "{} bytes are drawn", text.len());
    assert!(text.contains("main.mlp:1:5000014"), "{text}");
}

#[test]
fn nothing_in_a_text_acts_on_the_terminal() {
    let mut sources = SourceMap::default();
    let file = sources.add("main.mlp", "let a = \"\u{1b}[31mred\u{202e}\"\r\rlet b = 2\n");
    let diagnostic = report::unknown_name(Span::new(file, 4, 5), "no \u{1b}[2J").here("\u{7}").note("\u{9b}1m");
    for format in [Format::Human, Format::Narrated, Format::Short, Format::Github] {
        let text = render(format, &sources, std::slice::from_ref(&diagnostic), &Layout::default());
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r', '\u{9b}']), "{text:?}");
    }
}

#[test]
fn annotations_are_escaped() {
    let mut sources = SourceMap::default();
    let file = sources.add("a,b:c%.mlp", "x");
    let diagnostic = report::unknown_name(Span::new(file, 0, 1), "100% of\nit").help("a: b");
    let text = render(Format::Github, &sources, &[diagnostic], &Layout::default());
    assert_eq!(
        text,
        "::error file=a%2Cb%3Ac%25.mlp,line=1,endLine=1,col=1,endColumn=2,title=MLP0201 unknown_name::100%25 of%0Ait%0Ahelp: a: b\n"
    );
}

#[test]
fn uris_are_relative_and_escaped() {
    let mut sources = SourceMap::default();
    let file = sources.add("examples/a/µ b#.mlp", "x");
    let diagnostic = report::unknown_name(Span::new(file, 0, 1), "no");
    let text = render(Format::Sarif, &sources, &[diagnostic], &Layout::default());
    assert!(text.contains("\"uri\": \"examples/a/%C2%B5%20b%23.mlp\""), "{text}");
}
