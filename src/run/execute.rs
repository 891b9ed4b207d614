//! A run from its beginning to its end: what is due is started, as many at once as may run, and what it gives is handed on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::flow::{At, Bound, Due, Ending, Flow, Identity, Note, Values};
use super::journal::{Earlier, Journal, Line};
use super::key::Keys;
use super::place::Place;
use super::start;
use super::task::{self, Attempt, How};
use crate::machine::process::Stop;
use crate::machine::secrecy::Secret;
use crate::plan::{Pipeline, Type};

/// What is run, and how.
pub struct Request<'p> {
    /// The pipeline.
    pub pipeline: &'p Pipeline,
    /// Every parameter of it.
    pub parameters: Values,
    /// The run's id.
    pub id: String,
    /// When it was made, `2026-01-31T02:00:00Z`.
    pub created_at: String,
    /// Its folders.
    pub place: Place,
    /// The Python that steps run in.
    pub python: PathBuf,
    /// How many steps run at once.
    pub parallel: usize,
    /// Whether an earlier result may stand for a step.
    pub cache: bool,
    /// Whether rows that a step wrote are held against their schema.
    pub check_data: bool,
    /// Secrets that were read from where they are kept, by their names in the project.
    pub secrets: IndexMap<String, Secret>,
    /// What an earlier part of this run has left.
    pub earlier: Earlier,
}

/// What happens in a run.
#[derive(Debug)]
pub enum Event<'e> {
    /// An attempt of a task began.
    Started {
        /// The task's name in the run.
        task: &'e str,
        /// Which attempt, from 0.
        attempt: u32,
    },
    /// An attempt of a task ended.
    Ended {
        /// The task's name in the run.
        task: &'e str,
        /// Which attempt, from 0.
        attempt: u32,
        /// How.
        how: &'e How,
        /// How long it took.
        took: Duration,
        /// Whether it is tried again.
        again: bool,
        /// Where it has printed.
        log: PathBuf,
    },
    /// Something else.
    Noted(&'e Note),
    /// The run is being stopped; what runs whatever happened still does.
    Stopping,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it gives.
    pub outputs: Values,
    /// The same, each with its type.
    pub typed_outputs: Bound,
    /// How each task ended, by its name in the run; of a block that did not run, the block's.
    pub ends: BTreeMap<String, End>,
    /// How long each of those took that were started.
    pub times: BTreeMap<String, Duration>,
    /// Every artifact that was made, in the order of the tasks' ends.
    pub made: Vec<Made>,
    /// What the pipeline's own names are bound to.
    pub bindings: IndexMap<String, Bound>,
    /// Steps that were started, or for which an earlier result stands; not those that were listed instead.
    pub started: BTreeSet<String>,
    /// What went wrong, in order.
    pub faults: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// An artifact that a task made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The task's name in the run.
    pub task: String,
    /// The output.
    pub output: String,
    /// Its schema's title, `system.Metrics`.
    pub title: String,
    /// Where it is.
    pub path: PathBuf,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It gave everything that it declares.
    Succeeded,
    /// An earlier result stands for it.
    Cached,
    /// It was listed instead of started.
    Recorded,
    /// It failed.
    Failed,
    /// Its time was over.
    TimedOut,
    /// The run was stopped.
    Stopped,
    /// Something before it failed.
    NotRun,
}

impl End {
    /// In a word or two.
    pub fn words(self) -> &'static str {
        match self {
            End::Succeeded => "succeeded",
            End::Cached => "as before",
            End::Recorded => "listed, not started",
            End::Failed => "failed",
            End::TimedOut => "timed out",
            End::Stopped => "stopped",
            End::NotRun => "not run",
        }
    }

    fn of(how: &How, recorded: bool) -> Self {
        match how {
            How::Done(_) if recorded => End::Recorded,
            How::Done(_) => End::Succeeded,
            How::Cached(_) => End::Cached,
            How::Failed(_) => End::Failed,
            How::TimedOut(_) => End::TimedOut,
            How::Stopped => End::Stopped,
        }
    }
}

/// What a task's thread says.
struct Said(At, Attempt);

struct Running<'p> {
    due: Due<'p>,
    key: String,
    keeps: bool,
}

struct Run<'r, 'p> {
    request: &'r Request<'p>,
    stop: Arc<Stop>,
    watch: &'r mut dyn FnMut(&Event),
    flow: Flow<'p>,
    keys: Keys,
    journal: Journal,
    running: BTreeMap<At, Running<'p>>,
    stopping: bool,
    ends: BTreeMap<String, End>,
    times: BTreeMap<String, Duration>,
    made: Vec<Made>,
    started: BTreeSet<String>,
    say: Sender<Said>,
}

/// Runs it to its end. An error is of the run's own folder: nothing has been started then, or the run could not be gone on with.
pub fn run<'p>(request: &Request<'p>, stop: &Arc<Stop>, watch: &mut dyn FnMut(&Event)) -> io::Result<Outcome> {
    let begun = Instant::now();
    std::fs::create_dir_all(request.place.run.join("logs"))?;
    std::fs::create_dir_all(&request.place.artifacts)?;
    let mut journal = Journal::open(&request.place.journal())?;
    journal.add(&Line::Began {
        run: request.id.clone(),
        pipeline: request.pipeline.name.clone(),
        environment: request.pipeline.environment.clone(),
        parameters: request.parameters.clone(),
        at: request.created_at.clone(),
    })?;
    let identity = Identity {
        id: request.id.clone(),
        created_at: request.created_at.clone(),
        root: request.place.artifacts.display().to_string(),
    };
    let (say, heard) = mpsc::channel();
    let mut run = Run {
        request,
        // A run whose time is over stops by itself, and not whoever runs others after it.
        stop: Arc::new(Stop::below(stop)),
        watch,
        flow: Flow::new(request.pipeline, request.parameters.clone(), identity),
        keys: Keys::new(&request.place.project),
        journal,
        running: BTreeMap::new(),
        stopping: false,
        ends: BTreeMap::new(),
        times: BTreeMap::new(),
        made: Vec::new(),
        started: BTreeSet::new(),
        say,
    };
    let deadline = request.pipeline.timeout.map(|seconds| begun + Duration::from_secs_f64(seconds));
    let late = run.go_on(&heard, deadline)?;
    run.over(late, begun)
}

impl<'p> Run<'_, 'p> {
    /// Whether its time was over first.
    fn go_on(&mut self, heard: &Receiver<Said>, deadline: Option<Instant>) -> io::Result<bool> {
        let mut late = false;
        loop {
            if !late && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                late = true;
                self.stop.ask();
            }
            self.look_at_stop();
            while self.running.len() < self.request.parallel.max(1) {
                let Some(due) = self.flow.next_due() else { break };
                self.start(due)?;
            }
            self.note();
            if self.running.is_empty() {
                if self.flow.ending().is_some() {
                    return Ok(late);
                }
                continue;
            }
            match heard.recv_timeout(Duration::from_millis(50)) {
                Ok(said) => self.hear(said)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("the run itself can speak as long as it listens"),
            }
        }
    }

    /// Starts nothing more, once that is asked.
    fn look_at_stop(&mut self) {
        if !self.stopping && self.stop.asked() > 0 {
            self.stopping = true;
            self.flow.stop();
            (self.watch)(&Event::Stopping);
        }
    }

    fn note(&mut self) {
        for note in self.flow.notes() {
            if let Note::Passed { name } = &note {
                self.ends.insert(name.clone(), End::NotRun);
            }
            (self.watch)(&Event::Noted(&note));
        }
    }

    fn start(&mut self, due: Due<'p>) -> io::Result<()> {
        self.note();
        let prepared = start::job(&due, &self.flow, self.request, &self.stop).and_then(|job| {
            let key = self.keys.of(&due, &job, &self.request.pipeline.name)?;
            Ok((job, key))
        });
        let (job, (key, found_again)) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return self.settle(&due, 0, &How::Failed(why), Duration::ZERO, None),
        };
        let attempt = job.first;
        if let Some(given) = self.earlier(&due, &key, found_again) {
            return self.settle(&due, attempt, &How::Cached(Box::new(given)), Duration::ZERO, Some(&key));
        }
        let (place, stop, say, at) = (self.request.place.clone(), self.stop.clone(), self.say.clone(), due.at);
        thread::Builder::new().name(due.name.clone()).spawn(move || {
            // Nobody listens any more only where the run has ended without its tasks.
            let told = |attempt: Attempt| drop(say.send(Said(at, attempt)));
            task::run(&job, &place, &stop, &told);
        })?;
        self.running.insert(at, Running { due, key, keeps: found_again });
        Ok(())
    }

    /// What an earlier part of this run, or an earlier run, gave in its place.
    fn earlier(&mut self, due: &Due, key: &str, found_again: bool) -> Option<super::cache::Given> {
        let earlier = &self.request.earlier.given;
        if let Some((known, given)) = earlier.get(&due.name)
            && known == key
            && super::cache::is_there(given)
        {
            return Some(given.clone());
        }
        let looks = self.request.cache && found_again;
        looks.then(|| super::cache::find(&self.request.place.cache, key))?
    }

    fn hear(&mut self, Said(at, said): Said) -> io::Result<()> {
        match said {
            Attempt::Began(attempt) => {
                let task = self.running[&at].due.name.clone();
                (self.watch)(&Event::Started { task: &task, attempt });
                Ok(())
            }
            Attempt::Ended { attempt, how, took, again: true } => {
                let running = &self.running[&at];
                let (task, key) = (running.due.name.clone(), running.key.clone());
                self.tell(&task, attempt, &how, took, true);
                self.write(&task, attempt, &how, took, &key)
            }
            Attempt::Ended { attempt, how, took, again: false } => {
                let running = self.running.remove(&at).expect("a task ends once");
                if let (How::Done(given), true) = (&how, running.keeps) {
                    // A cache that cannot be written is one that is empty: the run goes on.
                    let _ = super::cache::keep(&self.request.place.cache, &running.key, given);
                }
                self.settle(&running.due, attempt, &how, took, Some(&running.key))
            }
        }
    }

    /// A task has ended for good. Whether the run is being stopped is looked at first: a task that was ended is no failure then.
    fn settle(&mut self, due: &Due, attempt: u32, how: &How, took: Duration, key: Option<&str>) -> io::Result<()> {
        self.look_at_stop();
        self.tell(&due.name, attempt, how, took, false);
        self.write(&due.name, attempt, how, took, key.unwrap_or_default())?;
        if key.is_some() && !matches!(how, How::Cached(_)) {
            self.times.insert(due.name.clone(), took);
        }
        self.ends.insert(due.name.clone(), End::of(how, due.task.recorded));
        if !due.task.recorded {
            self.started.insert(due.task.step.clone());
        }
        match how {
            How::Done(given) | How::Cached(given) => {
                self.keys.add(given);
                self.made.extend(made(due, &given.outputs));
                self.flow.succeeded(due.at, given.outputs.clone());
            }
            _ => self.flow.failed(due.at, &how.failure().unwrap_or_default()),
        }
        Ok(())
    }

    fn tell(&mut self, task: &str, attempt: u32, how: &How, took: Duration, again: bool) {
        let log = self.request.place.log(task, attempt);
        (self.watch)(&Event::Ended { task, attempt, how, took, again, log });
    }

    fn write(&mut self, task: &str, attempt: u32, how: &How, took: Duration, key: &str) -> io::Result<()> {
        let given = match how {
            How::Done(given) | How::Cached(given) => Some((**given).clone()),
            _ => None,
        };
        self.journal.add(&Line::Ended {
            task: task.to_owned(),
            attempt,
            key: key.to_owned(),
            seconds: took.as_secs_f64(),
            given,
            why: how.failure(),
        })
    }

    fn over(mut self, late: bool, begun: Instant) -> io::Result<Outcome> {
        self.note();
        let ending = self.flow.ending().expect("the run is over");
        let ending = if late { Ending::Failed } else { ending };
        let mut faults = self.flow.faults().to_vec();
        if late {
            let time = crate::plan::duration_text(self.request.pipeline.timeout.unwrap_or_default());
            faults.insert(0, format!("the run did not end within {time}"));
        }
        let outputs = self.flow.outputs().clone();
        self.journal.add(&Line::Over { ending, outputs: outputs.clone() })?;
        let _ = std::fs::remove_dir(self.request.place.run.join("work"));
        Ok(Outcome {
            ending,
            typed_outputs: typed(self.request.pipeline, &outputs),
            outputs,
            ends: self.ends,
            times: self.times,
            made: self.made,
            bindings: self.flow.bindings(),
            started: self.started,
            faults,
            took: begun.elapsed(),
        })
    }
}

fn typed(pipeline: &Pipeline, outputs: &Values) -> Bound {
    let typed = pipeline.outputs.iter().filter_map(|output| {
        Some((output.name.clone(), (outputs.get(&output.name)?.clone(), output.value.ty.clone())))
    });
    typed.collect()
}

fn made<'d>(due: &'d Due, outputs: &'d Values) -> impl Iterator<Item = Made> + 'd {
    due.task.outputs.iter().filter_map(|output| {
        let Type::Artifact { title, .. } = output.ty.required() else { return None };
        let path = outputs.get(&output.name)?.get("path")?.as_str()?;
        Some(Made {
            task: due.name.clone(),
            output: output.name.clone(),
            title: title.clone(),
            path: PathBuf::from(path),
        })
    })
}
