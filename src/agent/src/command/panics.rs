//! Where panics are told. Not on the screen: whoever sits there can do nothing about them. Knows no command.

use crate::lifecycle::{LifecycleFact, SharedLog};
use crate::redact::Redactor;
use crate::runtime::panic_text;

/// From now on every panic of this process becomes a [`LifecycleFact::BackgroundFailure`] and nothing else.
pub(super) fn take_over(log: SharedLog, redactor: Redactor) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |location| format!(" at {location}"));
        let message = format!("panic{place}: {}", panic_text(panic.payload()));
        let message = redactor.redact(&message);
        log.fact(LifecycleFact::BackgroundFailure { message });
    }));
}
