//! How text reaches whoever follows the run, and what happens to text whose attempt broke.

use crate::event::{EventSink, RunEvent};

/// Delivers text.
pub trait Delivery: Send + Sync {
    /// Delivers new text.
    fn delta(&self, sink: &dyn EventSink, delta: String) {
        sink.event(RunEvent::MessageDelta { delta });
    }

    /// The attempt that said `void` broke. Tells so, and returns what the answer keeps of it: nothing.
    fn superseded(&self, sink: &dyn EventSink, void: String) -> String {
        if !void.is_empty() {
            sink.event(RunEvent::MessageSuperseded { text: void });
        }
        String::new()
    }
}

/// What broke is void, and said to be.
#[derive(Debug, Default, Clone, Copy)]
pub struct VoidWhatBroke;

impl Delivery for VoidWhatBroke {}
