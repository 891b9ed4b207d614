//! Steps as processes of the worker: the function that starts one, and what it is told.
//!
//! In: steps. Out: Python. It refuses to know pods. The process is started by Airflow's own hook, which gives it a group of its own and writes what it
//! says to the task's log; whatever ends the task ends the group. What the runner is told goes by files: a word of a command is not of any length.

use super::super::model::{Process, Runner, Step, Word};
use super::super::version::Version;
use super::node::{Arguments, named, texts, words};
use crate::text::python::{Expression, FormatPart, Function, Operator, Parameter, Statement};

/// The function that starts a step.
const START: &str = "run_step";
/// The constant that holds the folder where steps run.
pub(super) const CODE: &str = "CODE";

/// What the operator of such a step is told.
pub(super) fn call(call: Arguments, step: &Step, process: &Process) -> Arguments {
    let (told, rest) = told(step);
    let is_python = !told.is_empty();
    let program = if is_python { words(step.program.first()) } else { words(step.program.iter().chain(rest)) };
    let entries = [
        ("words", Some(program)),
        ("files", is_python.then_some(Expression::Dict(told))),
        ("rest", (is_python && !rest.is_empty()).then(|| words(rest))),
        ("env", (!step.env.is_empty()).then(|| named(&step.env))),
        ("secrets", (!process.secrets.is_empty()).then(|| texts(&process.secrets))),
        ("connections", (!process.connections.is_empty()).then(|| texts(&process.connections))),
        ("result", process.result.as_ref().map(super::node::template)),
    ];
    let entries = entries.into_iter().filter_map(|(name, value)| Some((Expression::text(name), value?)));
    call.with("python_callable", Expression::name(START)).with("op_kwargs", Expression::Dict(entries.collect()))
}

/// What the runner reads from files, by the option that names each, and the words after that; of a program of the step's own nothing.
fn told(step: &Step) -> (Vec<(Expression, Expression)>, &[Word]) {
    if !step.program.contains(&Word::Runner) {
        return (Vec::new(), &step.arguments);
    }
    let in_files = ["--step", "--inputs", "--outputs"];
    let pairs = step.arguments.chunks_exact(2);
    let pairs = pairs.map_while(|pair| match pair {
        [Word::Template(name), Word::Template(value)] => {
            let name = name.chunks().concat();
            in_files.contains(&name.as_str()).then(|| (Expression::text(name), super::node::template(value)))
        }
        _ => None,
    });
    let mut told = vec![(Expression::text("mlp_step.py"), Expression::name("RUNNER"))];
    told.extend(pairs);
    let rest = &step.arguments[2 * (told.len() - 1)..];
    (told, rest)
}

/// The function that starts a step, as far as these steps need it; none where none is a process.
pub(super) fn starter(steps: &[&Step], version: Version) -> Option<Statement> {
    let processes = steps.iter().filter_map(|step| match &step.runner {
        Runner::Process(process) => Some(process),
        Runner::Pod(_) | Runner::People(_) => None,
    });
    let processes: Vec<&Process> = processes.collect();
    let has = |is_such: &dyn Fn(&Process) -> bool| processes.iter().any(|process| is_such(process));
    if processes.is_empty() {
        return None;
    }
    let is_python = |step: &&Step| step.program.contains(&Word::Runner);
    let given = [
        ("files", steps.iter().any(is_python)),
        ("rest", steps.iter().filter(|step| is_python(step)).any(|step| !told(step).1.is_empty())),
        ("env", steps.iter().any(|step| matches!(step.runner, Runner::Process(_)) && !step.env.is_empty())),
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
