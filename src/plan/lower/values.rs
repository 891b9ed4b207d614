//! Constants as JSON, forms with their arguments.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::Lower;
use crate::check::eval::{Evaluator, property};
use crate::encode;
use crate::model::{Expr, FormValue, Value};
use crate::plan::{Form, Type};
use crate::resolve::DeclId;

impl Lower<'_> {
    /// A constant as JSON; a reference is an object that names what it is to.
    pub(super) fn json(&self, value: &Value) -> Json {
        match value {
            Value::Reference(decl) => {
                let keyword = self.model.names.decl(*decl).item.kind.keyword();
                json!({ keyword: self.model.name(*decl) })
            }
            Value::Form(form) => {
                let form = self.form(form);
                json!({ "form": form.form, "arguments": form.arguments })
            }
            Value::List(items) => Json::Array(items.iter().map(|item| self.json(item)).collect()),
            Value::Record(fields) => {
                Json::Object(fields.iter().map(|(name, value)| (name.clone(), self.json(value))).collect())
            }
            Value::Condition(condition) => {
                let text = self.model.sources.text(condition.span);
                json!(text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            other => encode::json(other).unwrap_or(Json::Null),
        }
    }

    /// A constant as JSON of a type: a whole number is `1.0` where a float is wanted.
    pub(super) fn json_as(&self, value: &Value, ty: &Type) -> Json {
        self.fit(self.json(value), ty)
    }

    fn fit(&self, value: Json, ty: &Type) -> Json {
        match (ty.required(), value) {
            (Type::Float | Type::Percent | Type::Duration, Json::Number(number)) => {
                number.as_f64().map_or(Json::Null, |number| json!(number))
            }
            (Type::List { of }, Json::Array(items)) => {
                Json::Array(items.into_iter().map(|item| self.fit(item, of)).collect())
            }
            (Type::Map { of }, Json::Object(fields)) => {
                Json::Object(fields.into_iter().map(|(name, value)| (name, self.fit(value, of))).collect())
            }
            (Type::Struct { fields: known, .. }, Json::Object(fields)) => {
                let fit = |name: &str, value: Json| match known.iter().find(|field| field.name == name) {
                    Some(field) => self.fit(value, &field.ty),
                    None => value,
                };
                let fields = fields.into_iter().map(|(name, value)| {
                    let value = fit(&name, value);
                    (name, value)
                });
                Json::Object(fields.collect())
            }
            (_, value) => value,
        }
    }

    pub(super) fn form(&self, value: &FormValue) -> Form {
        let form = self.model.forms.get(&value.form);
        let arguments = value.arguments.iter().map(|(name, value)| {
            let parameter = form.and_then(|form| form.parameters.iter().find(|parameter| parameter.name == *name));
            let json = match parameter {
                Some(parameter) => self.json_as(value, &self.ty(&parameter.ty)),
                None => self.json(value),
            };
            (name.clone(), json)
        });
        let properties = form.into_iter().flat_map(|form| form.properties.keys());
        Form {
            form: value.name.clone(),
            arguments: arguments.collect(),
            properties: properties.map(|name| (name.clone(), self.json(&property(self.model, value, name)))).collect(),
            span: value.span,
        }
    }

    /// The form's value of a field; what is none is none.
    pub(super) fn form_of(&self, value: Option<&Value>) -> Option<Form> {
        value.and_then(Value::as_form).map(|form| self.form(form))
    }

    /// A constant in an environment.
    pub(super) fn value_in(&self, place: DeclId, expr: &Expr) -> Value {
        Evaluator::new(self.model).in_environment(place).evaluate(expr).unwrap_or_default()
    }

    /// A map of texts.
    pub(super) fn texts(&self, value: &Value) -> IndexMap<String, String> {
        match value {
            Value::Record(fields) => {
                fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_text()?.to_owned()))).collect()
            }
            _ => IndexMap::new(),
        }
    }
}
