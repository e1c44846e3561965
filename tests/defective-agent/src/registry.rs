//! Every defect there is: the three seeds first, then by group of rules.

use crate::defect::Defect;
use crate::defects as one;

/// All of them, in the order in which they are told.
const ALL: &[Defect] = &[
    one::shared_client::DEFECT,
    one::orphaned_client::DEFECT,
    one::lying_gateway::DEFECT,
    one::never_closes::DEFECT,
    one::unregistered_auxiliary::DEFECT,
    one::stop_closes_all::DEFECT,
    one::double_terminal::DEFECT,
    one::missing_terminal::DEFECT,
    one::truncated_as_complete::DEFECT,
    one::unlabelled_length::DEFECT,
    one::empty_as_success::DEFECT,
    one::single_reader::DEFECT,
    one::swallowed_cause::DEFECT,
    one::kept_text::DEFECT,
    one::demands_done::DEFECT,
    one::repaired_arguments::DEFECT,
    one::tool_runs_twice::DEFECT,
    one::results_by_name::DEFECT,
    one::stop_loses_results::DEFECT,
    one::abridged_arguments::DEFECT,
    one::retry_storm::DEFECT,
    one::retries_refusals::DEFECT,
    one::ignores_retry_after::DEFECT,
    one::gives_up_at_once::DEFECT,
    one::never_times_out::DEFECT,
    one::total_timeout::DEFECT,
    one::impatient::DEFECT,
    one::deaf_stop::DEFECT,
    one::late_answer_wins::DEFECT,
    one::own_abort_retried::DEFECT,
    one::undead_run::DEFECT,
    one::leaked_task::DEFECT,
    one::runtime_per_call::DEFECT,
    one::echoes_key::DEFECT,
    one::raw_diary::DEFECT,
    one::shared_session::DEFECT,
    one::shared_buffer::DEFECT,
    one::busy_session::DEFECT,
    one::stuck_session::DEFECT,
    one::overlapping_turns::DEFECT,
    one::open_circuit::DEFECT,
    one::last_usage_only::DEFECT,
    one::ignores_in_band_errors::DEFECT,
    one::comments_are_progress::DEFECT,
    one::decodes_each_chunk::DEFECT,
    one::one_read_one_event::DEFECT,
    one::line_feeds_only::DEFECT,
    one::skips_unreadable_events::DEFECT,
    one::page_as_answer::DEFECT,
    one::invented_stop::DEFECT,
    one::arguments_become_none::DEFECT,
    one::refusal_as_answer::DEFECT,
];

/// Every defect, in a stable order.
#[must_use]
pub const fn registry() -> &'static [Defect] {
    ALL
}

/// The defect of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Defect> {
    ALL.iter().find(|defect| defect.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once_and_says_what_it_replaces() {
        let mut names: Vec<&str> = registry().iter().map(|defect| defect.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), registry().len());
        for defect in registry() {
            assert!(!defect.replaces.is_empty(), "{}", defect.name);
            let convicted = !defect.meant.is_empty() || !defect.shown_by.is_empty();
            assert!(convicted, "{} is meant for nobody", defect.name);
            assert_eq!(find(defect.name).map(|found| found.name), Some(defect.name));
        }
        assert!(find("none").is_none());
    }
}
