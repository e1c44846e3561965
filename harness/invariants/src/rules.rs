//! Every rule, one file each. The order is that of reports: by group, and never by what was found.

use crate::verdict::Rule;

mod abort_reaches_socket;
mod attempts_within_budget;
mod config_never_changed;
mod error_names_cause;
mod every_call_has_one_result;
mod every_client_closed;
mod every_run_ends;
mod failed_run_says_failed;
mod fault_delivered;
mod growth_is_bounded;
mod key_never_appears;
mod length_is_labelled;
mod next_run_succeeds;
mod no_client_outlives_runtime;
mod no_hopeless_retry;
mod no_stray_output;
mod no_success_without_end;
mod no_tool_on_partial_arguments;
mod no_unscripted_request;
mod nothing_left;
mod one_terminal_event;
mod one_turn_per_session;
mod own_abort_not_retried;
mod primary_survives_request_close;
mod request_accepted;
mod retry_after_honoured;
mod runs_never_mix;
mod slow_stream_lives;
mod steps_were_taken;
mod stop_is_final;
mod terminal_after_reconnect;
mod text_in_order;
mod tool_runs_at_most_once;
mod usage_is_summed;

/// Every rule, by group.
pub(crate) static RULES: [Rule; 34] = [
    primary_survives_request_close::RULE,
    config_never_changed::RULE,
    no_client_outlives_runtime::RULE,
    every_client_closed::RULE,
    abort_reaches_socket::RULE,
    one_terminal_event::RULE,
    failed_run_says_failed::RULE,
    no_success_without_end::RULE,
    length_is_labelled::RULE,
    terminal_after_reconnect::RULE,
    error_names_cause::RULE,
    text_in_order::RULE,
    no_tool_on_partial_arguments::RULE,
    tool_runs_at_most_once::RULE,
    every_call_has_one_result::RULE,
    attempts_within_budget::RULE,
    no_hopeless_retry::RULE,
    retry_after_honoured::RULE,
    every_run_ends::RULE,
    slow_stream_lives::RULE,
    stop_is_final::RULE,
    own_abort_not_retried::RULE,
    nothing_left::RULE,
    growth_is_bounded::RULE,
    no_stray_output::RULE,
    key_never_appears::RULE,
    next_run_succeeds::RULE,
    usage_is_summed::RULE,
    runs_never_mix::RULE,
    one_turn_per_session::RULE,
    fault_delivered::RULE,
    no_unscripted_request::RULE,
    request_accepted::RULE,
    steps_were_taken::RULE,
];
