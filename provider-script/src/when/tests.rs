//! Tests of conditions: what they match, what they cover, and what is told of those that cannot be meant.

use super::*;
use crate::script::Script;
use crate::tally::Tally;

struct Request {
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    prompt: Option<&'static str>,
    conversations: &'static [&'static str],
}

impl Carried for Request {
    fn path(&self) -> &str {
        self.path
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| *known == name)?;
        Some(value)
    }

    fn prompt(&self) -> Option<&str> {
        self.prompt
    }

    fn conversations(&self) -> Vec<&str> {
        self.conversations.to_vec()
    }
}

const REQUEST: Request = Request {
    path: "/v1/chat/completions",
    headers: &[("x-tenant", "blue-7"), ("user-agent", "OpenAI/Python")],
    prompt: Some("What is the code? [run-1]"),
    conversations: &["thread-9", "user-1"],
};

const ASKED: Asked<'static> = Asked {
    run: Some(1),
    call: 2,
    attempt: 3,
    model: "gpt-4o-mini",
    auxiliary: false,
    elapsed: Duration::from_secs(5),
    carried: Some(&REQUEST),
};

fn read(when: &str) -> Result<When, Vec<(String, String)>> {
    let text = format!("[[provider]]\nwhen = {when}\nreply = {{ text = \"a\" }}\n");
    let script = Script::parse(&text);
    script
        .map(|mut script| script.entries.remove(0).when)
        .map_err(|mistakes| {
            let told = mistakes.into_iter();
            told.map(|mistake| (mistake.message, text[mistake.span].to_owned()))
                .collect()
        })
}

fn when(text: &str) -> When {
    read(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"))
}

fn answers(text: &str) -> bool {
    when(text).matches(&ASKED)
}

#[test]
fn what_is_not_said_matches_everything() {
    assert!(answers("{}"));
    assert!(answers("{ call = 2 }"));
    assert!(!answers("{ call = 1 }"));
    assert!(!answers("{ call = 2, attempt = 1 }"));
    assert!(!answers("{ run = 2 }"));
}

#[test]
fn auxiliary_requests_are_only_answered_where_they_are_meant() {
    let auxiliary = Asked {
        auxiliary: true,
        run: None,
        call: 0,
        ..ASKED
    };
    assert!(!when("{}").matches(&auxiliary));
    assert!(when("{ auxiliary = true }").matches(&auxiliary));
    assert!(!answers("{ auxiliary = true }"));
}

#[test]
fn models_paths_and_headers_are_met_as_a_whole() {
    for yes in [
        "{ model = \"gpt-4o-mini\" }",
        "{ model = \"gpt-4*\" }",
        "{ path = \"/v1/chat/completions\" }",
        "{ path = \"*/completions\" }",
        "{ header = { X-Tenant = \"blue-?\" } }",
        "{ header = { x-tenant = \"*\", user-agent = \"OpenAI*\" } }",
    ] {
        assert!(answers(yes), "{yes}");
    }
    for no in [
        "{ model = \"gpt-4\" }",
        "{ path = \"/v1\" }",
        "{ header = { x-tenant = \"blue\" } }",
        "{ header = { x-tenant = \"*\", x-absent = \"*\" } }",
    ] {
        assert!(!answers(no), "{no}");
    }
}

#[test]
fn prompts_are_met_in_part_and_conversations_by_any_name() {
    assert!(answers("{ prompt = \"the code?\" }"));
    assert!(answers("{ prompt = \"What*code\" }"));
    assert!(!answers("{ prompt = \"the key?\" }"));
    assert!(answers("{ conversation = \"thread-*\" }"));
    assert!(answers("{ conversation = \"user-1\" }"));
    assert!(!answers("{ conversation = \"thread\" }"));
}

#[test]
fn a_request_that_is_only_foreseen_meets_no_condition_on_itself() {
    let foreseen = Asked {
        carried: None,
        ..ASKED
    };
    assert!(when("{ call = 2, model = \"*\" }").matches(&foreseen));
    for condition in [
        "path = \"*\"",
        "prompt = \"*\"",
        "conversation = \"*\"",
        "header = { a = \"*\" }",
    ] {
        let when = when(&format!("{{ {condition} }}"));
        assert!(!when.matches(&foreseen), "{condition}");
    }
}

#[test]
fn a_time_has_its_beginning_and_not_its_end() {
    assert!(answers("{ within = { from = \"5s\", until = \"6s\" } }"));
    assert!(answers("{ within = { from = \"4s\" } }"));
    assert!(!answers("{ within = { until = \"5s\" } }"));
    assert!(!answers("{ within = { from = \"5001ms\" } }"));
}

fn answered(script: &str, attempts: u32) -> Vec<u32> {
    let script = Script::parse(script).expect("is a script");
    let mut tally = Tally::default();
    let mut of = |run, attempt| {
        let asked = Asked {
            run: Some(run),
            attempt,
            ..ASKED
        };
        let foreseen = script.foresee(&asked, 7, &tally).map(|(entry, _)| entry);
        let answer = script.answer(&asked, 7, &mut tally);
        let answer = answer.map(|(entry, _)| entry);
        assert_eq!(foreseen, answer, "what is foreseen is what comes");
        answer == Some(0)
    };
    let mut first = Vec::new();
    for attempt in 1..=attempts {
        if of(1, attempt) {
            first.push(attempt);
        }
        // Another run that goes on at the same time has its own count.
        of(2, attempt);
        of(2, attempt + 100);
    }
    first
}

#[test]
fn every_third_request_is_counted_by_run() {
    let script = "[[provider]]\nwhen = { every = 3 }\nreply = { text = \"a\" }\n[[provider]]\nreply = { text = \"b\" }\n";
    assert_eq!(answered(script, 7), [3, 6]);
    let narrower = script.replace("every = 3", "every = 2, within = { from = \"9s\" }");
    assert_eq!(answered(&narrower, 7), [0; 0]);
}

#[test]
fn chance_can_be_repeated_and_comes_after_the_count() {
    let script = "[[provider]]\nwhen = { probability = 0.5 }\nreply = { text = \"a\" }\n[[provider]]\nreply = { text = \"b\" }\n";
    let drawn = answered(script, 100);
    assert_eq!(drawn, answered(script, 100));
    assert!((30..70).contains(&drawn.len()), "{drawn:?}");
    let both = script.replace("probability", "every = 2, probability");
    let both = answered(&both, 100);
    assert!(both.iter().all(|attempt| attempt.is_multiple_of(2)));
    assert!((10..40).contains(&both.len()), "{both:?}");
}

#[test]
fn an_entry_is_covered_only_by_one_that_always_answers() {
    let covers = |one: &str, other: &str| when(one).covers(&when(other));
    for (one, other) in [
        ("{}", "{ every = 2 }"),
        ("{ call = 1 }", "{ call = 1, probability = 0.1 }"),
        ("{ model = \"*\" }", "{ model = \"gpt\" }"),
        (
            "{ header = { A = \"b\" } }",
            "{ header = { a = \"b\", c = \"d\" } }",
        ),
        (
            "{ within = { from = \"1s\" } }",
            "{ within = { from = \"2s\", until = \"3s\" } }",
        ),
        ("{ every = 1, probability = 1.0 }", "{}"),
        ("{ prompt = \"x\" }", "{ prompt = \"x\", path = \"/a\" }"),
    ] {
        assert!(covers(one, other), "{one} covers {other}");
    }
    for (one, other) in [
        ("{ every = 2 }", "{ every = 2 }"),
        ("{ probability = 0.9 }", "{ probability = 0.1 }"),
        ("{ model = \"gpt*\" }", "{}"),
        ("{ header = { a = \"b\" } }", "{ header = { a = \"c\" } }"),
        ("{ within = { until = \"1s\" } }", "{}"),
        (
            "{ within = { until = \"2s\" } }",
            "{ within = { from = \"1s\", until = \"3s\" } }",
        ),
        ("{ conversation = \"a\" }", "{ prompt = \"a\" }"),
    ] {
        assert!(!covers(one, other), "{one} does not cover {other}");
    }
}

#[test]
fn what_cannot_be_meant_is_told_where_it_stands() {
    for (text, message, place) in [
        (
            "{ every = 0 }",
            "`every` is counted from 1, so 0 matches nothing",
            "0",
        ),
        (
            "{ call = 0 }",
            "`call` is counted from 1, so 0 matches nothing",
            "0",
        ),
        (
            "{ probability = 1.5 }",
            "`probability` lies above 0 and at most at 1, not at 1.5",
            "1.5",
        ),
        (
            "{ probability = 0 }",
            "`probability` lies above 0 and at most at 1, not at 0",
            "0",
        ),
        (
            "{ probability = nan }",
            "`probability` lies above 0 and at most at 1, not at NaN",
            "nan",
        ),
        (
            "{ prompt = \"\" }",
            "an empty `prompt` says nothing",
            "\"\"",
        ),
        (
            "{ path = \"v1/chat\" }",
            "no path begins like `v1/chat`",
            "\"v1/chat\"",
        ),
        (
            "{ header = { \"a b\" = \"x\" } }",
            "`a b` cannot be the name of a header",
            "\"a b\"",
        ),
        (
            "{ header = { A = \"x\", a = \"y\" } }",
            "the header `a` is spoken of twice",
            "a",
        ),
        (
            "{ within = {} }",
            "`within` needs `from`, `until` or both",
            "{}",
        ),
        (
            "{ within = { from = \"2s\", until = \"2s\" } }",
            "this time ends (at 2s) before it begins",
            "{ from = \"2s\", until = \"2s\" }",
        ),
        ("{ evry = 2 }", "unknown key `evry`", "evry"),
    ] {
        let told = read(text).expect_err("cannot be meant");
        assert_eq!(told, [(message.to_owned(), place.to_owned())], "{text}");
    }
}

#[test]
fn what_contradicts_itself_is_told() {
    for (text, message, place) in [
        (
            "{ auxiliary = true, run = 1 }",
            "an auxiliary request belongs to no run and has no number",
            "{ auxiliary = true, run = 1 }",
        ),
        (
            "{ call = 1, attempt = 2, every = 2 }",
            "a run has one request with this call and this attempt, so no second is counted",
            "2",
        ),
    ] {
        let told = read(text).expect_err("cannot be meant");
        assert_eq!(told, [(message.to_owned(), place.to_owned())], "{text}");
    }
}

#[test]
fn a_condition_is_told_in_words() {
    let text = "{ run = 1, model = \"a*\", prompt = \"b\", header = { C = \"d\" }, within = { until = \"3s\" } }";
    assert_eq!(
        when(text).to_string(),
        "run 1, model a*, prompts with `b`, header c: d, until 3s"
    );
    assert_eq!(When::default().to_string(), "every request");
}
