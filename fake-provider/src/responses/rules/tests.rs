//! Which request breaks which rule, in which words. The sentences are those that the live API gave in August 2026.

use journal::SeenToolCall;

use super::*;
use crate::addressing::Turn;
use crate::draw::Draw;
use crate::http::Request;
use crate::json::json;
use crate::memory::Memory;
use crate::responses::ids::Ids;

const CALL: &str = "call_000001000200100012345678";

fn broken(change: &Value, memory: &Memory) -> Option<Violation> {
    let mut body = json!({"model": "m", "input": "hi"});
    for (name, value) in change.as_object().expect("is an object") {
        match value {
            Value::String(word) if word == "DELETE" => body.remove(name),
            value => body.set(name, value.clone()),
        }
    }
    let checked = Checked {
        request: &Request::default(),
        body: &body,
        raw_arguments: &["{\"cut".to_owned()],
        memory,
    };
    check(&checked).err()
}

fn rule(change: &Value) -> &'static str {
    broken(change, &Memory::default()).map_or("", |violation| violation.rule)
}

/// Param, code and message.
fn told(change: &Value) -> (String, String, String) {
    let violation = broken(change, &Memory::default()).expect("is broken");
    (
        violation.param.unwrap_or_default(),
        violation.code.unwrap_or_default().to_owned(),
        violation.message,
    )
}

fn user() -> Value<'static> {
    json!({"role": "user", "content": "hi"})
}

fn call(id: &str) -> Value<'static> {
    json!({"type": "function_call", "call_id": id, "name": "list", "arguments": "{}"})
}

fn output(id: &str) -> Value<'static> {
    json!({"type": "function_call_output", "call_id": id, "output": "r"})
}

/// The request breaks a rule in these words.
fn tells(change: &Value, param: &str, code: &str, message: &str) {
    let expected = (param.to_owned(), code.to_owned(), message.to_owned());
    assert_eq!(told(change), expected, "{change}");
}

#[test]
fn requests_as_they_should_be() {
    let message = json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "final_answer",
        "content": [{"type": "output_text", "text": "a", "annotations": []}]});
    for change in [
        json!({}),
        json!({"input": [user(), message, user()]}),
        json!({"input": [user(), call("a"), call("b"), output("b"), output("a")]}),
        json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}, {"type": "input_image"}]}]}),
        json!({"stream": true, "temperature": 2, "max_output_tokens": 16, "store": false, "truncation": "auto"}),
        json!({"tools": [{"type": "function", "name": "list", "parameters": {"type": "object"}}, {"type": "web_search"}],
            "tool_choice": {"type": "function", "name": "list"}}),
        json!({"reasoning": {"effort": "low", "summary": "auto"}, "text": {"verbosity": "low", "format": {"type": "text"}}}),
        json!({"include": ["reasoning.encrypted_content"], "metadata": {"a": "b"}, "instructions": null}),
    ] {
        assert_eq!(broken(&change, &Memory::default()), None, "{change}");
    }
}

#[test]
fn members_that_have_to_be_there() {
    tells(
        &json!({"model": "DELETE"}),
        "model",
        "missing_required_parameter",
        "Missing required parameter: 'model'.",
    );
    tells(
        &json!({"input": "DELETE", "zzz": 1}),
        "input",
        "missing_required_parameter",
        "Missing required parameter: 'input'.",
    );
    tells(
        &json!({"model": 7}),
        "model",
        "invalid_type",
        "Invalid type for 'model': expected a string, but got an integer instead.",
    );
    tells(
        &json!({"model": null}),
        "model",
        "invalid_type",
        "Invalid type for 'model': expected a string, but got an object instead.",
    );
    tells(
        &json!({"model": ""}),
        "model",
        "model_not_found",
        "The requested model '' does not exist.",
    );
    tells(
        &json!({"max_tokens": 16}),
        "max_tokens",
        "unknown_parameter",
        "Unknown parameter: 'max_tokens'.",
    );
}

#[test]
fn members_of_another_type() {
    tells(
        &json!({"input": []}),
        "",
        "missing_required_parameter",
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
    );
    tells(
        &json!({"input": 7}),
        "input",
        "invalid_type",
        "Invalid type for 'input': expected one of a string or array of input items, but got an integer instead.",
    );
    tells(
        &json!({"input": [], "previous_response_id": "resp_x"}),
        "previous_response_id",
        "previous_response_not_found",
        "Previous response with id 'resp_x' not found.",
    );
    tells(
        &json!({"temperature": "hot"}),
        "temperature",
        "invalid_type",
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    );
    tells(
        &json!({"max_output_tokens": 0}),
        "max_output_tokens",
        "integer_below_min_value",
        "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 0 instead.",
    );
    tells(
        &json!({"truncation": "bogus"}),
        "truncation",
        "invalid_value",
        "Invalid value: 'bogus'. Supported values are: 'auto' and 'disabled'.",
    );
}

#[test]
fn members_with_other_words() {
    tells(
        &json!({"reasoning": {"summary": "bogus"}}),
        "reasoning.summary",
        "invalid_value",
        "Invalid value: 'bogus'. Supported values are: 'concise', 'detailed', and 'auto'.",
    );
    tells(
        &json!({"text": {"format": {"type": "json_schema"}}}),
        "text.format.name",
        "missing_required_parameter",
        "Missing required parameter: 'text.format.name'.",
    );
    tells(
        &json!({"tools": "x", "metadata": "x"}),
        "tools",
        "invalid_type",
        "Invalid type for 'tools': expected an array of tools, but got a string instead.",
    );
    tells(
        &json!({"stream": "yes"}),
        "stream",
        "invalid_type",
        "Invalid type for 'stream': expected a boolean, but got a string instead.",
    );
    tells(
        &json!({"metadata": "x", "text": "x"}),
        "metadata",
        "invalid_type",
        "Invalid type for 'metadata': expected a metadata object, but got a string instead.",
    );
    assert!(
        told(&json!({"messages": []}))
            .2
            .contains("has moved to 'input'")
    );
    assert_eq!(told(&json!({"include": ["x"], "tools": 1})).0, "include[0]");
    let of_chat = json!({"stream": true, "stream_options": {"include_usage": true}});
    assert_eq!(told(&of_chat).0, "stream_options.include_usage");
}

#[test]
fn items_that_are_none() {
    let of_user = |content: Value| json!({"input": [{"role": "user", "content": content}]});
    tells(
        &json!({"input": [7]}),
        "input[0]",
        "invalid_type",
        "Invalid type for 'input[0]': expected an input item, but got an integer instead.",
    );
    tells(
        &json!({"input": [null]}),
        "input[0]",
        "invalid_type",
        "Invalid type for 'input[0]': expected an input item, but got null instead.",
    );
    tells(
        &json!({"input": [{}]}),
        "input[0]",
        "invalid_value",
        "Invalid value: ''. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
    );
    tells(
        &json!({"input": [{"role": "user"}]}),
        "input[0].content",
        "missing_required_parameter",
        "Missing required parameter: 'input[0].content'.",
    );
    tells(
        &json!({"input": [{"role": "user", "content": "a", "bogus": 1}]}),
        "input[0].bogus",
        "unknown_parameter",
        "Unknown parameter: 'input[0].bogus'.",
    );
    tells(
        &of_user(json!([{"type": "text", "text": "a"}])),
        "input[0].content[0].type",
        "invalid_value",
        "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', 'input_audio', 'output_text', \
             'refusal', 'input_file', 'computer_screenshot', 'summary_text', and 'encrypted_content'.",
    );
}

#[test]
fn items_that_do_not_fit() {
    let of_user = |content: Value| json!({"input": [{"role": "user", "content": content}]});
    tells(
        &of_user(json!([{"type": "input_text"}])),
        "input[0].content[0].text",
        "missing_required_parameter",
        "Missing required parameter: 'input[0].content[0].text'.",
    );
    tells(
        &json!({"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]}),
        "input[0].content[0]",
        "invalid_value",
        "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
    );
    tells(
        &json!({"input": [call("")]}),
        "input[0].call_id",
        "empty_string",
        "Invalid 'input[0].call_id': empty string. Expected a string with minimum length 1, but got an empty string \
             instead.",
    );
    tells(
        &json!({"input": [output("call_x")]}),
        "input",
        "",
        "No tool call found for function call output with call_id call_x.",
    );
    tells(
        &json!({"input": [user(), call("call_x")]}),
        "input",
        "",
        "No tool output found for function call call_x.",
    );
    tells(
        &json!({"input": [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "g"}, user()]}),
        "input",
        "",
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
    );
    assert!(
        told(&json!({"input": [{"type": "smell"}]}))
            .2
            .starts_with("Invalid value: 'smell'. Supported")
    );
}

#[test]
fn what_does_not_fit_together_is_named() {
    let id = |id: &str| json!({"type": "function_call", "id": id, "call_id": id, "name": "list", "arguments": "{}"});
    let arguments = |text: &str| json!({"type": "function_call", "call_id": "a", "name": "list", "arguments": text});
    for (items, rule_of_it) in [
        (
            json!([call("a"), output("a"), output("a")]),
            "tool-result-duplicate",
        ),
        (json!([output("a"), call("a")]), "tool-result-orphan"),
        (
            json!([call("a"), call("a"), output("a")]),
            "tool-call-duplicate",
        ),
        (json!([id("fc_1"), id("fc_1")]), "item-duplicate"),
        (json!([id("call_1")]), "item-id"),
        (
            json!([arguments("[]"), output("a")]),
            "arguments-not-an-object",
        ),
        (json!([arguments("{\"cut"), output("a")]), ""),
        (
            json!([{"type": "item_reference", "id": "msg_1"}]),
            "item-unknown",
        ),
        (
            json!([{"type": "reasoning", "id": "rs_1", "summary": []}]),
            "item-unknown",
        ),
        (
            json!([{"type": "reasoning", "summary": []}, {"role": "assistant", "content": "a"}]),
            "",
        ),
    ] {
        assert_eq!(rule(&json!({"input": items})), rule_of_it, "{items}");
    }
}

#[test]
fn tools_are_flat_and_checked() {
    let tool = |name: &str, parameters: Value, strict: bool| json!({"tools": [{"type": "function", "name": name, "parameters": parameters, "strict": strict}]});
    let nested = json!({"tools": [{"type": "function", "function": {"name": "f"}}]});
    assert_eq!(
        told(&nested).2,
        "Missing required parameter: 'tools[0].name'."
    );
    assert_eq!(
        rule(&tool("a b", json!({"type": "object"}), false)),
        "tool-name"
    );
    let array = told(&tool("f", json!({"type": "array"}), false));
    assert_eq!(
        (array.0.as_str(), array.1.as_str()),
        ("tools[0].parameters", "invalid_function_parameters")
    );
    let loose = json!({"type": "object", "properties": {"a": {}}});
    assert_eq!(rule(&tool("f", loose.clone(), false)), "");
    assert_eq!(rule(&tool("f", loose, true)), "tool-schema");
    let optional =
        json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false});
    assert!(told(&tool("f", optional, true)).2.ends_with("Missing 'a'."));
    assert_eq!(rule(&json!({"tool_choice": "perhaps"})), "tool-choice");
    assert_eq!(
        rule(&json!({"tool_choice": {"type": "function", "name": "f"}})),
        "tool-choice"
    );
    let chat = json!({"tool_choice": {"type": "function", "function": {"name": "f"}}});
    assert_eq!(told(&chat).0, "tool_choice.name");
}

#[test]
fn what_is_remembered_counts() {
    let memory = Memory::default();
    let ids = Ids::new(Draw::new(1, None));
    let call = SeenToolCall {
        id: CALL.into(),
        tool: "list".into(),
        arguments: "{}".into(),
    };
    memory.remember(ids.response(), vec![Turn::Assistant(vec![call])].into());
    let continued = |input: Value| json!({"previous_response_id": ids.response(), "input": input});
    let rule = |change: &Value| broken(change, &memory).map_or("", |violation| violation.rule);
    assert_eq!(rule(&continued(json!([output(CALL)]))), "");
    assert_eq!(rule(&continued(json!("go on"))), "tool-result-missing");
    assert_eq!(
        rule(&continued(json!([output("call_other")]))),
        "tool-result-orphan"
    );
    let reference = json!({"type": "item_reference", "id": ids.call(CALL)});
    assert_eq!(rule(&json!({"input": [reference, output(CALL)]})), "");
    let thought = json!({"type": "reasoning", "id": ids.reasoning(), "summary": []});
    let said = json!({"role": "assistant", "content": "a"});
    assert_eq!(rule(&json!({"input": [user(), thought, said]})), "");
}
