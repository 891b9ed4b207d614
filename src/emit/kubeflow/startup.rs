//! The start-up of a lightweight component, as Kubeflow's SDK writes it: the words of the container's command, and the way back.
//!
//! In: what the SDK was told. Out: its text, to the letter, of every version from 2.0 on; and from a text what the SDK was told, where it
//! is one of the SDK's. It refuses to know what the source does.

/// What the SDK was told of a component's function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Startup {
    /// The file that holds the function, without the empty line that the SDK puts before and after it.
    pub source: String,
    /// What is installed of the SDK itself when the container starts.
    pub sdk: Sdk,
    /// What is installed beside it.
    pub packages: Vec<String>,
    /// Where from; the first is the main one.
    pub index_urls: Vec<String>,
    /// Hosts that are believed without a certificate; none: those of the indexes.
    pub trusted_hosts: Option<Vec<String>>,
    /// Whether it is installed into an environment of its own.
    pub venv: bool,
    /// In which order; none: as the SDK's version does.
    pub order: Option<Order>,
    /// Where trusted hosts stand; none: as the SDK's version does.
    pub hosts: Option<Hosts>,
    /// What reads the function; none: as the SDK's version does.
    pub program: Option<Program>,
}

/// What is installed of the SDK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sdk {
    /// Nothing: the image has it, or a package brings it.
    #[default]
    None,
    /// That version.
    Version(String),
    /// What these words tell pip.
    From(Vec<String>),
}

/// In which order packages and SDK are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By one line (before 2.2).
    Together,
    /// The SDK first (before 2.14).
    SdkFirst,
    /// The packages first.
    PackagesFirst,
}

/// Where trusted hosts stand among pip's options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Each beside its index (before 2.9).
    Beside,
    /// After all indexes.
    After,
}

/// The SDK's module that reads the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `kfp.components.executor_main` (before 2.1).
    Components,
    /// `kfp.dsl.executor_main`
    Dsl,
}

const HEAD: &str = r#"
if ! [ -x "$(command -v pip)" ]; then
    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip
fi

PIP_DISABLE_PIP_VERSION_CHECK=1 "#;
const TAIL: &str = " && \"$0\" \"$@\"\n";
const VENV: &str = r#"
export PIP_DISABLE_PIP_VERSION_CHECK=1
tmp=$(mktemp -d)
python3 -m venv "$tmp/venv" --system-site-packages
. "$tmp/venv/bin/activate"
"#;
const PIP: &str = "python3 -m pip install --quiet --no-warn-script-location ";
const PIP_TOGETHER: &str = "python3 -m pip install --quiet     --no-warn-script-location ";
const NO_DEPENDENCIES: &str = "--no-deps";
const TYPING: &str = r#"typing-extensions>=3.7.4,<5; python_version<"3.9""#;

/// The words of the container's command.
pub fn text(startup: &Startup) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(install) = install(startup) {
        words.extend(["sh".to_owned(), "-c".to_owned(), install]);
    }
    let program = match startup.program() {
        Program::Components => old_program(),
        Program::Dsl => program(),
    };
    words.extend(["sh".to_owned(), "-ec".to_owned(), program, format!("\n{}\n", startup.source)]);
    words
}

/// The command of a component whose image holds its function already.
pub fn containerized(program: Program) -> Vec<String> {
    ["python3", "-m", program.module()].map(str::to_owned).into()
}

/// What a containerized component's command starts, if it is one's.
pub fn parse_containerized(command: &[String]) -> Option<Program> {
    [Program::Dsl, Program::Components].into_iter().find(|program| containerized(*program) == command)
}

/// The arguments of either form.
pub fn arguments(function: &str) -> Vec<String> {
    ["--executor_input", "{{$}}", "--function_to_execute", function].map(str::to_owned).into()
}

/// What the SDK was told, where the command is its text to the letter.
pub fn parse(command: &[String]) -> Option<Startup> {
    let (install, rest) = match command {
        [shell, flag, install, rest @ ..] if shell == "sh" && flag == "-c" => (Some(install.as_str()), rest),
        rest => (None, rest),
    };
    let [shell, flag, _, source] = rest else { return None };
    if shell != "sh" || flag != "-ec" {
        return None;
    }
    let source = source.strip_prefix('\n')?.strip_suffix('\n')?.to_owned();
    let told = match install {
        Some(install) => [read_install(install, true)?, read_install(install, false)?],
        None => [Startup::default(), Startup::default()],
    };
    told.into_iter().find_map(|told| laid_out(Startup { source: source.clone(), ..told }, command))
}

/// What of the layout must be said beside what was told, for the text to be that; none where nothing makes it so.
fn laid_out(told: Startup, command: &[String]) -> Option<Startup> {
    let orders = [None, Some(Order::PackagesFirst), Some(Order::SdkFirst), Some(Order::Together)];
    let hosts = [None, Some(Hosts::After), Some(Hosts::Beside)];
    let programs = [None, Some(Program::Dsl), Some(Program::Components)];
    for order in orders {
        for hosts in hosts {
            for program in programs {
                let startup = Startup { order, hosts, program, ..told.clone() };
                if text(&startup) == command {
                    return Some(startup);
                }
            }
        }
    }
    None
}

impl Program {
    /// The module.
    fn module(self) -> &'static str {
        match self {
            Program::Components => "kfp.components.executor_main",
            Program::Dsl => "kfp.dsl.executor_main",
        }
    }
}

impl Startup {
    /// The version of the SDK that wrote it, as far as it says.
    fn version(&self) -> Option<(u32, u32)> {
        let Sdk::Version(version) = &self.sdk else { return None };
        let mut numbers = version.split('.');
        let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
        Some((number(numbers.next()?)?, number(numbers.next()?)?))
    }

    fn is_before(&self, version: (u32, u32)) -> bool {
        self.version().is_some_and(|own| own < version)
    }

    fn order(&self) -> Order {
        let of_version = || match () {
            () if self.is_before((2, 2)) => Order::Together,
            () if self.is_before((2, 14)) => Order::SdkFirst,
            () => Order::PackagesFirst,
        };
        self.order.unwrap_or_else(of_version)
    }

    fn hosts(&self) -> Hosts {
        self.hosts.unwrap_or(if self.is_before((2, 9)) { Hosts::Beside } else { Hosts::After })
    }

    fn program(&self) -> Program {
        self.program.unwrap_or(if self.is_before((2, 1)) { Program::Components } else { Program::Dsl })
    }
}

/// What the shell installs before anything starts; none where there is nothing to install.
fn install(startup: &Startup) -> Option<String> {
    let sdk: Vec<String> = match &startup.sdk {
        Sdk::None => Vec::new(),
        Sdk::Version(version) if startup.is_before((2, 1)) => vec![format!("kfp=={version}")],
        Sdk::Version(version) => vec![format!("kfp=={version}"), NO_DEPENDENCIES.to_owned(), TYPING.to_owned()],
        Sdk::From(words) => words.clone(),
    };
    if sdk.is_empty() && startup.packages.is_empty() {
        return None;
    }
    let options = index_options(startup);
    let line = |start: &str, words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        format!("{start}{options}{}", words.join(" "))
    };
    let venv = (startup.venv && !sdk.is_empty()).then(|| VENV.to_owned());
    let and = (!sdk.is_empty() && !startup.packages.is_empty()).then(|| " && ".to_owned());
    let packages = (!startup.packages.is_empty()).then(|| line(PIP, &startup.packages));
    let own = (!sdk.is_empty()).then(|| line(PIP, &sdk));
    let parts = match startup.order() {
        Order::Together => vec![Some(line(PIP_TOGETHER, &[startup.packages.clone(), sdk].concat()))],
        Order::SdkFirst => vec![venv, own, and, packages],
        Order::PackagesFirst => vec![packages, and, venv, own],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(format!("{HEAD}{}{TAIL}", parts.join(" ")))
}

fn index_options(startup: &Startup) -> String {
    let mut options = Vec::new();
    let index =
        |at: usize, url: &String| format!("{} {url}", if at == 0 { "--index-url" } else { "--extra-index-url" });
    let trusted = |host: &String| format!("--trusted-host {host}");
    for (at, url) in startup.index_urls.iter().enumerate() {
        options.push(index(at, url));
        if startup.hosts() == Hosts::Beside {
            options.push(trusted(url));
        }
    }
    if startup.hosts() == Hosts::After && !startup.index_urls.is_empty() {
        options.extend(startup.trusted_hosts.as_ref().unwrap_or(&startup.index_urls).iter().map(trusted));
    }
    options.iter().map(|option| format!("{option} ")).collect()
}

fn program() -> String {
    let space = " ".repeat(25);
    format!(
        "program_path=$(mktemp -d)\n\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n\
         _KFP_RUNTIME=true python3 -m kfp.dsl.executor_main{space}--component_module_path{space}\
         \"$program_path/ephemeral_component.py\"{space}\"$@\"\n"
    )
}

fn old_program() -> String {
    let space = " ".repeat(25);
    format!(
        "program_path=$(mktemp -d)\nprintf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n\
         python3 -m kfp.components.executor_main{space}--component_module_path{space}\
         \"$program_path/ephemeral_component.py\"{space}\"$@\"\n"
    )
}

/// What is installed: order, hosts and program are for whoever compares with the text. `versioned`: whether a version of the SDK is
/// looked for, or its words are like any others.
fn read_install(text: &str, versioned: bool) -> Option<Startup> {
    let body = text.strip_prefix(HEAD)?.strip_suffix(TAIL)?;
    let (venv, sdk_first) = (body.contains(VENV), body.starts_with(VENV));
    let body = body.replacen(VENV, "", 1);
    let lines: Option<Vec<PipLine>> = body.split("  &&  ").map(|line| pip_line(line.trim_start())).collect();
    let mut lines = lines?;
    let first = lines.first()?.clone();
    let mut startup = Startup {
        venv,
        index_urls: first.index_urls.clone(),
        trusted_hosts: (first.trusted_hosts != first.index_urls).then_some(first.trusted_hosts),
        ..Startup::default()
    };
    if let Some(at) = lines.iter().position(|line| versioned && version_of(&line.words).is_some()) {
        let words = lines.remove(at).words;
        let (version, own) = version_of(&words)?;
        startup.sdk = Sdk::Version(version.to_owned());
        startup.packages = words[..words.len() - own].to_vec();
    } else if lines.len() > 1 || venv {
        // Whatever stands after the environment is made is the SDK; without one it is the last, as newer versions have it.
        let at = if venv && sdk_first { 0 } else { lines.len() - 1 };
        startup.sdk = Sdk::From(lines.remove(at).words);
    }
    if let Some(line) = lines.pop() {
        startup.packages = line.words;
    }
    lines.is_empty().then_some(startup)
}

/// The version of the SDK that a line installs as its last words, and how many words that takes.
fn version_of(words: &[String]) -> Option<(&str, usize)> {
    match words {
        [.., sdk, flag, typing] if flag == NO_DEPENDENCIES && typing == TYPING => Some((sdk.strip_prefix("kfp==")?, 3)),
        [.., sdk] => {
            sdk.strip_prefix("kfp==").filter(|version| version.starts_with("2.0.")).map(|version| (version, 1))
        }
        [] => None,
    }
}

#[derive(Clone, Default)]
struct PipLine {
    index_urls: Vec<String>,
    trusted_hosts: Vec<String>,
    words: Vec<String>,
}

fn pip_line(text: &str) -> Option<PipLine> {
    let mut rest = text.strip_prefix(PIP).or_else(|| text.strip_prefix(PIP_TOGETHER))?;
    let mut line = PipLine::default();
    while let Some((option, after)) = rest.split_once(' ').filter(|_| rest.starts_with("--")) {
        let (value, after) = after.split_once(' ')?;
        match option {
            "--index-url" | "--extra-index-url" => line.index_urls.push(value.to_owned()),
            "--trusted-host" => line.trusted_hosts.push(value.to_owned()),
            _ => return None,
        }
        rest = after;
    }
    while !rest.is_empty() {
        let (word, after) = unquoted(rest)?;
        line.words.push(word);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    Some(line)
}

/// A text as Python's `repr` writes it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut written = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            c if c == quote => written.extend(['\\', c]),
            c if c.is_ascii_control() => written.push_str(&format!("\\x{:02x}", c as u32)),
            c => written.push(c),
        }
    }
    written.push(quote);
    written
}

/// The first text of what Python's `repr` has written, and what stands after it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut letters = text.char_indices();
    let (_, quote) = letters.next().filter(|(_, c)| matches!(c, '\'' | '"'))?;
    let mut read = String::new();
    while let Some((at, c)) = letters.next() {
        match c {
            c if c == quote => return Some((read, &text[at + 1..])),
            '\\' => read.push(match letters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => {
                    let digits: String = [letters.next()?.1, letters.next()?.1].iter().collect();
                    char::from(u8::from_str_radix(&digits, 16).ok()?)
                }
                c => c,
            }),
            c => read.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests;
