//! The differences that are known and do no harm, each with its reason. One that no longer occurs has to go.

use crate::compare::Difference;

/// A difference that stays.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    files: &'static [&'static str],
    fields: &'static [&'static str],
    recorded: &'static str,
    ours: &'static str,
}

impl Known {
    pub(crate) fn is(&self, difference: &Difference) -> bool {
        self.files.contains(&difference.file.as_str())
            && self.fields.contains(&difference.field.as_str())
            && (difference.recorded.as_str(), difference.ours.as_str())
                == (self.recorded, self.ours)
    }

    /// Every file and field in which it has to occur.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let each = |file: &'static &'static str| self.fields.iter().map(|field| (*file, *field));
        self.files.iter().flat_map(each)
    }
}

/// All of them. Whatever is not here, a test finds.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        name: "obfuscation-absent",
        reason: "Padding of random length against those who listen to sizes; a client has to ignore it, and \
                 without it a byte count is the same in every run.",
        files: &["stream-text-2026.sse", "stream-tool-call-2026.sse"],
        fields: &["obfuscation"],
        recorded: "string",
        ours: "absent",
    },
    Known {
        name: "service-tier-since-2025",
        reason: "Came to be sent after these were recorded; the newer recordings have it, and so has ours.",
        files: &[
            "stream-parallel-tool-calls-2024.sse",
            "stream-text-usage-2024.sse",
            "stream-text-without-usage-2024.sse",
        ],
        fields: &["service_tier"],
        recorded: "absent",
        ours: "string",
    },
    Known {
        name: "fingerprint-of-gpt-4",
        reason: "The model of 2023 has none; every later one has.",
        files: &[
            "stream-text-usage-2024.sse",
            "stream-text-without-usage-2024.sse",
        ],
        fields: &["system_fingerprint"],
        recorded: "null",
        ours: "string",
    },
    Known {
        name: "usage-before-choices",
        reason: "The order of an object's members means nothing (RFC 8259, section 4), and the recordings of 2026 have ours.",
        files: &["stream-parallel-tool-calls-2024.sse"],
        fields: &["order"],
        recorded: "usage",
        ours: "choices[].index",
    },
    Known {
        name: "of-the-edge",
        reason: "Told by the edge in front of the provider to browsers; no client of the API reads it.",
        files: &[
            "stream-text-2026.sse",
            "stream-text-usage-2024.sse",
            "whole-text-2025.json",
            "error-404-model.json",
        ],
        fields: &["header alt-svc", "header strict-transport-security"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "of-the-edge-to-browsers",
        reason: "For scripts in a page that may read the request id.",
        files: &[
            "stream-text-2026.sse",
            "stream-text-usage-2024.sse",
            "whole-text-2025.json",
        ],
        fields: &["header access-control-expose-headers"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "of-one-visit",
        reason: "Names one visit to the edge; no client of the API reads it.",
        files: &[
            "stream-text-usage-2024.sse",
            "whole-text-2025.json",
            "error-404-model.json",
        ],
        fields: &[
            "header cf-cache-status",
            "header cf-ray",
            "header set-cookie",
        ],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "of-the-edge-against-guessing",
        reason: "Tells browsers not to guess the type of a body; no client of the API reads it.",
        files: &[
            "stream-text-usage-2024.sse",
            "whole-text-2025.json",
            "error-404-model.json",
        ],
        fields: &["header x-content-type-options"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "no-date",
        reason: "A head has to be the same in every run of a case, and a server without a clock \
                 sends none (RFC 9110, section 6.6.1).",
        files: &[
            "stream-text-usage-2024.sse",
            "whole-text-2025.json",
            "error-404-model.json",
        ],
        fields: &["header date"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "vary-of-errors",
        reason: "For caches, and the answer to a POST is in none.",
        files: &["error-404-model.json"],
        fields: &["header vary"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "project",
        reason: "The account had projects; the fake's organization has none.",
        files: &["whole-text-2025.json"],
        fields: &["header openai-project"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "inner-proxy",
        reason: "Of a proxy inside the provider; came and goes.",
        files: &["whole-text-2025.json"],
        fields: &["header x-openai-proxy-wasm"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "inner-proxy-time",
        reason: "Of a proxy inside the provider; came and goes.",
        files: &["whole-text-2025.json"],
        fields: &["header x-envoy-upstream-service-time"],
        recorded: "number",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-are-not-chunked",
        reason: "The edge compressed them on the way and so could not know their length; ours are not compressed.",
        files: &["whole-text-2025.json", "error-404-model.json"],
        fields: &["header transfer-encoding"],
        recorded: "chunked",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-have-a-length",
        reason: "The other side of the same; the recorder's own count is left out of the index.",
        files: &["whole-text-2025.json", "error-404-model.json"],
        fields: &["header content-length"],
        recorded: "absent",
        ours: "number",
    },
    Known {
        name: "quoted-on-one-line",
        reason: "White space of the user interface it was pasted from.",
        files: &["error-401-key.json"],
        fields: &["layout"],
        recorded: "1 lines, indented by 0, ended",
        ours: "8 lines, indented by 4, ended",
    },
    Known {
        name: "quoted-by-two",
        reason: "The repository it is quoted from indents all its files by two.",
        files: &["error-400-parameter.json"],
        fields: &["layout"],
        recorded: "8 lines, indented by 2, ended",
        ours: "8 lines, indented by 4, ended",
    },
    Known {
        name: "param-of-a-scripted-error",
        reason: "A script can ask for a status and a code, not for a parameter; a rule that is really broken names its own.",
        files: &["error-400-parameter.json"],
        fields: &["error.param"],
        recorded: "\"max_tokens\"",
        ours: "null",
    },
];
