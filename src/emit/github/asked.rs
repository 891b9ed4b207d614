//! Whom and what an edge waits for: environments of the repository with reviewers, timers and branches.

use super::way::Lower;
use crate::diagnostics::report;
use crate::emit::delivery::{Stage, minutes};
use crate::plan::{Action, Operation};

impl<'p> Lower<'_, 'p> {
    /// The last wait for a person, where the environment itself can hold it.
    pub(super) fn merged(&self) -> Option<&'p Operation> {
        let way = self.way();
        let alone = self.lowering.delivery.ways.iter().filter(|other| other.edge.to == way.edge.to).count() == 1;
        match way.before.last() {
            Some(Stage::Wait(wait)) if alone && !matches!(wait.operation.action, Action::Soak { .. }) => {
                Some(wait.operation)
            }
            _ => None,
        }
    }

    /// The repository's environment of a wait: `production-approval`, or, where several edges lead there, the job's own name.
    pub(super) fn environment_of(&self, wait: &str) -> String {
        let way = self.way();
        let end = wait.strip_prefix(&way.id).unwrap_or(wait);
        let several = self.lowering.delivery.ways.iter().filter(|other| other.edge.to == way.edge.to).count() > 1;
        let name = if several { wait.to_owned() } else { format!("{}{end}", way.edge.to) };
        self.lowering.delivery.on_host(&name)
    }

    /// Says whom or what an environment waits for.
    pub(super) fn ask(&mut self, name: &str, operation: &'p Operation) {
        let reviewers = match &operation.action {
            Action::Approve { team, .. } => self.team(team, operation),
            Action::Start => self.starting(operation),
            _ => Vec::new(),
        };
        let branches = self.lowering.branches();
        self.lowering.protect(name, |rules| {
            rules.branches = branches;
            rules.reviewers = reviewers;
            match operation.action {
                Action::Soak { seconds } => rules.wait_timer = minutes(seconds),
                Action::Approve { .. } => rules.approval = true,
                _ => {}
            }
        });
        self.asked.push(name.to_owned());
    }

    pub(super) fn team(&mut self, name: &str, operation: &Operation) -> Vec<String> {
        match self.lowering.delivery.team(name, ("github", "GitHub"), operation.span) {
            Ok(team) => vec![team],
            Err(fault) => {
                self.lowering.diagnostics.push(*fault);
                Vec::new()
            }
        }
    }

    /// Who may start an edge: whoever may approve it, or else any team.
    pub(super) fn starting(&mut self, operation: &Operation) -> Vec<String> {
        let way = self.way();
        let approving = way.edge.operations.iter().filter_map(|operation| match &operation.action {
            Action::Approve { team, .. } => Some(team.as_str()),
            _ => None,
        });
        let approving: Vec<&str> = approving.collect();
        let teams = &self.lowering.delivery.plan.delivery.teams;
        let asked = teams.iter().filter(|team| approving.is_empty() || approving.contains(&team.name.as_str()));
        let mut names: Vec<String> = asked.filter_map(|team| team.hosts.get("github").cloned()).collect();
        names.dedup();
        names.truncate(6);
        // A team that approves and has no name there is told of already.
        if names.is_empty() && approving.is_empty() {
            let message =
                format!("nobody can start the way to `{}` on GitHub, because no team has a name there", way.edge.to);
            let help = "declare who may: `team NAME { github: \"organisation/team\" }`";
            self.lowering.diagnostics.push(report::host_cannot(operation.span, message).help(help));
        }
        names
    }
}
