//! Where the parts of a scenario stand that may not be possible everywhere, for showing what is in the way.

use std::ops::Range;

use provider_script::EntrySpec;
use toml::Spanned;

use crate::spec::ScenarioSpec;

/// Places in the file, in bytes. Of a scenario that was never in a file, all of them are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    pub(crate) dialects: Range<usize>,
    entries: Vec<EntryPlaces>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct EntryPlaces {
    reply: Range<usize>,
    faults: Vec<Range<usize>>,
}

impl Places {
    /// The places of a scenario in which nothing is wrong.
    pub(crate) fn of(spec: &ScenarioSpec) -> Self {
        let dialects = spec.dialects.as_ref();
        let entries = spec.provider.iter().map(|entry| of_entry(entry.get_ref()));
        Self {
            dialects: dialects.map(Spanned::span).unwrap_or_default(),
            entries: entries.collect(),
        }
    }

    pub(crate) fn reply(&self, entry: usize) -> Range<usize> {
        let entry = self.entries.get(entry);
        entry.map(|entry| entry.reply.clone()).unwrap_or_default()
    }

    pub(crate) fn fault(&self, entry: usize, fault: usize) -> Range<usize> {
        let place = self.entries.get(entry);
        let place = place.and_then(|entry| entry.faults.get(fault));
        place.cloned().unwrap_or_default()
    }
}

fn of_entry(entry: &EntrySpec) -> EntryPlaces {
    let several = entry.faults.iter().flat_map(|faults| faults.get_ref());
    EntryPlaces {
        reply: entry.reply.as_ref().map(Spanned::span).unwrap_or_default(),
        faults: entry
            .fault
            .iter()
            .chain(several)
            .map(Spanned::span)
            .collect(),
    }
}
