//! A pipeline in an environment: nodes get ids, nested pipelines are put in.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::expr::{Context, Frame, is_collected};
use super::{Lower, gate};
use crate::model::{self, Value};
use crate::plan::{
    Arm, Branch, Expr, Group, Loop, Node, Output, Parameter, Pipeline, Schedule, TaskOutput, Try, Workspace,
};
use crate::resolve::DeclId;
use crate::source::Span;

/// What is being lowered: one pipeline with all that it nests.
pub(super) struct Flow<'a> {
    pub(super) lower: &'a Lower<'a>,
    pub(super) place: DeclId,
    ids: BTreeSet<String>,
}

/// A name of a node: unique in the whole, and unique in its own pipeline.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

impl Lower<'_> {
    pub(super) fn pipeline(&self, decl: DeclId, place: DeclId) -> Pipeline {
        let found = &self.model.pipelines[&decl];
        let environment = &self.model.environments[&place];
        let mut flow = Flow { lower: self, place, ids: BTreeSet::new() };
        let mut frame = Frame::of(found);
        let body = flow.block(&mut frame, &found.body);
        let outputs = flow.outputs(&frame, &found.outputs, &found.returns);
        let finally = found.finally.as_ref().map(|call| Box::new(flow.call(&mut frame, call)));
        let limits = environment.field("limits");
        let at_once = limits.and_then(|limits| limits.field("parallel_steps")).and_then(Value::as_int);
        let mut pipeline = Pipeline {
            name: self.name(decl),
            called: self.said(place, &found.with, "name"),
            display_name: self.said(place, &found.with, "display_name"),
            environment: self.name(place),
            description: self.docs(decl),
            source: self.model.path(self.model.span(decl)).to_owned(),
            parameters: found.parameters.iter().map(|parameter| self.parameter(parameter, Some(place))).collect(),
            outputs,
            body,
            finally,
            workspace: self.workspace(place, &found.with),
            schedule: self.schedule(decl, place),
            parallel_steps: at_once.and_then(|count| u32::try_from(count).ok()),
            timeout: environment.field("deadline").and_then(Value::as_seconds),
            keep_runs: self.keep_runs(place),
            span: self.model.span(decl),
        };
        gate::give_images(&mut pipeline);
        pipeline
    }

    /// A text that is said of a pipeline or a call.
    pub(super) fn said(&self, place: DeclId, with: &IndexMap<String, model::Expr>, name: &str) -> Option<String> {
        self.value_in(place, with.get(name)?).as_text().map(str::to_owned)
    }

    fn workspace(&self, place: DeclId, with: &IndexMap<String, model::Expr>) -> Option<Workspace> {
        let said = with.get("workspace")?;
        let value = self.value_in(place, said);
        let modes = value.field("access_modes").and_then(Value::as_list).unwrap_or_default();
        Some(Workspace {
            size: match value.field("size")? {
                Value::Size(bytes) => *bytes,
                _ => return None,
            },
            storage_class: value.field("storage_class").and_then(Value::as_text).map(str::to_owned),
            access_modes: modes.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
            patch: match value.field("patch") {
                Some(Value::Record(all)) => all.iter().map(|(name, value)| (name.clone(), self.json(value))).collect(),
                _ => IndexMap::new(),
            },
            span: said.span,
        })
    }

    pub(super) fn parameter(&self, field: &model::Field, place: Option<DeclId>) -> Parameter {
        let ty = self.ty(&field.ty);
        let default = field.default.as_ref().map(|default| {
            let value = match place {
                Some(place) => self.value_in(place, default),
                None => crate::check::eval::Evaluator::new(self.model).evaluate(default).unwrap_or_default(),
            };
            self.json_as(&value, &ty)
        });
        Parameter {
            name: field.name.clone(),
            description: field.docs.clone(),
            predicates: self.predicates_of(&field.ty),
            allowed: self.allowed(&field.ty),
            expected: field.has_mark("expected"),
            item_predicates: self.item_predicates_of(&field.ty),
            default,
            ty,
            span: field.span,
        }
    }

    fn schedule(&self, pipeline: DeclId, place: DeclId) -> Option<Schedule> {
        let environment = &self.model.environments[&place];
        let schedule = environment.schedules.iter().find(|schedule| schedule.pipeline == pipeline)?;
        let event = format!("{} failed in {}", self.name(pipeline), self.name(place));
        Some(Schedule {
            every: self.form_of(Some(&schedule.every))?,
            rollback: schedule.on_failure.rollback,
            notices: self.notices(&schedule.on_failure.notify, &environment.bindings, &event),
            span: schedule.span,
        })
    }
}

impl Flow<'_> {
    pub(super) fn expr(&self, frame: &Frame, expr: &model::Expr) -> Expr {
        Context { lower: self.lower, place: Some(self.place), frame: Some(frame) }.expr(expr)
    }

    /// An id that no other node of the pipeline has.
    pub(super) fn id(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut count = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{wanted}_{count}");
            count += 1;
        }
        id
    }

    fn block(&mut self, frame: &mut Frame, block: &model::Block) -> Vec<Node> {
        let mut nodes: Vec<Node> = block.nodes.iter().map(|node| self.node(frame, node)).collect();
        gate::hold_back(&mut nodes);
        nodes
    }

    fn node(&mut self, frame: &mut Frame, node: &model::Node) -> Node {
        match node {
            model::Node::Call(call) => self.call(frame, call),
            model::Node::For(node) => Node::Loop(self.for_loop(frame, node)),
            model::Node::If(node) => Node::Branch(self.branch(frame, node)),
            model::Node::Require(gate) => Node::Task(self.gate(frame, gate)),
            model::Node::Try(node) => {
                let id = self.id("try");
                let body = self.block(frame, &node.body);
                let last = node.last.as_ref().expect("a model without errors has what runs after a `try`");
                Node::Try(Try { id, body, last: Box::new(self.call(frame, last)), after: Vec::new(), span: node.span })
            }
        }
    }

    fn call(&mut self, frame: &mut Frame, call: &model::Call) -> Node {
        if call.is_pipeline { Node::Group(self.group(frame, call)) } else { Node::Task(self.task(frame, call)) }
    }

    fn for_loop(&mut self, frame: &mut Frame, node: &model::For) -> Loop {
        let wanted = node.binding.clone().unwrap_or_else(|| format!("for_{}", node.item));
        let id = self.id(&wanted);
        frame.ids.insert(node.id, id.clone());
        if matches!(node.body.yields.as_slice(), [(name, _)] if name == "value") {
            frame.single.insert(node.id, "value".into());
        }
        let items = self.expr(frame, &node.source);
        let body = self.block(frame, &node.body);
        Loop {
            id,
            item: node.item.clone(),
            items,
            parallel: node.parallel.as_ref().and_then(Value::as_int).and_then(|count| u32::try_from(count).ok()),
            yields: self.yields(frame, &node.body.yields),
            body,
            after: Vec::new(),
            span: node.span,
        }
    }

    fn branch(&mut self, frame: &mut Frame, node: &model::If) -> Branch {
        let id = match &node.binding {
            Some(name) => self.id(name),
            None => self.id("if_1"),
        };
        let id = if node.binding.is_none() && id.starts_with("if_1_") { self.renumbered(&id) } else { id };
        frame.ids.insert(node.id, id.clone());
        if matches!(node.outputs.as_slice(), [(name, _)] if name == "value") {
            frame.single.insert(node.id, "value".into());
        }
        let arms = node.arms.iter().map(|(condition, block)| {
            let condition = condition.as_ref().map(|condition| self.expr(frame, condition));
            let body = self.block(frame, block);
            let yields = if node.outputs.is_empty() { Vec::new() } else { self.yields(frame, &block.yields) };
            Arm { condition, body, yields, span: block.span }
        });
        let arms = arms.collect();
        let outputs = node.outputs.iter().map(|(name, ty)| TaskOutput {
            name: name.clone(),
            description: None,
            ty: self.lower.ty(ty),
            contract: None,
        });
        Branch { id, arms, outputs: outputs.collect(), after: Vec::new(), span: node.span }
    }

    /// `if_1_2` as `if_2`.
    fn renumbered(&mut self, id: &str) -> String {
        self.ids.remove(id);
        let mut count = 2;
        loop {
            let id = format!("if_{count}");
            if self.ids.insert(id.clone()) {
                return id;
            }
            count += 1;
        }
    }

    fn yields(&self, frame: &Frame, yields: &[(String, model::Expr)]) -> Vec<Output> {
        yields
            .iter()
            .map(|(name, value)| Output {
                name: name.clone(),
                description: None,
                value: self.expr(frame, value),
                collected: is_collected(value),
                span: value.span,
            })
            .collect()
    }

    fn outputs(&self, frame: &Frame, declared: &[model::Field], returns: &[(String, model::Expr)]) -> Vec<Output> {
        returns
            .iter()
            .map(|(name, value)| {
                let field = declared.iter().find(|field| field.name == *name);
                let mut lowered = self.expr(frame, value);
                if let Some(field) = field {
                    lowered.ty = self.lower.ty(&field.ty);
                }
                Output {
                    name: name.clone(),
                    description: field.and_then(|field| field.docs.clone()),
                    value: lowered,
                    collected: is_collected(value),
                    span: value.span,
                }
            })
            .collect()
    }

    fn group(&mut self, frame: &mut Frame, call: &model::Call) -> Group {
        let found = &self.lower.model.pipelines[&call.callee];
        let Named { id, name } = self.named(frame, call, &found.outputs);
        let mut arguments: IndexMap<String, Expr> = IndexMap::new();
        for parameter in &found.parameters {
            let value = match (call.arguments.get(&parameter.name), &parameter.default) {
                (Some(value), _) => self.expr(frame, value),
                (None, Some(default)) => self.expr(frame, default),
                (None, None) => Expr::literal(self.lower.ty(&parameter.ty), serde_json::Value::Null),
            };
            arguments.insert(parameter.name.clone(), value);
        }
        let mut inner = Frame::of(found);
        let body = self.block(&mut inner, &found.body);
        let parameters = found.parameters.iter().map(|field| self.lower.parameter(field, Some(self.place))).collect();
        Group {
            id,
            pipeline: self.lower.name(call.callee),
            description: self.lower.docs(call.callee),
            parameters,
            arguments,
            given: call.arguments.keys().cloned().collect(),
            name,
            display_name: self.lower.said(self.place, &call.with, "name"),
            cache: self.cache_of_call(call),
            cache_key: self.lower.said(self.place, &call.with, "cache_key"),
            retry: self.retry_of_call(call),
            tolerates_failure: self.tolerates_failure(call),
            outputs: self.outputs(&inner, &found.outputs, &found.returns),
            body,
            after: self.after(frame, call),
            span: call.span,
        }
    }

    /// The id of a call, noted with its one output if it has one.
    pub(super) fn named(&mut self, frame: &mut Frame, call: &model::Call, outputs: &[model::Field]) -> Named {
        let name = frame.name(call, &self.lower.name(call.callee));
        let id = self.id(&name);
        frame.ids.insert(call.id, id.clone());
        if let [one] = outputs {
            frame.single.insert(call.id, one.name.clone());
        }
        Named { id, name }
    }

    pub(super) fn after(&self, frame: &Frame, call: &model::Call) -> Vec<String> {
        let ids = call.after.iter().filter_map(|id| frame.ids.get(id).cloned());
        ids.collect()
    }

    pub(super) fn span(&self, decl: DeclId) -> Span {
        self.lower.model.span(decl)
    }
}
