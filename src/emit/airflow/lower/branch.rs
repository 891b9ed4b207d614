//! `if`: a task that chooses the arm, the arms, and a task in which they meet.
//!
//! The meeting task succeeds whichever arm ran (none included), so what waits for the branch need not know that tasks were
//! skipped in it; it also gives the branch's value.
//!
//! Outside loops the choosing task is Airflow's own, which skips what was not chosen. In a turn of a loop it is not: Airflow
//! 3.3 loses there which turn it was about. There each arm has a task before it that skips itself.

use super::super::model::{self, Block, Function, TriggerRule};
use super::super::value::{Locals, Reader, Scope, Value, task_id};
use super::Lower;
use super::block::End;
use crate::plan::{Arm, Branch};
use crate::text::python::{Expression, Operator, Statement};

impl<'a> Lower<'a> {
    pub(super) fn branch(&self, branch: &'a Branch, prefix: &str, scope: &Scope<'a>, block: &mut Block) -> End {
        let choice = self.choice(branch, prefix, scope);
        let chooser = choice.variable.clone();
        block.nodes.push(model::Node::Function(choice));
        let mut before = vec![chooser.clone()];
        for (at, arm) in branch.arms.iter().enumerate().filter(|(_, arm)| !arm.body.is_empty()) {
            let mut entrance = chooser.clone();
            if scope.turn.is_some() {
                let gate = self.gate(branch, at + 1, prefix);
                block.edges.push((vec![entrance], gate.variable.clone()));
                entrance = gate.variable.clone();
                block.nodes.push(model::Node::Function(gate));
            }
            let (inner, leaves) = self.block(&arm.body, prefix, scope);
            let roots = self.roots(&arm.body, prefix);
            block.nodes.extend(inner.nodes);
            block.edges.extend(roots.into_iter().map(|root| (vec![entrance.clone()], root.variable)));
            block.edges.extend(inner.edges);
            before.extend(leaves.into_iter().map(|leaf| leaf.variable));
        }
        let join = self.join(branch, prefix, scope);
        block.edges.push((before, join.variable().to_owned()));
        block.nodes.push(join);
        self.end(&branch.id, prefix)
    }

    /// Whether something reads the branch's value.
    fn is_read(&self, branch: &Branch) -> bool {
        self.demand.any(&branch.id)
    }

    fn reader(&self, scope: &Scope) -> Reader {
        if scope.turn.is_some() { Reader::InTurn } else { Reader::Outside }
    }

    fn choice(&self, branch: &'a Branch, prefix: &str, scope: &Scope<'a>) -> Function {
        let key = format!("{}-choice", branch.id);
        let mut locals = Locals::new(&self.store, self.version, self.reader(scope));
        let mut arms = Vec::new();
        let mut open = true;
        for (at, arm) in branch.arms.iter().enumerate() {
            let condition = arm.condition.as_ref();
            let condition = condition.map(|it| locals.expression(&Value::of(it, scope, &self.sites)));
            open = open && condition.is_some();
            arms.push((condition, self.follow(branch, at + 1, &arm.body, prefix, &mut locals)));
        }
        let mut body = locals.bindings();
        body.extend(chosen(arms));
        if open {
            let nothing = match scope.turn {
                Some(_) => Expression::int(0),
                None => Expression::List(vec![self.meeting(branch, prefix)]),
            };
            body.push(Statement::Return(nothing));
        }
        Function {
            variable: self.names.name(&key),
            task_id: task_id(&key),
            branch: scope.turn.is_none(),
            gives_object: false,
            trigger_rule: None,
            name: self.names.name(&format!("{}-choose", branch.id)),
            docstring: format!("Choose the arm of `{}`.", branch.id),
            context: locals.context(),
            body,
        }
    }

    /// What is done when an arm, counted from one, is chosen.
    fn follow(
        &self,
        branch: &Branch,
        arm: usize,
        body: &'a [crate::plan::Node],
        prefix: &str,
        locals: &mut Locals,
    ) -> Vec<Statement> {
        if self.sites.site(&branch.id).scope.turn.is_some() {
            return vec![Statement::Return(Expression::int(arm as i64))];
        }
        let mut statements = Vec::new();
        if self.is_read(branch) {
            locals.needs("ti");
            let push = Expression::name("ti.xcom_push").with("key", Expression::text("arm"));
            statements.push(Statement::Expression(push.with("value", Expression::int(arm as i64))));
        }
        let roots = self.roots(body, prefix).into_iter().flat_map(|root| root.task_ids).map(Expression::text);
        let mut roots: Vec<Expression> = roots.collect();
        if roots.is_empty() {
            roots.push(self.meeting(branch, prefix));
        }
        statements.push(Statement::Return(Expression::List(roots)));
        statements
    }

    /// The task before an arm in a turn of a loop.
    fn gate(&self, branch: &Branch, arm: usize, prefix: &str) -> Function {
        let key = format!("{}-arm-{arm}", branch.id);
        let chosen = self.chosen_arm(branch, prefix, true);
        let is_not = Expression::name("arm").then(Operator::NotEqual, Expression::int(arm as i64));
        let skip = Statement::Raise(Expression::name("AirflowSkipException"));
        Function {
            variable: self.names.name(&key),
            task_id: task_id(&key),
            branch: false,
            gives_object: false,
            trigger_rule: None,
            name: self.names.name(&format!("{}-enter-{arm}", branch.id)),
            docstring: format!("Go on where arm {arm} of `{}` was chosen.", branch.id),
            context: vec!["ti"],
            body: vec![chosen, Statement::If(vec![(Some(is_not), vec![skip])])],
        }
    }

    /// Reads which arm was chosen.
    fn chosen_arm(&self, branch: &Branch, prefix: &str, in_turn: bool) -> Statement {
        let chooser = format!("{prefix}{}", task_id(&format!("{}-choice", branch.id)));
        let pull = Expression::name("ti.xcom_pull").with("task_ids", Expression::text(chooser));
        let value = match in_turn {
            true => pull.with("map_indexes", Expression::name("ti.map_index")),
            false => pull.with("key", Expression::text("arm")),
        };
        Statement::Assign { target: "arm".to_owned(), value }
    }

    fn meeting(&self, branch: &Branch, prefix: &str) -> Expression {
        Expression::text(format!("{prefix}{}", task_id(&branch.id)))
    }

    fn join(&self, branch: &'a Branch, prefix: &str, scope: &Scope<'a>) -> model::Node {
        let rule = Some(TriggerRule::NoneFailedMinOneSuccess);
        if !self.is_read(branch) {
            return self.empty(&branch.id, rule);
        }
        let mut locals = Locals::new(&self.store, self.version, self.reader(scope));
        locals.needs("ti");
        let last = branch.arms.len() - 1;
        let arms = branch.arms.iter().enumerate().map(|(at, arm)| {
            let is_it = Expression::name("arm").then(Operator::Equal, Expression::int(at as i64 + 1));
            ((at < last).then_some(is_it), self.gives(branch, arm, scope, &mut locals))
        });
        let arms: Vec<_> = arms.collect();
        let mut body = vec![self.chosen_arm(branch, prefix, scope.turn.is_some())];
        body.extend(chosen(arms));
        model::Node::Function(Function {
            variable: self.names.name(&branch.id),
            task_id: task_id(&branch.id),
            branch: false,
            gives_object: true,
            trigger_rule: rule,
            name: self.names.name(&format!("{}-join", branch.id)),
            docstring: format!("What the chosen arm of `{}` yields.", branch.id),
            context: locals.context(),
            body,
        })
    }

    /// What an arm yields of what is read. An arm's tasks are asked only where it ran.
    fn gives(&self, branch: &Branch, arm: &'a Arm, scope: &Scope<'a>, outer: &mut Locals) -> Vec<Statement> {
        let mut locals = Locals::new(&self.store, self.version, self.reader(scope));
        let wanted = arm.yields.iter().filter(|output| self.demand.wants(&branch.id, &output.name));
        let entries = wanted.map(|output| {
            let value = locals.expression(&Value::of(&output.value, scope, &self.sites));
            (Expression::text(&output.name), value)
        });
        let entries: Vec<_> = entries.collect();
        locals.context().into_iter().for_each(|name| outer.needs(name));
        let mut body = locals.bindings();
        body.push(Statement::Return(Expression::Dict(entries)));
        body
    }
}

/// Arms as `if` statements; the last without a condition needs none.
fn chosen(arms: Vec<(Option<Expression>, Vec<Statement>)>) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (condition, body) in arms {
        match condition {
            Some(condition) => statements.push(Statement::If(vec![(Some(condition), body)])),
            None => statements.extend(body),
        }
    }
    statements
}
