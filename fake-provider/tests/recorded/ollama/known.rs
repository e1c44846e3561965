//! Where Ollama's recordings and the provider differ, and why that does no harm.

use crate::known::Known;

/// All of them. Whatever is not here, a test finds.
pub(super) const KNOWN: &[Known] = &[
    Known {
        name: "frames-left-out",
        reason: "The source does not show the marker.",
        files: &["stream-compatible-tool-calls-2025.sse"],
        fields: &["frames"],
        recorded: "call 0, call 1, end",
        ours: "call 0, call 1, end, done",
    },
    Known {
        name: "keep-alive-said",
        reason: "Go does not say what HTTP/1.1 means anyway; a connection that is kept open is the same either way.",
        files: &[
            "stream-length-2026.ndjson",
            "whole-generate-2024.json",
            "whole-text-2024.json",
        ],
        fields: &["header connection"],
        recorded: "absent",
        ours: "text",
    },
    Known {
        name: "length-left-out",
        reason: "The index leaves the recorder's count out of its headers.",
        files: &["whole-generate-2024.json", "whole-text-2024.json"],
        fields: &["header content-length"],
        recorded: "absent",
        ours: "number",
    },
    Known {
        name: "no-clock",
        reason: "A head has to be the same in every run of a case (RFC 9110, section 6.6.1).",
        files: &[
            "stream-length-2026.ndjson",
            "whole-generate-2024.json",
            "whole-text-2024.json",
        ],
        fields: &["header date"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "quoted-from-a-log",
        reason: "Nobody can see a line break at the end of what is quoted in a sentence.",
        files: &["error-400-compatible.json"],
        fields: &["layout"],
        recorded: "1 lines, indented by 0, open",
        ours: "1 lines, indented by 0, ended",
    },
    Known {
        name: "laid-out-by-the-source",
        reason: "Whoever wrote it down spread it over lines; the captures beside it are on one.",
        files: &["whole-reasoning-2026.json"],
        fields: &["layout"],
        recorded: "17 lines, indented by 2, ended",
        ours: "1 lines, indented by 0, open",
    },
    Known {
        name: "laid-out-by-the-source-compatible",
        reason: "The same of the /v1.",
        files: &["whole-compatible-reasoning-2026.json"],
        fields: &["layout"],
        recorded: "21 lines, indented by 2, ended",
        ours: "1 lines, indented by 0, ended",
    },
    Known {
        name: "laid-out-by-the-source-tool-call",
        reason: "The same of a fixture.",
        files: &["whole-tool-call-2024.json"],
        fields: &["layout"],
        recorded: "27 lines, indented by 2, open",
        ours: "1 lines, indented by 0, open",
    },
    Known {
        name: "index-since-2025",
        reason: "Calls came to have a place and an id after this was written; the streams of 2025 have both.",
        files: &["whole-tool-call-2024.json"],
        fields: &["message.tool_calls[].function.index"],
        recorded: "absent",
        ours: "0",
    },
    Known {
        name: "id-since-2025",
        reason: "Calls came to have a place and an id after this was written; the streams of 2025 have both.",
        files: &["whole-tool-call-2024.json"],
        fields: &["message.tool_calls[].id"],
        recorded: "absent",
        ours: "string",
    },
    Known {
        name: "length-of-the-context",
        reason: "As many numbers as there are tokens; ours are fewer, and nobody reads them.",
        files: &[
            "whole-generate-2024.json",
            "whole-generate-thread-2024.json",
        ],
        fields: &["order"],
        recorded: "context[]",
        ours: "total_duration",
    },
    Known {
        name: "done-before-its-reason-since-2025",
        reason: "The order of an object's members means nothing (RFC 8259, section 4), and the recordings of 2025 have ours.",
        files: &["whole-text-2024.json", "whole-tool-call-2024.json"],
        fields: &["order"],
        recorded: "done_reason",
        ours: "done",
    },
];
