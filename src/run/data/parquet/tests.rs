//! Files of which every level is known. What other programs write, `tests/conformance/parquet.rs` shows.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::sync::Arc;

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
    Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::{Value as Json, json};

use super::{Found, check};
use crate::plan::Contract;

/// Writes one leaf of one row group.
type Leaf = Box<dyn Fn(&mut SerializedColumnWriter)>;

/// A leaf with its levels; where there are none, all values are there.
fn leaf<T: DataType>(values: Vec<T::T>, definitions: &[i16], repetitions: &[i16]) -> Leaf {
    let (definitions, repetitions) = (definitions.to_vec(), repetitions.to_vec());
    Box::new(move |writer| {
        let some = |levels: &'_ [i16]| (!levels.is_empty()).then(|| levels.to_vec());
        let (definitions, repetitions) = (some(&definitions), some(&repetitions));
        let written = writer.typed::<T>().write_batch(&values, definitions.as_deref(), repetitions.as_deref());
        written.expect("values and levels fit");
    })
}

fn texts(values: &[&str]) -> Vec<ByteArray> {
    values.iter().map(|value| ByteArray::from(*value)).collect()
}

/// A file of these columns, as the library's own notation has them, and the leaves of each row group.
fn file(columns: &str, groups: &[Vec<Leaf>]) -> File {
    let schema = parse_message_type(&format!("message rows {{ {columns} }}")).expect("it is a schema");
    let file = tempfile::tempfile().expect("there is room");
    let properties = Arc::new(WriterProperties::builder().set_dictionary_enabled(true).build());
    let handle = file.try_clone().expect("a file has two handles");
    let mut writer = SerializedFileWriter::new(handle, Arc::new(schema), properties).expect("a file can be begun");
    for leaves in groups {
        let mut group = writer.next_row_group().expect("a row group can be begun");
        for leaf in leaves {
            let mut column = group.next_column().expect("a column can be begun").expect("it is in the schema");
            leaf(&mut column);
            column.close().expect("a column can be ended");
        }
        group.close().expect("a row group can be ended");
    }
    writer.close().expect("a file can be ended");
    file
}

fn bytes(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().expect("a file has a beginning");
    file.read_to_end(&mut bytes).expect("it can be read");
    bytes
}

fn from_bytes(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("there is room");
    file.write_all(bytes).expect("it can be written");
    file
}

/// `where it > 0`, as the plan has it.
fn positive() -> Json {
    let ty = json!({"kind": "float"});
    json!({"text": "it > 0", "condition": {
        "type": {"kind": "bool"}, "is": "binary", "operator": "greater",
        "left": {"type": ty, "is": "it"}, "right": {"type": ty, "is": "literal", "value": 0},
    }})
}

fn contract(columns: &[Json]) -> Contract {
    serde_json::from_value(json!({"schema": "Row", "columns": columns})).expect("it is a contract")
}

fn column(ty: Json) -> Json {
    json!({"name": "x", "description": null, "type": ty})
}

fn optional(of: Json) -> Json {
    json!({"kind": "optional", "of": of})
}

fn list(of: Json) -> Json {
    json!({"kind": "list", "of": of})
}

/// What is found of a column x of a type, in one row group.
fn found(ty: Json, columns: &str, leaves: Vec<Leaf>) -> Found {
    check(&contract(&[column(ty)]), file(columns, &[leaves])).expect("it can be read")
}

fn broken(found: Found) -> String {
    match found {
        Found::Broken(faults) => faults,
        other => panic!("{other:?}"),
    }
}

fn ty(kind: &str) -> Json {
    json!({"kind": kind})
}

#[test]
fn each_type_is_read_in_each_way_that_it_is_written() {
    let moment = || leaf::<Int64Type>(vec![0, 1_769_824_800_000], &[], &[]);
    let mut old = Int96::new();
    old.set_data(0, 0, 2_440_589);
    let bytes = |bytes: &[u8]| vec![ByteArray::from(bytes.to_vec())];
    let fixed = |of: &[u8]| vec![ByteArray::from(of.to_vec()).into()];
    let cases: Vec<(&str, &str, Leaf)> = vec![
        ("bool", "required boolean x", leaf::<BoolType>(vec![true], &[], &[])),
        ("int", "required int32 x", leaf::<Int32Type>(vec![-1], &[], &[])),
        ("int", "required int32 x (INTEGER(8,false))", leaf::<Int32Type>(vec![255], &[], &[])),
        ("size", "required int64 x (INTEGER(64,false))", leaf::<Int64Type>(vec![1 << 52], &[], &[])),
        ("int", "required double x", leaf::<DoubleType>(vec![3.0], &[], &[])),
        ("int", "required int64 x (DECIMAL(10,2))", leaf::<Int64Type>(vec![300], &[], &[])),
        ("float", "required float x", leaf::<FloatType>(vec![0.5], &[], &[])),
        ("float", "required int32 x (DECIMAL(9,3))", leaf::<Int32Type>(vec![-1], &[], &[])),
        ("float", "required binary x (DECIMAL(30,3))", leaf::<ByteArrayType>(bytes(&[0xff, 0x01]), &[], &[])),
        ("percent", "required int64 x", leaf::<Int64Type>(vec![1], &[], &[])),
        ("duration", "required double x", leaf::<DoubleType>(vec![0.25], &[], &[])),
        (
            "float",
            "required fixed_len_byte_array(2) x (FLOAT16)",
            leaf::<FixedLenByteArrayType>(fixed(&[0x00, 0x3c]), &[], &[]),
        ),
        ("string", "required binary x (STRING)", leaf::<ByteArrayType>(texts(&["", "μ"]), &[], &[])),
        ("string", "required binary x (UTF8)", leaf::<ByteArrayType>(texts(&["a"]), &[], &[])),
        ("uri", "required binary x (ENUM)", leaf::<ByteArrayType>(texts(&["s3://a"]), &[], &[])),
        ("timestamp", "required binary x (STRING)", leaf::<ByteArrayType>(texts(&["2026-01-31T02:00:00Z"]), &[], &[])),
        ("timestamp", "required int64 x (TIMESTAMP(MILLIS,true))", moment()),
        ("timestamp", "required int64 x (TIMESTAMP(MICROS,true))", moment()),
        ("timestamp", "required int64 x (TIMESTAMP(NANOS,true))", moment()),
        ("timestamp", "required int64 x (TIMESTAMP_MILLIS)", moment()),
        ("timestamp", "required int96 x", leaf::<Int96Type>(vec![old], &[], &[])),
        ("json", "required binary x (JSON)", leaf::<ByteArrayType>(texts(&["{\"a\": [1]}"]), &[], &[])),
        ("json", "required boolean x", leaf::<BoolType>(vec![true], &[], &[])),
    ];
    for (kind, columns, leaf) in cases {
        assert_eq!(found(ty(kind), &format!("{columns};"), vec![leaf]), Found::Holds, "{kind}: {columns}");
    }
}

#[test]
fn a_value_that_is_not_of_its_type_is_told_with_its_row() {
    let double = "required double x;";
    let told = |ty: Json, columns: &str, leaf: Leaf| broken(found(ty, columns, vec![leaf]));
    let at = "1 fault\n    row 2, column x";
    let floats = |second: f64| leaf::<DoubleType>(vec![1.0, second], &[], &[]);
    assert_eq!(told(ty("int"), double, floats(1.5)), format!("{at}: 1.5 is no `int`"));
    assert_eq!(told(ty("float"), double, floats(f64::NAN)), format!("{at}: NaN is no value"));
    assert_eq!(told(ty("float"), double, floats(-f64::INFINITY)), format!("{at}: infinity is no value"));
    let large = leaf::<Int64Type>(vec![1, (1 << 53) + 1], &[], &[]);
    assert_eq!(told(ty("int"), "required int64 x;", large), format!("{at}: 9007199254740993 is no `int`"));
    let large = leaf::<Int64Type>(vec![1, -1], &[], &[]);
    let unsigned = "required int64 x (INTEGER(64,false));";
    assert_eq!(told(ty("int"), unsigned, large), format!("{at}: 18446744073709551615 is no `int`"));
    let bad = leaf::<ByteArrayType>(vec![ByteArray::from("a"), ByteArray::from(vec![0xff])], &[], &[]);
    assert_eq!(told(ty("string"), "required binary x (STRING);", bad), format!("{at}: its bytes are no UTF-8"));
    let far = leaf::<Int64Type>(vec![0, i64::MAX], &[], &[]);
    let told = told(ty("timestamp"), "required int64 x (TIMESTAMP(MILLIS,true));", far);
    assert_eq!(told, format!("{at}: its moment is too far away to have a date"));
    let gap = || leaf::<DoubleType>(vec![1.0], &[1, 0], &[]);
    assert_eq!(broken(found(ty("float"), "optional double x;", vec![gap()])), format!("{at}: null is no `float`"));
    assert_eq!(found(optional(ty("float")), "optional double x;", vec![gap()]), Found::Holds);
}

#[test]
fn a_column_of_another_type_is_one_fault_and_not_one_a_row() {
    let told = |kind: &str, columns: &str, leaf: Leaf| broken(found(ty(kind), columns, vec![leaf]));
    let integers = || leaf::<Int64Type>(vec![1, 2, 3], &[], &[]);
    let one = "1 fault\n    column x: it holds";
    assert_eq!(
        told("string", "required int64 x;", integers()),
        format!("{one} whole numbers, and a `string` is wanted")
    );
    assert_eq!(
        told("timestamp", "required int64 x (TIMESTAMP(NANOS,false));", integers()),
        format!("{one} timestamps without a time zone, and a `timestamp` is wanted")
    );
    let bytes = leaf::<ByteArrayType>(texts(&["a", "b"]), &[], &[]);
    assert_eq!(
        told("string", "required binary x;", bytes),
        format!("{one} bytes that are not said to be text, and a `string` is wanted")
    );
    let days = leaf::<Int32Type>(vec![1, 2], &[], &[]);
    assert_eq!(told("json", "required int32 x (DATE);", days), format!("{one} dates, and a `json` is wanted"));
    let list_of_texts = "optional group x (LIST) { repeated group list { required binary element (STRING); } }";
    let texts = || vec![leaf::<ByteArrayType>(texts(&["a", "b"]), &[2, 2], &[0, 1])];
    let told = broken(found(list(ty("float")), list_of_texts, texts()));
    assert_eq!(told, format!("{one} texts, and a `list<float>` is wanted"));
    let told = broken(found(ty("float"), list_of_texts, texts()));
    assert_eq!(told, format!("{one} lists, and a `float` is wanted"));
}

#[test]
fn a_column_of_nulls_alone_is_of_every_type_that_may_be_null() {
    let nulls = || vec![leaf::<Int32Type>(vec![], &[0, 0], &[])];
    for columns in ["optional int32 x;", "optional int32 x (UNKNOWN);"] {
        assert_eq!(found(optional(ty("string")), columns, nulls()), Found::Holds, "{columns}");
        let told = broken(found(ty("string"), columns, nulls()));
        assert_eq!(
            told,
            "2 faults\n    row 1, column x: null is no `string`\n    row 2, column x: null is no `string`"
        );
    }
}

#[test]
fn rows_are_counted_over_row_groups_and_a_file_may_have_none() {
    let mut x = column(ty("float"));
    x["predicates"] = json!([positive()]);
    let contract = contract(&[x]);
    let many = |last: f64| [vec![1.0; 999], vec![last]].concat();
    let group = |last: f64| vec![leaf::<DoubleType>(many(last), &[], &[])];
    let file = |groups: &[Vec<Leaf>]| check(&contract, file("required double x;", groups)).expect("it can be read");
    assert_eq!(file(&[]), Found::Holds);
    assert_eq!(file(&[group(1.0), group(2.0)]), Found::Holds);
    let told = broken(file(&[group(1.0), group(-2.0), group(-3.0)]));
    let wrong = |row: u32, value: &str| format!("\n    row {row}, column x: {value} does not meet `it > 0`");
    assert_eq!(told, format!("2 faults{}{}", wrong(2000, "-2.0"), wrong(3000, "-3.0")));
}

#[test]
fn columns_are_found_by_their_names() {
    let leaves = || vec![leaf::<DoubleType>(vec![1.0], &[], &[]), leaf::<DoubleType>(vec![2.0], &[], &[])];
    let told = |columns: &str| broken(found(ty("float"), columns, leaves()));
    assert_eq!(told("required double y; required double X;"), "1 fault\n    it has no column x: its schema has y, X");
    assert_eq!(told("required double x; required double x;"), "1 fault\n    it has the column x twice");
    let other = "required group x { required double a; } required double y;";
    let mut y = column(ty("float"));
    y["name"] = json!("y");
    let found = check(&contract(&[y]), file(other, &[leaves()])).expect("it can be read");
    assert_eq!(found, Found::Holds, "a column that is not asked for may be of any type");
}

#[test]
fn lists_maps_and_groups_are_put_together() {
    let floats = |many: usize| (1..=many).map(|one| one as f64).collect::<Vec<_>>();
    let of_floats = "optional group x (LIST) { repeated group list { optional double element; } }";
    // [1, null, 2], [], null, [3]
    let levels = (&[3, 2, 3, 1, 0, 3][..], &[0, 1, 1, 0, 0, 0][..]);
    let leaves = || vec![leaf::<DoubleType>(floats(3), levels.0, levels.1)];
    assert_eq!(found(optional(list(optional(ty("float")))), of_floats, leaves()), Found::Holds);
    let told = broken(found(list(ty("float")), of_floats, leaves()));
    let wrong = "row 1, column x: [1.0,null,2.0] is no `list<float>`\n    row 3, column x: null is no `list<float>`";
    assert_eq!(told, format!("2 faults\n    {wrong}"));
    for old in ["repeated double x;", "required group x (LIST) { repeated double array; }"] {
        let leaves = vec![leaf::<DoubleType>(floats(3), &[1, 1, 0, 1], &[0, 1, 0, 0])];
        assert_eq!(found(list(ty("float")), old, leaves), Found::Holds, "{old}");
    }
    let twice = "required group x (LIST) { repeated group list { required group element (LIST) { \
                 repeated group list { required double element; } } } }";
    // [[1, 2], []], [], [[3]]
    let leaves = vec![leaf::<DoubleType>(floats(3), &[2, 2, 1, 0, 2], &[0, 2, 1, 0, 0])];
    assert_eq!(found(list(list(ty("float"))), twice, leaves), Found::Holds);
    let map =
        "optional group x (MAP) { repeated group key_value { required binary key (STRING); optional double value; } }";
    // {"a": 1, "b": null}, {}, {"c": 2}
    let leaves = || {
        let keys = leaf::<ByteArrayType>(texts(&["a", "b", "c"]), &[2, 2, 1, 2], &[0, 1, 0, 0]);
        vec![keys, leaf::<DoubleType>(floats(2), &[3, 2, 1, 3], &[0, 1, 0, 0])]
    };
    assert_eq!(found(json!({"kind": "map", "of": optional(ty("float"))}), map, leaves()), Found::Holds);
    let told = broken(found(json!({"kind": "map", "of": ty("float")}), map, leaves()));
    assert_eq!(told, "1 fault\n    row 1, column x: {\"a\":1.0,\"b\":null} is no `map<float>`");
    let group = "required group x { required int32 a; optional group b { required double c; } }";
    let field = |name: &str, ty: Json| json!({"name": name, "description": null, "type": ty});
    let inner = json!({"kind": "struct", "name": "B", "fields": [field("c", ty("float"))]});
    let fields = json!([field("a", ty("int")), field("b", optional(inner))]);
    let leaves = vec![leaf::<Int32Type>(vec![1, 2], &[], &[]), leaf::<DoubleType>(vec![0.5], &[1, 0], &[])];
    assert_eq!(found(json!({"kind": "struct", "name": "A", "fields": fields}), group, leaves), Found::Holds);
}

#[test]
fn what_is_private_is_not_shown_and_may_be_masked() {
    let mut x = column(ty("int"));
    x["marks"] = json!(["pii"]);
    let file = file("optional double x;", &[vec![leaf::<DoubleType>(vec![1.5], &[0, 1], &[])]]);
    let told = broken(check(&contract(&[x]), file).expect("it can be read"));
    let hidden = "a value that is not shown, for the column is private, is no `int`";
    assert_eq!(told, format!("1 fault\n    row 2, column x: {hidden}"));
}

fn sample() -> (Contract, Vec<u8>) {
    let columns = "required double x; optional binary y (STRING); optional group z (LIST) { repeated group list { \
                   optional int32 element; } }";
    let group = || {
        let x = leaf::<DoubleType>((0..40).map(f64::from).collect(), &[], &[]);
        let y = leaf::<ByteArrayType>(texts(&["a", "b", "a"].repeat(10)), &[1, 1, 1, 0].repeat(10), &[]);
        let (definitions, repetitions) = ([3, 3, 2, 0].repeat(13), [0, 1, 0, 0].repeat(13));
        let z = leaf::<Int32Type>(
            (0..26).collect(),
            &[&definitions[..], &[1]].concat(),
            &[&repetitions[..], &[0]].concat(),
        );
        vec![x, y, z]
    };
    let mut columns_of = [ty("float"), optional(ty("string")), optional(list(optional(ty("int"))))].map(column);
    columns_of[1]["name"] = json!("y");
    columns_of[2]["name"] = json!("z");
    (contract(&columns_of), bytes(file(columns, &[group(), group()])))
}

#[test]
fn what_was_cut_off_is_told_to_be_so() {
    let (contract, bytes) = sample();
    for end in 4..bytes.len() {
        let told = broken(check(&contract, from_bytes(&bytes[..end])).expect("it can be read"));
        assert!(told.ends_with("it was cut off") || told.contains("its footer cannot be read: "), "{end}: {told}");
    }
    let nothing = [&bytes[..4], &[0; 8], &bytes[..4]].concat();
    let told = broken(check(&contract, from_bytes(&nothing)).expect("it can be read"));
    assert!(told.starts_with("1 fault\n    its footer cannot be read: "), "{told}");
}

#[test]
fn damage_anywhere_is_no_panic() {
    let (contract, bytes) = sample();
    for at in 4..bytes.len() {
        for wrong in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= wrong;
            check(&contract, from_bytes(&bytes)).expect("it can be read");
        }
    }
}
