//! Steps as processes of the worker: the function that starts one, and what it is told.
//!
//! In: steps. Out: Python. It refuses to know pods. The process is started by Airflow's own hook, which gives it a group of its own and writes what it
//! says to the task's log; whatever ends the task ends the group. What the runner is told goes by files: a word of a command is not of any length.

use super::super::model::{By, Process, Start, Step};
use super::super::version::Version;
use super::node::{Arguments, named, template, texts, texts_of};
use crate::text::jinja::Template;
use crate::text::python::{Expression, FormatPart, Function, Operator, Parameter, Statement};

/// The function that starts a step.
const START: &str = "run_step";
/// The constant that holds the folder where steps run.
pub(super) const CODE: &str = "CODE";

/// What the operator of such a step is told.
pub(super) fn call(call: Arguments, process: &Process) -> Arguments {
    let env = &process.started.env;
    let (words, files, rest) = match &process.started.start {
        Start::Program { words, arguments } => ([texts_of(words), texts_of(arguments)].concat(), Vec::new(), &[][..]),
        Start::Runner { python, told, rest } => (vec![template(python)], in_files(told), rest.as_slice()),
    };
    let entries = [
        ("words", Some(Expression::List(words))),
        ("files", (!files.is_empty()).then_some(Expression::Dict(files))),
        ("rest", (!rest.is_empty()).then(|| Expression::List(texts_of(rest)))),
        ("env", (!env.is_empty()).then(|| named(env))),
        ("secrets", (!process.secrets.is_empty()).then(|| texts(&process.secrets))),
        ("connections", (!process.connections.is_empty()).then(|| texts(&process.connections))),
        ("result", process.result.as_ref().map(template)),
    ];
    let entries = entries.into_iter().filter_map(|(name, value)| Some((Expression::text(name), value?)));
    call.with("python_callable", Expression::name(START)).with("op_kwargs", Expression::Dict(entries.collect()))
}

/// The runner and what it is told, by the names of files: an option is told in the file of its name.
fn in_files(told: &[(&'static str, Template)]) -> Vec<(Expression, Expression)> {
    let runner = (Expression::text("mlp_step.py"), Expression::name(super::RUNNER));
    let told = told.iter().map(|(option, value)| (Expression::text(*option), template(value)));
    std::iter::once(runner).chain(told).collect()
}

/// The function that starts a step, as far as these steps need it; none where none is a process.
pub(super) fn starter(steps: &[&Step], version: Version) -> Option<Statement> {
    let processes = steps.iter().filter_map(|step| match &step.by {
        By::Process(process) => Some(process),
        By::Pod(_) | By::People(_) => None,
    });
    let processes: Vec<&Process> = processes.collect();
    let has = |is_such: &dyn Fn(&Process) -> bool| processes.iter().any(|process| is_such(process));
    if processes.is_empty() {
        return None;
    }
    let is_more_told = |start: &Start| matches!(start, Start::Runner { rest, .. } if !rest.is_empty());
    let given = [
        ("files", steps.iter().any(|step| step.has_runner())),
        ("rest", has(&|process| is_more_told(&process.started.start))),
        ("env", has(&|process| !process.started.env.is_empty())),
        ("secrets", has(&|process| !process.secrets.is_empty())),
        ("connections", has(&|process| !process.connections.is_empty())),
        ("result", has(&|process| process.result.is_some())),
    ];
    let given: Vec<&str> = given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
    let mut parameters = vec![Parameter::required("task"), Parameter::required("words")];
    parameters.extend(given.iter().map(|name| Parameter::optional(name)));
    Some(Statement::Function(Function {
        name: START.to_owned(),
        parameters,
        docstring: Some("Run a step as a process beside this one, and return what it gives.".to_owned()),
        body: body(&given, version),
        ..Function::default()
    }))
}

fn body(given: &[&str], version: Version) -> Vec<Statement> {
    let name = |name: &str| Expression::name(name);
    let assign = |target: &str, value| Statement::Assign { target: target.to_owned(), value };
    let or_none = |what: &str| name(what).then(Operator::Or, Expression::Dict(Vec::new()));
    let mut body =
        vec![assign("hook", name("SubprocessHook").call([])), assign("task.on_kill", name("hook.send_sigterm"))];
    let has_variables = given.iter().any(|name| ["env", "secrets", "connections"].contains(name));
    if has_variables {
        body.push(assign("variables", name("dict").call([name("os.environ")])));
    }
    if given.contains(&"env") {
        body.push(Statement::Expression(name("variables.update").call([or_none("env")])));
    }
    let of_worker = |key: Expression| name("os.environ").at(key);
    let password = |key: Expression| match version.has_sdk() {
        true => name("Connection.get").call([key]).dot("password"),
        false => name("BaseHook.get_connection").call([key]).dot("password"),
    };
    let homes: [(&str, &dyn Fn(Expression) -> Expression); 2] = [("secrets", &of_worker), ("connections", &password)];
    for (homes, value) in homes.into_iter().filter(|(homes, _)| given.contains(homes)) {
        let values = Expression::Comprehension {
            key: Some(Box::new(name("name"))),
            element: Box::new(value(name(homes).at(name("name")))),
            name: "name".to_owned(),
            items: Box::new(or_none(homes)),
            condition: None,
        };
        body.push(Statement::Expression(name("variables.update").call([values])));
    }
    let all = if given.contains(&"rest") {
        name("words").then(Operator::Add, name("rest").then(Operator::Or, Expression::List(Vec::new())))
    } else {
        name("words")
    };
    let run = name("hook.run_command").call([all]);
    let run = if has_variables { run.with("env", name("variables")) } else { run };
    let run = assign("done", run.with("cwd", name(CODE)));
    body.push(match given.contains(&"files") {
        true => Statement::With {
            context: name("TemporaryDirectory").call([]),
            name: Some("folder".to_owned()),
            body: vec![into_files(), run],
        },
        false => run,
    });
    let status = FormatPart::Value(name("done.exit_code"));
    let failed = Expression::Format(vec![FormatPart::Text("the step ended with exit status ".to_owned()), status]);
    let failed = Statement::Raise(name("RuntimeError").call([failed]));
    body.push(Statement::If(vec![(
        Some(name("done.exit_code").then(Operator::NotEqual, Expression::int(0))),
        vec![failed],
    )]));
    if given.contains(&"result") {
        let path = name("os.path.join").call([name(CODE), name("result")]);
        let read = Statement::With {
            context: name("open").call([path]).with("encoding", Expression::text("utf-8")),
            name: Some("file".to_owned()),
            body: vec![Statement::Return(name("json.load").call([name("file")]))],
        };
        body.push(Statement::If(vec![(Some(name("result")), vec![read])]));
    }
    body
}

/// Writes what the runner is told into files, and names them in the command.
fn into_files() -> Statement {
    let name = |name: &str| Expression::name(name);
    let assign = |target: &str, value| Statement::Assign { target: target.to_owned(), value };
    let open = name("open").call([name("path"), Expression::text("w")]).with("encoding", Expression::text("utf-8"));
    let write = name("file.write").call([name("files").at(name("name"))]);
    let marked = Expression::Format(vec![FormatPart::Text("@".to_owned()), FormatPart::Value(name("path"))]);
    let named = Expression::Conditional {
        condition: Box::new(name("name.startswith").call([Expression::text("--")])),
        then: Box::new(Expression::List(vec![name("name"), marked])),
        otherwise: Box::new(Expression::List(vec![name("path")])),
    };
    Statement::For {
        name: "name".to_owned(),
        items: name("files").then(Operator::Or, Expression::Dict(Vec::new())),
        body: vec![
            assign("path", name("os.path.join").call([name("folder"), name("name")])),
            Statement::With { context: open, name: Some("file".to_owned()), body: vec![Statement::Expression(write)] },
            assign("words", name("words").then(Operator::Add, named)),
        ],
    }
}
