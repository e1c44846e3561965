//! Responses with `async-openai`.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{PROMPT, Saw, functions, read, value};
use crate::job::Job;

pub(super) async fn talk(
    client: &Client<OpenAIConfig>,
    job: &Job,
    saw: &Saw,
) -> Result<(), OpenAIError> {
    let mut input = vec![json!({"type": "message", "role": "user", "content": PROMPT})];
    if job.what == "orphan" {
        input.push(
            json!({"type": "function_call_output", "call_id": "call_nobody", "output": "done"}),
        );
    }
    let calls = once(client, job, saw, &input).await?;
    if job.what == "tools" {
        let first = json!({"text": saw.take("text"), "finish": saw.take("finish")});
        input.extend(calls.iter().cloned());
        for call in &calls {
            let done = format!("{} done", call["name"].as_str().unwrap_or_default());
            input.push(
                json!({"type": "function_call_output", "call_id": call["call_id"], "output": done}),
            );
        }
        once(client, job, saw, &input).await?;
        saw.put("ids", json!(calls.len()));
        saw.put("first", first);
    }
    Ok(())
}

/// One answer; its calls as they are sent back.
async fn once(
    client: &Client<OpenAIConfig>,
    job: &Job,
    saw: &Saw,
    input: &[Value],
) -> Result<Vec<Value>, OpenAIError> {
    let mut asked = json!({"model": "gpt-4o-mini", "input": input});
    if job.what.starts_with("tool") {
        let tools = functions().map(|mut function| {
            function["type"] = json!("function");
            function
        });
        asked["tools"] = json!(tools);
    }
    if job.what == "reasoning" {
        asked["reasoning"] = json!({"summary": "auto"});
    }
    if job.mode == "whole" {
        let response = value(client.responses().create(read(asked)?).await?);
        let calls = end(saw, &response);
        for item in response["output"].as_array().into_iter().flatten() {
            take_item(saw, item);
        }
        saw.put("calls", shown(&calls));
        return Ok(calls);
    }
    asked["stream"] = json!(true);
    let mut stream = client.responses().create_stream(read(asked)?).await?;
    let mut calls = Vec::new();
    while let Some(event) = stream.next().await {
        take(saw, &value(event?), &mut calls);
    }
    Ok(calls)
}

/// What the response says of itself when it is over; its calls.
fn end(saw: &Saw, response: &Value) -> Vec<Value> {
    let status = response["status"].as_str().unwrap_or_default();
    let finish = match response["incomplete_details"]["reason"].as_str() {
        Some(reason) => format!("{status}: {reason}"),
        None => status.to_owned(),
    };
    saw.put("finish", finish.into());
    saw.put("failure", response["error"]["code"].clone());
    let usage = &response["usage"];
    saw.usage([
        &usage["input_tokens"],
        &usage["output_tokens"],
        &usage["input_tokens_details"]["cached_tokens"],
        &usage["output_tokens_details"]["reasoning_tokens"],
    ]);
    let items = response["output"].as_array().into_iter().flatten();
    let calls = items.filter(|item| item["type"] == "function_call");
    calls.cloned().collect()
}

fn take_item(saw: &Saw, item: &Value) {
    for list in ["content", "summary"] {
        for part in item[list].as_array().into_iter().flatten() {
            match part["type"].as_str() {
                Some("output_text") => saw.add("text", &part["text"]),
                Some("refusal") => saw.add("refusal", &part["refusal"]),
                Some("summary_text" | "reasoning_text") => saw.add("reasoning", &part["text"]),
                _ => {}
            }
        }
    }
}

fn take(saw: &Saw, event: &Value, calls: &mut Vec<Value>) {
    match event["type"].as_str().unwrap_or_default() {
        "response.output_text.delta" => saw.add("text", &event["delta"]),
        "response.refusal.delta" => saw.add("refusal", &event["delta"]),
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
            saw.add("reasoning", &event["delta"]);
        }
        "response.output_item.added" if event["item"]["type"] == "function_call" => {
            calls.push(event["item"].clone());
        }
        "response.function_call_arguments.delta" => {
            let item = &event["item_id"];
            let call = calls.iter_mut().find(|call| call["id"] == *item);
            if let (Some(Value::String(text)), Some(more)) = (
                call.map(|call| &mut call["arguments"]),
                event["delta"].as_str(),
            ) {
                text.push_str(more);
            }
        }
        "response.completed" | "response.incomplete" | "response.failed" => {
            end(saw, &event["response"]);
        }
        // Handed on as an event like any other, not raised.
        "error" => saw.put("event", "error".into()),
        _ => {}
    }
    saw.put("calls", shown(calls));
}

fn shown(calls: &[Value]) -> Value {
    let calls = calls.iter();
    calls
        .map(|call| json!([call["name"], call["arguments"]]))
        .collect()
}
