//! What the steps of the random pipelines give, said a second time: `steps.py` says it first.
//!
//! In: a step's name and what it is given. Out: what it gives, and none where it fails. An artifact is its content.

use serde_json::{Map, Value, json};

/// What a step gives, by output.
pub(super) fn step(name: &str, given: &Map<String, Value>, first: bool) -> Option<Value> {
    let int = |name: &str| given[name].as_i64().unwrap_or_default();
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let ints = |name: &str| given[name].as_array().into_iter().flatten().filter_map(Value::as_i64);
    let value = int_of(given);
    Some(match name {
        "succ" => json!({"value": value + 1}),
        "plus" => json!({"value": value + int("more")}),
        "picky" if value % 3 == 0 => return None,
        "flaky" if first => return None,
        "picky" | "small" | "flaky" => json!({"value": value}),
        "big" => json!({"is_big": value > 3}),
        "flag" => json!({"word": if given["value"] == true { "yes" } else { "no" }}),
        "echo" => json!({"value": text("value")}),
        "maybe" => json!({"value": given["value"].as_str().unwrap_or("nothing")}),
        "odd" => json!({"value": (value % 2 != 0).then_some(value)}),
        "perhaps" if value % 2 == 0 => json!({"number": value, "text": null}),
        "perhaps" => json!({"number": null, "text": "odd"}),
        "upto" => json!({"values": (0..int("count").rem_euclid(3)).collect::<Vec<_>>()}),
        "spell" => json!({"texts": ints("values").map(|one| format!("<{one}>")).collect::<Vec<_>>()}),
        "total" => json!({"total": ints("values").sum::<i64>()}),
        "pair" => json!({"pair": {"n": int("n"), "s": text("s")}}),
        "unpair" => given["pair"].clone(),
        "colour" => json!({"colour": (["red", "green", "blue"][int("n").rem_euclid(3) as usize])}),
        "paint" => json!({"text": format!("painted {}", text("colour"))}),
        "share" => json!({"word": if given["part"].as_f64() > Some(0.5) { "more" } else { "less" }}),
        "tally" => json!({"counts": {"a": int("n"), "b": 2}}),
        "lookup" => json!({"n": given["counts"]["a"]}),
        "write" => json!({"file": text("text")}),
        "read" => json!({"text": text("file")}),
        "join" => {
            let files = given["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
            json!({"text": files.collect::<Vec<_>>().join("+")})
        }
        "look" => json!({"text": given["file"].as_str().unwrap_or("no file")}),
        "shout" => json!({"file": format!("{}!", text("text"))}),
        "label" => json!({"file": given["counts"].to_string()}),
        "known" => json!({"file": "known"}),
        "tell" if int("n") == 3 => return None,
        "tell" => json!({}),
        "rescue" => json!({"state": given["status"]["state"]}),
        other => panic!("no step {other}"),
    })
}

fn int_of(given: &Map<String, Value>) -> i64 {
    given.get("value").and_then(Value::as_i64).unwrap_or_default()
}

/// What a step writes down before it does anything else; programs write nothing.
pub(super) fn told(name: &str, given: &Map<String, Value>) -> Option<Value> {
    if ["shout", "label", "known"].contains(&name) {
        return None;
    }
    let seen = given.iter().map(|(name, value)| if name == "status" { value["state"].clone() } else { value.clone() });
    Some(std::iter::once(json!(name)).chain(seen).collect())
}
