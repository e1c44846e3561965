//! The admin API over real sockets: namespaces that do not see each other, what was recorded, and what is refused.

use fake_provider::{Admin, FakeProvider, Listen, ProviderOptions};
use journal::Recorder;
use serde_json::{Value, json};

use crate::world::{asks, client, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";

struct Served {
    provider: FakeProvider,
    admin: Admin,
    client: reqwest::Client,
}

impl Served {
    async fn start(keeps: usize) -> Self {
        let options = ProviderOptions {
            keeps: Some(keeps),
            ..says(HELLO)
        };
        let provider = FakeProvider::start(options, Listen::loopback(), Recorder::nobody()).await;
        Self::of(provider.expect("listens")).await
    }

    async fn of(provider: FakeProvider) -> Self {
        let any = "127.0.0.1:0".parse().expect("is an address");
        let admin = Admin::start(&provider, any).await.expect("listens");
        Self {
            provider,
            admin,
            client: client(),
        }
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().expect("is a method");
        let url = format!("http://{}{path}", self.admin.address());
        self.client.request(method, url)
    }

    /// What the admin API answers: status and JSON.
    async fn ask(&self, method: &str, path: &str, body: impl Into<String>) -> (u16, Value) {
        let answer = self.request(method, path).body(body.into()).send().await;
        let answer = answer.expect("is answered");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("is text");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The text that a model in a namespace says.
    async fn said(&self, prefix: &str, body: &Value) -> Value {
        let url = format!("{}{prefix}/v1/chat/completions", self.provider.root_url());
        let answer = self.client.post(url).json(body).send().await;
        let answer: Value = answer.expect("is answered").json().await.expect("is JSON");
        answer["choices"][0]["message"]["content"].clone()
    }

    async fn verify(&self, name: &str, asked: Value) -> (u16, Value) {
        let path = format!("/namespaces/{name}/verify");
        self.ask("POST", &path, asked.to_string()).await
    }
}

#[tokio::test]
async fn namespaces_do_not_see_each_other() {
    let served = Served::start(100).await;
    for name in ["one", "two"] {
        let script = format!(
            "[[provider]]\nwhen = {{ attempt = 2 }}\nreply = {{ text = \"{name} again\" }}\n\
             [[provider]]\nreply = {{ text = \"{name}\" }}\n"
        );
        let path = format!("/namespaces/{name}");
        let (status, made) = served.ask("PUT", &path, script).await;
        assert_eq!((status, &made["entries"]), (201, &json!(2)), "{made}");
    }
    assert_eq!(served.said("/ns/one", &asks("hi")).await, "one");
    assert_eq!(served.said("/ns/two", &asks("hi")).await, "two");
    assert_eq!(served.said("/ns/one", &asks("hi")).await, "one again");
    assert_eq!(served.said("", &asks("hi")).await, "Hello.");
    // The header does what the path does.
    let url = format!("{}/chat/completions", served.provider.base_url());
    let by_header = served.client.post(url).json(&asks("hi"));
    let by_header = by_header.header("x-brownout-namespace", "two").send().await;
    let by_header: Value = by_header
        .expect("is answered")
        .json()
        .await
        .expect("is JSON");
    assert_eq!(by_header["choices"][0]["message"]["content"], "two again");

    let requests = json!({ "matching": { "path": "/v1/chat/*" }, "exactly": 2 });
    for name in ["one", "two"] {
        let (status, verified) = served.verify(name, requests.clone()).await;
        assert_eq!(
            (status, &verified["holds"]),
            (200, &json!(true)),
            "{verified}"
        );
    }
    let (_, other) = served.verify("default", requests).await;
    assert_eq!(
        (&other["holds"], &other["found"]),
        (&json!(false), &json!(1))
    );

    let (_, reset) = served.ask("POST", "/namespaces/one/reset", "").await;
    assert_eq!(reset["records"], 0);
    assert_eq!(served.said("/ns/one", &asks("hi")).await, "one");
    assert_eq!(served.ask("DELETE", "/namespaces/one", "").await.0, 204);
    let url = format!("{}/ns/one/v1/chat/completions", served.provider.root_url());
    let gone = served
        .client
        .post(url)
        .json(&asks("hi"))
        .send()
        .await
        .expect("is answered");
    assert_eq!(gone.status(), 404);
    let gone: Value = gone.json().await.expect("is JSON");
    let message = gone["error"]["message"].as_str().expect("is in shape");
    assert!(message.contains("there is no namespace `one`"), "{message}");
}

#[tokio::test]
async fn faults_are_lifted_and_told() {
    let served = Served::start(100).await;
    let script = "[[provider]]\nreply = { text = \"a\" }\nfault = { at = \"before-headers\", action = \"status\", status = 429 }\n";
    served.ask("PUT", "/namespaces/t", script).await;
    assert_eq!(served.said("/ns/t", &asks("hi")).await, Value::Null);
    let fault = json!({ "matching": { "kind": "fault", "outcome": "delivered" }, "exactly": 1, "within": "5s" });
    let (_, told) = served.verify("t", fault).await;
    assert_eq!(told["holds"], true, "{told}");
    let (_, lifted) = served.ask("POST", "/namespaces/t/lift", "").await;
    assert_eq!(lifted["faults_lifted"], true);
    assert_eq!(served.said("/ns/t", &asks("hi")).await, "a");

    let metrics = served
        .request("GET", "/metrics")
        .send()
        .await
        .expect("is answered");
    let metrics = metrics.text().await.expect("is text");
    for line in [
        "fake_provider_requests_total{namespace=\"t\",dialect=\"openai-chat\",operation=\"answer\",status=\"429\"} 1",
        "fake_provider_requests_total{namespace=\"t\",dialect=\"openai-chat\",operation=\"answer\",status=\"200\"} 1",
        "fake_provider_faults_total{action=\"status\",outcome=\"delivered\"} 1",
        "fake_provider_first_byte_seconds_count 2",
        "fake_provider_open_streams 0",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_hint() {
    let served = Served::start(2).await;
    let bad = "[[provider]]\nwhen = { cal = 1 }\nreply = { text = \"a\" }\n[[provider]]\nfault = { at = \"nowhere\", action = \"reset\" }\n";
    let (status, told) = served.ask("PUT", "/namespaces/t", bad).await;
    assert_eq!(status, 422);
    let mistakes = told["mistakes"].as_array().expect("are told");
    let lines: Vec<_> = mistakes.iter().map(|one| one["line"].clone()).collect();
    assert_eq!(lines, [2, 5], "{told}");
    let early =
        "[[provider]]\nreply = { text = \"a\" }\nfault = { at = \"accept\", action = \"close\" }\n";
    for (method, path, body, expected) in [
        ("PUT", "/namespaces/t", early, 422),
        ("PUT", "/namespaces/a%20b", HELLO, 400),
        ("GET", "/namespaces/t", "", 404),
        ("DELETE", "/namespaces/default", "", 409),
        ("GET", "/namespaces/default/journal?kind=requests", "", 400),
        ("GET", "/namespaces/default/journal?limit=x", "", 400),
        (
            "POST",
            "/namespaces/default/verify",
            "{\"exactly\": 0, \"matching\": {\"status\": 1}}",
            400,
        ),
        (
            "POST",
            "/namespaces/default/verify",
            "{\"matching\": {}}",
            400,
        ),
        (
            "POST",
            "/namespaces/default/verify",
            "{\"exactly\": 1, \"at_least\": 2}",
            400,
        ),
        (
            "POST",
            "/namespaces/default/verify",
            "{\"at_least\": 3, \"at_most\": 2}",
            400,
        ),
        ("PATCH", "/namespaces/default", "", 404),
        ("PUT", "/namespaces/%ff", HELLO, 400),
        ("PUT", "/namespaces/t", &" ".repeat((8 << 20) + 1), 413),
    ] {
        let (status, told) = served.ask(method, path, body).await;
        assert_eq!(status, expected, "{method} {path}: {told}");
        assert!(told["error"].is_string(), "{method} {path}: {told}");
    }
    let foreign = served.request("PUT", "/namespaces/t").body(HELLO);
    let foreign = foreign.header("origin", "https://example.org").send().await;
    assert_eq!(foreign.expect("is answered").status(), 403);
}

#[tokio::test]
async fn of_what_was_dropped_nobody_knows_how_often_it_was() {
    let served = Served::start(2).await;
    served.said("", &asks("one")).await;
    served.said("", &asks("two")).await;
    let none = json!({ "matching": { "kind": "unscripted" }, "exactly": 0 });
    assert_eq!(served.verify("default", none).await.0, 409);
    let many = json!({ "at_least": 5 });
    assert_eq!(served.verify("default", many).await.0, 409);
    let some = json!({ "matching": { "kind": "response-ended" }, "at_least": 1, "within": "10s" });
    let (status, told) = served.verify("default", some).await;
    assert_eq!((status, &told["holds"]), (200, &json!(true)), "{told}");
    let (_, journal) = served
        .ask("GET", "/namespaces/default/journal?limit=1", "")
        .await;
    assert_eq!(
        (
            &journal["more"],
            journal["records"].as_array().map(Vec::len)
        ),
        (&json!(true), Some(1))
    );
    assert!(journal["records_dropped"].as_u64() > Some(0), "{journal}");
}

#[tokio::test]
async fn a_held_provider_is_armed_before_it_listens() {
    let options = ProviderOptions {
        keeps: Some(10),
        ..says(HELLO)
    };
    let held = FakeProvider::hold(options, Listen::loopback(), Recorder::nobody());
    let served = Served::of(held.expect("takes a port")).await;
    let address = served.provider.local_addr().expect("is TCP");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    // Lifting faults does not open what was never open.
    served.ask("POST", "/namespaces/default/lift", "").await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let armed = HELLO.replace("Hello.", "Armed.");
    assert_eq!(served.ask("PUT", "/namespaces/default", armed).await.0, 200);
    let (_, listens) = served.ask("POST", "/listen", "").await;
    assert_eq!(listens["listening_since_now"], true);
    assert_eq!(served.said("", &asks("hi")).await, "Armed.");
}

#[tokio::test]
async fn an_answer_under_way_ends_with_the_script_it_began_with() {
    let served = Served::start(100).await;
    let slow = "[[provider]]\nreply = { text = \"abcdefgh\", delta_bytes = 1, pace = \"20ms\" }\n";
    served.ask("PUT", "/namespaces/t", slow).await;
    let url = format!("{}/ns/t/v1/chat/completions", served.provider.root_url());
    let under_way = served.client.post(url).json(&streamed(asks("hi"))).send();
    let under_way = under_way.await.expect("is answered");
    served.ask("PUT", "/namespaces/t", HELLO).await;
    assert_eq!(served.said("/ns/t", &asks("hi")).await, "Hello.");
    let text = under_way.text().await.expect("comes whole");
    assert!(
        text.contains("\"h\"") && text.ends_with("data: [DONE]\n\n"),
        "{text}"
    );
}

#[tokio::test]
async fn the_scripts_of_all_namespaces_are_bounded() {
    let served = Served::start(100).await;
    let padding = format!("# {}\n", "x".repeat(8 * 1024 * 1024 - HELLO.len() - 3));
    let script = [HELLO, &padding].concat();
    for number in 0..8 {
        let path = format!("/namespaces/n{number}");
        let (status, made) = served.ask("PUT", &path, script.clone()).await;
        assert_eq!(status, 201, "{made}");
    }
    let (status, refused) = served.ask("PUT", "/namespaces/n8", HELLO).await;
    assert_eq!(status, 409);
    assert_eq!(
        refused["error"],
        "the scripts of all namespaces would have more than 67108864 bytes"
    );
    // What is replaced does not count.
    for (method, path, expected) in [
        ("PUT", "/namespaces/n3", 200),
        ("DELETE", "/namespaces/n4", 204),
        ("PUT", "/namespaces/n8", 201),
    ] {
        let (status, answer) = served.ask(method, path, HELLO).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
    }
}
