//! Where the recordings of Chat's relatives and the provider differ, and why that does no harm.

use crate::known::Known;

/// Of Azure.
pub(super) const AZURE: &[Known] = &[
    Known {
        name: "of-the-edge",
        reason: "Told by the edge in front of the provider to browsers; no client of the API reads it.",
        files: &["error-429-rate.json"],
        fields: &[
            "header strict-transport-security",
            "header x-content-type-options",
        ],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "inner-proxy-time",
        reason: "Of a proxy inside the provider; came and goes.",
        files: &["error-429-rate.json"],
        fields: &["header x-envoy-upstream-service-time"],
        recorded: "number",
        ours: "absent",
    },
    Known {
        name: "less-than-nothing-remains",
        reason: "Ours tells the negative numbers that others have seen when a deployment is throttled.",
        files: &["error-429-rate.json"],
        fields: &[
            "header x-ratelimit-remaining-requests",
            "header x-ratelimit-remaining-tokens",
        ],
        recorded: "number",
        ours: "text",
    },
    Known {
        name: "padding-may-be-empty",
        reason: "Its length is drawn; ours is never nothing.",
        files: &["stream-tool-call-2025.sse"],
        fields: &["obfuscation"],
        recorded: "empty string",
        ours: "string",
    },
];

/// Of DeepSeek.
pub(super) const DEEPSEEK: &[Known] = &[
    Known {
        name: "of-the-edge",
        reason: "Told by the edge in front of the provider to browsers; no client of the API reads it.",
        files: &["whole-text-2025.json"],
        fields: &[
            "header cf-cache-status",
            "header cf-ray",
            "header set-cookie",
            "header x-content-type-options",
        ],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "of-the-edge-transport",
        reason: "Told by the edge in front of the provider to browsers; no client of the API reads it.",
        files: &["whole-text-2025.json", "stream-reasoning-2025.sse"],
        fields: &["header strict-transport-security"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "no-clock",
        reason: "A head has to be the same in every run of a case (RFC 9110, section 6.6.1).",
        files: &["whole-text-2025.json"],
        fields: &["header date"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-are-not-chunked",
        reason: "The edge compressed them on the way and so could not know their length; ours are not compressed.",
        files: &["whole-text-2025.json"],
        fields: &["header transfer-encoding"],
        recorded: "chunked",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-have-a-length",
        reason: "The other side of the same.",
        files: &["whole-text-2025.json"],
        fields: &["header content-length"],
        recorded: "absent",
        ours: "number",
    },
];

/// Of OpenRouter.
pub(super) const OPENROUTER: &[Known] = &[
    Known {
        name: "of-the-edge",
        reason: "Told by the edge in front of the provider to browsers; no client of the API reads it.",
        files: &["stream-error-2025.sse", "error-404-model.json"],
        fields: &["header permissions-policy", "header vary"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "errors-are-not-chunked",
        reason: "The edge compressed it on the way and so could not know its length; ours is not compressed.",
        files: &["error-404-model.json"],
        fields: &["header transfer-encoding"],
        recorded: "chunked",
        ours: "absent",
    },
    Known {
        name: "role-and-usage-apart",
        reason: "Ours opens with a chunk that has nothing but the role, and tells the usage in one of its own, as the provider \
                 does for other models; recorded, the reasoning came with the first, and the usage with the error.",
        files: &["stream-error-2025.sse"],
        fields: &["frames"],
        recorded: "thinking, finish, error, done",
        ours: "role, thinking, finish, role, error, done",
    },
];

/// Of vLLM.
pub(super) const VLLM: &[Known] = &[
    Known {
        name: "place-of-a-scripted-error",
        reason: "A script can ask for a status, not for a parameter; a rule that is really broken names its own.",
        files: &["error-422-detail.json"],
        fields: &["order"],
        recorded: "detail[].loc[]",
        ours: "detail[].msg",
    },
    Known {
        name: "kind-of-a-scripted-error",
        reason: "A script does not say what the mistake is called.",
        files: &["error-422-detail.json"],
        fields: &["detail[].type"],
        recorded: "\"type_error.none.not_allowed\"",
        ours: "\"value_error\"",
    },
];

/// Of the gateways.
pub(super) const EMPTY_FINISH: &[Known] = &[
    Known {
        name: "another-server",
        reason: "The gateway that was recorded is an Ollama; the habit is all that is meant, and is had here by OpenAI's own chunks.",
        files: &["stream-text-2024.sse"],
        fields: &["choices[].delta.content"],
        recorded: "string",
        ours: "empty string",
    },
    Known {
        name: "another-server-role",
        reason: "The gateway that was recorded is an Ollama; the habit is all that is meant, and is had here by OpenAI's own chunks.",
        files: &["stream-text-2024.sse"],
        fields: &["choices[].delta.role"],
        recorded: "\"assistant\"",
        ours: "absent",
    },
    Known {
        name: "another-server-null",
        reason: "The gateway that was recorded is an Ollama; the habit is all that is meant, and is had here by OpenAI's own chunks.",
        files: &["stream-text-2024.sse"],
        fields: &["choices[].delta.refusal", "choices[].logprobs"],
        recorded: "absent",
        ours: "null",
    },
    Known {
        name: "another-server-string",
        reason: "The gateway that was recorded is an Ollama; the habit is all that is meant, and is had here by OpenAI's own chunks.",
        files: &["stream-text-2024.sse"],
        fields: &["obfuscation", "service_tier"],
        recorded: "absent",
        ours: "string",
    },
    Known {
        name: "frames-left-out",
        reason: "The source shows the beginning.",
        files: &["stream-text-2024.sse"],
        fields: &["frames"],
        recorded: "content",
        ours: "content, finish, done",
    },
];
