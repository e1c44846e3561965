//! Embeddings of `OpenAI` and whoever speaks like it: vectors that mean nothing, always the same for the same text.
//!
//! The newest clients ask for base64 unless they are told otherwise (`openai` for Python 1 to 3 and for Node 6 and 7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, json};

use crate::http::Request;
use crate::json::Value;
use crate::openai::models::{exists, rooted};
use crate::openai::words;
use crate::protocol::{Around, Document, Operation, Problem, Violation};
use crate::vector;

/// So many inputs fit into one request.
const MOST_INPUTS: usize = 2048;

/// What is asked of embeddings, if the path is theirs.
pub(crate) fn operation(request: &Request) -> Option<Operation> {
    if rooted(&request.path) != "/embeddings" {
        return None;
    }
    Some(match request.method.as_str() {
        "POST" => Operation::Document,
        _ => Operation::NotAllowed("POST"),
    })
}

/// The vectors of what a request brings.
///
/// # Errors
///
/// The first rule that the request breaks.
pub(crate) fn document(
    request: &Request,
    around: &Around<'_>,
) -> Result<Document, Problem<'static>> {
    let body = serde_json::from_slice(&request.body).map_err(|_| Problem::NotJson)?;
    embed(&body, around.seed).map_err(Problem::Violation)
}

fn embed(body: &Value, seed: u64) -> Result<Document, Violation> {
    if !body.is_object() {
        return Err(words::not_json());
    }
    let model = match &body["model"] {
        Value::Null => {
            return Err(Violation::new(
                "model-missing",
                "you must provide a model parameter",
            ));
        }
        Value::String(model) => model,
        other => return Err(words::wrong_type("model", "a string", other)),
    };
    if !exists(model) {
        let message =
            format!("The model `{model}` does not exist or you do not have access to it.");
        let violation = Violation::new("unknown-model", message).code("model_not_found");
        return Err(violation.status(404));
    }
    let inputs = inputs(&body["input"])?;
    let dimensions = dimensions(body, model)?;
    let in_base64 = match &body["encoding_format"] {
        Value::Null => false,
        Value::String(format) if format == "float" => false,
        Value::String(format) if format == "base64" => true,
        _ => return Err(invalid("encoding_format")),
    };
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let vector = vector::unit(seed, &input.text, dimensions);
        let embedding = match in_base64 {
            true => encoded(&vector).into(),
            false => Document::Array(vector.iter().map(|number| told(*number)).collect()),
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    let data: Vec<Document> = data.collect();
    let tokens: usize = inputs.iter().map(|input| input.tokens).sum();
    Ok(json!({
        "object": "list",
        "data": data,
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
}

/// One text, or the tokens of one.
#[derive(Debug, PartialEq, Eq)]
struct Input {
    text: String,
    tokens: usize,
}

fn inputs(input: &Value) -> Result<Vec<Input>, Violation> {
    let items = match input {
        Value::Null => return Err(words::missing("input")),
        Value::String(_) => std::slice::from_ref(input),
        Value::Array(items) if items.iter().all(Value::is_u64) => std::slice::from_ref(input),
        Value::Array(items) => items,
        _ => return Err(invalid("input")),
    };
    if items.is_empty() || items.len() > MOST_INPUTS {
        return Err(invalid("input"));
    }
    items.iter().map(one).collect()
}

/// About four characters are a token.
fn one(item: &Value) -> Result<Input, Violation> {
    match item {
        Value::String(text) if !text.is_empty() => Ok(Input {
            text: text.clone().into_owned(),
            tokens: text.chars().count().div_ceil(4),
        }),
        Value::Array(tokens) if !tokens.is_empty() && tokens.iter().all(Value::is_u64) => {
            Ok(Input {
                text: item.to_string(),
                tokens: tokens.len(),
            })
        }
        _ => Err(invalid("input")),
    }
}

/// What the provider says of a member that it cannot read: <https://github.com/aryn-ai/sycamore/pull/943>.
fn invalid(member: &str) -> Violation {
    let message = format!(
        "'$.{member}' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
    );
    Violation::new("embedding-input", message)
}

/// How long the vectors are. The oldest models have one length only: <https://github.com/SciPhi-AI/R2R/pull/768>.
fn dimensions(body: &Value, model: &str) -> Result<usize, Violation> {
    let most: usize = if model.ends_with("3-large") {
        3072
    } else {
        1536
    };
    let wanted = match &body["dimensions"] {
        Value::Null => return Ok(most),
        _ if model.ends_with("ada-002") => {
            let message = "This model does not support specifying dimensions.";
            return Err(Violation::new("dimensions", message));
        }
        Value::Number(number) => number
            .as_u64()
            .and_then(|number| usize::try_from(number).ok()),
        _ => None,
    };
    let Some(wanted) = wanted.filter(|wanted| *wanted > 0) else {
        return Err(invalid("dimensions"));
    };
    if wanted > most {
        let message = format!(
            "Invalid value for 'dimensions' = {wanted}. Must be less than or equal to {most}."
        );
        return Err(Violation::new("dimensions", message));
    }
    Ok(wanted)
}

/// A number in as few digits as tell it from its neighbours, as the provider tells them.
fn told(number: f32) -> Document {
    let shortest = number.to_string().parse().unwrap_or(f64::from(number));
    Number::from_f64(shortest).map_or(Document::Null, Document::Number)
}

/// Little-endian floats of 32 bits, in base64.
fn encoded(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn asked(change: &Document) -> Result<Document, Violation> {
        let mut body = json!({"model": "text-embedding-3-small", "input": "hi"});
        for (name, value) in change.as_object().expect("is an object") {
            body[name] = value.clone();
        }
        embed(&(&body).into(), 7)
    }

    fn rule(change: &Value) -> &'static str {
        asked(change).map_or_else(|violation| violation.rule, |_| "")
    }

    fn floats(answer: &Value, index: usize) -> Vec<f32> {
        let numbers = answer["data"][index]["embedding"].as_array();
        let numbers = numbers.expect("are floats").iter();
        numbers
            .map(|number| number.to_string().parse().expect("is a number"))
            .collect()
    }

    #[test]
    fn both_encodings_tell_the_same_vector_of_length_one() {
        let answer = asked(&json!({"input": ["hi", "there", "hi"]})).expect("is fine");
        let all: Vec<_> = (0..3).map(|index| floats(&answer, index)).collect();
        assert!(all[0] == all[2] && all[0] != all[1] && all[0].len() == 1536);
        let length: f32 = all[0].iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-3, "{length}");
        let coded = asked(&json!({"encoding_format": "base64"})).expect("is fine");
        let coded = coded["data"][0]["embedding"].as_str().expect("is base64");
        let bytes = STANDARD.decode(coded).expect("is base64");
        let numbers = bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().expect("are four")));
        assert_eq!(numbers.collect::<Vec<_>>(), all[0]);
    }

    #[test]
    fn lengths_are_the_models_unless_they_are_asked_for() {
        let long = |change: &Value| floats(&asked(change).expect("is fine"), 0).len();
        assert_eq!(long(&json!({"dimensions": 5})), 5);
        assert_eq!(long(&json!({"model": "text-embedding-3-large"})), 3072);
        assert_eq!(long(&json!({"input": [1, 2, 3]})), 1536);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(rule(&json!({})), "");
        assert_eq!(rule(&json!({"model": null})), "model-missing");
        assert_eq!(rule(&json!({"model": 3})), "wrong-type");
        assert_eq!(rule(&json!({"model": "non-existent"})), "unknown-model");
        assert_eq!(rule(&json!({"input": null})), "parameter-missing");
        for input in [
            json!(""),
            json!([]),
            json!([""]),
            json!({}),
            json!([[]]),
            json!([1, "a"]),
        ] {
            assert_eq!(rule(&json!({"input": input})), "embedding-input", "{input}");
        }
        assert_eq!(rule(&json!({"encoding_format": "hex"})), "embedding-input");
        assert_eq!(rule(&json!({"dimensions": 0})), "embedding-input");
        assert_eq!(rule(&json!({"dimensions": 9999})), "dimensions");
        let old = json!({"model": "text-embedding-ada-002", "dimensions": 5});
        assert_eq!(rule(&old), "dimensions");
    }
}
