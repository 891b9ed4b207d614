//! Shell scripts: typed statements in, text for `bash` (and any POSIX `sh`) out, every word quoted.
//!
//! In: words that are any text, variables by name, statements. Out: lines that a shell reads back as those very words.
//! It refuses to know what the commands do, and it never pastes text where code stands: only [`Statement::Author`] is
//! text that somebody else wrote as shell code.

/// A word: what a shell passes to a program as one argument, whatever letters it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Letters as they are. (A NUL cannot be passed to any program and is left out.)
    Text(String),
    /// The value of a variable.
    Variable(String),
    /// How the last command ended.
    Status,
    /// What a command prints.
    Output(Box<Command>),
    /// Parts without anything between.
    Joined(Vec<Word>),
}

/// A program with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Variables that it alone is given.
    pub env: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// The file that its output goes to.
    pub to: Option<Redirect>,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// Into a file, from its beginning.
    File(Word),
    /// To the end of a file.
    Append(Word),
    /// To the errors.
    Errors,
}

/// A line of a script, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Runs it; where it fails, a script that began with `set -e` ends.
    Run(Command),
    /// Commands whose output is the next one's input.
    Pipe(Vec<Command>),
    /// `name="value"`
    Assign(String, Word),
    /// Runs `then` where the test succeeds (or fails, if `not`).
    If {
        /// What is tried.
        test: Command,
        /// Whether its failure is wanted.
        not: bool,
        /// What is done then.
        then: Vec<Statement>,
    },
    /// Runs `body` for every word.
    For {
        /// The variable that holds the word.
        variable: String,
        /// The words.
        items: Vec<Word>,
        /// What is done.
        body: Vec<Statement>,
    },
    /// Defines a function.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        body: Vec<Statement>,
    },
    /// Lines that an author wrote for a shell: not touched.
    Author(String),
}

impl Word {
    /// Letters as they are.
    pub fn text(text: impl Into<String>) -> Self {
        Word::Text(text.into())
    }

    /// The value of a variable.
    pub fn variable(name: impl Into<String>) -> Self {
        Word::Variable(name.into())
    }

    /// The word as a shell reads it.
    pub fn render(&self) -> String {
        match self {
            Word::Text(text) => quote(text),
            Word::Status => "$?".to_owned(),
            Word::Variable(_) | Word::Output(_) | Word::Joined(_) => format!("\"{}\"", self.inside_quotes()),
        }
    }

    fn inside_quotes(&self) -> String {
        match self {
            Word::Text(text) => escape(text),
            Word::Variable(name) => format!("${{{name}}}"),
            Word::Status => "$?".to_owned(),
            Word::Output(command) => format!("$({})", command.render()),
            Word::Joined(parts) => parts.iter().map(Word::inside_quotes).collect(),
        }
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Word::text(text)
    }
}

impl Command {
    /// A program with its arguments.
    pub fn new<W: Into<Word>>(words: impl IntoIterator<Item = W>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// One more argument.
    pub fn arg(mut self, word: impl Into<Word>) -> Self {
        self.words.push(word.into());
        self
    }

    /// A variable that it alone is given.
    pub fn env(mut self, name: impl Into<String>, value: Word) -> Self {
        self.env.push((name.into(), value));
        self
    }

    /// Sends its output to a file.
    pub fn into_file(mut self, file: Word) -> Self {
        self.to = Some(Redirect::File(file));
        self
    }

    /// Adds its output to a file.
    pub fn append_to(mut self, file: Word) -> Self {
        self.to = Some(Redirect::Append(file));
        self
    }

    /// Sends its output to the errors.
    pub fn to_errors(mut self) -> Self {
        self.to = Some(Redirect::Errors);
        self
    }

    /// The command on one line (several, if a word holds a line end).
    pub fn render(&self) -> String {
        let mut parts: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name}={}", value.render())).collect();
        for (index, word) in self.words.iter().enumerate() {
            parts.push(match word {
                Word::Text(text) if index == 0 => quote_program(text),
                word => word.render(),
            });
        }
        match &self.to {
            Some(Redirect::File(file)) => parts.push(format!("> {}", file.render())),
            Some(Redirect::Append(file)) => parts.push(format!(">> {}", file.render())),
            Some(Redirect::Errors) => parts.push(">&2".to_owned()),
            None => {}
        }
        parts.join(" ")
    }
}

/// A script's text: a line a statement, each ended by a line end.
pub fn script(statements: &[Statement]) -> String {
    let mut text = String::new();
    write_block(statements, 0, &mut text);
    text
}

fn write_block(statements: &[Statement], depth: usize, text: &mut String) {
    for statement in statements {
        write_statement(statement, depth, text);
    }
}

fn write_statement(statement: &Statement, depth: usize, text: &mut String) {
    match statement {
        Statement::Run(command) => line(depth, &command.render(), text),
        Statement::Pipe(commands) => {
            line(depth, &commands.iter().map(Command::render).collect::<Vec<_>>().join(" | "), text);
        }
        Statement::Assign(name, Word::Status) => line(depth, &format!("{name}=$?"), text),
        Statement::Assign(name, value) => line(depth, &format!("{name}={}", value.render()), text),
        Statement::If { test, not, then } => {
            line(depth, &format!("if {}{}; then", if *not { "! " } else { "" }, test.render()), text);
            write_block(then, depth + 1, text);
            line(depth, "fi", text);
        }
        Statement::For { variable, items, body } => {
            let items: Vec<String> = items.iter().map(Word::render).collect();
            line(depth, &format!("for {variable} in {}; do", items.join(" ")), text);
            write_block(body, depth + 1, text);
            line(depth, "done", text);
        }
        Statement::Function { name, body } => {
            line(depth, &format!("{name}() {{"), text);
            write_block(body, depth + 1, text);
            line(depth, "}", text);
        }
        Statement::Author(lines) => {
            text.push_str(lines.trim_end_matches('\n'));
            text.push('\n');
        }
    }
}

fn line(depth: usize, content: &str, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(content);
    text.push('\n');
}

/// A word with those letters: bare where every shell takes it as it is, quoted otherwise.
pub fn quote(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if matches!(text, "[" | "]" | "!=") || !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    if text.contains(['\'', '$', '`', '\0']) || text.ends_with('\\') {
        format!("\"{}\"", escape(text))
    } else {
        format!("'{text}'")
    }
}

/// The first word of a command: quoted also where a shell would take it for an assignment or a word of its own.
fn quote_program(text: &str) -> String {
    const RESERVED: &[&str] = &[
        "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then",
        "time", "until", "while",
    ];
    if text.contains('=') || RESERVED.contains(&text) { format!("\"{}\"", escape(text)) } else { quote(text) }
}

/// Letters inside double quotes. A host that looks for `${{` in a script before any shell sees it finds none.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut letters = text.chars().filter(|c| *c != '\0').peekable();
    while let Some(letter) = letters.next() {
        if matches!(letter, '\\' | '"' | '$' | '`') {
            escaped.push('\\');
        }
        escaped.push(letter);
        if letter == '$' && letters.peek() == Some(&'{') {
            escaped.push_str("\"\"");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(shell: &str, words: &[String]) -> Vec<String> {
        let command = words.iter().fold(Command::new(["printf", "%s\\0"]), |command, word| command.arg(word.as_str()));
        let output = std::process::Command::new(shell)
            .args(["-eu", "-c", &script(&[Statement::Run(command)])])
            .output()
            .expect("a shell runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).expect("what went in was UTF-8");
        printed.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn plain_words_stay_bare() {
        assert_eq!(
            Command::new(["mlp", "deploy", "test", "--weight", "0.05"]).render(),
            "mlp deploy test --weight 0.05"
        );
    }

    #[test]
    fn a_host_finds_no_expression_in_a_quoted_word() {
        assert_eq!(quote("${{ secrets.X }}"), "\"\\$\"\"{{ secrets.X }}\"");
    }

    #[test]
    fn a_program_is_neither_an_assignment_nor_a_keyword() {
        assert_eq!(Command::new(["A=b", "c=d"]).render(), "\"A=b\" c=d");
        assert_eq!(Command::new(["if"]).render(), "\"if\"");
    }

    #[test]
    fn statements_are_laid_out() {
        let body = vec![
            Statement::Assign("status".into(), Word::Status),
            Statement::If {
                test: Command::new([Word::text("["), Word::variable("status"), "-ne".into(), "0".into(), "]".into()]),
                not: false,
                then: vec![Statement::Run(Command::new(["echo", "it failed"]).to_errors())],
            },
        ];
        let function = Statement::Function { name: "finish".into(), body };
        let expected =
            "finish() {\n  status=$?\n  if [ \"${status}\" -ne 0 ]; then\n    echo 'it failed' >&2\n  fi\n}\n";
        assert_eq!(script(&[function]), expected);
    }

    #[test]
    fn hostile_words_arrive_as_they_are_and_run_nothing() {
        let words = [
            "",
            "-n",
            "--",
            "a b",
            "it's",
            "\"",
            "$(touch x)",
            "`touch x`",
            "${{ secrets.X }}",
            "$HOME",
            "\\",
            "a\\",
            "\\n",
            "!x",
            "a\nb",
            "\n",
            "#{}",
            "{{ ds }}",
            "*",
            "~",
            "[",
            "]",
            "[a]",
            "é",
            "🦀",
            "\u{202e}rtl",
            "\r",
            "\t",
            "a;b",
            "<a>",
            "&",
        ];
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(read_back("bash", &words), words);
        assert_eq!(read_back("sh", &words), words);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_words_arrive_as_they_are(words in proptest::collection::vec("[^\u{0}]*", 1..20)) {
            prop_assert_eq!(read_back("bash", &words), words);
        }
    }
}
