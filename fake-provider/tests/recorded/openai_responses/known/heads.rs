//! Heads: what the edge and the proxies in front of the provider add.

use super::known;
use crate::known::Known;

const EDGE: &str = "Of the edge in front of the provider; no client of an agent reads them.";
const COMPRESSION: &str = "The edge compressed them on the way and so could not know their length; ours are not compressed. The recorder's own count is left out of the index.";

const FOR_BROWSERS: &[&str] = &[
    "stream-text-2026.sse",
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
];
const KEPT: &[&str] = &[
    "error-400-model.json",
    "error-401-key.json",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-refusal-2025.sse",
    "stream-text-2026.sse",
    "stream-tool-call-2025.sse",
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
    "whole-refusal-2025.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const WITH_PROJECT: &[&str] = &[
    "error-400-model.json",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-refusal-2025.sse",
    "stream-text-2026.sse",
    "stream-tool-call-2025.sse",
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
    "whole-refusal-2025.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const WITH_COOKIE: &[&str] = &[
    "error-400-model.json",
    "error-401-key.json",
    "stream-text-2026.sse",
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const BEHIND_A_PROXY: &[&str] = &[
    "error-401-key.json",
    "stream-parallel-tool-calls-2025.sse",
    "stream-reasoning-2026.sse",
    "stream-refusal-2025.sse",
    "stream-tool-call-2025.sse",
    "whole-refusal-2025.json",
];
const KEPT_WHOLE: &[&str] = &[
    "error-400-model.json",
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];
const COMPRESSED: &[&str] = &[
    "whole-continued-2026.json",
    "whole-parallel-tool-calls-2026.json",
    "whole-refusal-2025.json",
    "whole-text-2026.json",
    "whole-tool-call-2026.json",
];

pub(super) const KNOWN: &[Known] = &[
    known(
        "for-browsers",
        "For pages in a browser; agents are none.",
        (FOR_BROWSERS, &["header access-control-expose-headers"]),
        ("text", "absent"),
    ),
    known(
        "edge",
        EDGE,
        (
            KEPT,
            &[
                "header alt-svc",
                "header cf-cache-status",
                "header cf-ray",
                "header strict-transport-security",
                "header x-content-type-options",
            ],
        ),
        ("text", "absent"),
    ),
    known(
        "no-clock",
        "The fake has no clock; a head is the same in every run of a case.",
        (KEPT, &["header date"]),
        ("text", "absent"),
    ),
    known(
        "project",
        "The account had projects; the fake's organization has none.",
        (WITH_PROJECT, &["header openai-project"]),
        ("text", "absent"),
    ),
    known(
        "edge-of-header-set-cookie",
        EDGE,
        (WITH_COOKIE, &["header set-cookie"]),
        ("text", "absent"),
    ),
    known(
        "inner-proxy",
        "Of a proxy inside the provider; came and goes.",
        (BEHIND_A_PROXY, &["header x-envoy-upstream-service-time"]),
        ("number", "absent"),
    ),
    known(
        "whole-bodies-have-a-length",
        COMPRESSION,
        (KEPT_WHOLE, &["header content-length"]),
        ("absent", "number"),
    ),
    known(
        "whole-bodies-have-a-length-of-header-transfer-encoding",
        COMPRESSION,
        (COMPRESSED, &["header transfer-encoding"]),
        ("chunked", "absent"),
    ),
    known(
        "whole-bodies-have-a-length-of-header-content-encoding",
        COMPRESSION,
        (&["whole-refusal-2025.json"], &["header content-encoding"]),
        ("text", "absent"),
    ),
];
