//! The house style, as far as no compiler checks it. One function per rule, in the files below `tidy/`; every offence
//! of every rule at once.

mod habits;
mod size;
mod source;

use std::path::Path;

use crate::failure::Failure;
use source::Source;

/// Gives back what is wrong with a file, each as `line: what`.
type Rule = fn(&Source) -> Vec<String>;

const RULES: [Rule; 7] = [
    size::at_most_600_lines,
    habits::begins_with_its_purpose,
    habits::named_by_a_noun,
    habits::no_sleep_in_tests,
    habits::no_test_left_out,
    habits::no_path_of_a_machine,
    habits::no_tab_or_trailing_space,
];

/// Every offence against the house style.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let sources = source::all(root)?;
    let offences: Vec<String> = sources.iter().flat_map(offences).collect();
    if offences.is_empty() {
        return Ok(());
    }
    Err(Failure::Found(offences))
}

fn offences(source: &Source) -> Vec<String> {
    let found = RULES.iter().flat_map(|rule| rule(source));
    found
        .map(|what| format!("{}:{what}", source.path))
        .collect()
}
