//! Every recorded exchange beside what the provider says when it is given the same content: frame by frame, field by field,
//! header by header. Knows no encoder, only bytes.

mod compare;
mod index;
mod known;
mod layout;
mod said;
mod shape;
mod told;

use std::collections::BTreeSet;

use self::compare::Difference;
use self::index::Exchange;
use self::known::KNOWN;

async fn differences() -> Vec<Difference> {
    let mut differences = Vec::new();
    for exchange in index::exchanges() {
        let ours = told::told(&exchange).await;
        assert_eq!(ours.status, exchange.status, "{}", exchange.file);
        differences.extend(compare::compare(&exchange, &ours));
    }
    differences
}

#[tokio::test]
async fn the_provider_says_what_the_real_one_says() {
    let differences = differences().await;
    let unlisted: Vec<&Difference> = differences
        .iter()
        .filter(|difference| !KNOWN.iter().any(|known| known.is(difference)))
        .collect();
    assert!(unlisted.is_empty(), "is not listed: {unlisted:#?}");
    for known in KNOWN {
        assert!(!known.reason.is_empty(), "{}", known.name);
        for (file, field) in known.places() {
            let listed = |one: &&Difference| known.is(one) && one.file == file;
            let mut listed = differences.iter().filter(listed);
            let occurs = listed.any(|one| one.field == field);
            assert!(occurs, "{}: {field} of {file} no longer occurs", known.name);
        }
    }
}

#[test]
fn the_index_names_every_file_and_its_source() {
    let exchanges = index::exchanges();
    let named: BTreeSet<String> = exchanges.iter().map(|one| one.file.clone()).collect();
    assert_eq!(named.len(), exchanges.len(), "a file is named twice");
    assert_eq!(named, index::files());
    for exchange in &exchanges {
        assert!(exchange.source.starts_with("https://"), "{exchange:?}");
        let page = exchange.page.is_some();
        let stored =
            exchange.path.is_some() && (exchange.commit.is_some() || exchange.release.is_some());
        assert!(page || stored, "where is it? {exchange:?}");
        assert!(!exchange.asked.is_empty() && !exchange.scrubbed.is_empty());
    }
}

#[test]
fn every_kind_of_exchange_is_there() {
    let exchanges = index::exchanges();
    let recorded = |begins: &str| {
        let kind = |one: &&Exchange| one.is_recorded() && one.file.starts_with(begins);
        exchanges.iter().filter(kind).count()
    };
    for begins in [
        "stream-text",
        "stream-tool-call",
        "stream-parallel-tool-calls",
        "whole-text",
        "whole-tool-call",
        "whole-parallel-tool-calls",
        "error-401",
        "error-404",
        "error-429",
    ] {
        assert!(recorded(begins) > 0, "nothing is recorded of {begins}");
    }
}

#[test]
fn what_differs_is_found() {
    let exchange = index::exchanges().swap_remove(0);
    let found = |from: &str, to: &str| {
        let body = exchange.body.replacen(from, to, 1);
        assert_ne!(body, exchange.body, "{from}");
        let ours = told::Told {
            status: 200,
            headers: Vec::new(),
            body,
        };
        let differences = compare::compare(&exchange, &ours);
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
