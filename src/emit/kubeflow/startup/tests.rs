//! The text and the way back hold together.

use proptest::prelude::*;

use super::*;

fn any_startup() -> impl Strategy<Value = Startup> {
    let word = || r#"[a-z][a-z0-9=.<>,'"\[\]; -]{0,12}"#;
    let url = || r"https://[a-z]{1,8}(/[a-z]{1,4})?";
    let sdk = prop_oneof![
        Just(Sdk::None),
        r"2\.(1?[0-9])\.[0-9]".prop_map(Sdk::Version),
        proptest::collection::vec(word(), 1..3).prop_map(Sdk::From),
    ];
    let order = prop_oneof![Just(Order::Together), Just(Order::SdkFirst), Just(Order::PackagesFirst)];
    let hosts = prop_oneof![Just(Hosts::Beside), Just(Hosts::After)];
    let program = prop_oneof![Just(Program::Components), Just(Program::Dsl)];
    let list = |of: &'static str| proptest::collection::vec(of, 0..3);
    (
        ("[a-z \n'$(){}]{0,20}", sdk, proptest::collection::vec(word(), 0..3)),
        (list(url()), proptest::option::of(list(url())), any::<bool>()),
        (proptest::option::of(order), proptest::option::of(hosts), proptest::option::of(program)),
    )
        .prop_map(|((source, sdk, packages), (index_urls, trusted_hosts, venv), (order, hosts, program))| {
            Startup { source, sdk, packages, index_urls, trusted_hosts, venv, order, hosts, program }
        })
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_as_something_that_writes_it(startup in any_startup()) {
        let written = text(&startup);
        let read = parse(&written);
        prop_assert_eq!(read.as_ref().map(text), Some(written));
        // What is read is read again: the simplest that says it.
        prop_assert_eq!(read.as_ref().and_then(|read| parse(&text(read))), read);
    }

    #[test]
    fn a_changed_text_is_no_start_up(startup in any_startup(), at in 0usize..4000, with in "[a-z\"]") {
        let mut written = text(&startup);
        let command = written.len() - 2;
        let length = written[command].len();
        written[command].replace_range(at % length..=at % length, &with);
        prop_assert!(parse(&written).is_none_or(|read| text(&read) == written));
    }
}

#[test]
fn a_version_says_how_it_installs() {
    let startup = |version: &str| Startup {
        sdk: Sdk::Version(version.to_owned()),
        packages: vec!["pandas==2.2.0".to_owned()],
        ..Startup::default()
    };
    let lines = |version: &str| text(&startup(version))[2].lines().last().unwrap_or_default().to_owned();
    let typing = r#"'typing-extensions>=3.7.4,<5; python_version<"3.9"'"#;
    assert_eq!(
        lines("2.14.3"),
        format!(
            "PIP_DISABLE_PIP_VERSION_CHECK=1 {PIP}'pandas==2.2.0'  &&  {PIP}'kfp==2.14.3' '--no-deps' {typing} && \"$0\" \"$@\""
        )
    );
    assert!(lines("2.9.0").contains("<\"3.9\"'  &&  python3"));
    assert!(lines("2.0.1").ends_with("'pandas==2.2.0' 'kfp==2.0.1' && \"$0\" \"$@\""));
    assert!(lines("2.1.3").contains(&format!("'pandas==2.2.0' 'kfp==2.1.3' '--no-deps' {typing}")));
    for version in ["2.0.1", "2.1.3", "2.2.0", "2.8.0", "2.9.0", "2.13.0", "2.14.3", "2.17.0"] {
        assert_eq!(parse(&text(&startup(version))), Some(startup(version)));
    }
}

#[test]
fn other_programs_are_no_start_ups() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(parse(&words(&["sh", "-c", "echo"])), None);
    assert_eq!(parse(&words(&["python3", "-m", "kfp.dsl.executor_main"])), None);
    assert_eq!(parse_containerized(&words(&["python3", "-m", "kfp.dsl.executor_main"])), Some(Program::Dsl));
    assert_eq!(parse(&[]), None);
}
