//! Embeddings: what was recorded, said again. Knows the bytes, and no encoder.

use serde_json::json;

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;
use crate::known::Known;

/// Embeddings.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "openai-embeddings",
    entry: |_| json!({"reply": {"text": "is not asked"}}),
    asks,
    frames: dialect::events,
    kind: |_| String::new(),
    constant: &[],
    kinds: &["base64", "floats", "error-404"],
    known: KNOWN,
};

fn asks(exchange: &Exchange) -> Asks {
    let mut body = json!({"model": "text-embedding-3-small", "input": "This is a test"});
    if exchange.file.starts_with("base64") {
        body["encoding_format"] = json!("base64");
    }
    if exchange.file.starts_with("floats-512") {
        body["dimensions"] = json!(512);
    }
    if exchange.status == 404 {
        body["model"] = json!("non-existent-embedding-model");
    }
    Asks {
        path: "/v1/embeddings".into(),
        headers: Vec::new(),
        body,
    }
}

const KNOWN: &[Known] = &[
    Known {
        name: "in-one-line",
        reason: "Lists and vectors are told in one line, errors over lines; no client reads white space.",
        files: &["base64-2025.json"],
        fields: &["layout"],
        recorded: "15 lines, indented by 2, ended",
        ours: "1 lines, indented by 0, open",
    },
    Known {
        name: "for-browsers",
        reason: "For pages in a browser; agents are none.",
        files: &["base64-2025.json", "floats-512-2025.json"],
        fields: &[
            "header access-control-allow-origin",
            "header access-control-expose-headers",
        ],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "edge",
        reason: "Of the edge in front of the provider; no client of an agent reads them.",
        files: &[
            "base64-2025.json",
            "error-404-model.json",
            "floats-512-2025.json",
        ],
        fields: &[
            "header alt-svc",
            "header cf-cache-status",
            "header cf-ray",
            "header set-cookie",
            "header strict-transport-security",
            "header x-content-type-options",
        ],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-have-a-length",
        reason: "The edge compressed them on the way and so could not know their length; ours are not compressed. The recorder's own count is left out of the index.",
        files: &[
            "base64-2025.json",
            "error-404-model.json",
            "floats-512-2025.json",
        ],
        fields: &["header content-length"],
        recorded: "absent",
        ours: "number",
    },
    Known {
        name: "no-clock",
        reason: "The fake has no clock; a head is the same in every run of a case.",
        files: &[
            "base64-2025.json",
            "error-404-model.json",
            "floats-512-2025.json",
        ],
        fields: &["header date"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "of-the-embedding-router",
        reason: "Of a router in front of the embedding models; no client reads it.",
        files: &["base64-2025.json", "floats-512-2025.json"],
        fields: &["header openai-model", "header via"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "project",
        reason: "The account had projects; the fake's organization has none.",
        files: &["base64-2025.json"],
        fields: &["header openai-project"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "whole-bodies-have-a-length-of-header-transfer-encoding",
        reason: "The edge compressed them on the way and so could not know their length; ours are not compressed. The recorder's own count is left out of the index.",
        files: &[
            "base64-2025.json",
            "error-404-model.json",
            "floats-512-2025.json",
        ],
        fields: &["header transfer-encoding"],
        recorded: "chunked",
        ours: "absent",
    },
    Known {
        name: "inner-proxy",
        reason: "Of a proxy inside the provider; came and goes.",
        files: &["base64-2025.json", "floats-512-2025.json"],
        fields: &["header x-envoy-upstream-service-time"],
        recorded: "number",
        ours: "absent",
    },
    Known {
        name: "inner-proxy-of-header-x-openai-proxy-wasm",
        reason: "Of a proxy inside the provider; came and goes.",
        files: &["base64-2025.json"],
        fields: &["header x-openai-proxy-wasm"],
        recorded: "text",
        ours: "absent",
    },
    Known {
        name: "in-one-line-of-layout",
        reason: "Lists and vectors are told in one line, errors over lines; no client reads white space.",
        files: &["floats-512-2025.json"],
        fields: &["layout"],
        recorded: "528 lines, indented by 2, ended",
        ours: "1 lines, indented by 0, open",
    },
    Known {
        name: "edge-of-header-vary",
        reason: "Of the edge in front of the provider; no client of an agent reads them.",
        files: &["error-404-model.json"],
        fields: &["header vary"],
        recorded: "text",
        ours: "absent",
    },
];
