//! What is asked beside conversations: the models there are, how many tokens something has, and embeddings. Never counts as a call.

use serde_json::json;

use super::request::{member, parts};
use super::route::{self, Method};
use super::rules;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::{Around, Document, Problem, Violation};
use crate::vector;

/// Models that are always there, beside those that the script names.
const ALWAYS: [&str; 4] = [
    "fake-model",
    "gemini-2.5-flash",
    "gemini-3-pro-preview",
    "gemini-embedding-001",
];
/// How many numbers an embedding has unless it is said (gemini-embedding-001).
const DIMENSIONS: usize = 3072;
/// How many texts are embedded at once.
const BATCH: usize = 100;

/// The answer to what is not for a model's conversation.
pub(super) fn document(
    request: &Request,
    around: &Around<'_>,
) -> Result<Document, Problem<'static>> {
    let route = route::route(request).ok_or(Problem::NotFound)?;
    if route.method == Method::Describe {
        return Ok(match route.model {
            Some(model) => one(&model),
            None => list(around),
        });
    }
    let body: Value<'_> = serde_json::from_slice(&request.body).map_err(|_| Problem::NotJson)?;
    let answer = match route.method {
        Method::CountTokens => count(&body),
        Method::EmbedContent => {
            embedding(&body, around.seed).map(|values| json!({"embedding": values}))
        }
        _ => embeddings(&body, around.seed),
    };
    answer.map_err(Problem::Violation)
}

fn list(around: &Around<'_>) -> Document {
    let mut names = around.names(&ALWAYS);
    names.sort_unstable();
    let models: Vec<Document> = names.into_iter().map(one).collect();
    json!({"models": models})
}

/// There is every model that is asked for. The members are those of the list that discuss.ai.google.dev/t/73769 shows.
fn one(name: &str) -> Document {
    let mut model = json!({
        "name": format!("models/{name}"),
        "version": "001",
        "displayName": name,
        "description": format!("{name}, as far as it can be faked"),
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
    });
    if name.contains("embedding") {
        model = json!({
            "name": format!("models/{name}"),
            "version": "001",
            "displayName": name,
            "description": "Obtain a distributed representation of a text.",
            "inputTokenLimit": 2048,
            "outputTokenLimit": 1,
            "supportedGenerationMethods": ["embedContent", "countTokens"],
        });
    }
    model
}

/// About four characters are a token (ai.google.dev/gemini-api/docs/tokens).
fn count(body: &Value) -> Result<Document, Violation> {
    let contents = rules::counted(body)?;
    let characters: usize = contents
        .into_iter()
        .map(|content| text(content).chars().count())
        .sum();
    let tokens = characters.div_ceil(4);
    Ok(json!({
        "totalTokens": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    }))
}

fn text(content: &Value) -> String {
    let texts = parts(&content["parts"]).filter_map(|part| part["text"].as_str());
    texts.collect()
}

/// The embeddings of a batch, which is bounded. In these words: `recorded/gemini/error-400-batch.json`.
fn embeddings(body: &Value, seed: u64) -> Result<Document, Violation> {
    if parts(&body["requests"]).count() > BATCH {
        let message =
            "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n";
        return Err(Violation::new("batch-too-large", message));
    }
    let requests = parts(&body["requests"]).map(|request| embedding(request, seed));
    let values: Vec<Document> = requests.collect::<Result<_, _>>()?;
    Ok(json!({"embeddings": values}))
}

/// Numbers that depend on the text alone: the same text is always in the same place.
fn embedding(body: &Value, seed: u64) -> Result<Document, Violation> {
    let content = &body["content"];
    if !content.is_object() {
        let message = "* EmbedContentRequest.content: content is not specified\n";
        return Err(Violation::new("contents-missing", message));
    }
    let asked = member(body, "outputDimensionality").as_u64();
    let dimensions = asked.map_or(DIMENSIONS, |asked| {
        usize::try_from(asked).unwrap_or(DIMENSIONS)
    });
    if !(1..=DIMENSIONS).contains(&dimensions) {
        let message = format!(
            "* EmbedContentRequest.output_dimensionality: must be in the range [1, {DIMENSIONS}].\n"
        );
        return Err(Violation::new("out-of-range", message));
    }
    let text = text(content);
    let numbers = vector::drawn(seed, &text, dimensions).into_iter().map(told);
    Ok(json!({"values": numbers.collect::<Vec<f64>>()}))
}

/// With as many digits as are worth telling.
fn told(number: f32) -> f64 {
    // Nothing is told as less than nothing.
    (f64::from(number) * 8192.0).round() / 8192.0 + 0.0
}

#[cfg(test)]
mod tests {
    use provider_script::Script;

    use serde_json::Value;

    use super::*;
    use crate::memory::Memory;

    fn asked(path: &str, body: &Value) -> Result<Value, Problem<'static>> {
        let request = Request {
            path: path.into(),
            body: body.to_string().into_bytes(),
            ..Request::default()
        };
        let around = Around {
            script: &Script::default(),
            models: &[],
            memory: &Memory::default(),
            seed: 3,
        };
        document(&request, &around)
    }

    #[test]
    fn models_are_listed_and_described() {
        let list = asked("/v1beta/models", &Value::Null).expect("is there");
        assert!(
            list["models"].to_string().contains("models/fake-model"),
            "{list}"
        );
        let one = asked("/v1/models/any", &Value::Null).expect("is there");
        assert_eq!(one["name"], "models/any");
    }

    #[test]
    fn tokens_are_counted() {
        let contents = json!([{"parts": [{"text": "The quick brown fox"}, {"text": " jumps."}]}]);
        let count = |body: Value| asked("/v1beta/models/m:countTokens", &body);
        let plain = count(json!({"contents": contents})).expect("is counted");
        assert_eq!(plain["totalTokens"], 7);
        let inner =
            count(json!({"generateContentRequest": {"contents": contents}})).expect("is counted");
        assert_eq!(inner, plain);
        assert!(matches!(count(json!({})), Err(Problem::Violation(_))));
    }

    #[test]
    fn embeddings_depend_on_the_text_alone() {
        let embed = |text: &str| {
            let body = json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 8});
            asked("/v1beta/models/e:embedContent", &body).expect("is embedded")
        };
        assert_eq!(embed("a"), embed("a"));
        assert_ne!(embed("a"), embed("b"));
        let values = embed("a")["embedding"]["values"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(values.len(), 8);
        assert!(
            values
                .iter()
                .all(|value| value.as_f64().is_some_and(|value| value.abs() <= 1.0))
        );
        let batch = json!({"requests": [{"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 8}]});
        let batch = asked("/v1beta/models/e:batchEmbedContents", &batch).expect("is embedded");
        assert_eq!(batch["embeddings"][0], embed("a")["embedding"]);
        let many = json!({"requests": vec![json!({}); BATCH + 1]});
        let many = asked("/v1beta/models/e:batchEmbedContents", &many);
        assert!(
            matches!(many, Err(Problem::Violation(broken)) if broken.rule == "batch-too-large")
        );
        let body = json!({"content": {"parts": []}, "outputDimensionality": 0});
        assert!(asked("/v1beta/models/e:embedContent", &body).is_err());
    }
}
