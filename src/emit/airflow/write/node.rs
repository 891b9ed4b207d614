//! Tasks and groups as statements.

use std::collections::BTreeSet;

use super::super::model::{Block, Empty, Function, Group, Mapped, Node, Pod, Retry, Secret, TriggerRule, Word};
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

/// Whether a pod in it is started by the runner.
pub(super) fn uses_runner(block: &Block) -> bool {
    block.nodes.iter().any(|node| match node {
        Node::Pod(pod) => pod.cmds.contains(&Word::Runner),
        Node::Group(group) => uses_runner(&group.body),
        Node::Mapped(mapped) => uses_runner(&mapped.body),
        Node::Function(_) | Node::Empty(_) => false,
    })
}

/// Whether a template of a pod in it calls that function.
pub(super) fn templates_call(block: &Block, function: &str) -> bool {
    let word = |word: &Word| matches!(word, Word::Template(template) if template.calls(function));
    block.nodes.iter().any(|node| match node {
        Node::Pod(pod) => {
            pod.cmds.iter().chain(&pod.arguments).any(word)
                || pod.turn_name.as_ref().is_some_and(|template| template.calls(function))
        }
        Node::Group(group) => templates_call(&group.body, function),
        Node::Mapped(mapped) => templates_call(&mapped.body, function),
        Node::Function(_) | Node::Empty(_) => false,
    })
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
        Node::Pod(node) => pod(node),
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
struct Arguments(Expression);

impl Arguments {
    fn of(function: &str) -> Self {
        Self(Expression::name(function))
    }

    fn with(self, name: &str, value: Expression) -> Self {
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

fn texts(entries: &[(String, String)]) -> Expression {
    Expression::Dict(entries.iter().map(|(key, value)| (Expression::text(key), Expression::text(value))).collect())
}

fn template(template: &Template) -> Expression {
    Expression::Text(template.chunks())
}

fn pod(pod: &Pod) -> Vec<Statement> {
    let mut call = Arguments::of("KubernetesPodOperator").with("task_id", Expression::text(&pod.task_id));
    call = call.if_some("task_display_name", pod.display.as_ref().map(Expression::text));
    call = call.if_some("doc_md", pod.doc.as_deref().map(Expression::prose));
    call = call.with("name", Expression::text(&pod.name)).with("image", Expression::name(&pod.image));
    call = call.with("cmds", words(&pod.cmds));
    call = call.if_some("arguments", (!pod.arguments.is_empty()).then(|| words(&pod.arguments)));
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
    call = pod.cluster.others.iter().fold(call, |call, (name, value)| call.with(name, value.clone()));
    call = pod.retry.iter().fold(call, retry);
    call = call.if_some("execution_timeout", pod.timeout.map(timedelta));
    call = call.if_some("trigger_rule", pod.trigger_rule.map(trigger_rule));
    call = call.if_some("do_xcom_push", pod.push_result.then_some(Expression::Bool(true)));
    call = call.if_some("max_active_tis_per_dagrun", pod.at_once.map(Expression::int));
    call = call.if_some("map_index_template", pod.turn_name.as_ref().map(template));
    let mut statements = vec![operator(&pod.variable, &pod.task_id, call.0)];
    if pod.teardown {
        let teardown = Expression::name(&pod.variable).dot("as_teardown");
        statements.push(Statement::Expression(teardown.with("on_failure_fail_dagrun", Expression::Bool(true))));
    }
    statements
}

/// Variables of the step's own, and those that the cluster fills.
fn variables(pod: &Pod) -> Option<Expression> {
    let filled = &pod.cluster.variables;
    if filled.is_empty() {
        let entries = pod.env.iter().map(|(name, value)| (Expression::text(name), template(value)));
        return (!pod.env.is_empty()).then(|| Expression::Dict(entries.collect()));
    }
    let variable = |name: &str| Expression::name("k8s.V1EnvVar").with("name", Expression::text(name));
    let own = pod.env.iter().map(|(name, value)| variable(name).with("value", template(value)));
    let filled = filled.iter().map(|(name, source)| variable(name).with("value_from", source.clone()));
    Some(Expression::List(own.chain(filled).collect()))
}

fn words(words: &[Word]) -> Expression {
    let word = |word: &Word| match word {
        Word::Template(word) => template(word),
        Word::Runner => Expression::name("RUNNER"),
    };
    Expression::List(words.iter().map(word).collect())
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
