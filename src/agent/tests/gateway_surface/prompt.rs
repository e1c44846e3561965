//! `ask` and `chat` as whoever sits before them sees them: screen, exit code, and what ctrl-C does.

use crate::process::{Program, Remains};
use crate::provider::{Provider, Reply, answer, cut, error, held, stream};
use crate::world::PROVIDER_KEY;

fn assert_remains(remains: &Remains, code: i32, output: &str, errors: &str) {
    let seen = (
        remains.code,
        remains.output.as_str(),
        remains.errors.as_str(),
    );
    assert_eq!(seen, (Some(code), output, errors));
}

#[tokio::test]
async fn a_question_is_answered_on_standard_output_and_nothing_else_is() {
    for (arguments, reply) in [
        (&["ask", "hi"][..], stream(&["Hel", "lo"])),
        (&["ask", "hi", "--no-stream"][..], answer("Hello")),
    ] {
        let provider = Provider::tcp(vec![Reply::Whole(reply)]).await;
        let remains = Program::new(&provider.base_url, arguments).finish().await;
        assert_remains(&remains, 0, "Hello\n", "");
    }
}

#[tokio::test]
async fn text_that_was_taken_back_never_reaches_a_program() {
    let provider = Provider::tcp(vec![
        Reply::Whole(cut(&["Hel"])),
        Reply::Whole(stream(&["Hello"])),
    ])
    .await;
    let remains = Program::new(&provider.base_url, &["ask", "hi"])
        .finish()
        .await;
    assert_remains(&remains, 0, "Hello\n", "");
    assert_eq!(provider.seen().requests, 2);
}

#[tokio::test]
async fn a_question_that_fails_says_why_and_not_the_key() {
    let message = format!("Incorrect API key provided: {PROVIDER_KEY}. nonce-17");
    let provider = Provider::tcp(vec![Reply::Whole(error(401, &message))]).await;
    let remains = Program::new(&provider.base_url, &["ask", "hi"])
        .finish()
        .await;
    assert_eq!((remains.code, remains.output.as_str()), (Some(1), ""));
    let Remains { errors, .. } = remains;
    assert!(
        errors.starts_with("error: failed to get an answer: ") && errors.lines().count() == 1,
        "{errors}"
    );
    assert!(
        errors.contains("nonce-17") && errors.contains("401") && !errors.contains(PROVIDER_KEY),
        "{errors}"
    );
}

#[tokio::test]
async fn an_interrupt_ends_the_question_and_its_request() {
    let provider = Provider::tcp(vec![held(&["Hel"], &["lo"])]).await;
    let process = Program::new(&provider.base_url, &["ask", "hi"]).start();
    provider.wait(|seen| seen.requests == 1).await;
    process.signal("INT").await;
    let remains = process.finish().await;
    assert_remains(&remains, 130, "", "");
    provider.wait(|seen| seen.deserted == 1).await;
    assert_eq!(provider.seen().requests, 1);
}

#[tokio::test]
async fn what_cannot_begin_is_exit_code_2() {
    let nowhere = "http://127.0.0.1:9/v1";
    let file = Program::new(nowhere, &["ask", "hi"]).env("REFERENCE_AGENT_CONFIG", "agent.toml");
    std::fs::write(
        file.home.path().join("agent.toml"),
        "[agent]\nmodle = \"x\"\n",
    )
    .unwrap();
    let remains = file.finish().await;
    assert_eq!((remains.code, remains.output.as_str()), (Some(2), ""));
    let errors = remains.errors;
    assert!(
        errors
            .starts_with("error: failed to load the settings: agent.toml:2: unknown field `modle`"),
        "{errors}"
    );

    for (arguments, said) in [
        (&["ask"][..], "Usage: reference-agent ask"),
        (&["ask", ""][..], "a value is required"),
        (&["sing"][..], "unrecognized subcommand"),
        (
            &["ask", "hi", "--config", "none.toml"][..],
            "none.toml: No such file",
        ),
        (
            &["ask", "hi", "--workspace", "none"][..],
            "failed to use the workspace none",
        ),
        (
            &["ask", "hi", "--lifecycle-log", "none/log"][..],
            "failed to open the lifecycle log none/log",
        ),
    ] {
        let remains = Program::new(nowhere, arguments).finish().await;
        assert_eq!(remains.code, Some(2), "{arguments:?}: {remains:?}");
        assert!(remains.errors.contains(said), "{arguments:?}: {remains:?}");
    }
}

#[tokio::test]
async fn a_prompt_survives_a_failed_turn_and_remembers() {
    let replies = [stream(&["one"]), error(401, "nonce-17"), stream(&["three"])];
    let provider = Provider::tcp(replies.map(Reply::Whole).to_vec()).await;
    let mut process = Program::new(&provider.base_url, &["chat", "--lifecycle-log", "log"]).start();
    for line in ["first", "", "second", "third"] {
        process.expect("> ").await;
        process.type_line(line).await;
    }
    process.expect("> ").await;
    process.type_line("/quit").await;
    let remains = process.finish().await;
    assert_eq!(
        (remains.code, remains.output.as_str()),
        (Some(0), "> one\n> > > three\n> ")
    );
    assert!(
        remains.errors.starts_with("error: ") && remains.errors.contains("nonce-17"),
        "{remains:?}"
    );
    assert_eq!(remains.errors.lines().count(), 1);
    let last = provider.bodies().pop().unwrap();
    assert!(
        ["first", "one", "third"]
            .iter()
            .all(|text| last.contains(text)),
        "{last}"
    );
}

#[tokio::test]
async fn an_interrupt_stops_the_turn_and_at_the_prompt_it_ends_the_chat() {
    let provider = Provider::tcp(vec![
        held(&["Hel"], &["lo"]),
        Reply::Whole(stream(&["Hello"])),
    ])
    .await;
    let mut process = Program::new(&provider.base_url, &["chat"]).start();
    process.expect("> ").await;
    process.type_line("hi").await;
    provider.wait(|seen| seen.requests == 1).await;
    process.signal("INT").await;
    provider.wait(|seen| seen.deserted == 1).await;
    process.expect("> > ").await;
    process.type_line("again").await;
    process.expect("Hello\n> ").await;
    process.signal("INT").await;
    let remains = process.finish().await;
    assert_remains(&remains, 130, "> > Hello\n> \n", "[stopped]\n");
}

#[tokio::test]
async fn the_end_of_input_ends_the_chat_after_what_was_typed() {
    let provider = Provider::tcp(vec![Reply::Whole(stream(&["Hello"]))]).await;
    let mut process = Program::new(&provider.base_url, &["chat"]).start();
    process.type_line("hi").await;
    process.close_input();
    let remains = process.finish().await;
    assert_remains(&remains, 0, "> Hello\n> \n", "");
}
