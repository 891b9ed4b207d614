//! Writes random pipelines: well typed, with names that are used once, for whoever runs them.
//!
//! In: a seed, and for whom. Out: the text of a file that declares one pipeline and those that it calls.

mod blocks;

use super::kind::{Kind, STEPS};
use super::seed::Seed;

/// For which orchestrator a pipeline is written: what that one refuses is left out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Airflow,
    Kubeflow,
    /// This machine, which does everything.
    Here,
}

/// A pipeline that others may call.
#[derive(Clone)]
struct Callee {
    name: String,
    takes: Vec<(String, Kind, bool)>,
    gives: Vec<(String, Kind)>,
    /// Whether it is called once at most: in it stands a step that fails the first time.
    once: bool,
    /// Whether a loop stands in it.
    loops: bool,
}

/// Where a statement stands.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    in_loop: bool,
    in_arm: bool,
}

pub(super) struct Author {
    pub(super) seed: Seed,
    pub(super) audience: For,
    pub(super) name: String,
    pub(super) text: String,
    /// What a run is started with, beside the defaults.
    pub(super) settings: Vec<String>,
    names: usize,
    /// Statements that may still be written.
    left: usize,
    seen: Vec<(String, Kind)>,
    /// From where in `seen` values were made in the innermost block.
    own: usize,
    bound: Vec<String>,
    /// Of the pipeline that is written, the same as of a callee.
    once: bool,
    loops: bool,
    /// What Kubeflow lets nothing more run after, whatever becomes of it: all, once a gate holds back the rest.
    tolerated: Vec<String>,
    gated: bool,
    /// Whether it is one that others call.
    inner: bool,
    callees: Vec<Callee>,
}

impl Author {
    pub(super) fn new(seed: u64, audience: For, name: &str) -> Self {
        let (names, left, own) = (0, 0, 0);
        let (text, settings, seen, bound, once, loops, tolerated, gated, inner, callees) = Default::default();
        Self {
            seed: Seed(seed),
            audience,
            name: name.to_owned(),
            text,
            settings,
            names,
            left,
            seen,
            own,
            bound,
            once,
            loops,
            tolerated,
            gated,
            inner,
            callees,
        }
    }

    /// The whole file.
    pub(super) fn write(mut self) -> Self {
        for number in 0..1 + self.seed.below(2) {
            self.left = 3;
            self.pipeline(&format!("{}_inner{number}", self.name), true);
        }
        if self.audience != For::Airflow {
            let name = &self.name;
            self.text.push_str(&format!(
                "pipeline {name}_tail(status: RunStatus, n: int) {{\n  tell(status, n)\n  {name}_more = succ(value: n)\n  \
                 big(value: {name}_more)\n}}\n\n"
            ));
        }
        self.left = 4 + self.seed.below(6);
        self.pipeline(&self.name.clone(), false);
        self
    }

    fn pipeline(&mut self, name: &str, inner: bool) {
        self.seen.clear();
        self.bound.clear();
        self.own = 0;
        self.inner = inner;
        (self.once, self.loops, self.gated) = (false, false, false);
        let takes = self.parameters(inner);
        let head = std::mem::take(&mut self.text);
        self.statements(Place::default(), 2);
        let returned = self.returned(inner);
        let last = if inner { String::new() } else { self.finally() };
        let body = std::mem::replace(&mut self.text, head);
        let takes_text: Vec<String> = takes.iter().map(|(text, ..)| text.clone()).collect();
        let gives: Vec<String> = returned.iter().map(|(name, kind, _)| format!("{name}: {}", kind.word())).collect();
        let given: Vec<String> = returned.iter().map(|(name, _, value)| format!("{name}: {value}")).collect();
        let with = if !inner && self.audience == For::Kubeflow && self.seed.percent(15) {
            " with { display_name: \"At random\", workspace: { size: 1GiB } }"
        } else {
            ""
        };
        self.text.push_str(&format!(
            "pipeline {name}({}) -> ({}){with} {{\n{body}{last}  return ({})\n}}\n\n",
            takes_text.join(", "),
            gives.join(", "),
            given.join(", ")
        ));
        let takes = takes.into_iter().map(|(_, name, kind, optional)| (name, kind, optional)).collect();
        let gives = returned.into_iter().map(|(name, kind, _)| (name, kind)).collect();
        self.callees.push(Callee { name: name.to_owned(), takes, gives, once: self.once, loops: self.loops });
    }

    /// Each with its text, its name, its type and whether it may be left out.
    fn parameters(&mut self, inner: bool) -> Vec<(String, String, Kind, bool)> {
        use Kind::{Bool, Colour, Counts, File, Int, Ints, MaybeInt, MaybeText, Pair, Share, Text};
        let kinds = [Int, Ints, Text, Bool, Colour, Share, Pair, Counts, Ints, MaybeInt, MaybeText, File];
        let kinds = if inner { &kinds[..] } else { &kinds[..11] };
        let mut found = Vec::new();
        for _ in 0..1 + self.seed.below(3) {
            let (name, kind) = (self.fresh("p"), self.seed.one(kinds));
            let optional = kind != File && self.seed.percent(70);
            let default = if optional { format!(" = {}", self.constant(kind)) } else { String::new() };
            let refined = match kind {
                Ints if !inner => " where it.length <= 4",
                Text if !inner => r#" where it matches r"[a-z ]*""#,
                Int if !inner => " where it in 0..=9",
                _ => "",
            };
            found.push((format!("{name}: {}{refined}{default}", kind.word()), name.clone(), kind, optional));
            if !inner && (!optional || self.seed.percent(50)) && kind != MaybeInt && kind != MaybeText {
                let value =
                    self.constant(kind).replace("n: ", "\"n\": ").replace("s: ", "\"s\": ").replace("a: ", "\"a\": ");
                self.settings.push(format!("{name}={}", if kind == Text { value.trim_matches('"') } else { &value }));
            } else if !inner && !optional {
                self.settings.push(format!("{name}={}", if kind == MaybeInt { "4" } else { "four" }));
            }
            self.seen.push((name, kind));
        }
        found
    }

    /// One to three values of the whole pipeline.
    fn returned(&mut self, inner: bool) -> Vec<(String, Kind, String)> {
        if self.made().is_empty() {
            self.call(2, 0);
        }
        let made: Vec<_> =
            self.made().iter().filter(|(_, kind)| !inner || *kind != Kind::MaybeTexts).cloned().collect();
        let mut found = Vec::new();
        for _ in 0..(1 + self.seed.below(3)).min(made.len()) {
            let (value, kind) = made[self.seed.below(made.len())].clone();
            found.push((self.fresh("o"), kind, value));
        }
        if found.is_empty() {
            let name = self.fresh("v");
            self.line(2, &format!("{name} = succ(value: 1)"));
            found.push((self.fresh("o"), Kind::Int, name));
        }
        found
    }

    /// What calls have made in the block that is written.
    fn made(&self) -> &[(String, Kind)] {
        let start = self.seen[self.own..].iter().position(|(name, _)| !name.starts_with('p'));
        start.map_or(&[], |start| &self.seen[self.own + start..])
    }

    fn finally(&mut self) -> String {
        let n = self.of_parameters();
        match self.seed.below(6) {
            0 | 1 if self.audience != For::Airflow => {
                format!("  finally status {{\n    {}_tail(status, n: {n})\n  }}\n", self.name)
            }
            0..=3 => format!("  finally status {{\n    tell(status, n: {n})\n  }}\n"),
            _ => String::new(),
        }
    }

    /// A number that is known whatever happens.
    fn of_parameters(&mut self) -> String {
        let known = |(name, kind): &&(String, Kind)| name.starts_with('p') && *kind == Kind::Int;
        let known = self.seen.iter().find(known).map(|(name, _)| name.clone());
        known.filter(|_| self.seed.percent(50)).unwrap_or_else(|| self.seed.below(5).to_string())
    }

    fn statements(&mut self, place: Place, indent: usize) {
        for _ in 0..if place.depth == 0 { 20 } else { 1 + self.seed.below(3) } {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            self.statement(place, indent);
        }
    }

    fn statement(&mut self, place: Place, indent: usize) {
        let deep = place.depth >= 3;
        let (airflow, kubeflow) = (self.audience == For::Airflow, self.audience == For::Kubeflow);
        let drawn = self.seed.below(28);
        // Few statements stand in loops, so what is rare there is drawn more often.
        let drawn = if place.in_loop && self.seed.percent(30) {
            self.seed.one(&[if airflow { 18 } else { 11 }, 16, 18])
        } else {
            drawn
        };
        match drawn {
            10 | 11 if !deep => self.branch(place, indent, false, false),
            12 | 13 if !deep => self.branch(place, indent, true, true),
            14 if !deep && !airflow => self.branch(place, indent, true, false),
            15..=17 if !(deep || airflow && place.in_loop) => self.turns(place, indent),
            18 | 19 | 26 | 27 => self.group(place, indent, None),
            20 => {
                self.gated = true;
                let condition = self.gate();
                self.line(indent, &format!("require {condition}"));
            }
            21 if !deep && !airflow => self.tried(place, indent),
            22 if !deep => self.narrowed(indent),
            23..=25 if !(airflow && (place.in_arm || self.inner)) && !(kubeflow && place.depth > 0) => {
                self.tolerant(place, indent)
            }
            9 if !airflow => {
                let (name, text) = (self.fresh("v"), self.plain(Kind::Text));
                let key = if text.starts_with('"') { "key".to_owned() } else { format!("\"key \\({text})\"") };
                match self.seed.percent(50) {
                    true => self.line(indent, &format!("{name} = known()")),
                    false => self.line(indent, &format!("{name} = label(counts: {{ {key}: 1, a: 2 }})")),
                }
                self.seen.push((name, Kind::File));
            }
            8 if !place.in_loop => {
                self.once = true;
                let (name, key) = (self.fresh("v"), self.fresh("k"));
                let value = self.value(Kind::Int, 0);
                let with = if self.seed.below(3) == 0 { " with { retry: { times: 1, backoff: 0s } }" } else { "" };
                self.line(indent, &format!("{name} = flaky(key: \"{key}\", value: {value}){with}"));
                self.seen.push((name, Kind::Int));
            }
            _ => self.call(indent, 40),
        }
    }

    /// A call of a step, with `with` so often.
    fn call(&mut self, indent: usize, with: usize) {
        let step = &STEPS[self.seed.below(STEPS.len())];
        let may_be_absent = step.gives.iter().any(|(_, kind)| kind.there().is_some());
        if may_be_absent && self.audience == For::Kubeflow {
            return self.call(indent, with);
        }
        let name = self.fresh("v");
        let mut arguments = Vec::new();
        for (input, kind) in step.takes {
            let value = match step.name {
                // No runner puts together what a program is given.
                "shout" => self.plain(*kind),
                // A constant is held against the type when compiling.
                "small" => self.known(Kind::Int).unwrap_or_else(|| self.seed.below(5).to_string()),
                _ => self.value(*kind, 2),
            };
            arguments.push(format!("{input}: {value}"));
        }
        let with = if self.seed.percent(with) { self.with(true) } else { String::new() };
        self.line(indent, &format!("{name} = {}({}){with}", step.name, arguments.join(", ")));
        self.gives(&name, step.gives.iter().map(|(output, kind)| ((*output).to_owned(), *kind)).collect());
    }

    /// What a name is bound to is seen from now on.
    fn gives(&mut self, name: &str, outputs: Vec<(String, Kind)>) {
        if let [(_, kind)] = outputs.as_slice() {
            self.seen.push((name.to_owned(), *kind));
        } else {
            self.seen.extend(outputs.into_iter().map(|(output, kind)| (format!("{name}.{output}"), kind)));
        }
        self.bound.push(name.to_owned());
    }

    fn with(&mut self, of_step: bool) -> String {
        let mut said = Vec::new();
        if !self.bound.is_empty() && self.seed.percent(60) {
            said.push(format!("after: [{}]", self.bound[self.seed.below(self.bound.len())]));
        }
        let may_retry = of_step || self.audience != For::Airflow;
        if may_retry && self.seed.percent(40) {
            let factor = if of_step { ", factor: 2.0, max_backoff: 1s" } else { "" };
            said.push(format!("retry: {{ times: {}, backoff: 0s{factor} }}", 1 + self.seed.below(2)));
        }
        if of_step && self.seed.percent(20) {
            said.push("timeout: 5min".to_owned());
        }
        if self.seed.percent(20) {
            said.push("name: \"It's a \\\"name\\\"\"".to_owned());
        }
        if self.seed.percent(20) {
            said.push(format!("cache: {}", if self.audience == For::Airflow { "off" } else { "on" }));
        }
        if said.is_empty() { String::new() } else { format!(" with {{ {} }}", said.join(", ")) }
    }

    /// A call of a pipeline.
    fn group(&mut self, place: Place, indent: usize, with: Option<String>) {
        let airflow = self.audience == For::Airflow;
        let may = |at: &usize| {
            let callee = &self.callees[*at];
            !(place.in_loop && (callee.once || airflow && callee.loops))
        };
        let free: Vec<usize> = (0..self.callees.len()).filter(may).collect();
        if free.is_empty() {
            return self.call(indent, 20);
        }
        let at = self.seed.one(&free);
        let Callee { name: called, takes, gives, once, loops } = self.callees[at].clone();
        self.loops |= loops;
        if once {
            self.once = true;
            self.callees.remove(at);
        }
        let mut arguments = Vec::new();
        for (name, kind, optional) in takes {
            if !optional || self.seed.percent(50) {
                let value = self.plain(kind);
                arguments.push(format!("{name}: {value}"));
            }
        }
        let name = self.fresh("v");
        let often = self.seed.percent(60);
        let with = with.unwrap_or_else(|| if often { self.with(false) } else { String::new() });
        self.line(indent, &format!("{name} = {called}({}){with}", arguments.join(", ")));
        self.gives(&name, gives);
    }

    /// Calls that run after a failure.
    fn tolerant(&mut self, place: Place, indent: usize) {
        let kubeflow = self.audience == For::Kubeflow;
        let may = |before: &&String| !(kubeflow && (self.gated || self.tolerated.contains(before)));
        let Some(before) = self.bound.last().filter(may).cloned() else { return self.call(indent, 0) };
        self.tolerated.push(before.clone());
        let name = self.fresh("v");
        let with = format!("with {{ after: [{before}], tolerates_failure: true }}");
        match self.seed.below(4) {
            0 | 2 if self.audience != For::Airflow => {
                self.line(indent, &format!("{name} = rescue(value: \"x\") {with}"));
            }
            1 if self.audience == For::Here => {
                self.group(place, indent, Some(format!(" {with}")));
            }
            _ => self.line(indent, &format!("{name} = maybe(value: \"after all\") {with}")),
        }
    }

    /// A file that is written before the statement that wants one.
    pub(super) fn written(&mut self) -> String {
        let name = self.fresh("v");
        self.line(2, &format!("{name} = write(text: \"{name}\")"));
        self.seen.push((name.clone(), Kind::File));
        name
    }

    /// A number that a step gives before the statement that wants one.
    pub(super) fn number(&mut self) -> String {
        let name = self.fresh("v");
        self.line(2, &format!("{name} = succ(value: 2)"));
        self.seen.push((name.clone(), Kind::Int));
        name
    }

    pub(super) fn seen(&self) -> &[(String, Kind)] {
        &self.seen
    }

    fn fresh(&mut self, letter: &str) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&format!("{:indent$}{text}\n", ""));
    }
}
