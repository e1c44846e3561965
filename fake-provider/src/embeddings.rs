//! Embeddings of `OpenAI` and whoever speaks like it: vectors that mean nothing, always the same for the same text.
//!
//! The newest clients ask for base64 unless they are told otherwise (`openai` for Python 1 to 3 and for Node 6 and 7).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
) -> Result<Embeddings, Problem<'static>> {
    let body = serde_json::from_slice(&request.body).map_err(|_| Problem::NotJson)?;
    embed(&body, around.seed).map_err(Problem::Violation)
}

fn embed(body: &Value, seed: u64) -> Result<Embeddings, Violation> {
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
    Ok(Embeddings {
        seed,
        model: model.clone().into_owned(),
        inputs: inputs(&body["input"])?,
        dimensions: dimensions(body, model)?,
        in_base64: match &body["encoding_format"] {
            Value::Null => false,
            Value::String(format) if format == "float" => false,
            Value::String(format) if format == "base64" => true,
            _ => return Err(invalid("encoding_format")),
        },
    })
}

/// What is answered. The vectors are only drawn as they are written: there may be six million numbers in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Embeddings {
    seed: u64,
    model: String,
    inputs: Vec<Input>,
    dimensions: usize,
    in_base64: bool,
}

impl fmt::Display for Embeddings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"{"object":"list","data":["#)?;
        for (index, input) in self.inputs.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let vector = vector::unit(self.seed, &input.text, self.dimensions);
            write!(
                f,
                r#"{comma}{{"object":"embedding","index":{index},"embedding":{}}}"#,
                self.told(&vector)
            )?;
        }
        let tokens: usize = self.inputs.iter().map(|input| input.tokens).sum();
        let model = Document::from(self.model.as_str());
        write!(
            f,
            r#"],"model":{model},"usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}}}"#
        )
    }
}

impl Embeddings {
    fn told(&self, vector: &[f32]) -> String {
        if self.in_base64 {
            return format!("\"{}\"", encoded(vector));
        }
        // Each number in as few digits as tell it from its neighbours, as the provider tells them.
        serde_json::to_string(vector).expect("numbers are always JSON")
    }
}

/// One text, or the tokens of one.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    use serde_json::{Value, json};

    use super::*;

    fn embedded(change: &Value) -> Result<Embeddings, Violation> {
        let mut body = json!({"model": "text-embedding-3-small", "input": "hi"});
        for (name, value) in change.as_object().expect("is an object") {
            body[name] = value.clone();
        }
        embed(&(&body).into(), 7)
    }

    fn asked(change: &Value) -> Result<Value, Violation> {
        let written = embedded(change)?.to_string();
        Ok(serde_json::from_str(&written).expect("is JSON"))
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
    fn as_many_as_there_may_be_are_written_as_they_are_drawn() {
        let inputs: Vec<_> = (0..MOST_INPUTS).map(|at| at.to_string()).collect();
        let change = json!({"model": "text-embedding-3-large", "dimensions": 64, "input": inputs});
        let written = embedded(&change).expect("is fine").to_string();
        let answer: Value = serde_json::from_str(&written).expect("is JSON");
        assert_eq!(answer["data"].as_array().map(Vec::len), Some(MOST_INPUTS));
        assert_eq!(answer["data"][2047]["index"], 2047);
        assert_eq!(answer["model"], "text-embedding-3-large");
        assert!(
            !written.contains([' ', '\n']),
            "it is as compact as any document"
        );
        let too_many: Vec<_> = (0..=MOST_INPUTS).map(|at| at.to_string()).collect();
        assert_eq!(rule(&json!({"input": too_many})), "embedding-input");
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
