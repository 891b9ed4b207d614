//! What values are, beyond what a specification says: of a `LIST` its items, of a `STRUCT` its fields.
//!
//! In: flows and the catalog. Out: a type for every input, output and item, found by following values from where they are made to where
//! they are taken. It refuses to know text.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::catalog::{Callee, Catalog};
use super::flow::{Cel, Flow, Items, Kind, NodeId, Sign, Step, Value};
use crate::emit::kubeflow::model::*;

/// A type's place in the table.
pub(super) type Ty = usize;

/// What a type is.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// The same as another.
    Is(Ty),
    Unknown,
    Bool,
    Int,
    Float,
    Text,
    /// A number without a fraction, which may be either.
    Number,
    /// Anything.
    Json,
    List(Ty),
    /// One that may be absent.
    Optional(Ty),
    Record(Record),
    Status,
    Config,
}

/// A `STRUCT`.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) fields: IndexMap<String, Ty>,
    /// Whether a field is taken of it by its name.
    pub(super) taken: bool,
}

/// A place that has a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Port {
    Input(Callee, String),
    Output(Callee, String),
    /// Of a flow's loop.
    Item(usize, NodeId),
    /// What a block gives.
    Yield(usize, NodeId, String),
}

/// Every type.
#[derive(Debug, Default)]
pub(super) struct Types {
    slots: Vec<Slot>,
    /// Which of them a specification says by itself.
    fixed: Vec<bool>,
    ports: BTreeMap<Port, Ty>,
}

/// Finds the types of everything.
pub(super) fn types(flows: &[Flow], catalog: &Catalog) -> Types {
    let mut types = Types::default();
    for (id, step) in catalog.steps.iter().enumerate() {
        types.interface(Callee::Step(id), step.interface);
    }
    for (id, pipeline) in catalog.pipelines.iter().enumerate() {
        types.interface(Callee::Pipeline(id), flows[pipeline.flow].interface);
    }
    for (id, pipeline) in catalog.pipelines.iter().enumerate() {
        types.flow(pipeline.flow, Callee::Pipeline(id), &flows[pipeline.flow], catalog);
    }
    types
}

impl Types {
    fn new_slot(&mut self, slot: Slot) -> Ty {
        self.slots.push(slot);
        self.fixed.push(false);
        self.slots.len() - 1
    }

    /// Makes a type another.
    fn is(&mut self, one: Ty, other: Ty) {
        self.slots[one] = Slot::Is(other);
        self.fixed[other] |= self.fixed[one];
    }

    /// The type that a type is.
    pub(super) fn find(&self, mut ty: Ty) -> Ty {
        while let Slot::Is(other) = self.slots[ty] {
            ty = other;
        }
        ty
    }

    /// What a type is.
    pub(super) fn slot(&self, ty: Ty) -> &Slot {
        &self.slots[self.find(ty)]
    }

    /// The type of a place.
    pub(super) fn port(&self, port: &Port) -> Option<Ty> {
        self.ports.get(port).copied()
    }

    fn declared(&mut self, kind: ParameterType) -> Ty {
        let slot = match kind {
            ParameterType::Boolean => Slot::Bool,
            ParameterType::NumberInteger => Slot::Int,
            ParameterType::NumberDouble => Slot::Float,
            ParameterType::String => Slot::Text,
            ParameterType::List => {
                let item = self.new_slot(Slot::Unknown);
                Slot::List(item)
            }
            ParameterType::Struct => Slot::Record(Record::default()),
            ParameterType::TaskFinalStatus => Slot::Status,
            ParameterType::TaskConfig => Slot::Config,
            ParameterType::Unspecified => Slot::Json,
        };
        let ty = self.new_slot(slot);
        self.fixed[ty] = true;
        ty
    }

    fn interface(&mut self, callee: Callee, component: &ComponentSpec) {
        for (name, one) in &component.input_definitions.parameters {
            let ty = self.declared(one.parameter_type);
            if let Some(default) = &one.default_value {
                self.absorb(ty, default);
            }
            self.ports.insert(Port::Input(callee, name.clone()), ty);
        }
        for (name, one) in &component.output_definitions.parameters {
            let ty = self.declared(one.parameter_type);
            self.ports.insert(Port::Output(callee, name.clone()), ty);
        }
    }

    fn flow(&mut self, at: usize, own: Callee, flow: &Flow, catalog: &Catalog) {
        for (id, node) in flow.nodes.iter().enumerate() {
            let Kind::For { items, .. } = &node.kind else { continue };
            let item = self.item(at, id, flow);
            let list = self.new_slot(Slot::List(item));
            match items {
                Items::Constant(constant) => self.absorb(list, constant),
                Items::Of(value) => self.meet(list, value, at, own, flow, catalog),
            }
        }
        for node in &flow.nodes {
            match &node.kind {
                Kind::Call(call) => {
                    let Some(callee) = catalog.callee(call) else { continue };
                    for (name, value) in &call.inputs {
                        let Some(ty) = self.port(&Port::Input(callee, (*name).to_owned())) else { continue };
                        match (callee, value) {
                            (Callee::Pipeline(_), _) | (_, Value::Constant(_)) => {
                                self.meet(ty, value, at, own, flow, catalog)
                            }
                            (Callee::Step(_), _) => {
                                if let Some(given) = self.of(value, at, own, flow, catalog) {
                                    self.give(ty, given);
                                }
                            }
                        }
                    }
                }
                Kind::If { condition, .. } | Kind::Arm { condition: Some(condition), .. } => {
                    self.condition(condition, at, own, flow, catalog);
                }
                _ => {}
            }
        }
        for (name, value) in &flow.outputs {
            let Some(ty) = self.port(&Port::Output(own, (*name).to_owned())) else { continue };
            if self.is_collected(at, own, flow, catalog, name, value) {
                if let (Slot::List(item), Some(given)) = (self.slot(ty).clone(), self.of(value, at, own, flow, catalog))
                {
                    self.unify(item, given);
                }
            } else {
                self.meet(ty, value, at, own, flow, catalog);
            }
        }
    }

    /// Whether an output is declared a list, and given one value: the SDK's `Collected` outside of a loop.
    pub(super) fn is_collected(
        &mut self,
        at: usize,
        own: Callee,
        flow: &Flow,
        catalog: &Catalog,
        name: &str,
        value: &Value,
    ) -> bool {
        let wanted = self.port(&Port::Output(own, name.to_owned()));
        let listed = wanted.is_some_and(|ty| matches!(self.slot(ty), Slot::List(_)));
        let given = self.of(value, at, own, flow, catalog).map(|ty| self.slot(ty).clone());
        listed && given.is_some_and(|slot| !matches!(slot, Slot::List(_) | Slot::Unknown | Slot::Json))
    }

    fn item(&mut self, at: usize, id: NodeId, _flow: &Flow) -> Ty {
        if let Some(ty) = self.port(&Port::Item(at, id)) {
            return ty;
        }
        let ty = self.new_slot(Slot::Unknown);
        self.ports.insert(Port::Item(at, id), ty);
        ty
    }

    /// A value is taken where something of this type is wanted.
    fn meet(&mut self, wanted: Ty, value: &Value, at: usize, own: Callee, flow: &Flow, catalog: &Catalog) {
        if let Value::Constant(constant) = value {
            return self.absorb(wanted, constant);
        }
        if let Some(ty) = self.of(value, at, own, flow, catalog) {
            self.unify(wanted, ty);
        }
    }

    /// The type of a value of a flow; none: an artifact.
    pub(super) fn of(&mut self, value: &Value, at: usize, own: Callee, flow: &Flow, catalog: &Catalog) -> Option<Ty> {
        match value {
            Value::Constant(constant) => {
                let ty = self.new_slot(Slot::Unknown);
                self.absorb(ty, constant);
                Some(ty)
            }
            Value::Input(name) => self.port(&Port::Input(own, (*name).to_owned())),
            Value::Item(id) => Some(self.item(at, *id, flow)),
            Value::Status(_) => Some(self.new_slot(Slot::Status)),
            Value::Select { of, path } => {
                let mut ty = self.of(of, at, own, flow, catalog)?;
                for step in path {
                    ty = self.part(ty, step);
                }
                Some(ty)
            }
            Value::Output { node, key } => match &flow.nodes[*node].kind {
                Kind::Call(call) => self.port(&Port::Output(catalog.callee(call)?, (*key).to_owned())),
                kind => {
                    let port = Port::Yield(at, *node, (*key).to_owned());
                    if let Some(ty) = self.port(&port) {
                        return Some(ty);
                    }
                    let sources = flow.nodes[*node].yields.get(key)?;
                    let mut found = None;
                    for source in sources {
                        let ty = self.of(source, at, own, flow, catalog)?;
                        match found {
                            None => found = Some(ty),
                            Some(first) => self.unify(first, ty),
                        }
                    }
                    let inner = found?;
                    let ty = match kind {
                        Kind::For { .. } => self.new_slot(Slot::List(inner)),
                        Kind::If { .. } => self.new_slot(Slot::Optional(inner)),
                        Kind::Branches { arms } if !ends_in_else(flow, arms) => self.new_slot(Slot::Optional(inner)),
                        _ => inner,
                    };
                    self.ports.insert(port, ty);
                    Some(ty)
                }
            },
        }
    }

    fn part(&mut self, of: Ty, step: &Step) -> Ty {
        let of = self.find(of);
        match (self.slots[of].clone(), step) {
            (Slot::List(item), Step::Index(_)) => item,
            (Slot::Unknown, Step::Index(_)) => {
                let item = self.new_slot(Slot::Unknown);
                self.slots[of] = Slot::List(item);
                item
            }
            (Slot::Record(_) | Slot::Unknown, Step::Key(key)) => {
                let ty = self.field(of, key);
                if let Slot::Record(record) = &mut self.slots[of] {
                    record.taken = true;
                }
                ty
            }
            _ => self.new_slot(Slot::Json),
        }
    }

    fn field(&mut self, of: Ty, key: &str) -> Ty {
        let of = self.find(of);
        if matches!(self.slots[of], Slot::Unknown) {
            self.slots[of] = Slot::Record(Record::default());
        }
        let fresh = self.new_slot(Slot::Unknown);
        match &mut self.slots[of] {
            Slot::Record(record) => *record.fields.entry(key.to_owned()).or_insert(fresh),
            _ => fresh,
        }
    }

    /// A constant is given for something of this type.
    pub(super) fn absorb(&mut self, ty: Ty, constant: &Json) {
        let ty = self.find(ty);
        match (self.slots[ty].clone(), constant) {
            (Slot::Unknown | Slot::List(_), Json::Array(items)) => {
                let item = match self.slots[ty] {
                    Slot::List(item) => item,
                    _ => {
                        let item = self.new_slot(Slot::Unknown);
                        self.slots[ty] = Slot::List(item);
                        item
                    }
                };
                items.iter().for_each(|one| self.absorb(item, one));
            }
            (Slot::Unknown | Slot::Record(_), Json::Object(entries)) => {
                if matches!(self.slots[ty], Slot::Unknown) {
                    self.slots[ty] = Slot::Record(Record::default());
                }
                for (key, one) in entries {
                    let field = self.field(ty, key);
                    self.absorb(field, one);
                }
            }
            (Slot::Unknown, Json::Bool(_)) => self.slots[ty] = Slot::Bool,
            (Slot::Unknown, Json::String(_)) => self.slots[ty] = Slot::Text,
            (Slot::Unknown, Json::Number(number)) => {
                let whole = number.as_f64().is_some_and(|number| number.fract() == 0.0);
                self.slots[ty] = if whole { Slot::Number } else { Slot::Float };
            }
            (Slot::Number, Json::Number(number)) if number.as_f64().is_some_and(|number| number.fract() != 0.0) => {
                self.slots[ty] = Slot::Float;
            }
            (Slot::Bool, Json::Bool(_)) | (Slot::Text, Json::String(_)) => {}
            (Slot::Int | Slot::Float | Slot::Number, Json::Number(_)) => {}
            (Slot::Unknown | Slot::Json | Slot::Status | Slot::Config | Slot::Is(_), _) => {}
            // What an interface declares stays as it is; an item or a field may be of several kinds.
            (Slot::Number | Slot::Bool | Slot::Text | Slot::Float, _) if !self.fixed[ty] => self.slots[ty] = Slot::Json,
            _ => {}
        }
    }

    /// Two places hold the same.
    fn unify(&mut self, one: Ty, other: Ty) {
        let (one, other) = (self.find(one), self.find(other));
        if one == other {
            return;
        }
        match (self.slots[one].clone(), self.slots[other].clone()) {
            (Slot::Unknown, _) => self.is(one, other),
            (_, Slot::Unknown) => self.is(other, one),
            (Slot::Number, Slot::Int | Slot::Float | Slot::Number) => self.is(one, other),
            (Slot::Int | Slot::Float, Slot::Number) => self.is(other, one),
            (Slot::List(first), Slot::List(second)) | (Slot::Optional(first), Slot::Optional(second)) => {
                self.is(one, other);
                self.unify(first, second);
            }
            (Slot::Record(first), Slot::Record(second)) => {
                self.is(one, other);
                let mut both = second;
                both.taken |= first.taken;
                let mut pairs = Vec::new();
                for (name, ty) in first.fields {
                    match both.fields.get(&name) {
                        Some(known) => pairs.push((ty, *known)),
                        None => {
                            both.fields.insert(name, ty);
                        }
                    }
                }
                self.slots[other] = Slot::Record(both);
                pairs.into_iter().for_each(|(first, second)| self.unify(first, second));
            }
            _ => {}
        }
    }

    /// A value is given to a step, which takes what all of its calls give: where they differ, anything.
    fn give(&mut self, wanted: Ty, given: Ty) {
        let (wanted, given) = (self.find(wanted), self.find(given));
        if wanted == given {
            return;
        }
        match (self.slots[wanted].clone(), self.slots[given].clone()) {
            (_, Slot::Unknown | Slot::Number) => self.unify(wanted, given),
            (Slot::Unknown, _) => self.slots[wanted] = self.copy(given),
            (Slot::Number, Slot::Int | Slot::Float) => self.slots[wanted] = self.slots[given].clone(),
            (Slot::List(one), Slot::List(other)) | (Slot::Optional(one), Slot::Optional(other)) => {
                self.give(one, other)
            }
            (Slot::Optional(one), _) => self.give(one, given),
            (Slot::Float, Slot::Int) | (Slot::Json, _) => {}
            (
                Slot::Bool | Slot::Int | Slot::Float | Slot::Text | Slot::Number | Slot::List(_) | Slot::Record(_),
                other,
            ) if !self.fixed[wanted]
                && std::mem::discriminant(&self.slots[wanted]) != std::mem::discriminant(&other) =>
            {
                self.slots[wanted] = Slot::Json;
            }
            _ => {}
        }
    }

    /// The same once more, apart from the first; of a struct only that it is one.
    fn copy(&mut self, of: Ty) -> Slot {
        let of = self.find(of);
        match self.slots[of].clone() {
            Slot::List(item) => {
                let inner = self.copy(item);
                Slot::List(self.new_slot(inner))
            }
            Slot::Optional(inner) => {
                let inner = self.copy(inner);
                Slot::Optional(self.new_slot(inner))
            }
            Slot::Record(_) => Slot::Record(Record::default()),
            Slot::Unknown => Slot::Is(of),
            other => other,
        }
    }

    /// Says what an item is where nothing else does.
    pub(super) fn hint(&mut self, ty: Ty, slot: Slot) {
        let ty = self.find(ty);
        if matches!(self.slots[ty], Slot::Unknown) {
            self.slots[ty] = slot;
        }
    }

    fn condition(&mut self, cel: &Cel, at: usize, own: Callee, flow: &Flow, catalog: &Catalog) {
        let both = |types: &mut Self, left: &Cel, right: &Cel| {
            types.condition(left, at, own, flow, catalog);
            types.condition(right, at, own, flow, catalog);
        };
        match cel {
            Cel::Binary(Sign::And | Sign::Or | Sign::Add, left, right) => both(self, left, right),
            Cel::Binary(_, left, right) => {
                both(self, left, right);
                for (side, against) in [(left, right), (right, left)] {
                    let Cel::Value(value) = &**side else { continue };
                    let Some(ty) = self.of(value, at, own, flow, catalog) else { continue };
                    match &**against {
                        Cel::Text(_) => self.hint(ty, Slot::Text),
                        Cel::Bool(_) => self.hint(ty, Slot::Bool),
                        Cel::Number(_) | Cel::Double(_) => self.hint(ty, Slot::Float),
                        _ => {}
                    }
                }
            }
            Cel::Int(inner) => {
                if let Cel::Value(value) = &**inner
                    && let Some(ty) = self.of(value, at, own, flow, catalog)
                {
                    self.hint(ty, Slot::Int);
                }
            }
            Cel::Not(inner) | Cel::Group(inner) | Cel::Size(inner) | Cel::Double(inner) | Cel::Type(inner) => {
                self.condition(inner, at, own, flow, catalog)
            }
            Cel::Value(value) => {
                self.of(value, at, own, flow, catalog);
            }
            _ => {}
        }
    }
}

/// Whether one of the arms runs in any case.
fn ends_in_else(flow: &Flow, arms: &[NodeId]) -> bool {
    arms.last().is_some_and(|last| matches!(flow.nodes[*last].kind, Kind::Arm { condition: None, .. }))
}
