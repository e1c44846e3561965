//! Signatures of thinking blocks. The real ones are encrypted; ours depend on nothing but the text, so that one that comes back
//! can be verified by whoever sees it.

use sha2::{Digest, Sha256};

/// What the real provider's signatures begin with.
const BEGINS: &str = "ErUBCkYI";

/// The signature of this thinking: base64 in form, as the real ones are.
pub(super) fn of(thinking: &str) -> String {
    let digest = Sha256::digest(format!("thinking {thinking}"));
    let mut signature = BEGINS.to_owned();
    signature.extend(digest.iter().map(|byte| format!("{byte:02x}")));
    signature
}

/// Whether thinking that comes back is as it was sent. Thinking that was left out for display has its signature alone.
pub(super) fn fits(thinking: &str, signature: &str) -> bool {
    match thinking {
        "" => signature.starts_with(BEGINS),
        thinking => signature == of(thinking),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_fits() {
        let signature = of("Let me see.");
        assert!(fits("Let me see.", &signature) && fits("", &signature));
        assert!(!fits("Let me look.", &signature) && !fits("", "c2lnbmVk"));
        assert_eq!(signature.len() % 4, 0);
    }
}
