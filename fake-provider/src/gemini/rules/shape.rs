//! Which members the messages of a request have, and of which kind: the API's description as far as it is told here. Data alone.
//!
//! Names as in JSON. Source: google.ai.generativelanguage.v1beta, `content.proto` and `generative_service.proto`, and the API's
//! reference at ai.google.dev/api/generate-content.

/// What a member holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    /// Base64.
    Bytes,
    /// Any JSON object.
    Struct,
    Message(&'static Message),
    /// Names, and a message for each.
    Map(&'static Message),
    /// Not looked into.
    Open,
}

/// A message of the API's description.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Kind)],
    /// The fields that are lists.
    pub(super) lists: &'static [&'static str],
}

pub(super) static REQUEST: Message = Message {
    name: "GenerateContentRequest",
    fields: &[
        ("model", Kind::Text),
        ("contents", Kind::Message(&CONTENT)),
        ("systemInstruction", Kind::Message(&CONTENT)),
        ("tools", Kind::Message(&TOOL)),
        ("toolConfig", Kind::Message(&TOOL_CONFIG)),
        ("safetySettings", Kind::Message(&SAFETY_SETTING)),
        ("generationConfig", Kind::Message(&GENERATION_CONFIG)),
        ("cachedContent", Kind::Text),
        ("serviceTier", Kind::Text),
        ("store", Kind::Bool),
    ],
    lists: &["contents", "tools", "safetySettings"],
};

static CONTENT: Message = Message {
    name: "Content",
    fields: &[("role", Kind::Text), ("parts", Kind::Message(&PART))],
    lists: &["parts"],
};

static PART: Message = Message {
    name: "Part",
    fields: &[
        ("text", Kind::Text),
        ("thought", Kind::Bool),
        ("thoughtSignature", Kind::Bytes),
        ("functionCall", Kind::Message(&FUNCTION_CALL)),
        ("functionResponse", Kind::Message(&FUNCTION_RESPONSE)),
        ("inlineData", Kind::Message(&INLINE_DATA)),
        ("fileData", Kind::Message(&FILE_DATA)),
        ("executableCode", Kind::Open),
        ("codeExecutionResult", Kind::Open),
        ("toolCall", Kind::Open),
        ("toolResponse", Kind::Open),
        ("videoMetadata", Kind::Open),
        ("mediaResolution", Kind::Open),
        ("partMetadata", Kind::Struct),
    ],
    lists: &[],
};

static FUNCTION_CALL: Message = Message {
    name: "FunctionCall",
    fields: &[
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("args", Kind::Struct),
    ],
    lists: &[],
};

static FUNCTION_RESPONSE: Message = Message {
    name: "FunctionResponse",
    fields: &[
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("response", Kind::Struct),
        ("parts", Kind::Open),
        ("willContinue", Kind::Bool),
        ("scheduling", Kind::Text),
    ],
    lists: &["parts"],
};

static INLINE_DATA: Message = Message {
    name: "Blob",
    fields: &[
        ("mimeType", Kind::Text),
        ("data", Kind::Bytes),
        ("displayName", Kind::Text),
    ],
    lists: &[],
};

static FILE_DATA: Message = Message {
    name: "FileData",
    fields: &[
        ("mimeType", Kind::Text),
        ("fileUri", Kind::Text),
        ("displayName", Kind::Text),
    ],
    lists: &[],
};

static TOOL: Message = Message {
    name: "Tool",
    fields: &[
        ("functionDeclarations", Kind::Message(&FUNCTION_DECLARATION)),
        ("googleSearch", Kind::Open),
        ("googleSearchRetrieval", Kind::Open),
        ("googleMaps", Kind::Open),
        ("codeExecution", Kind::Open),
        ("urlContext", Kind::Open),
        ("fileSearch", Kind::Open),
        ("computerUse", Kind::Open),
        ("mcpServers", Kind::Open),
    ],
    lists: &["functionDeclarations", "mcpServers"],
};

static FUNCTION_DECLARATION: Message = Message {
    name: "FunctionDeclaration",
    fields: &[
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("behavior", Kind::Text),
        ("parameters", Kind::Message(&SCHEMA)),
        ("parametersJsonSchema", Kind::Open),
        ("response", Kind::Message(&SCHEMA)),
        ("responseJsonSchema", Kind::Open),
    ],
    lists: &[],
};

/// `additionalProperties` was unknown until the end of 2025; `$schema`, `const` and the exclusive bounds still are.
static SCHEMA: Message = Message {
    name: "Schema",
    fields: &[
        ("type", Kind::Text),
        ("format", Kind::Text),
        ("title", Kind::Text),
        ("description", Kind::Text),
        ("nullable", Kind::Bool),
        ("enum", Kind::Text),
        ("items", Kind::Message(&SCHEMA)),
        ("prefixItems", Kind::Message(&SCHEMA)),
        ("minItems", Kind::Number),
        ("maxItems", Kind::Number),
        ("properties", Kind::Map(&SCHEMA)),
        ("required", Kind::Text),
        ("propertyOrdering", Kind::Text),
        ("minProperties", Kind::Number),
        ("maxProperties", Kind::Number),
        ("additionalProperties", Kind::Open),
        ("minimum", Kind::Number),
        ("maximum", Kind::Number),
        ("minLength", Kind::Number),
        ("maxLength", Kind::Number),
        ("pattern", Kind::Text),
        ("anyOf", Kind::Message(&SCHEMA)),
        ("default", Kind::Open),
        ("example", Kind::Open),
    ],
    lists: &[
        "enum",
        "required",
        "propertyOrdering",
        "anyOf",
        "prefixItems",
    ],
};

static TOOL_CONFIG: Message = Message {
    name: "ToolConfig",
    fields: &[
        (
            "functionCallingConfig",
            Kind::Message(&FUNCTION_CALLING_CONFIG),
        ),
        ("retrievalConfig", Kind::Open),
        ("includeServerSideToolInvocations", Kind::Bool),
    ],
    lists: &[],
};

static FUNCTION_CALLING_CONFIG: Message = Message {
    name: "FunctionCallingConfig",
    fields: &[("mode", Kind::Text), ("allowedFunctionNames", Kind::Text)],
    lists: &["allowedFunctionNames"],
};

static SAFETY_SETTING: Message = Message {
    name: "SafetySetting",
    fields: &[("category", Kind::Text), ("threshold", Kind::Text)],
    lists: &[],
};

static GENERATION_CONFIG: Message = Message {
    name: "GenerationConfig",
    fields: &[
        ("candidateCount", Kind::Number),
        ("stopSequences", Kind::Text),
        ("maxOutputTokens", Kind::Number),
        ("temperature", Kind::Number),
        ("topP", Kind::Number),
        ("topK", Kind::Number),
        ("seed", Kind::Number),
        ("presencePenalty", Kind::Number),
        ("frequencyPenalty", Kind::Number),
        ("responseLogprobs", Kind::Bool),
        ("logprobs", Kind::Number),
        ("responseMimeType", Kind::Text),
        ("responseSchema", Kind::Message(&SCHEMA)),
        ("responseJsonSchema", Kind::Open),
        ("_responseJsonSchema", Kind::Open),
        ("responseFormat", Kind::Open),
        ("responseModalities", Kind::Text),
        ("enableEnhancedCivicAnswers", Kind::Bool),
        ("speechConfig", Kind::Open),
        ("thinkingConfig", Kind::Message(&THINKING_CONFIG)),
        ("imageConfig", Kind::Open),
        ("mediaResolution", Kind::Text),
    ],
    lists: &["stopSequences", "responseModalities"],
};

static THINKING_CONFIG: Message = Message {
    name: "ThinkingConfig",
    fields: &[
        ("includeThoughts", Kind::Bool),
        ("thinkingBudget", Kind::Number),
        ("thinkingLevel", Kind::Text),
    ],
    lists: &[],
};
