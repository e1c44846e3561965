//! Documents: members that came later, and how a body is laid out.

use super::known;
use crate::known::Known;

const LONGER: &str = "Longer by the members that came to be sent after this was recorded, or shorter by one that this question does not have.";
const LATER: &str =
    "Came to be sent after this was recorded; a newer recording has it, and so has ours.";
const QUOTED: &str = "White space of the place it is quoted from.";

const BEFORE_MAY_2026: &[&str] = &[
    "whole-incomplete-2025.json",
    "whole-reasoning-summary-2025.json",
    "whole-refusal-2025.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const BEFORE_SEPTEMBER_2026: &[&str] = &[
    "whole-continued-2026.json",
    "whole-incomplete-2025.json",
    "whole-reasoning-summary-2025.json",
    "whole-refusal-2025.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const MORE_0: &[&str] = &[
    "whole-incomplete-2025.json",
    "whole-reasoning-summary-2025.json",
    "whole-refusal-2025.json",
];
const MORE_1: &[&str] = &[
    "error-400-duplicate-item.json",
    "error-400-temperature.json",
    "error-429-quota.json",
];

pub(super) const KNOWN: &[Known] = &[
    known(
        "longer-since",
        LONGER,
        (&["whole-text-2026.json"], &["layout"]),
        (
            "71 lines, indented by 2, open",
            "92 lines, indented by 2, open",
        ),
    ),
    known(
        "moderation-later",
        LATER,
        (BEFORE_MAY_2026, &["moderation", "reasoning.context"]),
        ("absent", "null"),
    ),
    known(
        "tool-usage-image-gen-input-tokens-later",
        LATER,
        (
            BEFORE_SEPTEMBER_2026,
            &[
                "tool_usage.image_gen.input_tokens",
                "tool_usage.image_gen.input_tokens_details.image_tokens",
                "tool_usage.image_gen.input_tokens_details.text_tokens",
                "tool_usage.image_gen.output_tokens",
                "tool_usage.image_gen.output_tokens_details.image_tokens",
                "tool_usage.image_gen.output_tokens_details.text_tokens",
                "tool_usage.image_gen.total_tokens",
                "tool_usage.web_search.num_requests",
                "usage.input_tokens_details.cache_write_tokens",
            ],
        ),
        ("absent", "number"),
    ),
    known(
        "longer-since-of-layout",
        LONGER,
        (&["whole-tool-call-2026.json"], &["layout"]),
        (
            "88 lines, indented by 2, open",
            "110 lines, indented by 2, open",
        ),
    ),
    known(
        "tools-output-schema-later",
        LATER,
        (&["whole-tool-call-2026.json"], &["tools[].output_schema"]),
        ("absent", "null"),
    ),
    known(
        "longer-since-of-layout-2",
        LONGER,
        (&["whole-continued-2026.json"], &["layout"]),
        (
            "73 lines, indented by 2, open",
            "92 lines, indented by 2, open",
        ),
    ),
    known(
        "asked-once",
        "A recording is said again by one request, and there is nothing to continue; tests/provider continues one.",
        (&["whole-continued-2026.json"], &["previous_response_id"]),
        ("string", "null"),
    ),
    known(
        "longer-since-of-layout-3",
        LONGER,
        (&["whole-reasoning-summary-2025.json"], &["layout"]),
        (
            "68 lines, indented by 2, open",
            "102 lines, indented by 2, open",
        ),
    ),
    known(
        "billing-payer-later",
        LATER,
        (
            &["whole-reasoning-summary-2025.json"],
            &["billing.payer", "text.verbosity"],
        ),
        ("absent", "string"),
    ),
    known(
        "completed-at-later",
        LATER,
        (
            &[
                "whole-reasoning-summary-2025.json",
                "whole-refusal-2025.json",
            ],
            &["completed_at"],
        ),
        ("absent", "number"),
    ),
    known(
        "frequency-penalty-later",
        LATER,
        (MORE_0, &["frequency_penalty", "presence_penalty"]),
        ("absent", "number"),
    ),
    known(
        "max-tool-calls-later",
        LATER,
        (
            &["whole-reasoning-summary-2025.json"],
            &["max_tool_calls", "prompt_cache_key", "safety_identifier"],
        ),
        ("absent", "null"),
    ),
    known(
        "output-content-logprobs-later",
        LATER,
        (
            &["whole-reasoning-summary-2025.json"],
            &["output[].content[].logprobs"],
        ),
        ("absent", "empty array"),
    ),
    known(
        "prompt-cache-retention-later",
        LATER,
        (
            &[
                "whole-reasoning-summary-2025.json",
                "whole-refusal-2025.json",
            ],
            &["prompt_cache_retention"],
        ),
        ("absent", "string"),
    ),
    known(
        "top-logprobs-later",
        LATER,
        (&["whole-reasoning-summary-2025.json"], &["top_logprobs"]),
        ("absent", "number"),
    ),
    known(
        "longer-since-of-layout-4",
        LONGER,
        (&["whole-refusal-2025.json"], &["layout"]),
        (
            "82 lines, indented by 2, open",
            "107 lines, indented by 2, open",
        ),
    ),
    known(
        "longer-since-of-layout-5",
        LONGER,
        (&["whole-incomplete-2025.json"], &["layout"]),
        (
            "70 lines, indented by 2, open",
            "94 lines, indented by 2, open",
        ),
    ),
    known(
        "completed-at",
        LATER,
        (&["whole-incomplete-2025.json"], &["completed_at"]),
        ("absent", "null"),
    ),
    known(
        "retention-of-other-models-of-prompt-cache-retention",
        "Told as null at first and for some models; the newest recordings of this model tell where the cache is.",
        (&["whole-incomplete-2025.json"], &["prompt_cache_retention"]),
        ("null", "string"),
    ),
    known(
        "quoted-otherwise",
        QUOTED,
        (MORE_1, &["layout"]),
        (
            "8 lines, indented by 2, ended",
            "8 lines, indented by 2, open",
        ),
    ),
    known(
        "param-of-a-scripted-error",
        "A script can ask for a status and a code, not for a parameter; a rule that is really broken names its own.",
        (&["error-400-temperature.json"], &["error.param"]),
        ("\"temperature\"", "null"),
    ),
    known(
        "quoted-otherwise-of-layout",
        QUOTED,
        (&["error-400-orphan-output.json"], &["layout"]),
        (
            "1 lines, indented by 0, open",
            "8 lines, indented by 2, open",
        ),
    ),
    known(
        "quoted-otherwise-of-layout-2",
        QUOTED,
        (&["error-400-empty-call-id.json"], &["layout"]),
        (
            "8 lines, indented by 1, open",
            "8 lines, indented by 2, open",
        ),
    ),
];
