//! The words of a command: what is constant is written out, what is not names what it is of.

use indexmap::IndexMap;

use super::expr::Frame;
use super::pipeline::Flow;
use crate::model::{self, ExprKind, Place, RecordPart, Value};
use crate::plan::{Word, WordPart, Words};

impl Flow<'_> {
    /// A word, as its parts.
    pub(super) fn word(&self, word: &model::Expr) -> Word {
        let parts = match &word.kind {
            ExprKind::Text(parts) => parts.iter().map(|part| self.word_part(part)).collect(),
            _ => vec![self.word_part(word)],
        };
        Word { parts, span: word.span }
    }

    fn word_part(&self, part: &model::Expr) -> WordPart {
        match &part.kind {
            ExprKind::Place(place, name) => place_of(*place, name.clone(), None, part.ty.is_artifact()),
            ExprKind::Index(of, key) => match &of.kind {
                ExprKind::Place(place, name) => {
                    let key = self.lower.value_in(self.place, key).as_text().map(str::to_owned);
                    place_of(*place, name.clone(), key, true)
                }
                _ => self.constant_part(part),
            },
            ExprKind::Context(name, sign) => WordPart::Context { name: name.clone(), sign: sign.clone() },
            ExprKind::Form(form, given) => self.word_form(&self.lower.name(*form), given),
            _ => self.constant_part(part),
        }
    }

    /// A step's environment variables, those of the call laid over them.
    pub(super) fn env(&self, frame: &Frame, step: &model::Step, call: &model::Call) -> IndexMap<String, Word> {
        let mut env = IndexMap::new();
        if let Some(own) = step.fields.get("env") {
            env.extend(self.entries(own, &|value| self.word(value)));
        }
        if let Some(called) = call.with.get("env") {
            env.extend(self.entries(called, &|value| self.word_of_call(frame, value)));
        }
        env
    }

    fn entries(&self, record: &model::Expr, word: &dyn Fn(&model::Expr) -> Word) -> Vec<(String, Word)> {
        match &record.kind {
            ExprKind::Record(parts) if !parts.iter().any(|part| matches!(part, RecordPart::Spread(_))) => {
                let field = |part: &RecordPart| match part {
                    RecordPart::Field(name, value) => Some((name.clone(), word(value))),
                    RecordPart::Spread(_) | RecordPart::Keyed(..) => None,
                };
                parts.iter().filter_map(field).collect()
            }
            _ => {
                let texts = self.lower.texts(&self.lower.value_in(self.place, record));
                let constant = |text: String| Word { parts: vec![WordPart::Text { text }], span: record.span };
                texts.into_iter().map(|(name, text)| (name, constant(text))).collect()
            }
        }
    }

    /// The image of a call, where it is a value of the run.
    pub(super) fn image_of_run(&self, frame: &Frame, image: &model::Expr) -> Option<Word> {
        image.run_time_part().is_some().then(|| self.word_of_call(frame, image))
    }

    /// A word of values of the pipeline around.
    fn word_of_call(&self, frame: &Frame, word: &model::Expr) -> Word {
        let part = |part: &model::Expr| match &part.kind {
            ExprKind::Context(name, sign) => WordPart::Context { name: name.clone(), sign: sign.clone() },
            _ if part.run_time_part().is_some() => WordPart::Value { value: self.expr(frame, part) },
            _ => self.constant_part(part),
        };
        let parts = match &word.kind {
            ExprKind::Text(parts) => parts.iter().map(part).collect(),
            _ => vec![part(word)],
        };
        Word { parts, span: word.span }
    }

    fn constant_part(&self, part: &model::Expr) -> WordPart {
        let value = self.lower.value_in(self.place, part);
        WordPart::Text { text: crate::check::show(&value).unwrap_or_default() }
    }

    /// `concat(…)`, `if_present(…)`
    fn word_form(&self, form: &str, given: &[(String, model::Expr)]) -> WordPart {
        let argument = |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        if form == "concat" {
            let words = argument("parts").map(|parts| self.words(parts).all().to_vec()).unwrap_or_default();
            return WordPart::Concat { words };
        }
        let input = match argument("input").map(|input| &input.kind) {
            Some(ExprKind::Place(_, name)) => name.clone(),
            _ => String::new(),
        };
        let words = |name: &str| argument(name).filter(|words| !is_none(words)).map(|words| self.words(words));
        let then = words("then").unwrap_or(Words::Many(Vec::new()));
        WordPart::IfPresent { input, then, otherwise: words("otherwise") }
    }

    fn words(&self, words: &model::Expr) -> Words {
        match &words.kind {
            ExprKind::List(words) => Words::Many(words.iter().map(|word| self.word(word)).collect()),
            _ => Words::One(self.word(words)),
        }
    }
}

fn is_none(expr: &model::Expr) -> bool {
    matches!(expr.kind, ExprKind::Value(Value::None))
}

fn place_of(place: Place, name: String, key: Option<String>, artifact: bool) -> WordPart {
    match place {
        Place::Input if artifact => WordPart::InputArtifact { name },
        Place::Input => WordPart::Input { name },
        Place::InputPath => WordPart::InputPath { name },
        Place::InputUri => WordPart::InputUri { name },
        Place::InputMetadata => WordPart::InputMetadata { name, key },
        Place::Output => WordPart::OutputArtifact { name },
        Place::OutputPath => WordPart::OutputPath { name },
        Place::OutputUri => WordPart::OutputUri { name },
        Place::OutputMetadata => WordPart::OutputMetadata { name, key },
        Place::Variable => WordPart::Variable { name },
        Place::Verbatim => WordPart::Verbatim { text: name },
    }
}
