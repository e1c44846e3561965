//! The recordings, and which of them answers a request: the n-th of equal requests gets the n-th recording. Knows no sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::asked::{Asked, Match};
use super::load::Loaded;
use crate::http::Request;
use crate::recording::exchange::RecordedRequest;
use crate::recording::secrets::Secrets;

/// So many recordings, or routes, are named where nothing fits.
const NAMED: usize = 4;

/// All recordings.
#[derive(Debug)]
pub(super) struct Shelf {
    recordings: Vec<(Loaded, Asked)>,
    by_key: BTreeMap<String, Vec<usize>>,
    /// How often each was asked for.
    counts: Mutex<BTreeMap<String, usize>>,
    by: Match,
    strict: bool,
}

impl Shelf {
    pub(super) fn new(loaded: Vec<Loaded>, by: Match, strict: bool) -> Self {
        let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let recordings: Vec<_> = { loaded.into_iter() }
            .map(|loaded| {
                let asked = Asked::read(&loaded.exchange.request, by);
                (loaded, asked)
            })
            .collect();
        for (index, (_, asked)) in recordings.iter().enumerate() {
            by_key.entry(asked.key()).or_default().push(index);
        }
        Self {
            recordings,
            by_key,
            counts: Mutex::default(),
            by,
            strict,
        }
    }

    /// Every recording, in the order in which they were made.
    pub(super) fn recordings(&self) -> impl Iterator<Item = &Loaded> {
        self.recordings.iter().map(|(loaded, _)| loaded)
    }

    /// The recording that answers this request, with its number from 0; or what was asked and what there is.
    pub(super) fn pick(&self, request: &Request) -> Result<(usize, &Loaded), String> {
        let secrets = Secrets::of(request);
        let asked = Asked::read(&secrets.scrubbed(&RecordedRequest::of(request)), self.by);
        let key = asked.key();
        let Some(recorded) = self.by_key.get(&key) else {
            return Err(self.missing(&asked));
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        *count += 1;
        if self.strict && *count > recorded.len() {
            let (route, times) = (&asked.route, recorded.len());
            return Err(format!(
                "{route} with this body was recorded {times} times, and this is request {count} of it"
            ));
        }
        let index = recorded[(*count).min(recorded.len()) - 1];
        Ok((index, &self.recordings[index].0))
    }

    fn missing(&self, asked: &Asked) -> String {
        let route = &asked.route;
        let same = { self.recordings.iter() }.filter(|(_, recorded)| recorded.route == *route);
        let same: Vec<_> = same
            .map(|(loaded, recorded)| {
                format!("{} differs {}", loaded.name, recorded.difference(asked))
            })
            .collect();
        if !same.is_empty() {
            return format!("nothing like this {route} was recorded: {}", first(&same));
        }
        let routes: BTreeSet<_> = { self.recordings.iter() }
            .map(|(_, recorded)| recorded.route.clone())
            .collect();
        let routes: Vec<_> = routes.into_iter().collect();
        format!("no {route} was recorded; there is {}", first(&routes))
    }
}

fn first(all: &[String]) -> String {
    let named = all[..all.len().min(NAMED)].join(", ");
    match all.len().checked_sub(NAMED) {
        None | Some(0) => named,
        Some(more) => format!("{named}, and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::recording::exchange::{Ending, RecordedExchange};

    fn request(path: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            path: path.into(),
            headers: [("authorization", "Bearer sk-of-today")]
                .into_iter()
                .collect(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    fn shelf(strict: bool) -> Shelf {
        let loaded = [
            ("/a", "{\"n\":1}"),
            ("/a", "{\"n\":2}"),
            ("/a", "{\"n\":1}"),
            ("/b", ""),
        ];
        let loaded = loaded.iter().zip(1..).map(|((path, body), number)| Loaded {
            name: format!("{number:06}.ndjson"),
            exchange: RecordedExchange {
                upstream: String::new(),
                request: RecordedRequest::of(&request(path, body)),
                pieces: Vec::new(),
                ending: Ending::Fin,
                ended_at: Duration::ZERO,
            },
        });
        Shelf::new(loaded.collect(), Match::Body, strict)
    }

    #[test]
    fn the_nth_of_equal_requests_gets_the_nth_recording_and_then_the_last() {
        let shelf = shelf(false);
        let pick = |path, body| shelf.pick(&request(path, body)).expect("was recorded").0;
        let first = [
            pick("/a", "{\"n\":1}"),
            pick("/a", "{\"n\":2}"),
            pick("/a", "{\"n\": 1}"),
        ];
        assert_eq!(first, [0, 1, 2]);
        assert_eq!([pick("/a", "{\"n\":1}"), pick("/a", "{\"n\":2}")], [2, 1]);
    }

    #[test]
    fn strictly_none_is_used_twice() {
        let shelf = shelf(true);
        assert!(shelf.pick(&request("/b", "")).is_ok());
        let refused = shelf.pick(&request("/b", "")).expect_err("is used up");
        assert_eq!(
            refused,
            "POST /b with this body was recorded 1 times, and this is request 2 of it"
        );
    }

    #[test]
    fn what_was_not_recorded_is_told_with_what_was() {
        let shelf = shelf(false);
        let refused = |path, body| shelf.pick(&request(path, body)).expect_err("is unknown");
        assert_eq!(
            refused("/a", "{\"n\":3}"),
            "nothing like this POST /a was recorded: 000001.ndjson differs at /n, \
             000002.ndjson differs at /n, 000003.ndjson differs at /n"
        );
        assert_eq!(
            refused("/c", ""),
            "no POST /c was recorded; there is POST /a, POST /b"
        );
    }

    #[test]
    fn a_key_in_the_body_is_no_difference() {
        let asked = request("/a", "{\"n\":\"sk-of-today\"}");
        let recorded = Secrets::of(&asked).scrubbed(&RecordedRequest::of(&asked));
        let loaded = Loaded {
            name: String::new(),
            exchange: RecordedExchange {
                upstream: String::new(),
                request: recorded,
                pieces: Vec::new(),
                ending: Ending::Fin,
                ended_at: Duration::ZERO,
            },
        };
        let shelf = Shelf::new(vec![loaded], Match::Body, false);
        let mut tomorrow = request("/a", "{\"n\":\"another-key\"}");
        tomorrow.headers = [("authorization", "Bearer another-key")]
            .into_iter()
            .collect();
        assert!(shelf.pick(&tomorrow).is_ok());
    }
}
