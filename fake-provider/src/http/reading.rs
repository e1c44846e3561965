//! One request out of bytes, however they are split. Knows no socket and no clock.

use super::body::Body;
use super::head::{Head, HeadReader};
use super::{Limits, Request, Why, values};

/// How many bytes the body of a request may have, which has none yet.
pub(crate) type BodyMost<'a> = &'a (dyn Fn(&Request) -> usize + Sync);

/// A request that is being read.
pub(crate) struct Reading<'a> {
    limits: &'a Limits,
    body_most: BodyMost<'a>,
    stage: Stage,
}

enum Stage {
    Head(HeadReader),
    Body(Box<Request>, Body),
    /// Refused, or done.
    Over,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// More is to be received.
    More,
    /// The peer waits for leave to send its body (RFC 9110, section 10.1.1).
    Continue,
    /// The request is whole.
    Done(Request),
}

impl<'a> Reading<'a> {
    /// A request of which nothing has come.
    pub(crate) fn new(limits: &'a Limits, body_most: BodyMost<'a>) -> Self {
        Self {
            limits,
            body_most,
            stage: Stage::Head(HeadReader::default()),
        }
    }

    /// Takes what has come; how many bytes of it were used, and what is next.
    pub(crate) fn advance(&mut self, inbound: &[u8]) -> Result<(usize, Step), Why> {
        let (mut used, mut step) = (0, Step::More);
        if let Stage::Head(reader) = &mut self.stage {
            let Some((head, length)) = reader.look(inbound, self.limits)? else {
                return Ok((0, Step::More));
            };
            used = length;
            if head.expects_continue && inbound.len() == length {
                step = Step::Continue;
            }
            self.begin_body(head)?;
        }
        if let Stage::Body(_, body) = &mut self.stage {
            used += body.take(&inbound[used..])?;
            if body.is_whole() {
                step = Step::Done(self.whole()?);
            }
        }
        Ok((used, step))
    }

    /// Whether the head has come.
    pub(crate) const fn has_head(&self) -> bool {
        !matches!(self.stage, Stage::Head(_))
    }

    /// How many bytes of the body are held.
    pub(crate) const fn received(&self) -> usize {
        match &self.stage {
            Stage::Body(_, body) => body.len(),
            _ => 0,
        }
    }

    /// The request without its body, if its head has come.
    pub(crate) fn into_head(self) -> Option<Request> {
        match self.stage {
            Stage::Body(request, _) => Some(*request),
            _ => None,
        }
    }

    fn begin_body(&mut self, head: Head) -> Result<(), Why> {
        let most = (self.body_most)(&head.request).min(self.limits.body_bytes);
        let body = Body::new(head.length, most);
        // The request stays, so that whoever is refused is refused in its dialect.
        let (body, why) = match body {
            Ok(body) => (body, None),
            Err(why) => (Body::none(), Some(why)),
        };
        self.stage = Stage::Body(Box::new(head.request), body);
        why.map_or(Ok(()), Err)
    }

    fn whole(&mut self) -> Result<Request, Why> {
        let Stage::Body(_, body) = &self.stage else {
            return Ok(Request::default());
        };
        values::within(self.limits.values, body.bytes())?;
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Body(request, body) => Ok(Request {
                body: body.into_bytes(),
                ..*request
            }),
            _ => Ok(Request::default()),
        }
    }
}
