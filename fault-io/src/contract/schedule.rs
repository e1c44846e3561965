//! The order in which a contract is carried out: where to stop sending, and for how long to be silent there. Pure.

use std::time::Duration;

use super::Contract;

/// A place where sending stops for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stop {
    /// After so many bytes.
    pub(crate) at: usize,
    /// How long to be silent; not at all where only a piece ends.
    pub(crate) silence: Duration,
}

impl Contract {
    /// Every stop, in order.
    pub(crate) fn stops(&self) -> impl Iterator<Item = Stop> {
        let mut silences = self.silences.iter().peekable();
        let mut pieces = self.pieces.iter().copied().peekable();
        let drip = self.drip;
        let dripping = drip.map_or(0..0, |drip| drip.from..self.wire.len());
        let step = drip.map_or(1, |drip| drip.bytes.max(1));
        let mut drops = dripping.step_by(step).peekable();
        std::iter::from_fn(move || {
            let next = [
                silences.peek().map(|silence| silence.at),
                pieces.peek().copied(),
                drops.peek().copied(),
            ];
            let at = next.into_iter().flatten().min()?;
            let mut silence = Duration::ZERO;
            while let Some(here) = silences.next_if(|silence| silence.at == at) {
                silence += here.lasting;
            }
            while pieces.next_if_eq(&at).is_some() {}
            if drops.next_if_eq(&at).is_some() {
                silence += drip.map_or(Duration::ZERO, |drip| drip.every);
            }
            Some(Stop { at, silence })
        })
    }
}
