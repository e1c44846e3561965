//! The `details` of a Google error: a list of typed messages. Decides nothing.
//!
//! Source: googleapis, `google/rpc/error_details.proto`.

use std::time::Duration;

use serde_json::Value;

use crate::provider::fields::{list, text};

/// What an error says besides its sentence.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    /// Why, in a word that is more specific than the status.
    pub(super) reason: Option<String>,
    /// How long to wait.
    pub(super) retry_after: Option<Duration>,
}

/// The details of an error, if it has any of Google's.
pub(super) fn details(error: &Value) -> Details {
    let mut found = Details::default();
    for detail in list(error, "details") {
        let kind = text(detail, "@type");
        match kind.rsplit('.').next().unwrap_or_default() {
            "ErrorInfo" => found.reason = word(text(detail, "reason")).or(found.reason),
            "RetryInfo" => found.retry_after = seconds(&text(detail, "retryDelay")),
            // A quota of the day does not come back while anybody waits, whatever delay stands beside it.
            "QuotaFailure" if is_daily(detail) => {
                found.reason = Some("daily_quota_exceeded".to_owned());
            }
            _ => {}
        }
    }
    found
}

fn word(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// `google.protobuf.Duration` as JSON: seconds with a fraction and an `s`. Nothing for one that says nothing.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|wait| !wait.is_zero())
}

fn is_daily(failure: &Value) -> bool {
    let violations = list(failure, "violations").iter();
    violations
        .map(|violation| text(violation, "quotaId"))
        .any(|quota| quota.contains("PerDay"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_reason_and_the_delay_are_found() {
        let info = |reason: &str| json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason});
        let delay = |delay: &str| json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
        let quota = |id: &str| json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]});
        let table = [
            (
                json!([info("API_KEY_INVALID")]),
                Some("API_KEY_INVALID"),
                None,
            ),
            (
                json!([quota("GenerateRequestsPerMinute"), delay("36.5s")]),
                None,
                Some(36_500),
            ),
            (
                json!([quota("GenerateRequestsPerDayPerProject"), delay("36s")]),
                Some("daily_quota_exceeded"),
                Some(36_000),
            ),
            (json!([delay("0s"), delay("soon")]), None, None),
            (json!({"error_code": "x"}), None, None),
        ];
        for (details, reason, wait) in table {
            let found = super::details(&json!({"details": details}));
            let expected = Details {
                reason: reason.map(str::to_owned),
                retry_after: wait.map(Duration::from_millis),
            };
            assert_eq!(found, expected, "{details}");
        }
    }
}
