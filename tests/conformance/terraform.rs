//! Terraform itself formats, validates, plans and tests what is emitted.

use std::path::Path;
use std::process::Command;

use indexmap::IndexMap;
use mlp::diagnostics::Diagnostic;
use mlp::emit::terraform::{Terraform, violations};
use mlp::emit::{Files, Target};
use mlp::plan::*;
use serde_json::{Value, json};

use super::setup;
use crate::project::{self, folders, repository};

fn form(form: &str, arguments: Value) -> Form {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    Form {
        form: form.into(),
        arguments: arguments.into_iter().collect(),
        properties: IndexMap::new(),
        span: Default::default(),
    }
}

fn environment(name: &str, variables: Value) -> Environment {
    let Value::Object(variables) = variables else { panic!("variables are an object") };
    Environment {
        name: name.into(),
        description: None,
        tier: "test".into(),
        mirrors: None,
        orchestrator: form("processes", json!({})),
        artifacts: Some(form("folder", json!({"path": ".mlp"}))),
        registry: None,
        service_account: None,
        effects: "record".into(),
        variables: variables.into_iter().collect(),
        data: IndexMap::new(),
        secrets: IndexMap::new(),
        compute: IndexMap::new(),
        services: IndexMap::new(),
        pipelines: vec![],
        marks: vec![],
        egress: vec![],
        limits: None,
        grants: vec![],
        alerts: vec![],
        operations: IndexMap::new(),
        span: Default::default(),
    }
}

fn plan(variables: Vec<Variable>, environments: Vec<Environment>) -> Plan {
    Plan {
        schema: SCHEMA.into(),
        generator: "0.1.0".into(),
        project: Project {
            name: "tumour".into(),
            description: None,
            owners: vec![],
            folder: None,
            language: 1,
            sources: vec!["main.mlp".into()],
        },
        targets: vec![],
        images: vec![],
        foreign_images: vec![],
        packages: vec![],
        variables,
        environments,
        pipelines: vec![],
        services: vec![],
        delivery: Delivery::default(),
        policies: Vec::new(),
        version: None,
    }
}

fn variable(name: &str, ty: Type, predicates: Vec<(&str, Expr)>) -> Variable {
    let predicates = predicates.into_iter().map(|(text, condition)| Predicate { text: text.into(), condition });
    Variable {
        name: name.into(),
        description: Some(format!("What {name} is, \"quoted\" and ${{odd}}.\nSecond line.")),
        ty,
        predicates: predicates.collect(),
        inner: vec![],
        default: None,
        span: Default::default(),
    }
}

fn it(ty: &Type) -> Expr {
    Expr { ty: ty.clone(), kind: ExprKind::It }
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr { ty: Type::Bool, kind: ExprKind::Binary { operator, left: left.into(), right: right.into() } }
}

fn compare(operator: Operator, ty: Type, value: Value) -> Expr {
    binary(operator, it(&ty), Expr::literal(ty, value))
}

fn text(value: &str) -> Expr {
    Expr::literal(Type::String, json!(value))
}

fn list(of: Type) -> Type {
    Type::List { of: of.into() }
}

fn length(of: Expr) -> Expr {
    Expr { ty: Type::Int, kind: ExprKind::Length { of: of.into() } }
}

/// Every file of the plan below a new folder.
fn written(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, file) in files.iter() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.text).unwrap();
    }
    folder
}

struct Ran {
    fine: bool,
    output: String,
}

fn terraform(folder: &Path, arguments: &[&str]) -> Ran {
    terraform_in(&folder.join("terraform"), arguments)
}

fn terraform_in(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = Command::new(setup::terraform())
        .args(arguments)
        .current_dir(folder)
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .expect("terraform starts");
    let output = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    Ran { fine: ran.status.success(), output }
}

fn plan_with(folder: &Path, values: &str) -> Ran {
    terraform(folder, &["plan", "-input=false", "-no-color", "-refresh=false", &format!("-var-file={values}")])
}

/// Formatted, valid, every environment's values taken without a warning, its own tests passed.
fn accepted(plan: &Plan) -> tempfile::TempDir {
    let (files, diagnostics) = Terraform.emit(plan);
    assert_eq!(messages(&diagnostics), Vec::<&str>::new());
    let folder = written(&files);
    let formatted = terraform(folder.path(), &["fmt", "-check", "-diff", "-recursive"]);
    assert!(formatted.fine, "{}", formatted.output);
    let valid = terraform(folder.path(), &["validate", "-no-color"]);
    assert!(valid.fine, "{}\n{}", valid.output, files.get("terraform/variables.tf").unwrap().text);
    for environment in &plan.environments {
        let planned = plan_with(folder.path(), &format!("{}.tfvars.json", environment.name));
        assert!(planned.fine, "{}: {}", environment.name, planned.output);
        assert!(!planned.output.contains("Warning"), "{}: {}", environment.name, planned.output);
    }
    let tested = terraform(folder.path(), &["test", "-no-color"]);
    assert!(tested.fine, "{}\n{}", tested.output, files.get("terraform/tests/environments.tftest.hcl").unwrap().text);
    folder
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect()
}

/// What Terraform says of the first environment's values with these in their place; empty where it takes them.
fn refusal(folder: &Path, environment: &str, changed: Value) -> String {
    let file = folder.join(format!("terraform/{environment}.tfvars.json"));
    let mut values: serde_json::Map<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    values.extend(changed.as_object().unwrap().clone());
    std::fs::write(folder.join("terraform/changed.tfvars.json"), Value::Object(values).to_string()).unwrap();
    let planned = plan_with(folder, "changed.tfvars.json");
    if planned.fine { String::new() } else { planned.output }
}

/// Whether each value of a variable is taken or refused, as the plan's predicates would have it.
#[track_caller]
fn bounds(ty: Type, predicates: Vec<(&str, Expr)>, taken: &[Value], refused: &[Value]) {
    let plan = plan(vec![variable("x", ty, predicates)], vec![environment("one", json!({"x": taken[0]}))]);
    let folder = accepted(&plan);
    for value in taken {
        let said = refusal(folder.path(), "one", json!({"x": value}));
        assert_eq!(said, "", "{value} is taken");
    }
    for value in refused {
        let said = refusal(folder.path(), "one", json!({"x": value}));
        let refused = said.contains("Invalid value for") || said.contains("Required variable not set");
        assert!(refused, "{value} is refused: {said}");
    }
}

#[test]
fn every_example_is_accepted() {
    for name in folders("examples") {
        let checked = project::Project::read(&repository("examples").join(&name), &[]).check();
        let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
        accepted(&plan);
    }
}

/// Every predicate of every example's variables, broken in a values file by itself.
#[test]
fn every_predicate_of_every_example_is_kept_by_terraform() {
    let mut tried = 0;
    for name in folders("examples") {
        let checked = project::Project::read(&repository("examples").join(&name), &[]).check();
        let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
        let folder = accepted(&plan);
        for variable in &plan.variables {
            let bound = plan.environments.iter().find(|one| one.variables.contains_key(&variable.name));
            let environment = bound.unwrap_or_else(|| panic!("{name}: no environment has {}", variable.name));
            let broken = violations(variable, environment.variables.get(&variable.name));
            let predicates = variable.predicates.len() + variable.inner.len();
            assert_eq!(broken.len(), predicates, "{name}: a predicate of {} is not broken: {broken:?}", variable.name);
            for (text, value) in broken {
                let said = refusal(folder.path(), &environment.name, json!({ variable.name.as_str(): value }));
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                let wanted = [format!("{} must satisfy: {text}", variable.name), format!("in its parts: {text}")];
                let named = wanted.iter().any(|wanted| said.contains(wanted));
                assert!(
                    named && said.contains(&variable.name),
                    "{name}: {value} breaks `{text}`, and is taken: {said}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 3, "the examples have predicates on their variables: {tried}");
}

#[test]
fn predicates_on_parts_are_kept() {
    let rate = compare(Operator::Greater, Type::Float, json!(0));
    let optional = Type::Optional { of: Type::Int.into() };
    let field =
        |name: &str, ty: Type| Field { name: name.into(), description: None, ty, marks: vec![], optional: false };
    let machine = Type::Struct {
        name: "Machine".into(),
        fields: vec![field("rates", list(Type::Float)), field("cores", optional)],
    };
    let mut machines = variable("machines", Type::Map { of: machine.into() }, vec![]);
    let within = |names: &[&str]| {
        let part = |name: &&str| match *name {
            "*" => Part::Each,
            name => Part::Field { name: name.into() },
        };
        names.iter().map(part).collect::<Vec<_>>()
    };
    let few = compare(Operator::LessOrEqual, Type::Int, json!(8));
    machines.inner = vec![
        InnerPredicate {
            path: within(&["*", "rates", "*"]),
            predicate: Predicate { text: "it > 0".into(), condition: rate },
        },
        InnerPredicate {
            path: within(&["*", "cores"]),
            predicate: Predicate { text: "it <= 8".into(), condition: few },
        },
    ];
    let good = json!({"a": {"rates": [0.5, 1], "cores": null}, "b": {"rates": [], "cores": 8}});
    let plan = plan(vec![machines], vec![environment("one", json!({"machines": good}))]);
    let broken = violations(&plan.variables[0], Some(&good));
    assert_eq!(broken.len(), 2, "{broken:?}");
    let folder = accepted(&plan);
    for (text, value) in broken {
        let said = refusal(folder.path(), "one", json!({"machines": value}));
        assert!(said.contains(&text), "{value}: {said}");
    }
    let late = json!({"a": {"rates": [1, -1], "cores": 1}});
    assert!(refusal(folder.path(), "one", json!({"machines": late})).contains("in its parts: it > 0"));
}

/// Terraform only warns of a variable that is not declared, and drops an attribute that a type does not have.
#[test]
fn what_a_values_file_says_beside_the_types_is_refused() {
    let mut one = environment("one", json!({"x": 1}));
    one.grants = vec![Grant { action: "read".into(), resource: "a".into(), because: "b".into() }];
    one.orchestrator = form("kubeflow", json!({"endpoint": "https://a.example.org", "namespace": "n"}));
    let folder = accepted(&plan(vec![variable("x", Type::Int, vec![])], vec![one]));
    let file = folder.path().join("terraform/one.tfvars.json");
    let written = std::fs::read_to_string(&file).unwrap();
    let with = |from: &str, to: &str| {
        assert!(written.contains(from), "{from}: {written}");
        std::fs::write(&file, written.replacen(from, to, 1)).unwrap();
        let planned = plan_with(folder.path(), "one.tfvars.json");
        assert!(!planned.fine, "{to}: {}", planned.output);
        planned.output
    };
    let said = with("\"x\": 1", "\"x\": 1, \"xx\": 2");
    assert!(said.contains("one.tfvars.json has values of no variable: xx."), "{said}");
    let said = with("\"action\": \"read\"", "\"action\": \"read\", \"acton\": \"write\"");
    assert!(said.contains("grants has, in one.tfvars.json, an attribute that its type does not have."), "{said}");
    let said = with("\"namespace\": \"n\"", "\"namespace\": \"n\", \"namspace\": \"m\"");
    assert!(said.contains("orchestrator has, in one.tfvars.json"), "{said}");
}

/// Whoever provisions calls the folder from a root of its own, and reads its outputs.
#[test]
fn the_folder_is_a_module() {
    let checked = project::Project::read(&repository("examples/process"), &[]).check();
    let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
    let folder = accepted(&plan);
    let given = |wrong: &str| {
        let mut names: Vec<String> = Vec::new();
        let values = std::fs::read_to_string(folder.path().join("terraform/production.tfvars.json")).unwrap();
        let values: serde_json::Map<String, Value> = serde_json::from_str(&values).unwrap();
        names.extend(values.keys().filter(|name| *name != "//").cloned());
        let arguments = names.iter().map(|name| format!("  {name} = local.values[\"{name}\"]\n")).collect::<String>();
        let root = format!(
            "locals {{\n  values = merge(jsondecode(file(\"${{path.root}}/../terraform/production.tfvars.json\")), \
             {{ {wrong} }})\n}}\n\nmodule \"churn\" {{\n  source = \"../terraform\"\n{arguments}}}\n\noutput \"bucket\" \
             {{\n  value = module.churn.artifacts.arguments.address\n}}\n\noutput \"keep_days\" {{\n  value = \
             module.churn.keep_days\n}}\n"
        );
        let root_folder = folder.path().join("root");
        std::fs::create_dir_all(&root_folder).unwrap();
        std::fs::write(root_folder.join("main.tf"), root).unwrap();
        let got = terraform_in(&root_folder, &["init", "-no-color", "-input=false"]);
        assert!(got.fine, "{}", got.output);
        terraform_in(&root_folder, &["plan", "-no-color", "-input=false"])
    };
    let planned = given("");
    assert!(planned.fine && planned.output.contains("gs://acme-production-churn"), "{}", planned.output);
    let refused = given("keep_days = 366");
    assert!(!refused.fine && refused.output.contains("keep_days must satisfy"), "{}", refused.output);
}

#[test]
fn a_whole_environment_is_accepted() {
    let mut production = environment("production", json!({"region": "europe-west1"}));
    production.orchestrator = form(
        "airflow",
        json!({"endpoint": "https://airflow.example.org", "namespace": "tumour",
               "auth": {"form": "oidc", "arguments": {"audience": "airflow"}}}),
    );
    production.service_account = Some("trainer-production".into());
    production.grants = vec![Grant {
        action: "read".into(),
        resource: "bigquery:acme-production.clinic.aspirates".into(),
        because: "data aspirates".into(),
    }];
    production
        .data
        .insert("aspirates".into(), form("bigquery", json!({"table": "acme.clinic", "masked": [], "sample": null})));
    production.secrets.insert("pager".into(), form("airflow_connection", json!({"connection": "pagerduty"})));
    production.services.insert("diagnosis".into(), form("kserve", json!({"namespace": "serving", "replicas": 2})));
    let machine = Resources { cpu: Some(0.5), memory: Some(34_359_738_368), ..Resources::default() };
    production.compute.insert("trainer".into(), machine);
    production.limits = Some(Limits { cpu: Some(16.0), gpu: Some(0), ..Limits::default() });
    production.egress = vec!["registry.example.org".into()];
    let mut test = environment("test", json!({"region": "europe-west1"}));
    test.orchestrator = form("kubeflow", json!({"endpoint": "https://kfp.example.org", "namespace": "tumour-test"}));
    test.data.insert(
        "aspirates".into(),
        form("csv", json!({"path": "a.csv", "masked": ["Aspirate.patient"], "sample": 0.05})),
    );
    let region = compare(Operator::Matches, Type::String, json!("[a-z]+-[a-z]+[0-9]+"));
    let region = variable("region", Type::String, vec![(r#"it matches r"[a-z]+-[a-z]+[0-9]+""#, region)]);
    let plan = plan(vec![region], vec![environment("local", json!({})), test, production]);
    let folder = accepted(&plan);

    let wrong = refusal(folder.path(), "production", json!({"region": "Mars"}));
    assert!(wrong.contains("region must satisfy: it matches r\"[a-z]+-[a-z]+[0-9]+\", not \"Mars\"."), "{wrong}");
    let missing = refusal(folder.path(), "production", json!({"region": null}));
    assert!(missing.contains("region must be given in test, production."), "{missing}");
    let unknown = refusal(folder.path(), "production", json!({"environment": "moon"}));
    assert!(unknown.contains("environment must be one of local, test, production, not"), "{unknown}");
    let misshapen = refusal(folder.path(), "production", json!({"grants": [{"action": "read"}]}));
    assert!(misshapen.contains("Invalid value for input variable"), "{misshapen}");
    let values = std::fs::read_to_string(folder.path().join("terraform/production.tfvars.json")).unwrap();
    assert!(
        values.contains("\"memory\": 34359738368") && values.starts_with("{\n  \"//\": \"Generated by mlp 0.1.0"),
        "{values}"
    );
}

#[test]
fn numbers_are_bounded_exactly() {
    let between = |ty: Type, low: Value, high: Value, inclusive| Expr {
        ty: Type::Bool,
        kind: ExprKind::Between {
            operand: it(&ty).into(),
            low: Expr::literal(ty.clone(), low).into(),
            high: Expr::literal(ty, high).into(),
            inclusive,
        },
    };
    let days = between(Type::Int, json!(1), json!(365), true);
    let whole = [json!(1), json!(365)];
    bounds(Type::Int, vec![("it in 1..=365", days)], &whole, &[json!(0), json!(366), json!(2.5), json!("many")]);
    let share = between(Type::Percent, json!(0.1), json!(0.3), false);
    bounds(Type::Percent, vec![("it in 10%..30%", share)], &[json!(0.1), json!(0.29999)], &[json!(0.3), json!(0.0999)]);
    let or = binary(
        Operator::Or,
        compare(Operator::Less, Type::Float, json!(-1.5)),
        compare(Operator::Greater, Type::Float, json!(1e21)),
    );
    let not = Expr { ty: Type::Bool, kind: ExprKind::Not { operand: or.into() } };
    bounds(
        Type::Float,
        vec![("not (it < -1.5 or it > 1e21)", not)],
        &[json!(-1.5), json!(1e21)],
        &[json!(-1.6), json!(2e21)],
    );
    bounds(Type::Int, vec![], &[json!(9_007_199_254_740_991_i64)], &[json!(9_007_199_254_740_992_i64), json!(null)]);
    let half = binary(
        Operator::Equal,
        binary(Operator::Multiply, it(&Type::Float), Expr::literal(Type::Int, json!(2))),
        Expr::literal(Type::Float, json!(0.2)),
    );
    bounds(Type::Float, vec![("it * 2 == 0.2", half)], &[json!(0.1)], &[json!(0.2)]);
}

#[test]
fn texts_are_bounded_exactly() {
    let matches = compare(Operator::Matches, Type::String, json!(r"(a|b)+\.$\{x\}%\{y\}".replace('$', r"\$")));
    bounds(Type::String, vec![("it matches", matches)], &[json!("ab.${x}%{y}")], &[json!("ab."), json!("")]);
    let matches = compare(Operator::Matches, Type::String, json!(r#"a|b"\\"#));
    bounds(
        Type::String,
        vec![("it matches", matches)],
        &[json!("a"), json!("b\"\\")],
        &[json!("ab"), json!("a\n"), json!("xa")],
    );
    let short = binary(Operator::LessOrEqual, length(it(&Type::String)), Expr::literal(Type::Int, json!(3)));
    bounds(Type::String, vec![("it.length <= 3", short)], &[json!("äöü"), json!("")], &[json!("abcd"), json!("👩‍👩‍👧a")]);
    let one_of = binary(Operator::In, it(&Type::String), Expr::literal(list(Type::String), json!(["a", "b"])));
    bounds(Type::String, vec![("it in [\"a\", \"b\"]", one_of)], &[json!("a")], &[json!("c")]);
    let tier = Type::Enum { name: "Tier".into(), variants: vec!["test".into(), "production".into()] };
    bounds(tier, vec![], &[json!("test")], &[json!("Test"), json!("")]);
    bounds(Type::Timestamp, vec![], &[json!("2024-02-29T10:00:00Z")], &[json!("2023-02-29T10:00:00Z"), json!("soon")]);
}

#[test]
fn optional_and_composite_values_are_bounded() {
    let optional = Type::Optional { of: Type::Int.into() };
    bounds(
        optional.clone(),
        vec![("it > 0", compare(Operator::Greater, Type::Int, json!(0)))],
        &[json!(1), json!(null)],
        &[json!(0), json!(0.5)],
    );
    let given = binary(
        Operator::And,
        binary(Operator::NotEqual, it(&optional), Expr::literal(Type::Json, json!(null))),
        binary(Operator::Greater, it(&optional), Expr::literal(Type::Int, json!(0))),
    );
    bounds(optional, vec![("it != none and it > 0", given)], &[json!(1)], &[json!(0), json!(null)]);

    let few = binary(Operator::LessOrEqual, length(it(&list(Type::Int))), Expr::literal(Type::Int, json!(2)));
    bounds(
        list(Type::Int),
        vec![("it.length <= 2", few)],
        &[json!([1, 2]), json!([])],
        &[json!([1, 2, 3]), json!([0.5])],
    );
    let same = binary(Operator::NotEqual, it(&list(Type::Int)), Expr::literal(list(Type::Int), json!([1, 2])));
    bounds(list(Type::Int), vec![("it != [1, 2]", same)], &[json!([2, 1]), json!([])], &[json!([1, 2])]);
    let holds = binary(Operator::In, text("a"), it(&list(Type::String)));
    bounds(list(Type::String), vec![("\"a\" in it", holds)], &[json!(["b", "a"])], &[json!(["b"]), json!([])]);

    let map = Type::Map { of: Type::Int.into() };
    let entry = Expr { ty: Type::Int, kind: ExprKind::Field { of: it(&map).into(), name: "a b".into() } };
    let entry = binary(Operator::Greater, entry, Expr::literal(Type::Int, json!(0)));
    bounds(
        map,
        vec![("it[\"a b\"] > 0", entry)],
        &[json!({"a b": 1})],
        &[json!({"a b": 0}), json!({}), json!({"a b": 0.5})],
    );

    let field =
        |name: &str, ty: Type, optional| Field { name: name.into(), description: None, ty, marks: vec![], optional };
    let size = Type::Struct {
        name: "Size".into(),
        fields: vec![
            field("low", Type::Int, false),
            field("high", Type::Int, true),
            field("tags", list(Type::Int), true),
        ],
    };
    let low = |name: &str| Expr { ty: Type::Int, kind: ExprKind::Field { of: it(&size).into(), name: name.into() } };
    let positive = binary(Operator::GreaterOrEqual, low("low"), Expr::literal(Type::Int, json!(1)));
    let taken = [json!({"low": 1}), json!({"low": 2, "high": 3, "tags": [1]})];
    let refused = [json!({"low": 0}), json!({"low": 1, "high": 0.5}), json!({"low": 1, "tags": [0.5]})];
    bounds(size.clone(), vec![("it.low >= 1", positive)], &taken, &refused);
    let other = binary(Operator::NotEqual, it(&size), Expr::literal(size.clone(), json!({"low": 5})));
    bounds(size, vec![("it != (low: 5)", other)], &taken, &[json!({"low": 5}), json!({"high": 1})]);

    let cheap = compare(Operator::LessOrEqual, Type::Money, json!({"amount": "5.50", "currency": "USD"}));
    let dollars = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let euros = json!({"amount": "1", "currency": "EUR"});
    bounds(
        Type::Money,
        vec![("it <= 5.50USD", cheap)],
        &[dollars("5.5"), dollars("-1")],
        &[dollars("5.51"), euros, dollars("x")],
    );
    bounds(list(Type::Json), vec![], &[json!([1, "a", {"b": null}]), json!([])], &[]);
}

#[test]
fn odd_names_and_values_are_carried() {
    let fine = compare(Operator::NotEqual, Type::String, json!("${a} %{b} \"\\ \n $${"));
    let mut plan = plan(
        vec![variable("größe", Type::String, vec![("it != \"${a} %{b}\"", fine)])],
        vec![environment("έλεγχος", json!({"größe": "${not} a %{template} \"\\ \n ünï"}))],
    );
    plan.environments[0].data.insert("a".into(), form("csv", json!({"for": 1, "rows": {"a/b": 1}})));
    plan.environments[0]
        .data
        .insert("b".into(), form("csv", json!({"for": "x", "rows": {"a/b": 2}, "deep": [{"x": 1}, {"y": [true]}]})));
    let folder = accepted(&plan);
    let refused = refusal(folder.path(), "έλεγχος", json!({"größe": "${a} %{b} \"\\ \n $${"}));
    assert!(refused.contains("Invalid value for variable"), "{refused}");
}

#[test]
fn what_terraform_cannot_do_is_said() {
    let unsayable = Expr { ty: Type::String, kind: ExprKind::Text { parts: vec![it(&Type::Float)] } };
    let unsayable = binary(Operator::Matches, unsayable, text("0.5"));
    let variables = vec![
        variable("count", Type::Int, vec![]),
        variable("grants", Type::Int, vec![]),
        variable("share", Type::Float, vec![("\"\\(it)\" matches \"0.5\"", unsayable)]),
        variable("status", Type::RunStatus, vec![]),
    ];
    let (_, diagnostics) = Terraform.emit(&plan(variables, vec![environment("one", json!({}))]));
    assert_eq!(
        messages(&diagnostics),
        [
            "Terraform can have no variable with the name `count`",
            "Terraform can have no variable with the name `grants`",
            "Terraform cannot check `\"\\(it)\" matches \"0.5\"` of `share`",
            "Terraform cannot hold a RunStatus, which `status` is",
        ]
    );
}

#[test]
fn a_project_without_environments_has_no_folder() {
    let (files, diagnostics) = Terraform.emit(&plan(vec![], vec![]));
    assert_eq!((files.iter().count(), diagnostics.len()), (0, 0));
}
