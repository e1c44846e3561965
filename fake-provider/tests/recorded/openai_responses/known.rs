//! Where the Responses API's recordings and the provider differ, and why that does no harm. The API gains members every month;
//! the provider has those of the newest recording.

mod documents;
mod heads;
mod streams;

use crate::known::{Known, joined};

/// All of them. Whatever is not here, a test finds.
pub(super) const KNOWN: [Known; 48] = joined(&[heads::KNOWN, streams::KNOWN, documents::KNOWN]);

type Names = &'static [&'static str];

/// One difference: why, where, and what is there and here.
const fn known(
    name: &'static str,
    reason: &'static str,
    (files, fields): (Names, Names),
    (recorded, ours): (&'static str, &'static str),
) -> Known {
    Known {
        name,
        reason,
        files,
        fields,
        recorded,
        ours,
    }
}
