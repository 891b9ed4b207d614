//! Rows as programs really write them.

use std::io::{BufReader, Cursor};

use serde_json::{Value as Json, json};

use super::{Found, rows};
use crate::plan::Contract;

/// `where it > 0`, as the plan has it.
fn positive() -> Json {
    let ty = json!({"kind": "float"});
    json!([{"text": "it > 0", "condition": {
        "type": {"kind": "bool"}, "is": "binary", "operator": "greater",
        "left": {"type": ty, "is": "it"}, "right": {"type": ty, "is": "literal", "value": 0},
    }}])
}

fn contract() -> Contract {
    let column = |name: &str, ty: Json| json!({"name": name, "description": null, "type": ty});
    let mut radius = column("radius", json!({"kind": "float"}));
    radius["predicates"] = positive();
    let mut patient = column("patient", json!({"kind": "string"}));
    patient["marks"] = json!(["pii"]);
    let mut note = column("note", json!({"kind": "optional", "of": {"kind": "int"}}));
    note["optional"] = json!(true);
    let columns = json!([patient, radius, column("malignant", json!({"kind": "bool"})), note]);
    serde_json::from_value(json!({"schema": "Aspirate", "columns": columns})).expect("it is a contract")
}

fn found(bytes: impl AsRef<[u8]>) -> Found {
    rows(&contract(), BufReader::new(Cursor::new(bytes.as_ref().to_vec()))).expect("memory can be read")
}

/// The faults of a file.
fn broken(bytes: impl AsRef<[u8]>) -> String {
    match found(bytes) {
        Found::Broken(faults) => faults,
        other => panic!("{other:?}"),
    }
}

#[test]
fn csv_as_programs_write_it_holds() {
    for text in [
        "patient,radius,malignant\nμ,1.5,true\n",
        "\u{feff}patient,radius,malignant\r\nΑ,1e3,False\r\nΒ,2,1\r\n",
        "malignant,extra,note,radius,patient\nTRUE,x,3.0,1,\"a \"\"b\"\"\nover, lines\"\n0,,,1,\n",
        "patient,radius,malignant\n",
    ] {
        assert_eq!(found(text), Found::Holds, "{text}");
    }
}

#[test]
fn json_lines_hold() {
    let text = "{\"patient\": \"μ\", \"radius\": 1, \"malignant\": true, \"more\": []}\r\n\n\
                {\"patient\": \"\", \"radius\": 0.1, \"malignant\": false, \"note\": null}";
    assert_eq!(found(text), Found::Holds);
    assert_eq!(found(format!("\u{feff}{text}")), Found::Holds);
}

#[test]
fn a_fault_says_where_it_is_and_what_is_wrong() {
    let csv = |row: &str| broken(format!("patient,radius,malignant,note\n\"a\nb\",1,true,\n{row}\n"));
    let at = "1 fault\n    row 2 (line 4)";
    assert_eq!(csv("c,-1,true,"), format!("{at}, column radius: -1.0 does not meet `it > 0`"));
    for no_number in ["NaN", "inf", "-Infinity", "1e999", "one"] {
        let told = format!("{at}, column radius: {no_number:?} is no `float`");
        assert_eq!(csv(&format!("c,{no_number},true,")), told);
    }
    assert_eq!(csv("c,,true,"), format!("{at}, column radius: it is empty, and a `float` is wanted"));
    assert_eq!(csv("c,1,yes,"), format!("{at}, column malignant: \"yes\" is no `bool`"));
    assert_eq!(csv("c,1,true,1.5"), format!("{at}, column note: 1.5 is no `int?`"));
    assert_eq!(csv("c,1,true,9007199254740992"), format!("{at}, column note: 9007199254740992 is no `int?`"));
    assert_eq!(csv("c,1"), format!("{at}: it has 2 values, and the header 4 columns"));
}

#[test]
fn a_fault_of_json_lines_says_where_it_is() {
    let line = |row: &str| broken(format!("{{\"patient\": \"a\", \"radius\": 1, \"malignant\": true}}\n\n{row}\n"));
    let at = "1 fault\n    row 2 (line 3)";
    assert_eq!(line("{\"patient\": \"a\", \"malignant\": true}\n"), format!("{at}, column radius: it is not there"));
    assert_eq!(
        line("{\"patient\": \"a\", \"radius\": \"1\", \"malignant\": true}"),
        format!("{at}, column radius: \"1\" is no `float`")
    );
    assert_eq!(
        line("{\"patient\": \"a\", \"radius\": NaN, \"malignant\": true}"),
        format!("{at}: it is no JSON, at column 28 of it")
    );
    assert_eq!(line("[1]"), format!("{at}: it is no JSON object"));
}

#[test]
fn what_is_private_is_not_shown() {
    let faults = broken(b"patient,radius,malignant\nsecret \xff,1,true\n");
    assert_eq!(faults, "1 fault\n    row 1 (line 2), column patient: its bytes are no UTF-8");
    let faults = broken("{\"patient\": 12345, \"radius\": 1, \"malignant\": true}");
    let told = "a value that is not shown, for the column is private, is no `string`";
    assert_eq!(faults, format!("1 fault\n    row 1 (line 1), column patient: {told}"));
}

#[test]
fn a_header_without_a_column_is_one_fault_and_not_one_a_row() {
    let faults = broken("patient;radius;malignant\na;1;true\nb;2;true\n");
    assert!(faults.starts_with("3 faults\n    it has no column patient: its header has patient;radius;malignant"));
    let faults = broken("patient,radius,radius,malignant\na,1,2,true\n");
    assert_eq!(faults, "1 fault\n    it has the column radius twice");
    for nothing in ["", "\u{feff}", "\n\n"] {
        assert!(broken(nothing).starts_with("1 fault\n    it is empty"), "{nothing:?}");
    }
}

#[test]
fn the_first_few_are_told_and_all_are_counted() {
    let faults = broken(format!("patient,radius,malignant\n{}", "a,-1,true\n".repeat(1000)));
    assert!(faults.starts_with("1000 faults\n    row 1 (line 2), ") && faults.ends_with("\n    and 995 more"));
    assert_eq!(faults.lines().count(), 7);
}

#[test]
fn what_is_no_text_is_said_to_be_so() {
    for bytes in [&b"PARE\x15\x04"[..], b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"\x80\x04\x95", b"\x93NUMPY", b"[{}]"] {
        assert!(matches!(found(bytes), Found::Unreadable(_)), "{bytes:?}");
    }
}

#[test]
fn what_may_be_masked_may_be_empty_and_nothing_else_may() {
    assert_eq!(found("{\"patient\": null, \"radius\": 1, \"malignant\": true}"), Found::Holds);
    let faults = broken("{\"patient\": \"a\", \"radius\": null, \"malignant\": true}");
    assert_eq!(faults, "1 fault\n    row 1 (line 1), column radius: null is no `float`");
}

#[test]
fn a_condition_on_the_items_of_a_value_is_held_too() {
    let predicate = &positive()[0];
    let columns = json!([{
        "name": "spectrum", "description": null, "type": {"kind": "list", "of": {"kind": "float"}},
        "inner_predicates": [{"path": [{"part": "each"}], "predicate": predicate}],
    }]);
    let contract: Contract =
        serde_json::from_value(json!({"schema": "Light", "columns": columns})).expect("it is a contract");
    let found = |text: &str| rows(&contract, text.as_bytes()).expect("memory can be read");
    assert_eq!(found("spectrum\n\"[1, 2.5]\"\n[]\n"), Found::Holds);
    let told = "1 fault\n    row 1 (line 2), column spectrum: [1,-2] does not meet `it > 0`";
    assert_eq!(found("spectrum\n\"[1, -2]\"\n"), Found::Broken(told.to_owned()));
    assert_eq!(found("{\"spectrum\": [1, -2]}"), Found::Broken(told.replace("line 2", "line 1")));
}

/// As Spark leaves a folder: what begins with `_` or `.` is no part, an empty part has no rows.
#[test]
fn a_folder_is_its_files_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file can be written");
    let row = |patient: &str, radius: f64| {
        format!("{{\"patient\": \"{patient}\", \"radius\": {radius}, \"malignant\": true}}\n")
    };
    let check = || super::check(&contract(), folder.path()).expect("a folder can be read");
    write("_SUCCESS", "");
    write(".part-0.json.crc", "crc");
    assert_eq!(check(), Found::Unreadable("it is a folder without rows".to_owned()));
    write("part-0.json", &(row("a", 1.0) + &row("b", 2.0)));
    write("part-1.json", "");
    write("part-2.json", &row("c", 3.0));
    assert_eq!(check(), Found::Holds);
    let walked = |most| {
        let mut radii = Vec::new();
        let mut see = |row: &mut [crate::model::Value]| radii.extend(row[1].as_float());
        super::walk(&contract(), folder.path(), most, &mut see).expect("its rows can be read");
        radii
    };
    assert_eq!((walked(None), walked(Some(2)), walked(Some(0))), (vec![1.0, 2.0, 3.0], vec![1.0, 2.0], vec![]));
    write("part-2.json", &row("c", -3.0));
    let Found::Broken(told) = check() else { panic!("{:?}", check()) };
    assert!(told.starts_with("part-2.json: 1 fault"), "{told}");
    std::fs::create_dir(folder.path().join("day=1")).expect("a folder");
    assert!(matches!(check(), Found::Unreadable(why) if why.contains("another in it, day=1")));
}
