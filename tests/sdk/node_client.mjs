// What the openai SDK for Node makes of the fake provider: one JSON line per check, `{"check": …, "saw": …}`.
//
// Started by main.rs, which knows what has to be seen. `OPENAI_BASE_URL` and `OPENAI_API_KEY` say whom to ask, `SDK_FOLDER`
// where the SDK is installed; a prompt carries the check's name in brackets, by which the provider knows what to answer.

import { createRequire } from "node:module";

const require = createRequire(`${process.env.SDK_FOLDER}/`);
const { OpenAI } = require("openai");

const MODEL = "gpt-4o-mini";
const STATUSES = [400, 401, 403, 404, 409, 422, 429, 500, 503];
const TOOLS = ["list", "read"].map((name) => ({
  type: "function",
  function: {
    name,
    description: `Does ${name}.`,
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
}));

const prompt = (check) => [{ role: "user", content: `Go. [${check}]` }];
const usageOf = (usage) => (usage ? [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens] : null);

async function whole(client, messages, more = {}) {
  const completion = await client.chat.completions.create({ model: MODEL, messages, ...more });
  const { message, finish_reason: finish } = completion.choices[0];
  const calls = (message.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]);
  return {
    text: message.content,
    calls,
    role: message.role,
    finish,
    usage: usageOf(completion.usage),
    object: completion.object,
  };
}

async function streamed(client, messages, more = {}) {
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true, ...more });
  const saw = { text: "", calls: [], role: null, finish: null, usage: null };
  const objects = new Set();
  for await (const chunk of stream) {
    objects.add(chunk.object);
    saw.usage = usageOf(chunk.usage) ?? saw.usage;
    for (const { delta, finish_reason: finish } of chunk.choices) {
      saw.role = delta.role ?? saw.role;
      saw.finish = finish ?? saw.finish;
      saw.text += delta.content ?? "";
      for (const part of delta.tool_calls ?? []) {
        const call = (saw.calls[part.index] ??= ["", "", ""]);
        call[0] += part.id ?? "";
        call[1] += part.function.name ?? "";
        call[2] += part.function.arguments ?? "";
      }
    }
  }
  return { ...saw, text: saw.text || null, object: [...objects].sort().join(",") };
}

/** Two calls in one answer, both answered, and the answer to that. */
async function tools(client, check, ask) {
  const messages = prompt(check);
  const first = await ask(client, messages, { tools: TOOLS });
  messages.push({
    role: "assistant",
    content: first.text,
    tool_calls: first.calls.map(([id, name, text]) => ({ id, type: "function", function: { name, arguments: text } })),
  });
  for (const [id, name] of first.calls) {
    messages.push({ role: "tool", tool_call_id: id, content: `${name} done` });
  }
  const second = await ask(client, messages, { tools: TOOLS });
  return {
    calls: first.calls.map(([, name, text]) => [name, JSON.parse(text)]),
    ids: new Set(first.calls.map(([id]) => id)).size,
    finish: [first.finish, second.finish],
    text: second.text,
  };
}

/** The SDK's own way to put a stream together. */
async function helper(client, check) {
  const stream = client.chat.completions.stream({
    model: MODEL,
    messages: prompt(check),
    tools: TOOLS,
    stream_options: { include_usage: true },
  });
  const events = new Set();
  stream.on("content.done", () => events.add("content.done"));
  stream.on("tool_calls.function.arguments.done", () => events.add("tool_calls.function.arguments.done"));
  const final = await stream.finalChatCompletion();
  const { message, finish_reason: finish } = final.choices[0];
  return {
    calls: message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]),
    text: message.content,
    finish,
    usage: usageOf(final.usage),
    events: [...events].sort(),
  };
}

async function failure(call) {
  try {
    await call();
  } catch (error) {
    if (error instanceof OpenAI.APIError && error.status !== undefined) {
      return {
        class: error.constructor.name,
        status: error.status,
        code: error.code,
        ref: /bo-[0-9a-f]+/.exec(error.message)?.[0] ?? null,
        request_id: (error.requestID ?? "").startsWith("req_"),
      };
    }
    return { class: error.constructor.name };
  }
  return { class: "none" };
}

async function retried(check, ask) {
  const sent = [];
  const counting = (url, init) => {
    sent.push(new Headers(init.headers).get("x-stainless-retry-count"));
    return fetch(url, init);
  };
  const client = new OpenAI({ maxRetries: 2, fetch: counting });
  const before = performance.now();
  const { text } = await ask(client, prompt(check));
  return { text, sent, waited: performance.now() - before >= 1000 };
}

const tell = (check, saw) => console.log(JSON.stringify({ check, saw }));

const client = new OpenAI({ maxRetries: 0 });
const models = [];
for await (const model of client.models.list()) {
  models.push(model.id);
}
tell("models", models.sort());
tell("model", (await client.models.retrieve(MODEL)).id);
for (const [mode, ask] of Object.entries({ whole, streamed })) {
  for (const check of [`text/${mode}`, `length/${mode}`]) {
    tell(check, await ask(client, prompt(check)));
  }
  tell(`tools/${mode}`, await tools(client, `tools/${mode}`, ask));
  tell(`retry/${mode}`, await retried(`retry/${mode}`, ask));
  const failing = STATUSES.map((status) => `status-${status}/${mode}`);
  for (const check of [...failing, `reset-before-the-head/${mode}`, `reset-in-the-body/${mode}`]) {
    tell(check, await failure(() => ask(client, prompt(check))));
  }
  const stranger = new OpenAI({ maxRetries: 0, apiKey: "sk-somebody-elses-key-0000" });
  tell(`wrong-key/${mode}`, await failure(() => ask(stranger, prompt(`wrong-key/${mode}`))));
  const orphan = { role: "tool", tool_call_id: "call_nobody", content: "done" };
  const broken = [...prompt(`broken-history/${mode}`), orphan];
  tell(`broken-history/${mode}`, await failure(() => ask(client, broken)));
}
tell("usage/streamed", await streamed(client, prompt("usage/streamed"), { stream_options: { include_usage: true } }));
tell("helper/streamed", await helper(client, "helper/streamed"));
