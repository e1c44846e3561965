//! Chat Completions with `async-openai`.

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
    let mut messages = vec![json!({"role": "user", "content": PROMPT})];
    if job.what == "orphan" {
        messages.push(json!({"role": "tool", "tool_call_id": "call_nobody", "content": "done"}));
    }
    let calls = once(client, job, saw, &messages).await?;
    if job.what == "tools" {
        let first = json!({"text": saw.take("text"), "finish": saw.take("finish")});
        messages.push(
            json!({"role": "assistant", "content": first["text"], "tool_calls": calls.clone()}),
        );
        for call in &calls {
            let done = format!(
                "{} done",
                call["function"]["name"].as_str().unwrap_or_default()
            );
            messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": done}));
        }
        once(client, job, saw, &messages).await?;
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
    messages: &[Value],
) -> Result<Vec<Value>, OpenAIError> {
    let mut asked = json!({"model": "gpt-4o-mini", "messages": messages});
    if job.what.starts_with("tool") {
        let tools = functions().map(|function| json!({"type": "function", "function": function}));
        asked["tools"] = json!(tools);
    }
    if job.mode == "whole" {
        let answer = value(client.chat().create(read(asked)?).await?);
        let message = &answer["choices"][0]["message"];
        saw.put("text", message["content"].clone());
        saw.put("refusal", message["refusal"].clone());
        saw.put("finish", answer["choices"][0]["finish_reason"].clone());
        usage(saw, &answer["usage"]);
        let calls = message["tool_calls"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        saw.put("calls", shown(&calls));
        return Ok(calls);
    }
    asked["stream"] = json!(true);
    asked["stream_options"] = json!({"include_usage": true});
    let mut stream = client.chat().create_stream(read(asked)?).await?;
    let mut calls = Vec::new();
    while let Some(chunk) = stream.next().await {
        take(saw, &value(chunk?), &mut calls);
    }
    Ok(calls)
}

fn take(saw: &Saw, chunk: &Value, calls: &mut Vec<Value>) {
    usage(saw, &chunk["usage"]);
    for choice in chunk["choices"].as_array().into_iter().flatten() {
        saw.put("finish", choice["finish_reason"].clone());
        saw.add("text", &choice["delta"]["content"]);
        saw.add("refusal", &choice["delta"]["refusal"]);
        let parts = choice["delta"]["tool_calls"].as_array();
        for part in parts.into_iter().flatten() {
            let index = part["index"].as_u64().unwrap_or(0);
            let index = usize::try_from(index).unwrap_or(0);
            while calls.len() <= index {
                calls.push(
                    json!({"id": "", "type": "function", "function": {"name": "", "arguments": ""}}),
                );
            }
            let call = &mut calls[index];
            extend(&mut call["id"], &part["id"]);
            extend(&mut call["function"]["name"], &part["function"]["name"]);
            extend(
                &mut call["function"]["arguments"],
                &part["function"]["arguments"],
            );
        }
    }
    saw.put("calls", shown(calls));
}

fn extend(text: &mut Value, more: &Value) {
    if let (Value::String(text), Some(more)) = (text, more.as_str()) {
        text.push_str(more);
    }
}

fn shown(calls: &[Value]) -> Value {
    let calls = calls.iter();
    calls
        .map(|call| json!([call["function"]["name"], call["function"]["arguments"]]))
        .collect()
}

fn usage(saw: &Saw, usage: &Value) {
    saw.usage([
        &usage["prompt_tokens"],
        &usage["completion_tokens"],
        &usage["prompt_tokens_details"]["cached_tokens"],
        &usage["completion_tokens_details"]["reasoning_tokens"],
    ]);
}
