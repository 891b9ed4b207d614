//! Plans built by hand.

use super::*;

pub(super) fn task(id: &str, inputs: Vec<(&str, Expr)>, outputs: &[&str]) -> Task {
    let input = |(name, value): (&str, Expr)| {
        let input = Input {
            description: None,
            ty: value.ty.clone(),
            predicates: vec![],
            allowed: vec![],
            expected: false,
            value,
            given: true,
            default: None,
            default_of_run: None,
            span: Default::default(),
        };
        (name.to_owned(), input)
    };
    let output =
        |name: &&str| TaskOutput { name: (*name).to_owned(), description: None, ty: Type::Float, contract: None };
    Task {
        id: id.into(),
        name: id.into(),
        display_name: None,
        step: id.into(),
        description: None,
        source: "steps.mlp".into(),
        inputs: inputs.into_iter().map(input).collect(),
        outputs: outputs.iter().map(output).collect(),
        after: vec![],
        tolerates_failure: false,
        run: Run::Python { file: format!("steps/{id}.py"), function: id.into(), sha256: String::new() },
        image_of_run: None,
        image: None,
        resources: Resources::default(),
        timeout: None,
        retry: None,
        cache: Cache::Auto,
        cache_key: None,
        task_config: vec![],
        external: false,
        recorded: false,
        stub: IndexMap::new(),
        env: IndexMap::new(),
        secrets: IndexMap::new(),
        span: Default::default(),
    }
}

pub(super) fn out(node: &str, name: &str) -> Expr {
    Expr { ty: Type::Float, kind: ExprKind::Output { node: node.into(), name: name.into() } }
}

pub(super) fn parameter(name: &str) -> Expr {
    Expr { ty: Type::Float, kind: ExprKind::Parameter { name: name.into() } }
}

pub(super) fn number(value: f64) -> Expr {
    Expr::literal(Type::Float, json!(value))
}

pub(super) fn item(of: &str) -> Expr {
    Expr { ty: Type::Float, kind: ExprKind::Item { of: of.into() } }
}

pub(super) fn compare(left: Expr, operator: Operator, right: Expr) -> Expr {
    Expr { ty: Type::Bool, kind: ExprKind::Binary { operator, left: left.into(), right: right.into() } }
}

pub(super) fn gives(name: &str, value: Expr) -> Output {
    Output { name: name.into(), description: None, value, collected: false, span: Default::default() }
}

pub(super) fn repeat(id: &str, name: &str, items: Expr, body: Vec<Node>, yields: Vec<Output>) -> Node {
    let parallel = Some(2);
    Node::Loop(Loop {
        id: id.into(),
        item: name.into(),
        items,
        parallel,
        body,
        yields,
        after: vec![],
        span: Default::default(),
    })
}

pub(super) fn arm(condition: Option<Expr>, body: Vec<Node>, yields: Vec<Output>) -> Arm {
    Arm { condition, body, yields, span: Default::default() }
}

pub(super) fn branch(id: &str, arms: Vec<Arm>, outputs: &[&str]) -> Node {
    let outputs = outputs.iter().map(|name| TaskOutput {
        name: (*name).into(),
        description: None,
        ty: Type::Float,
        contract: None,
    });
    Node::Branch(Branch { id: id.into(), arms, outputs: outputs.collect(), after: vec![], span: Default::default() })
}

pub(super) fn pipeline(name: &str, body: Vec<Node>, outputs: Vec<Output>) -> Pipeline {
    Pipeline {
        name: name.into(),
        called: None,
        display_name: None,
        environment: "production".into(),
        description: None,
        source: "pipelines.mlp".into(),
        parameters: vec![],
        outputs,
        body,
        finally: None,
        schedule: None,
        parallel_steps: None,
        keep_runs: None,
        workspace: None,
        timeout: None,
        span: Default::default(),
    }
}

pub(super) fn with(pipelines: Vec<Pipeline>) -> Plan {
    Plan {
        schema: SCHEMA.into(),
        generator: "0.1.0".into(),
        project: Project {
            name: "tumour".into(),
            description: Some(
                "Tumour diagnosis: retrained every night, promoted through test and staging to production.".into(),
            ),
            owners: vec![],
            folder: None,
            language: 1,
            sources: vec!["main.mlp".into()],
        },
        targets: vec![],
        images: vec![],
        foreign_images: vec![],
        packages: vec![],
        variables: vec![],
        environments: vec![],
        pipelines,
        services: vec![],
        delivery: Delivery::default(),
        policies: Vec::new(),
        version: None,
    }
}

/// One task, many that read its output, one that gathers theirs.
pub(super) fn wide(count: usize) -> Pipeline {
    let name = |at: usize| format!("score_region_{at}");
    let mut body = vec![Node::Task(task("load", vec![("source", parameter("source"))], &["rows"]))];
    body.extend((0..count).map(|at| {
        Node::Task(task(&name(at), vec![("rows", out("load", "rows")), ("region", number(at as f64))], &["score"]))
    }));
    let scores = (0..count).map(|at| out(&name(at), "score")).collect();
    let scores = Expr { ty: Type::List { of: Type::Float.into() }, kind: ExprKind::List { items: scores } };
    body.push(Node::Task(task("gather", vec![("scores", scores)], &["report"])));
    pipeline("wide", body, vec![gives("report", out("gather", "report"))])
}

pub(super) fn chain(count: usize) -> Pipeline {
    let step = |at: usize| {
        let inputs = if at == 0 { vec![] } else { vec![("value", out(&format!("step_{}", at - 1), "value"))] };
        Node::Task(task(&format!("step_{at}"), inputs, &["value"]))
    };
    pipeline("chain", (0..count).map(step).collect(), vec![gives("first", out("step_0", "value"))])
}

/// Loops in branches in loops.
pub(super) fn nested(depth: usize) -> Pipeline {
    fn level(depth: usize) -> Vec<Node> {
        let id = format!("work_{depth}");
        let mut body = vec![Node::Task(task(&id, vec![("rows", out("load", "rows"))], &["score"]))];
        if depth > 0 {
            let inner = level(depth - 1);
            let yields = vec![gives("score", out(&format!("work_{}", depth - 1), "score"))];
            body.push(match depth % 2 {
                0 => repeat(&format!("loop_{depth}"), "x", out(&id, "score"), inner, yields),
                _ => branch(
                    &format!("if_{depth}"),
                    vec![arm(Some(compare(out(&id, "score"), Operator::Greater, number(0.5))), inner, vec![])],
                    &[],
                ),
            });
        }
        body
    }
    let mut body = vec![Node::Task(task("load", vec![], &["rows"]))];
    body.extend(level(depth));
    pipeline("nested", body, vec![])
}

pub(super) fn odd_names() -> Pipeline {
    let long = "a_step_whose_name_goes_on_and_on_because_somebody_liked_to_be_precise_about_what_it_does_with_the_rows";
    let mut first = task(
        long,
        vec![("an_input_with_a_name_that_is_rather_long_for_an_input", number(1.0))],
        &["ausgabe_größer_als_erwartet"],
    );
    first.description = Some("Says <what> & \"why\".".into());
    first.recorded = true;
    let mut second = task(
        "名前_の_とても_長い_ステップ_手続き",
        vec![("δεδομένα", out(long, "ausgabe_größer_als_erwartet"))],
        &["🎯"],
    );
    second.after = vec!["εκπαίδευση".into()];
    let third = task("εκπαίδευση", vec![("text", Expr::literal(Type::String, json!("<b>\"&\u{1}\n")))], &[]);
    let mut pipeline = pipeline("wörter", vec![Node::Task(first), Node::Task(second), Node::Task(third)], vec![]);
    pipeline.description = Some(
        "Names with <, & and \" and a sentence that is long enough to be broken into several lines below the title."
            .into(),
    );
    pipeline
}

pub(super) fn arms() -> Pipeline {
    let load = Node::Task(task("load", vec![], &["rows"]));
    let check = Node::Task(task("check", vec![("rows", out("load", "rows"))], &["size", "share"]));
    let fit = |id: &str| {
        vec![Node::Task(task(id, vec![("rows", out("load", "rows")), ("share", out("check", "share"))], &["model"]))]
    };
    let condition = |least| compare(out("check", "size"), Operator::GreaterOrEqual, number(least));
    let arms = vec![
        arm(Some(condition(1e6)), fit("fit_large"), vec![gives("model", out("fit_large", "model"))]),
        arm(Some(condition(1e3)), fit("fit_medium"), vec![gives("model", out("fit_medium", "model"))]),
        arm(None, fit("fit_small"), vec![gives("model", out("fit_small", "model"))]),
    ];
    let publish =
        Node::Task(task("publish", vec![("model", out("fitted", "model")), ("rows", out("load", "rows"))], &[]));
    pipeline(
        "arms",
        vec![load, check, branch("fitted", arms, &["model"]), publish],
        vec![gives("model", out("fitted", "model"))],
    )
}

pub(super) fn group() -> Pipeline {
    let inner = vec![
        Node::Task(task("clean", vec![("rows", parameter("rows")), ("share", parameter("share"))], &["rows"])),
        repeat(
            "each",
            "x",
            parameter("rows"),
            vec![Node::Task(task("measure", vec![("rows", parameter("rows")), ("x", item("each"))], &["m"]))],
            vec![gives("m", out("measure", "m"))],
        ),
    ];
    let group = Node::Group(Group {
        id: "preparation".into(),
        name: "preparation".into(),
        display_name: None,
        cache: Cache::Auto,
        cache_key: None,
        retry: None,
        tolerates_failure: false,
        given: vec!["rows".to_owned(), "share".to_owned()],
        pipeline: "prepare".into(),
        description: Some("Prepares.".into()),
        parameters: vec![],
        arguments: IndexMap::from([("rows".to_owned(), out("load", "rows")), ("share".to_owned(), number(0.5))]),
        body: inner,
        outputs: vec![gives("rows", out("clean", "rows")), gives("all", out("each", "m"))],
        after: vec![],
        span: Default::default(),
    });
    let train = Node::Task(task(
        "train",
        vec![("rows", out("preparation", "rows")), ("m", out("preparation", "all"))],
        &["model"],
    ));
    pipeline(
        "group",
        vec![Node::Task(task("load", vec![], &["rows"])), group, train],
        vec![gives("model", out("train", "model"))],
    )
}

/// The training pipeline and its promotion.
pub(super) fn tumour() -> Plan {
    let mut fit = task(
        "fit",
        vec![("rows", out("parts", "train")), ("penalty", item("trials")), ("seed", parameter("seed"))],
        &["model", "auc", "loss"],
    );
    fit.step = "train".into();
    fit.timeout = Some(1800.0);
    fit.retry = Some(Retry { times: 3, backoff: 30.0, factor: 2.0, max_backoff: None, span: Default::default() });
    fit.resources = Resources { cpu: Some(8.0), memory: Some(34_359_738_368), ..Resources::default() };
    let mut parts = task(
        "parts",
        vec![("rows", out("rows", "rows")), ("test_fraction", parameter("test_fraction")), ("seed", parameter("seed"))],
        &["train", "test"],
    );
    parts.step = "split".into();
    let mut rows = task(
        "rows",
        vec![
            ("source", Expr::literal(Type::String, json!("aspirates"))),
            ("limit", Expr::literal(Type::Int, json!(10_000))),
        ],
        &["rows"],
    );
    rows.step = "load".into();
    let mut best = task("best", vec![("models", out("trials", "model")), ("scores", out("trials", "auc"))], &["best"]);
    best.step = "pick_best".into();
    let mut report =
        task("report", vec![("model", out("best", "best")), ("rows", out("parts", "test"))], &["auc", "curve"]);
    report.step = "evaluate".into();
    let mut register = task("register", vec![("model", out("best", "best")), ("auc", out("report", "auc"))], &[]);
    register.run = Run::Command { words: vec![], args: vec![] };
    register.external = true;
    let yields = ["model", "auc", "loss"].map(|name| gives(name, out("fit", name))).to_vec();
    let good = compare(out("report", "auc"), Operator::GreaterOrEqual, number(0.95));
    let body = vec![
        Node::Task(rows),
        Node::Task(parts),
        repeat("trials", "penalty", parameter("penalties"), vec![Node::Task(fit)], yields),
        Node::Task(best),
        Node::Task(report),
        branch("if_1", vec![arm(Some(good), vec![Node::Task(register)], vec![])], &[]),
    ];
    let outputs = vec![gives("auc", out("report", "auc")), gives("model", out("best", "best"))];
    let mut training = pipeline("training", body, outputs);
    training.description =
        Some("Trains one model for each penalty, keeps the best, and registers it if it is good enough.".into());
    let given = |name: &str, ty: Type, default| Parameter {
        name: name.into(),
        description: None,
        ty,
        predicates: vec![],
        allowed: vec![],
        expected: false,
        item_predicates: vec![],
        default: Some(default),
        span: Default::default(),
    };
    training.parameters = vec![
        given("penalties", Type::List { of: Type::Float.into() }, json!([0.01, 0.1, 1.0])),
        given("test_fraction", Type::Percent, json!(0.25)),
        given("seed", Type::Int, json!(42)),
    ];
    let status = Expr { ty: Type::RunStatus, kind: ExprKind::Status };
    training.finally = Some(Box::new(Node::Task(task("report_status", vec![("status", status)], &[]))));
    let mut plan = with(vec![training]);
    plan.environments = [("test", "test"), ("staging", "staging"), ("production", "production")]
        .map(|(name, tier)| environment(name, tier))
        .to_vec();
    plan.delivery = delivery();
    plan
}

fn form(form: &str) -> Form {
    Form { form: form.into(), arguments: IndexMap::new(), properties: IndexMap::new(), span: Default::default() }
}

fn environment(name: &str, tier: &str) -> Environment {
    Environment {
        name: name.into(),
        description: None,
        tier: tier.into(),
        mirrors: (name == "staging").then(|| "production".into()),
        orchestrator: form(if name == "test" { "kubeflow" } else { "airflow" }),
        artifacts: None,
        registry: None,
        service_account: None,
        effects: "allow".into(),
        variables: IndexMap::new(),
        data: IndexMap::new(),
        secrets: IndexMap::new(),
        compute: IndexMap::new(),
        services: if name == "test" {
            IndexMap::new()
        } else {
            IndexMap::from([("diagnosis".to_owned(), form("kserve"))])
        },
        pipelines: vec!["training".into()],
        marks: vec![],
        egress: vec![],
        limits: None,
        grants: vec![],
        alerts: vec![],
        operations: IndexMap::new(),
        span: Default::default(),
    }
}

fn notice() -> Notice {
    Notice { notifier: form("slack"), command: Command::program(["true"]), secrets: IndexMap::new() }
}

fn delivery() -> Delivery {
    let operation = |action: Action| Operation {
        id: String::new(),
        title: String::new(),
        action,
        command: None,
        timeout: None,
        span: Default::default(),
    };
    let verify = |name: &str| Action::Verify { verification: name.into() };
    let run = || Action::Run { pipeline: "training".into(), arguments: IndexMap::new() };
    let require = |text: &str, place: &str| Action::Require {
        condition: number(1.0),
        text: text.into(),
        measured_in: place.into(),
    };
    let approve = |count, team: &str| Action::Approve { count, team: team.into() };
    let traffic = |weight| Action::Traffic { service: "diagnosis".into(), weight };
    let watch = || Action::Watch {
        service: "diagnosis".into(),
        seconds: 1800.0,
        condition: None,
        text: Some("benchmark.error_rate < 2%".into()),
    };
    let deploy = || [Action::Preflight { asserts: vec![] }, Action::LiveVersion, Action::Deploy];
    let on_failure =
        || OnFailure { rollback: Some(Command::program(["true"])), hold: false, note: None, notices: vec![notice()] };
    let edge = |from: &[&str], to: &str, actions: Vec<Action>| Edge {
        id: format!("x-to-{to}"),
        description: None,
        from: from.iter().map(|name| (*name).to_owned()).collect(),
        to: to.into(),
        operations: actions.into_iter().map(operation).collect(),
        on_failure: on_failure(),
        span: Default::default(),
    };
    let staging = [
        vec![require("training.auc >= required_auc", "test"), approve(1, "ml_leads")],
        deploy().to_vec(),
        vec![
            run(),
            traffic(1.0),
            verify("smoke"),
            verify("benchmark"),
            verify("security"),
            require("benchmark.p95 <= diagnosis.max_latency", "staging"),
        ],
    ]
    .concat();
    let production = [
        vec![
            require("training.auc >= required_auc and benchmark.error_rate < 1%", "staging"),
            Action::Start,
            approve(2, "clinical_safety"),
            Action::Soak { seconds: 7200.0 },
        ],
        deploy().to_vec(),
        vec![
            run(),
            verify("smoke"),
            traffic(0.05),
            watch(),
            traffic(0.25),
            watch(),
            traffic(1.0),
            watch(),
            Action::Notify { notice: notice() },
        ],
    ];
    let check = |name: &str| Check {
        name: name.into(),
        description: None,
        run: "true".into(),
        report: None,
        timeout: 60.0,
        retries: 0,
        env: IndexMap::new(),
        span: Default::default(),
    };
    Delivery {
        ci: Some(Ci {
            triggers: vec![],
            setup: None,
            install: String::new(),
            checks: ["quality", "security", "unit", "integration", "model"].map(check).to_vec(),
            builds: vec!["toolbox".into()],
            notices: vec![notice()],
            span: Default::default(),
        }),
        teams: vec![],
        verifications: vec![],
        promotions: vec![Promotion {
            pipelines: vec!["training".into()],
            edges: vec![
                edge(&[], "test", [deploy().to_vec(), vec![run(), verify("end_to_end")]].concat()),
                edge(&["test"], "staging", staging),
                edge(&["staging"], "production", production.concat()),
            ],
            span: Default::default(),
        }],
    }
}
