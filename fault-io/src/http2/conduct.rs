//! Whether a peer says anything that brings it further, or only keeps us busy: floods of PING, SETTINGS, empty frames, and requests that
//! are taken back at once (CVE-2019-9512 to 9518, CVE-2023-44487). Pure; knows no clock.

use super::frame::code;

/// So much may be said that brings nobody further, beyond what is earned: as many frames as Go's `maxQueuedControlFrames`
/// (`net/http/h2_bundle.go`).
const MOST: u32 = 10_000;
/// What a frame is worth that carries a request or an answer on: each may be followed by two windows and an acknowledgement.
const EARNED: u32 = 4;
/// What it costs to take a request back, of which the work is ours.
const TAKEN_BACK: u32 = 10;

/// What a peer has said beyond what it has earned.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    talk: u32,
}

impl Conduct {
    /// A frame has come.
    ///
    /// # Errors
    ///
    /// It was one too many.
    pub(super) fn frame(&mut self) -> Result<(), u32> {
        self.costs(1)
    }

    /// A request was taken back that was not answered.
    ///
    /// # Errors
    ///
    /// It was one too many.
    pub(super) fn taken_back(&mut self) -> Result<(), u32> {
        self.costs(TAKEN_BACK)
    }

    /// Something has gone further.
    pub(super) fn earn(&mut self) {
        self.talk = self.talk.saturating_sub(EARNED);
    }

    fn costs(&mut self, cost: u32) -> Result<(), u32> {
        self.talk += cost;
        match self.talk > MOST {
            true => Err(code::ENHANCE_YOUR_CALM),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_only_talks_is_told_to_calm_down() {
        let mut conduct = Conduct::default();
        assert!((0..MOST).all(|_| conduct.frame().is_ok()));
        assert_eq!(conduct.frame(), Err(code::ENHANCE_YOUR_CALM));
        let mut conduct = Conduct::default();
        let taken_back = (0..2 * MOST).take_while(|_| conduct.taken_back().is_ok());
        assert_eq!(taken_back.count(), 1_000);
    }

    #[test]
    fn whoever_gets_answers_may_go_on() {
        let mut conduct = Conduct::default();
        for _ in 0..10 * MOST {
            conduct.earn();
            assert!((0..4).all(|_| conduct.frame().is_ok()));
        }
    }
}
