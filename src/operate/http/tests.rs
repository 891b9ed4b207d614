//! A client against servers on this machine that answer in every way that a server can.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;

/// A server on this machine that gives each answer once, and tells what it was asked.
fn server(answers: Vec<String>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it has an address"));
    let (tell, told) = channel();
    thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut asked = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read) = stream.read(&mut buffer) {
                asked.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&asked).into_owned();
                let length =
                    text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
                if read == 0 || (text.contains("\r\n\r\n") && body >= length.unwrap_or(0)) {
                    break;
                }
            }
            let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
            let _ = stream.write_all(answer.as_bytes());
            // A connection that is closed before all was read is reset, and the answer lost with it.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    (address, told)
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

#[test]
fn a_good_answer_is_read_and_the_token_sent() {
    let (address, told) = server(vec![answer("200 OK", "application/json", r#"{"a": 1}"#)]);
    let client = Client::new("It", &address, Some(Secret::new("a-very-secret-token")));
    assert_eq!(client.get("/x?y=1", &soon()), Ok(serde_json::json!({"a": 1})));
    let asked = told.recv().expect("it was asked");
    assert!(asked.starts_with("GET /x?y=1 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("authorization: bearer a-very-secret-token\r\n"), "{asked}");
}

#[test]
fn what_passes_is_asked_again_and_what_may_not_be_is_not() {
    let busy = || answer("503 Service Unavailable", "application/json", r#"{"detail": "busy"}"#);
    let (address, told) = server(vec![busy(), busy(), answer("200 OK", "application/json", "{}")]);
    let client = Client::new("It", &address, None);
    assert_eq!(client.get("/", &soon()), Ok(serde_json::json!({})));
    assert_eq!(told.iter().take(3).count(), 3);
    let (address, _) = server(vec![busy(), answer("200 OK", "application/json", "{}")]);
    let client = Client::new("It", &address, None);
    let failure = client.ask("POST", "/runs", Body::None, Again::Never, &soon()).expect_err("it is busy");
    assert_eq!(failure.reason(), format!("It at {address} answered 503 to /runs: it cannot answer now: busy"));
}

#[test]
fn each_fault_is_a_sentence() {
    for (given, said) in [
        (
            answer("401 Unauthorized", "application/json", "{}"),
            "answered 401 to /x: it does not know who asks: look at the environment's `auth`",
        ),
        (answer("403 Forbidden", "text/html", "<p>no"), "answered 403 to /x: who asks may not do this"),
        (answer("404 Not Found", "text/plain", "no"), "answered 404 to /x: there is no such thing"),
        (answer("302 Found", "text/html", ""), "answered 302 to /x: it sends to another place"),
        (
            answer("400 Bad Request", "application/json", r#"{"detail": "the name is taken"}"#),
            "answered 400 to /x: it refused: the name is taken",
        ),
        (answer("200 OK", "text/html", "<html>log in</html>"), "answered 200 with text/html where JSON was expected"),
        (answer("200 OK", "application/json", r#"{"a": "#), "answered with JSON that cannot be read"),
    ] {
        let (address, _) = server(vec![given]);
        let failure = Client::new("It", &address, None).get("/x", &soon()).expect_err("it is a fault");
        assert!(failure.reason().contains(said), "{failure}");
    }
}

#[test]
fn no_fault_shows_the_token() {
    let token = "a-very-secret-token";
    let (address, _) = server(vec![answer("400 Bad Request", "text/plain", &format!("bad: Bearer {token}"))]);
    let client = Client::new("It", &address, Some(Secret::new(token)));
    let failure = client.get("/x", &soon()).expect_err("it is refused");
    assert!(failure.reason().contains("Bearer ***") && !failure.reason().contains(token), "{failure}");
    assert!(!format!("{client:?}").contains(token));
}

#[test]
fn an_answer_without_end_is_not_read() {
    let body = "x".repeat((LARGEST + 1) as usize);
    let (address, _) = server(vec![answer("200 OK", "application/json", &body); 5]);
    let failure =
        Client::new("It", &address, None).ask("POST", "/", Body::None, Again::Never, &soon()).expect_err("too large");
    assert!(failure.reason().ends_with("cannot be reached: its answer is larger than 16 MiB"), "{failure}");
}

#[test]
fn nobody_there_and_nobody_answering_have_an_end() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    let client = Client::new("It", &format!("http://{free}"), None);
    let failure = client.get("/", &Deadline::after(Duration::from_millis(500))).expect_err("nobody is there");
    assert!(failure.reason().ends_with("cannot be reached: nobody listens there"), "{failure}");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let client = Client::new("It", &format!("http://{}", silent.local_addr().expect("an address")), None);
    let failure = client.get("/", &Deadline::after(Duration::from_millis(700))).expect_err("it says nothing");
    assert!(matches!(failure, Failure::TimedOut(_)), "{failure:?}");
}

#[test]
fn a_file_is_sent_as_a_form() {
    let (address, told) = server(vec![answer("200 OK", "application/json", "{}")]);
    let client = Client::new("It", &address, Some(Secret::new("token")));
    let file = Body::File("uploadfile", "pipeline.yaml", "a: é\n");
    assert!(client.ask("POST", "/upload", file, Again::Never, &soon()).is_ok());
    let asked = told.recv().expect("it was asked");
    assert!(asked.contains("name=\"uploadfile\"; filename=\"pipeline.yaml\"") && asked.contains("a: é\n"), "{asked}");
}
