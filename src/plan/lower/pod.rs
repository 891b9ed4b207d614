//! What a task may use and the pod that it runs in: the step's profile, and what the call lays over it.

use indexmap::IndexMap;

use super::Lower;
use super::expr::{Context, Frame};
use crate::model::{self, ExprKind as Of, FormValue, RecordPart, Value};
use crate::plan::{
    Expr, InitContainer, KeepRuns, MatchOperator, NodeMatch, NodeRule, Pod, PodVariable, Resources, Security,
    Toleration, Type, VariableSource, Volume, VolumeKind,
};
use crate::resolve::DeclId;
use crate::source::Span;

/// Amounts that may be values of the run.
const AMOUNTS: &[&str] = &["cpu", "cpu_request", "memory", "memory_request", "gpu", "accelerator"];

/// What a form was given: constants, and values of the run.
struct Made {
    form: String,
    constants: IndexMap<String, Value>,
    run_time: IndexMap<String, Expr>,
    span: Span,
}

impl Made {
    fn of(form: &FormValue) -> Self {
        let (form, constants, span) = (form.name.clone(), form.arguments.clone(), form.span);
        Made { form, constants, run_time: IndexMap::new(), span }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.constants.get(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.value(name).and_then(Value::as_text).map(str::to_owned)
    }

    fn name(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn size(&self, name: &str) -> Option<i64> {
        size(self.value(name))
    }

    fn list(&self, name: &str) -> Vec<String> {
        let items = self.value(name).and_then(Value::as_list).unwrap_or_default();
        items.iter().filter_map(|item| item.as_text().map(str::to_owned)).collect()
    }
}

fn size(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Size(bytes)) => Some(*bytes),
        _ => None,
    }
}

/// What a call knows only at run time, and where its values are looked up.
pub(super) struct Laid<'a> {
    pub(super) parts: &'a [RecordPart],
    pub(super) place: DeclId,
    pub(super) frame: &'a Frame,
}

impl Laid<'_> {
    /// The part of that name, where something in it is known only at run time.
    fn part(&self, name: &str) -> Option<&model::Expr> {
        self.parts.iter().find_map(|part| match part {
            RecordPart::Field(field, value) if field == name && value.run_time_part().is_some() => Some(value),
            _ => None,
        })
    }
}

impl Lower<'_> {
    /// What a task may use.
    pub(super) fn resources(&self, compute: &Value, laid: Option<&Laid<'_>>, span: Span) -> Resources {
        let number = |name: &str| compute.field(name).and_then(Value::as_float);
        let whole = |name: &str| compute.field(name).and_then(Value::as_int);
        let accelerator = compute.field("accelerator").and_then(Value::as_text).unwrap_or("nvidia.com/gpu");
        let run_time = laid.map(|laid| {
            let amount = |name: &&str| Some(((*name).to_owned(), self.of_run(laid, laid.part(name)?)));
            AMOUNTS.iter().filter_map(amount).collect()
        });
        let pod = self.pod(compute, laid);
        Resources {
            cpu: number("cpu"),
            cpu_request: number("cpu_request"),
            memory: size(compute.field("memory")),
            memory_request: size(compute.field("memory_request")),
            gpu: number("gpu").map_or(0, |count| count as u32),
            accelerator: Some(accelerator.to_owned()),
            node_selector: compute.field("node_selector").map(|value| self.texts(value)).unwrap_or_default(),
            run_time: run_time.unwrap_or_default(),
            pod: (pod != Pod::default()).then(|| Box::new(pod)),
            pool: compute.field("pool").and_then(Value::as_text).map(str::to_owned),
            pool_slots: whole("pool_slots").and_then(|slots| u32::try_from(slots).ok()),
            priority: whole("priority").and_then(|priority| i32::try_from(priority).ok()),
            span,
        }
    }

    fn of_run(&self, laid: &Laid<'_>, expr: &model::Expr) -> Expr {
        Context { lower: self, place: Some(laid.place), frame: Some(laid.frame) }.expr(expr)
    }

    fn pod(&self, compute: &Value, laid: Option<&Laid<'_>>) -> Pod {
        let field = |name: &str| compute.field(name).filter(|value| !matches!(value, Value::None | Value::Unknown));
        let texts = |name: &str| field(name).map(|value| self.texts(value)).unwrap_or_default();
        let made = |name: &str| self.made(field(name), laid.and_then(|laid| Some((laid, laid.part(name)?))));
        let run_time = |name: &str| laid.and_then(|laid| Some(self.of_run(laid, laid.part(name)?)));
        let selector = || field("node_selector_json").map(|value| Expr::literal(Type::Json, self.json(value)));
        Pod {
            node_selector: run_time("node_selector").or_else(|| run_time("node_selector_json")).or_else(selector),
            node_affinity: made("node_affinity").iter().map(|made| self.node_rule(made)).collect(),
            tolerations: made("tolerations").iter().map(|made| self.toleration(made)).collect(),
            labels: texts("labels"),
            annotations: texts("annotations"),
            pull_secrets: self.pull_secrets(field("pull_secrets"), laid),
            pull_policy: field("pull_policy").and_then(Value::as_text).map(str::to_owned),
            security: field("security").map(|value| Security {
                user: value.field("user").and_then(Value::as_int),
                group: value.field("group").and_then(Value::as_int),
                non_root: value.field("non_root").and_then(Value::as_bool),
            }),
            volumes: made("volumes").iter().filter_map(|made| self.volume(made)).collect(),
            variables: made("variables").iter().filter_map(|made| self.variable(made)).collect(),
            init: made("init").iter().map(|made| self.init_container(made)).collect(),
        }
    }

    /// The forms of a list: of the profile, or of the call where it holds values of the run.
    fn made(&self, value: Option<&Value>, laid: Option<(&Laid<'_>, &model::Expr)>) -> Vec<Made> {
        let forms = |value: &Value| {
            let items = value.as_list().unwrap_or_default();
            items.iter().filter_map(Value::as_form).map(Made::of).collect::<Vec<_>>()
        };
        let Some((laid, expr)) = laid else { return value.map(forms).unwrap_or_default() };
        let Of::List(items) = &expr.kind else { return Vec::new() };
        let made = items.iter().filter_map(|item| match &item.kind {
            Of::Form(decl, arguments) => {
                let mut made = Made {
                    form: self.name(*decl),
                    constants: IndexMap::new(),
                    run_time: IndexMap::new(),
                    span: item.span,
                };
                for (name, argument) in arguments {
                    match argument.run_time_part() {
                        Some(_) => made.run_time.insert(name.clone(), self.of_run(laid, argument)).map(drop),
                        None => made.constants.insert(name.clone(), self.value_in(laid.place, argument)).map(drop),
                    };
                }
                Some(made)
            }
            _ => self.value_in(laid.place, item).as_form().map(Made::of),
        });
        made.collect()
    }

    fn pull_secrets(&self, value: Option<&Value>, laid: Option<&Laid<'_>>) -> Vec<Expr> {
        if let Some((laid, Of::List(items))) = laid.and_then(|laid| Some((laid, &laid.part("pull_secrets")?.kind))) {
            return items.iter().map(|item| self.of_run(laid, item)).collect();
        }
        let items = value.and_then(Value::as_list).unwrap_or_default();
        items.iter().filter_map(Value::as_text).map(|name| Expr::literal(Type::String, name.into())).collect()
    }

    /// An argument that may be a value of the run.
    fn argument(&self, made: &Made, name: &str, ty: Type) -> Expr {
        let constant = || made.value(name).map(|value| self.json_as(value, &ty)).unwrap_or_default();
        made.run_time.get(name).cloned().unwrap_or_else(|| Expr::literal(ty.clone(), constant()))
    }

    fn texts_of(&self, made: &Made, name: &str) -> IndexMap<String, String> {
        made.value(name).map(|value| self.texts(value)).unwrap_or_default()
    }

    fn node_rule(&self, made: &Made) -> NodeRule {
        let span = made.span;
        if made.form == "affinity_json" {
            return NodeRule::Json { value: self.argument(made, "value", Type::Json), span };
        }
        let matches = |name: &str| {
            let items = made.value(name).and_then(Value::as_list).unwrap_or_default();
            items.iter().filter_map(Value::as_form).map(|form| node_match(&Made::of(form))).collect()
        };
        let weight = made.value("weight").and_then(Value::as_int).and_then(|weight| u32::try_from(weight).ok());
        NodeRule::Terms { labels: matches("labels"), fields: matches("fields"), weight, span }
    }

    fn toleration(&self, made: &Made) -> Toleration {
        let span = made.span;
        if made.form == "toleration_json" {
            return Toleration::Json { value: self.argument(made, "value", Type::Json), span };
        }
        Toleration::Taint {
            key: made.text("key"),
            operator: made.text("operator"),
            value: made.text("value"),
            effect: made.text("effect"),
            seconds: made.value("seconds").and_then(Value::as_int),
            span,
        }
    }

    fn volume(&self, made: &Made) -> Option<Volume> {
        let name = || self.argument(made, "name", Type::String);
        let of = match made.form.as_str() {
            "secret_files" => VolumeKind::Secret { name: name(), optional: made.flag("optional") },
            "config_files" => VolumeKind::Config { name: name(), optional: made.flag("optional") },
            "claim" => VolumeKind::Claim { name: name(), sub_path: made.text("sub_path") },
            "scratch" => VolumeKind::Scratch {
                name: made.name("name"),
                size: made.size("size").unwrap_or_default(),
                access_modes: made.list("access_modes"),
                storage_class: made.text("storage_class"),
                labels: self.texts_of(made, "labels"),
                annotations: self.texts_of(made, "annotations"),
            },
            "empty_dir" => {
                VolumeKind::EmptyDir { name: made.name("name"), medium: made.text("medium"), size: made.size("size") }
            }
            _ => return None,
        };
        Some(Volume { at: made.name("at"), of, span: made.span })
    }

    fn variable(&self, made: &Made) -> Option<PodVariable> {
        let (name, keys) = (|| self.argument(made, "name", Type::String), || self.texts_of(made, "keys"));
        let optional = made.flag("optional");
        let from = match made.form.as_str() {
            "secret_env" => VariableSource::Secret { name: name(), keys: keys(), optional },
            "config_env" => VariableSource::Config { name: name(), keys: keys(), optional },
            "field_env" => VariableSource::Field { variable: made.name("variable"), path: made.name("path") },
            _ => return None,
        };
        Some(PodVariable { from, span: made.span })
    }

    fn init_container(&self, made: &Made) -> InitContainer {
        InitContainer {
            name: made.name("name"),
            image: made.name("image"),
            command: made.list("command"),
            args: made.list("args"),
            env: self.texts_of(made, "env"),
            mounts: self.texts_of(made, "mounts"),
            sidecar: made.flag("sidecar"),
            limits: self.texts_of(made, "limits"),
            requests: self.texts_of(made, "requests"),
            span: made.span,
        }
    }

    /// How long runs are kept.
    pub(super) fn keep_runs(&self, place: DeclId) -> Option<KeepRuns> {
        let environment = &self.model.environments[&place];
        let value = environment.field("keep_runs").filter(|value| matches!(value, Value::Record(_)))?;
        let seconds = |name: &str| value.field(name).and_then(Value::as_seconds);
        let span = environment.said.get("keep_runs").copied().unwrap_or_default();
        Some(KeepRuns {
            completed: seconds("completed"),
            succeeded: seconds("succeeded"),
            failed: seconds("failed"),
            span,
        })
    }
}

fn node_match(made: &Made) -> NodeMatch {
    let number = || made.value("number").and_then(Value::as_int).map(|number| number.to_string());
    let (operator, values) = match made.form.as_str() {
        "label_in" => (MatchOperator::In, made.list("values")),
        "label_not_in" => (MatchOperator::NotIn, made.list("values")),
        "label_absent" => (MatchOperator::Absent, Vec::new()),
        "label_above" => (MatchOperator::Above, number().into_iter().collect()),
        "label_below" => (MatchOperator::Below, number().into_iter().collect()),
        _ => (MatchOperator::Exists, Vec::new()),
    };
    NodeMatch { key: made.name("key"), operator, values }
}
