//! A file of a recording by anybody: read, written again, and made ready to be replayed.

use super::load::Loaded;
use super::shelf::Shelf;
use super::speed::contract;
use super::{Match, Speed};
use crate::http::Request;
use crate::recording::exchange::RecordedExchange;
use crate::recording::file_format;

/// What can be read says the same when it is written and read again, and leaves as it came; what cannot is refused at a line that
/// there is.
pub(crate) fn recording(file: &[u8]) {
    let exchange = match file_format::read(file) {
        Ok(exchange) => exchange,
        Err(damage) => {
            let lines = 1 + file.iter().filter(|byte| **byte == b'\n').count();
            assert!((1..=lines).contains(&damage.line), "{damage:?}");
            assert!(!damage.message.is_empty() && !damage.help.is_empty());
            return;
        }
    };
    let again = file_format::read(&file_format::write(&exchange));
    assert_eq!(again.as_ref(), Ok(&exchange));
    for secure in [false, true] {
        let contract = contract(&exchange, Speed::default(), secure);
        assert_eq!(contract.wire(), exchange.wire());
    }
    is_found(exchange);
}

/// By method, path and query alone whoever asks the same is answered, unless a key is part of that.
fn is_found(exchange: RecordedExchange) {
    let asked = &exchange.request;
    let request = Request {
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        headers: asked.headers.iter().cloned().collect(),
        body: asked.body.clone(),
        ..Request::default()
    };
    for by in [Match::Body, Match::Path] {
        let loaded = Loaded {
            name: "000001.ndjson".to_owned(),
            exchange: exchange.clone(),
        };
        let shelf = Shelf::new(vec![loaded], by, true);
        let first = shelf.pick(&request).is_ok();
        // Used up, or never there.
        assert!(shelf.pick(&request).is_err(), "{first}");
    }
}
