//! What is told to people: by Slack and PagerDuty, whose servers are played here and record what came, and by a real mail server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{free_port, mlp};
use crate::cli::folder;
use crate::conformance::setup;

const MAIN: &str = "project tumour { language: 1 }\n";
/// Letters that mean something to somebody on their way.
const HOSTILE: &str = "<!channel> & \"quoted\" 'x' `id` $(id) ${{ secrets.X }} {{ ds }} \u{202e}é🎉";

/// A server that answers once, and tells the head and the body that it was asked.
fn server(answer: &str) -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = channel();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        let (mut asked, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut buffer).unwrap_or(0);
            asked.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&asked).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if read == 0 || body.len() >= length.unwrap_or(0) {
                let _ = tell.send((head.to_owned(), serde_json::from_str(body).unwrap_or_default()));
                break;
            }
        }
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    });
    (address, told)
}

#[test]
fn slack_is_told_in_these_very_letters() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let (api, told) = server(r#"{"ok": true}"#);
    let event = format!("ci-to-test failed {HOSTILE}");
    let words = [
        "notify",
        "slack",
        "--channel",
        "#releases",
        "--api",
        &api,
        "--event",
        &event,
        "--run-url",
        "https://ci/1",
        "--actor",
        "Ω",
    ];
    let ran = mlp(folder.path(), &words, &[("SLACK_TOKEN", "xoxb-secret")]).ends(0);
    assert!(!ran.out.contains("xoxb") && !ran.err.contains("xoxb"));
    let (head, body) = told.recv().expect("it was told");
    assert!(
        head.starts_with("POST /chat.postMessage ")
            && head.to_lowercase().contains("authorization: bearer xoxb-secret"),
        "{head}"
    );
    let escaped = HOSTILE.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert_eq!(body["text"], format!("tumour: ci-to-test failed {escaped}\nby Ω\nhttps://ci/1"));
    assert_eq!(body["channel"], "#releases");
}

#[test]
fn what_slack_refuses_has_failed() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let (api, _told) = server(r#"{"ok": false, "error": "channel_not_found"}"#);
    let words = ["notify", "slack", "--channel", "#x", "--api", &api, "--event", "e"];
    let ran = mlp(folder.path(), &words, &[("SLACK_TOKEN", "xoxb-secret")]).ends(1);
    assert!(ran.err.contains("Slack did not take the message for #x: channel_not_found"), "{}", ran.err);
    let ran = mlp(folder.path(), &words, &[]).ends(1);
    assert!(ran.err.contains("set SLACK_TOKEN"), "{}", ran.err);
}

#[test]
fn one_incident_is_one_however_often_it_is_told() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mut keys = Vec::new();
    for actor in ["one", "another"] {
        let (api, told) = server(r#"{"status": "success"}"#);
        let words = [
            "notify",
            "pagerduty",
            "--api",
            &api,
            "--event",
            "training failed",
            "--run-url",
            "https://ci/1",
            "--actor",
            actor,
        ];
        let ran = mlp(folder.path(), &words, &[("PAGERDUTY_ROUTING_KEY", "r0uting")]).ends(0);
        assert!(!ran.out.contains("r0uting") && !ran.err.contains("r0uting"));
        let (head, body) = told.recv().expect("it was told");
        assert!(head.starts_with("POST /v2/enqueue "), "{head}");
        assert_eq!((&body["routing_key"], &body["event_action"]), (&json!("r0uting"), &json!("trigger")));
        assert_eq!(body["payload"]["summary"], "tumour: training failed");
        keys.push(body["dedup_key"].clone());
    }
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_mail_arrives() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let (port, file) = (free_port().to_string(), folder.path().join("mail"));
    let mut server = Command::new(setup::python("linters"));
    let script = crate::project::repository("tests/operate/smtp.py");
    let mut server = server.arg(script).arg(&port).arg(&file).spawn().expect("the server starts");
    let until = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
        assert!(Instant::now() < until, "the mail server never listened");
        thread::sleep(Duration::from_millis(50));
    }
    let place = format!("smtp://127.0.0.1:{port}");
    let event = format!("failed {HOSTILE}");
    let words = ["notify", "email", "--to", "team@example.org", "--server", &place, "--event", &event, "--actor", "Ω"];
    let ran = mlp(folder.path(), &words, &[]);
    let mail = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = server.kill();
    let _ = server.wait();
    ran.ends(0);
    let read = "import email, email.policy, json, sys\nm = email.message_from_file(open(sys.argv[1]), policy=email.policy.default)\n\
                print(json.dumps([m['to'], m['subject'], m.get_content().rstrip()]))";
    let parsed =
        setup::run(Command::new(setup::python("linters")).args(["-c", read]).arg(&file)).expect("it is a mail");
    let parsed: Value = serde_json::from_str(&parsed).unwrap_or_else(|why| panic!("{why}: {mail}"));
    assert_eq!(
        parsed,
        json!(["team@example.org", format!("tumour: failed {HOSTILE}"), format!("tumour: failed {HOSTILE}\nby Ω")])
    );
    let ran = mlp(folder.path(), &["notify", "email", "--to", "team@example.org", "--event", "e"], &[]).ends(2);
    assert!(ran.err.contains("give --server, or set SMTP_SERVER"), "{}", ran.err);
}

#[test]
fn a_line_of_the_project_tells_it_too() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let line = "printf '%s|%s|%s' \"$MLP_PROJECT\" \"$MLP_EVENT\" \"$MLP_ACTOR\" > told; test \"$MLP_SECRET\" = hush-hush || { echo \"bad $MLP_SECRET\" >&2; exit 3; }";
    let words = ["notify", "shell_line", "--run", line, "--event", HOSTILE, "--actor", "Ω"];
    mlp(folder.path(), &words, &[("MLP_SECRET", "hush-hush")]).ends(0);
    assert_eq!(std::fs::read_to_string(folder.path().join("told")).expect("it ran"), format!("tumour|{HOSTILE}|Ω"));
    let ran = mlp(folder.path(), &words, &[("MLP_SECRET", "other-secret")]).ends(1);
    assert!(ran.err.contains("`bash` ended with 3: bad ***"), "{}", ran.err);
}
