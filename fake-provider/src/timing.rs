//! How fast an answer is said: the time to its first token, tokens per second, and how much both vary. Drawn from the seed and the
//! request's place, so that a slow answer is as slow again. Knows no clock.

use std::time::Duration;

use fault_io::{Frame, Response};
use provider_script::Reply;

use crate::draw::Draw;

/// How fast answers are said that do not say it themselves; without silences unless said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Timing {
    /// Silence before the first event, or before an answer that is not streamed.
    pub first_token: Duration,
    /// How many tokens are said in a second; as many as can be unless said. Above 0.
    pub tokens_per_second: Option<f64>,
    /// By what part of itself each silence may be shorter or longer, from 0 to 1.
    pub jitter: f64,
}

/// So many decoded bytes are a token, as a rule of thumb for English (platform.openai.com/tokenizer: "~4 characters").
const BYTES_A_TOKEN: usize = 4;

/// Silences before each event of a stream, or one before an answer that is not streamed; none where nothing is to be slow.
pub(crate) fn pauses(
    reply: &Reply,
    usual: &Timing,
    draw: &Draw,
    response: &Response,
) -> Vec<Duration> {
    let first = reply.first_token.map_or(usual.first_token, |first| first.0);
    // What says its pace says how fast it is.
    let usual_speed = usual.tokens_per_second.filter(|_| reply.pace.is_none());
    let speed = reply.tokens_per_second.or(usual_speed);
    if first.is_zero() && speed.is_none() {
        return Vec::new();
    }
    let jitter = reply.jitter.unwrap_or(usual.jitter);
    let mut drawn = draw.numbers("timing");
    let mut varied = |seconds: f64| seconds * (1.0 + jitter * (2.0 * drawn() - 1.0));
    let seconds = |tokens: usize| speed.map_or(0.0, |speed| tokens as f64 / speed);
    let mut events = response.frames.iter().filter(|frame| frame.is_event);
    let first = varied(first.as_secs_f64());
    if events.next().is_none() {
        let all = varied(seconds(tokens(response, 0..response.body.len())));
        return in_whole_millis([first + all]);
    }
    let rest = events.map(|Frame { bytes, .. }| varied(seconds(tokens(response, bytes.clone()))));
    in_whole_millis(std::iter::once(first).chain(rest))
}

/// How many tokens are said in a part of the body; one at least.
fn tokens(response: &Response, part: std::ops::Range<usize>) -> usize {
    let marks = &response.marks;
    let tracks = [&marks.text, &marks.reasoning, &marks.arguments];
    let bytes: usize = { tracks.iter() }
        .map(|track| track.within(part.clone()))
        .sum();
    bytes.div_ceil(BYTES_A_TOKEN).max(1)
}

/// In the clock's smallest steps, so that what is left over by one is part of the next: a long answer is as long as it should be.
fn in_whole_millis(seconds: impl IntoIterator<Item = f64>) -> Vec<Duration> {
    let (mut exact, mut told) = (0.0_f64, 0_u64);
    let pauses = seconds.into_iter().map(|seconds| {
        exact += seconds * 1000.0;
        // A cast of a float is bounded by what fits.
        let until = exact.round() as u64;
        let pause = until.saturating_sub(told);
        told += pause;
        Duration::from_millis(pause)
    });
    pauses.collect()
}

#[cfg(test)]
mod tests {
    use wire_faults::HumanDuration;

    use super::*;
    use crate::addressing::Address;

    /// Three events, of 0, 8 and 9 decoded bytes.
    fn stream() -> Response {
        let frame = |bytes| Frame {
            bytes,
            is_event: true,
        };
        let mut response = Response {
            body: vec![b'x'; 60],
            frames: vec![frame(0..10), frame(10..30), frame(30..60)],
            ..Response::default()
        };
        response.marks.text.push_all(12..20, 8);
        response.marks.text.push_all(35..44, 9);
        response
    }

    fn millis(reply: &Reply, response: &Response, attempt: u32) -> Vec<u64> {
        let address = Address {
            run: Some(1),
            call: 1,
            attempt,
        };
        let draw = Draw::new(7, Some(address));
        let pauses = pauses(reply, &Timing::default(), &draw, response);
        let millis = pauses.iter().map(Duration::as_millis);
        millis.map(|millis| millis as u64).collect()
    }

    fn slow(jitter: Option<f64>) -> Reply {
        Reply {
            first_token: Some(HumanDuration(Duration::from_millis(300))),
            tokens_per_second: Some(40.0),
            jitter,
            ..Reply::default()
        }
    }

    #[test]
    fn an_event_takes_as_long_as_its_tokens() {
        assert_eq!(millis(&slow(None), &stream(), 1), [300, 50, 75]);
        assert!(millis(&Reply::default(), &stream(), 1).is_empty());
        let whole = Response {
            frames: vec![Frame {
                bytes: 0..60,
                is_event: false,
            }],
            ..stream()
        };
        assert_eq!(millis(&slow(None), &whole, 1), [300 + 125]);
    }

    #[test]
    fn jitter_is_drawn_from_the_place_and_bounded() {
        let once = millis(&slow(Some(0.2)), &stream(), 1);
        assert_eq!(once, millis(&slow(Some(0.2)), &stream(), 1));
        let others = (2..50).map(|attempt| millis(&slow(Some(0.2)), &stream(), attempt));
        let mut differ = 0;
        for other in others {
            differ += usize::from(other != once);
            assert!((240..=360).contains(&other[0]), "{other:?}");
            assert!((39..=61).contains(&other[1]), "{other:?}");
        }
        assert!(differ > 40, "{differ}");
    }

    #[test]
    fn what_is_left_over_is_not_lost() {
        let pauses = in_whole_millis([0.0004; 1000]);
        assert_eq!(pauses.iter().sum::<Duration>(), Duration::from_millis(400));
    }
}
