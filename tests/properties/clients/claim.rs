//! What is claimed of clients, one word each, so that a broken claim can be told from another.

/// One claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody but its owner and the shutdown ever closes the primary: it can still send, and is still the same one.
    PrimarySurvives,
    /// What is done to one client leaves every other usable, and what it has in flight going.
    SiblingsUnaffected,
    /// No two clients have the same transport.
    TransportOfItsOwn,
    /// The configuration is the same before and after every building.
    ConfigUnchanged,
    /// What is given up or closed ends at the provider too.
    EndReachesSocket,
    /// Only a send on a client that was closed is refused, and each is told.
    OnlyClosedRefuse,
    /// A closed registry has no open client and makes none; each was closed once.
    AllClosedAfterShutdown,
    /// At the end there is no task and no connection.
    NothingLeft,
}

impl Claim {
    /// Every claim.
    pub(crate) const ALL: [Self; 8] = [
        Self::PrimarySurvives,
        Self::SiblingsUnaffected,
        Self::TransportOfItsOwn,
        Self::ConfigUnchanged,
        Self::EndReachesSocket,
        Self::OnlyClosedRefuse,
        Self::AllClosedAfterShutdown,
        Self::NothingLeft,
    ];
}

/// A claim that turned out false, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) claim: Claim,
    pub(crate) seen: String,
}
