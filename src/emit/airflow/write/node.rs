//! Tasks and groups as statements.

use std::collections::BTreeSet;

use super::super::model::{
    Approval, Block, By, Empty, Function, Group, Mapped, Node, Pod, Retry, Secret, Start, Step, TriggerRule,
};
use super::process;
use super::timedelta;
use crate::text::jinja::Template;
use crate::text::python::{self, Expression, Operator, Parameter, Statement};

/// How long a line of edges may be; beyond it `chain` takes them one below the other.
const EDGE: usize = 60;

/// Nodes, and then what waits for what.
pub(super) fn block(block: &Block) -> Vec<Statement> {
    let mut statements: Vec<Statement> = block.nodes.iter().flat_map(node).collect();
    let mut in_order = block.edges.clone();
    in_order.sort_by_key(|(_, after)| block.nodes.iter().position(|node| node.variable() == after));
    statements.extend(edges(&in_order));
    statements
}

/// A function's statements: what nothing in them speaks of is not given a name.
pub(super) fn of_function(block: &Block) -> Vec<Statement> {
    let statements = self::block(block);
    let used = Statement::names(&statements);
    unnamed(statements, &used)
}

fn unnamed(statements: Vec<Statement>, used: &BTreeSet<String>) -> Vec<Statement> {
    let rename = |statement| match statement {
        Statement::Noted(inner, note) => match unnamed(vec![*inner], used).pop() {
            Some(inner @ Statement::Assign { .. }) => Statement::Noted(Box::new(inner), note),
            other => other.expect("each statement stays one"),
        },
        Statement::Assign { target, value } if !used.contains(&target) => Statement::Expression(value),
        Statement::With { context, name, body } => {
            let name = name.filter(|name| used.contains(name));
            Statement::With { context, name, body: unnamed(body, used) }
        }
        other => other,
    };
    statements.into_iter().map(rename).collect()
}

/// Every step in it.
pub(super) fn steps(block: &Block) -> Vec<&Step> {
    let mut found = Vec::new();
    for node in &block.nodes {
        match node {
            Node::Step(step) => found.push(step),
            Node::Group(group) => found.extend(steps(&group.body)),
            Node::Mapped(mapped) => found.extend(steps(&mapped.body)),
            Node::Function(_) | Node::Empty(_) => {}
        }
    }
    found
}

/// Edges as chains, each as long as one leads into the next.
fn edges(edges: &[(Vec<String>, String)]) -> Vec<Statement> {
    let mut chains: Vec<Vec<Vec<String>>> = Vec::new();
    for (before, after) in edges {
        let last = chains.last_mut().filter(|chain| chain.last() == Some(before) && length(chain) < EDGE);
        match last {
            Some(chain) => chain.push(vec![after.clone()]),
            None => chains.push(vec![before.clone(), vec![after.clone()]]),
        }
    }
    chains.into_iter().map(|chain| Statement::Expression(edge(&chain))).collect()
}

fn length(chain: &[Vec<String>]) -> usize {
    chain.iter().flatten().map(|name| name.len() + 4).sum()
}

fn edge(chain: &[Vec<String>]) -> Expression {
    let operands: Vec<Expression> = chain
        .iter()
        .map(|names| match names.as_slice() {
            [one] => Expression::name(one),
            many => Expression::List(many.iter().map(Expression::name).collect()),
        })
        .collect();
    match length(chain) < EDGE + 10 {
        true => Expression::Chain { operator: Operator::Then, operands },
        false => Expression::name("chain").call(operands),
    }
}

fn node(node: &Node) -> Vec<Statement> {
    match node {
        Node::Step(node) => step(node),
        Node::Function(node) => function(node),
        Node::Empty(node) => vec![empty(node)],
        Node::Group(node) => vec![group(node)],
        Node::Mapped(node) => mapped(node),
    }
}

fn assign(target: &str, value: Expression) -> Statement {
    Statement::Assign { target: target.to_owned(), value }
}

/// An operator under a name; linters want it to be the task's, which is not always free.
fn operator(variable: &str, task_id: &str, call: Expression) -> Statement {
    let assigned = assign(variable, call);
    if variable == task_id { assigned } else { Statement::Noted(Box::new(assigned), "noqa: AIR001") }
}

/// A call that grows by what there is to say.
pub(super) struct Arguments(Expression);

impl Arguments {
    fn of(function: &str) -> Self {
        Self(Expression::name(function))
    }

    pub(super) fn with(self, name: &str, value: Expression) -> Self {
        Self(self.0.with(name, value))
    }

    fn if_some(self, name: &str, value: Option<Expression>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn if_any(self, name: &str, entries: &[(String, String)]) -> Self {
        if entries.is_empty() { self } else { self.with(name, texts(entries)) }
    }
}

pub(super) fn texts(entries: &[(String, String)]) -> Expression {
    Expression::Dict(entries.iter().map(|(key, value)| (Expression::text(key), Expression::text(value))).collect())
}

pub(super) fn template(template: &Template) -> Expression {
    Expression::Text(template.chunks())
}

fn step(step: &Step) -> Vec<Statement> {
    let class = match &step.by {
        By::Pod(_) => "KubernetesPodOperator",
        By::Process(_) => "PythonOperator",
        By::People(_) => "ApprovalOperator",
    };
    let mut call = Arguments::of(class).with("task_id", Expression::text(&step.task_id));
    call = call.if_some("task_display_name", step.display.as_ref().map(Expression::text));
    call = call.if_some("doc_md", step.doc.as_deref().map(Expression::prose));
    call = match &step.by {
        By::Pod(pod) => self::pod(call, pod),
        By::Process(process) => process::call(call, process),
        By::People(approval) => self::approval(call, approval),
    };
    call = step.retry.iter().fold(call, retry);
    let timeout = match &step.by {
        By::People(approval) => approval.response_timeout,
        By::Pod(_) | By::Process(_) => "execution_timeout",
    };
    call = call.if_some(timeout, step.timeout.map(timedelta));
    call = call.if_some("pool", step.pool.as_ref().map(Expression::text));
    call = call.if_some("pool_slots", step.pool_slots.map(Expression::int));
    call = call.if_some("priority_weight", step.priority.map(Expression::int));
    // As it is said: Airflow would add what waits for the step.
    call = call.if_some("weight_rule", step.priority.map(|_| Expression::text("absolute")));
    call = call.if_some("trigger_rule", step.trigger_rule.map(trigger_rule));
    let is_pod = matches!(step.by, By::Pod(_));
    call = call.if_some("do_xcom_push", (is_pod && step.push_result).then_some(Expression::Bool(true)));
    call = call.if_some("max_active_tis_per_dagrun", step.at_once.map(Expression::int));
    call = call.if_some("map_index_template", step.turn_name.as_ref().map(template));
    let mut statements = vec![operator(&step.variable, &step.task_id, call.0)];
    if step.teardown {
        let teardown = Expression::name(&step.variable).dot("as_teardown");
        statements.push(Statement::Expression(teardown.with("on_failure_fail_dagrun", Expression::Bool(true))));
    }
    statements
}

fn pod(call: Arguments, pod: &Pod) -> Arguments {
    let mut call = call.with("name", Expression::text(&pod.name)).with("image", Expression::name(&pod.image));
    let (program, arguments) = match &pod.started.start {
        Start::Program { words, arguments } => (texts_of(words), texts_of(arguments)),
        Start::Runner { python, told, rest } => {
            let told = told.iter().flat_map(|(option, value)| [Expression::text(*option), template(value)]);
            let runner = vec![template(python), Expression::text("-c"), Expression::name(super::RUNNER)];
            (runner, told.chain(texts_of(rest)).collect())
        }
    };
    call = call.with("cmds", Expression::List(program));
    call = call.if_some("arguments", (!arguments.is_empty()).then_some(Expression::List(arguments)));
    call = call.if_some("env_vars", variables(pod));
    if !pod.secrets.is_empty() {
        call = call.with("secrets", Expression::List(pod.secrets.iter().map(secret).collect()));
    }
    let (requests, limits) = &pod.resources;
    if !requests.is_empty() {
        let resources = Arguments::of("k8s.V1ResourceRequirements").with("requests", texts(requests));
        call = call.with("container_resources", resources.if_any("limits", limits).0);
    }
    call = call.if_any("node_selector", &pod.node_selector);
    pod.cluster.others.iter().fold(call, |call, (name, value)| call.with(name, value.clone()))
}

fn approval(call: Arguments, approval: &Approval) -> Arguments {
    let user = |id: &String| {
        let id = || Expression::text(id);
        Expression::Dict(vec![(Expression::text("id"), id()), (Expression::text("name"), id())])
    };
    let subject = template(&Template::text_only(&approval.question));
    let known = (approval.known != Template::default()).then(|| template(&approval.known));
    let call = call.with("subject", subject).if_some("body", known);
    let call = call.with("assigned_users", Expression::List(approval.users.iter().map(user).collect()));
    call.with("fail_on_reject", Expression::Bool(true))
}

/// Variables by name, as templates.
pub(super) fn named(entries: &[(String, Template)]) -> Expression {
    Expression::Dict(entries.iter().map(|(name, value)| (Expression::text(name), template(value))).collect())
}

/// Variables of the step's own, and those that the cluster fills.
fn variables(pod: &Pod) -> Option<Expression> {
    let (env, filled) = (&pod.started.env, &pod.cluster.variables);
    if filled.is_empty() {
        return (!env.is_empty()).then(|| named(env));
    }
    let variable = |name: &str| Expression::name("k8s.V1EnvVar").with("name", Expression::text(name));
    let own = env.iter().map(|(name, value)| variable(name).with("value", template(value)));
    let filled = filled.iter().map(|(name, source)| variable(name).with("value_from", source.clone()));
    Some(Expression::List(own.chain(filled).collect()))
}

/// Words as texts.
pub(super) fn texts_of(words: &[Template]) -> Vec<Expression> {
    words.iter().map(template).collect()
}

fn secret(secret: &Secret) -> Expression {
    let call = Expression::name("Secret").with("deploy_type", Expression::text("env"));
    let call = call.with("deploy_target", Expression::text(&secret.variable));
    call.with("secret", Expression::text(&secret.name)).with("key", Expression::text(&secret.key))
}

fn retry(call: Arguments, retry: &Retry) -> Arguments {
    let call = call.with("retries", Expression::int(retry.times)).with("retry_delay", timedelta(retry.delay));
    let factor = retry.factor.map(|factor| match factor {
        2.0 => Expression::Bool(true),
        other => Expression::json(&serde_json::json!(other)),
    });
    call.if_some("retry_exponential_backoff", factor).if_some("max_retry_delay", retry.max_delay.map(timedelta))
}

fn trigger_rule(rule: TriggerRule) -> Expression {
    Expression::text(match rule {
        TriggerRule::AllDone => "all_done",
        TriggerRule::NoneFailedMinOneSuccess => "none_failed_min_one_success",
    })
}

fn function(function: &Function) -> Vec<Statement> {
    let decorator = Arguments::of(if function.branch { "task.branch" } else { "task" });
    let decorator = decorator.with("task_id", Expression::text(&function.task_id));
    let decorator = decorator.if_some("trigger_rule", function.trigger_rule.map(trigger_rule));
    let decorator = decorator.if_some("multiple_outputs", function.gives_object.then_some(Expression::Bool(false)));
    let definition = python::Function {
        decorators: vec![decorator.0],
        name: function.name.clone(),
        parameters: function.context.iter().map(|name| Parameter::optional(name)).collect(),
        docstring: Some(function.docstring.clone()),
        body: function.body.clone(),
        ..python::Function::default()
    };
    let call = Expression::name(&function.name).call([]);
    vec![Statement::Function(definition), assign(&function.variable, call)]
}

fn empty(empty: &Empty) -> Statement {
    let call = Arguments::of("EmptyOperator").with("task_id", Expression::text(&empty.task_id));
    let call = call.if_some("doc_md", empty.doc.as_ref().map(Expression::text));
    let call = call.if_some("trigger_rule", empty.trigger_rule.map(trigger_rule));
    let call = call.if_some("outlets", empty.outlet.as_ref().map(|asset| Expression::List(vec![super::asset(asset)])));
    operator(&empty.variable, &empty.task_id, call.0)
}

fn group(group: &Group) -> Statement {
    let call = Arguments::of("TaskGroup").with("group_id", Expression::text(&group.group_id));
    let call = call.if_some("tooltip", group.tooltip.as_deref().map(Expression::prose));
    Statement::With { context: call.0, name: Some(group.variable.clone()), body: block(&group.body) }
}

fn mapped(mapped: &Mapped) -> Vec<Statement> {
    let decorator = Expression::name("task_group").with("group_id", Expression::text(&mapped.group_id));
    let definition = python::Function {
        decorators: vec![decorator],
        name: mapped.function.clone(),
        parameters: vec![Parameter::required(&mapped.item)],
        docstring: Some(mapped.docstring.clone()),
        body: of_function(&mapped.body),
        ..python::Function::default()
    };
    let expand = Expression::name(&mapped.function).dot("expand").with(&mapped.item, mapped.items.clone());
    vec![Statement::Function(definition), assign(&mapped.variable, expand)]
}
