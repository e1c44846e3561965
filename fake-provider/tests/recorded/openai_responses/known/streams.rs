//! Streams: members that came later, and where an event has its number.

use super::known;
use crate::known::Known;

const LATER: &str =
    "Came to be sent after this was recorded; a newer recording has it, and so has ours.";
const NUMBERED: &str = "Until the beginning of 2026 the number came second; newer recordings have it in the order of the names.";

const ALL: &[&str] = &[
    "stream-error-quota-2025.sse",
    "stream-incomplete-2025.sse",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-reasoning-summary-2026.sse",
    "stream-refusal-2025.sse",
    "stream-text-2026.sse",
    "stream-tool-call-2025.sse",
    "stream-tool-call-reasoning-2026.sse",
];
const ENDED: &[&str] = &[
    "stream-incomplete-2025.sse",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-reasoning-summary-2026.sse",
    "stream-refusal-2025.sse",
    "stream-text-2026.sse",
    "stream-tool-call-2025.sse",
    "stream-tool-call-reasoning-2026.sse",
];
const OF_2025: &[&str] = &[
    "stream-error-quota-2025.sse",
    "stream-incomplete-2025.sse",
    "stream-parallel-tool-calls-2025.sse",
    "stream-refusal-2025.sse",
    "stream-tool-call-2025.sse",
];
const BEFORE_JUNE_2026: &[&str] = &[
    "stream-error-quota-2025.sse",
    "stream-incomplete-2025.sse",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-reasoning-summary-2026.sse",
    "stream-refusal-2025.sse",
    "stream-tool-call-2025.sse",
    "stream-tool-call-reasoning-2026.sse",
];
const OF_OCTOBER_2025: &[&str] = &[
    "stream-parallel-tool-calls-2025.sse",
    "stream-refusal-2025.sse",
    "stream-tool-call-2025.sse",
];
const WITH_TOOLS: &[&str] = &[
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-summary-2026.sse",
    "stream-tool-call-2025.sse",
    "stream-tool-call-reasoning-2026.sse",
];
const ENDED_OF_2025: &[&str] = &[
    "stream-incomplete-2025.sse",
    "stream-parallel-tool-calls-2025.sse",
    "stream-refusal-2025.sse",
    "stream-tool-call-2025.sse",
];
const WITHOUT_RETENTION: &[&str] = &[
    "stream-error-quota-2025.sse",
    "stream-incomplete-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-reasoning-summary-2026.sse",
    "stream-tool-call-reasoning-2026.sse",
];

pub(super) const KNOWN: &[Known] = &[
    known(
        "tool-usage-image-gen-input-tokens-later",
        LATER,
        (
            ALL,
            &[
                "response.tool_usage.image_gen.input_tokens",
                "response.tool_usage.image_gen.input_tokens_details.image_tokens",
                "response.tool_usage.image_gen.input_tokens_details.text_tokens",
                "response.tool_usage.image_gen.output_tokens",
                "response.tool_usage.image_gen.output_tokens_details.image_tokens",
                "response.tool_usage.image_gen.output_tokens_details.text_tokens",
                "response.tool_usage.image_gen.total_tokens",
                "response.tool_usage.web_search.num_requests",
            ],
        ),
        ("absent", "number"),
    ),
    known(
        "usage-input-tokens-details-cache-write-tokens-later",
        LATER,
        (
            ENDED,
            &["response.usage.input_tokens_details.cache_write_tokens"],
        ),
        ("absent", "number"),
    ),
    known(
        "completed-at-later",
        LATER,
        (OF_2025, &["response.completed_at"]),
        ("absent", "null"),
    ),
    known(
        "frequency-penalty-later",
        LATER,
        (
            OF_2025,
            &["response.frequency_penalty", "response.presence_penalty"],
        ),
        ("absent", "number"),
    ),
    known(
        "moderation-later",
        LATER,
        (
            BEFORE_JUNE_2026,
            &["response.moderation", "response.reasoning.context"],
        ),
        ("absent", "null"),
    ),
    known(
        "prompt-cache-retention-later",
        LATER,
        (OF_OCTOBER_2025, &["response.prompt_cache_retention"]),
        ("absent", "string"),
    ),
    known(
        "tools-output-schema-later",
        LATER,
        (WITH_TOOLS, &["response.tools[].output_schema"]),
        ("absent", "null"),
    ),
    known(
        "number-in-its-place",
        NUMBERED,
        (OF_2025, &["order"]),
        ("sequence_number", "response.id"),
    ),
    known(
        "number-in-its-place-2",
        NUMBERED,
        (ENDED_OF_2025, &["order"]),
        ("sequence_number", "item.id"),
    ),
    known(
        "number-in-its-place-2-2",
        NUMBERED,
        (
            &[
                "stream-parallel-tool-calls-2025.sse",
                "stream-tool-call-2025.sse",
            ],
            &["order"],
        ),
        ("sequence_number", "delta"),
    ),
    known(
        "number-in-its-place-3",
        NUMBERED,
        (
            &[
                "stream-parallel-tool-calls-2025.sse",
                "stream-tool-call-2025.sse",
            ],
            &["order"],
        ),
        ("sequence_number", "arguments"),
    ),
    known(
        "completed-at",
        LATER,
        (OF_OCTOBER_2025, &["response.completed_at"]),
        ("absent", "number"),
    ),
    known(
        "retention-of-other-models",
        "Told as null at first and for some models; the newest recordings of this model tell where the cache is.",
        (WITHOUT_RETENTION, &["response.prompt_cache_retention"]),
        ("null", "string"),
    ),
    known(
        "phase-of-newer-models",
        "Of models that tell a commentary from the final answer; the fake's does not.",
        (
            &["stream-reasoning-summary-2026.sse"],
            &["item.phase", "response.output[].phase"],
        ),
        ("string", "absent"),
    ),
    known(
        "number-in-its-place-4",
        NUMBERED,
        (
            &["stream-incomplete-2025.sse", "stream-refusal-2025.sse"],
            &["order"],
        ),
        ("sequence_number", "content_index"),
    ),
    known(
        "number-in-its-place-of-an-error",
        NUMBERED,
        (&["stream-error-quota-2025.sse"], &["order"]),
        ("sequence_number", "error.type"),
    ),
];
