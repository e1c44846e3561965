//! Servers that answer what no server of the runs API answers.

use journal::Fact;
use runner::RunError;

use crate::plans::facts;
use crate::scripted::{Scripted, refused, run, target};

/// A server that answers `/health` and, with everything that is asked of it, does what HABIT says.
const SERVER: &str = r#"
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(HEALTH); self.send_header("content-length", "0"); self.end_headers()
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(202); self.end_headers()
        try:
            while True: self.wfile.write(b" " * 1000000)
        except OSError: pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

fn server(health: &str, within: &str) -> Scripted {
    let more = format!(
        "command = [\"python3\", \"{{target_dir}}/target.py\", \"{{port}}\"]\nready = {{ path = \"/health\", within = \"{within}\" }}\n"
    );
    target("gateway", &more, &SERVER.replace("HEALTH", health))
}

#[test]
fn an_answer_without_an_end_is_left_before_it_fills_the_memory() {
    let journal = run(&server("200", "10s"));
    let refusals: Vec<_> = facts(&journal)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::RunRefused { message, .. } => Some(message.as_str()),
            _ => None,
        })
        .collect();
    assert!(!refusals.is_empty());
    assert!(
        refusals.iter().all(|said| said.contains("goes on after")),
        "{refusals:?}"
    );
}

#[test]
fn a_server_that_answers_and_is_not_ready_is_told_with_its_answer() {
    let error = refused(&server("503", "5s"));
    let RunError::NeverReady { missing, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(missing, "GET /health answered 503");
}
