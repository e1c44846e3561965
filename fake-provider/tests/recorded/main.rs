//! Every recorded exchange beside what the provider says when it is given the same content: frame by frame, field by field,
//! header by header. Knows no encoder, only bytes.

mod anthropic_messages;
mod compare;
mod dialect;
mod gemini;
mod index;
mod known;
mod layout;
mod ollama;
mod openai_chat;
mod openai_embeddings;
mod openai_responses;
mod quirks;
mod shape;
mod told;

use std::collections::BTreeSet;

use self::compare::Difference;
use self::dialect::{ALL, Dialect};

async fn differences(dialect: &Dialect) -> Vec<Difference> {
    let mut differences = Vec::new();
    for exchange in index::exchanges(dialect.folder) {
        let ours = told::told(dialect, &exchange).await;
        assert_eq!(ours.status, exchange.status, "{}", exchange.file);
        differences.extend(compare::compare(dialect, &exchange, &ours));
    }
    differences
}

#[tokio::test]
async fn the_provider_says_what_the_real_one_says() {
    for dialect in ALL {
        judge(dialect, &differences(dialect).await);
    }
}

fn judge(dialect: &Dialect, differences: &[Difference]) {
    let folder = dialect.folder;
    let unlisted: Vec<&Difference> = differences
        .iter()
        .filter(|difference| !dialect.known.iter().any(|known| known.is(difference)))
        .collect();
    assert!(
        unlisted.is_empty(),
        "{folder}: is not listed: {unlisted:#?}"
    );
    for known in dialect.known {
        assert!(!known.reason.is_empty(), "{}", known.name);
        for (file, field) in known.places() {
            let listed = |one: &&Difference| known.is(one) && one.file == file;
            let mut listed = differences.iter().filter(listed);
            let occurs = listed.any(|one| one.field == field);
            assert!(
                occurs,
                "{folder}: {}: {field} of {file} no longer occurs",
                known.name
            );
        }
    }
}

#[test]
fn every_index_names_every_file_and_its_source() {
    for dialect in ALL {
        let exchanges = index::exchanges(dialect.folder);
        let named: BTreeSet<String> = exchanges.iter().map(|one| one.file.clone()).collect();
        assert_eq!(named.len(), exchanges.len(), "a file is named twice");
        assert_eq!(named, index::files(dialect.folder));
        for exchange in &exchanges {
            assert!(exchange.source.starts_with("https://"), "{exchange:?}");
            let page = exchange.page.is_some();
            let stored = exchange.path.is_some()
                && (exchange.commit.is_some() || exchange.release.is_some());
            assert!(page || stored, "where is it? {exchange:?}");
            assert!(!exchange.asked.is_empty() && !exchange.scrubbed.is_empty());
        }
    }
}

#[test]
fn every_kind_of_exchange_is_there() {
    for dialect in ALL {
        let exchanges = index::exchanges(dialect.folder);
        for begins in dialect.kinds {
            let kind = |one: &index::Exchange| one.is_recorded() && one.file.starts_with(begins);
            assert!(
                exchanges.iter().any(kind),
                "{}: nothing is recorded of {begins}",
                dialect.folder
            );
        }
    }
}

#[test]
fn what_differs_is_found() {
    let dialect = &openai_chat::DIALECT;
    let exchange = index::exchanges(dialect.folder).swap_remove(0);
    let found = |from: &str, to: &str| {
        let body = exchange.body.replacen(from, to, 1);
        assert_ne!(body, exchange.body, "{from}");
        let ours = told::Told {
            status: 200,
            headers: Vec::new(),
            body,
        };
        let differences = compare::compare(dialect, &exchange, &ours);
        differences
            .into_iter()
            .map(|difference| difference.field)
            .filter(|field| !field.starts_with("header "))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("\"refusal\":null", "\"refusal\":\"\""),
        ["choices[].delta.refusal"]
    );
    assert_eq!(found("data: ", "event: chunk\ndata: "), ["lines"]);
    assert_eq!(found("data: [DONE]\n\n", ""), ["frames"]);
    assert_eq!(
        found("\"finish_reason\":\"stop\"", "\"finish_reason\":\"length\"").len(),
        1
    );
    assert_eq!(
        found("\"created\":1782955818", "\"created\":1782955819"),
        ["created"]
    );
}
