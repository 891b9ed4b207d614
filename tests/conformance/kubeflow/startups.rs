//! The start-ups that every SDK writes are read, and written again to the letter.

use mlp::emit::kubeflow::startup;
use serde_json::Value;

use super::{run, script_of};

fn words(value: &Value) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|word| word.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn every_start_up_of_an_sdk_comes_back() {
    for environment in ["kfp-2.0", "kfp-2.5", "kfp-2.14", "kfp-2.16", "kfp-2.17"] {
        let said = run(&mut script_of(environment, "startups.py"));
        let told: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("a line of JSON");
        let commands = told["commands"].as_array().expect("a list");
        assert!(commands.len() >= 3, "{environment} was asked for {}", commands.len());
        for command in commands {
            let command = words(command);
            let read = startup::parse(&command);
            assert_eq!(
                read.as_ref().map(startup::text),
                Some(command),
                "{environment} writes what is not read: {read:?}"
            );
        }
        assert_eq!(startup::arguments("double"), words(&told["arguments"]), "{environment}");
        let command = words(&told["containerized"]);
        assert_eq!(startup::parse_containerized(&command).map(startup::containerized), Some(command));
    }
}
