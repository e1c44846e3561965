//! The differences that are known and do no harm, each with its reason. One that no longer occurs has to go.

use crate::compare::Difference;

/// A difference that stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) files: &'static [&'static str],
    pub(crate) fields: &'static [&'static str],
    pub(crate) recorded: &'static str,
    pub(crate) ours: &'static str,
}

impl Known {
    pub(crate) fn is(&self, difference: &Difference) -> bool {
        self.files.contains(&difference.file.as_str())
            && self.fields.contains(&difference.field.as_str())
            && (difference.recorded.as_str(), difference.ours.as_str())
                == (self.recorded, self.ours)
    }

    /// Every file and field in which it has to occur.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let each = |file: &'static &'static str| self.fields.iter().map(|field| (*file, *field));
        self.files.iter().flat_map(each)
    }
}

/// The differences of several lists, of which there are `N`.
pub(crate) const fn joined<const N: usize>(lists: &[&[Known]]) -> [Known; N] {
    // What is counted wrong stays nameless, which a test finds, or has no place, which the compiler finds.
    let mut all = [Known {
        name: "",
        reason: "",
        files: &[],
        fields: &[],
        recorded: "",
        ours: "",
    }; N];
    let (mut list, mut place) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[place] = lists[list][index];
            (index, place) = (index + 1, place + 1);
        }
        list += 1;
    }
    all
}
