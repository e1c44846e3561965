// `openai` for Node, any of its majors: Chat Completions, Responses, embeddings, models.

import { PROMPT, TOOLS, add, anAnswer, packaged, put, setAside, tellUsage } from "./saw.mjs";

const { OpenAI } = packaged(`openai-${process.env.SDK_VARIANT}`);

const MODEL = "gpt-4o-mini";

export async function run(job, saw) {
  const options = { baseURL: `${job.base_url}/v1`, apiKey: job.key };
  if (job.timeout) {
    options.timeout = job.timeout * 1000;
  }
  if (typeof job.retries === "number") {
    options.maxRetries = job.retries;
  }
  if (job.http2) {
    const { Agent } = packaged("undici");
    options.fetchOptions = { dispatcher: new Agent({ allowH2: true }) };
  }
  const client = new OpenAI(options);
  switch (job.what) {
    case "models": {
      const models = [];
      for await (const model of client.models.list()) {
        models.push(model.id);
      }
      return put(saw, { models: models.sort() });
    }
    case "model":
      return put(saw, { models: [(await client.models.retrieve(MODEL)).id] });
    case "embeddings":
      return embed(client, saw);
    case "continued":
      return continueOne(client, saw);
    default:
      return job.dialect === "openai-chat" ? chats(client, job, saw) : responds(client, job, saw);
  }
}

/** Vectors as they are asked for by default, which is in base64, and as numbers. */
async function embed(client, saw) {
  const asked = { model: "text-embedding-3-small", input: ["one", "two"] };
  const answer = await client.embeddings.create(asked);
  put(saw, { vectors: answer.data.map((item) => item.embedding.length), usage: [answer.usage.prompt_tokens] });
  const told = await client.embeddings.create({ ...asked, encoding_format: "float" });
  const [ours, theirs] = [answer, told].map(({ data }) => data.map((item) => new Float32Array(item.embedding).join()));
  put(saw, { same: [ours[0] === theirs[0], ours[1] === theirs[1], ours[0] === theirs[1]] });
}

/** An answer to another, fetched by its id and then deleted. */
async function continueOne(client, saw) {
  const first = await client.responses.create({ model: MODEL, input: "Go." });
  const second = await client.responses.create({ model: MODEL, input: "Go on.", previous_response_id: first.id });
  put(saw, { text: second.output_text });
  const again = await client.responses.retrieve(second.id);
  put(saw, { again: [again.output_text, again.previous_response_id === first.id && again.id === second.id] });
  await client.responses.delete(second.id);
  try {
    await client.responses.retrieve(second.id);
  } catch (error) {
    if (!(error instanceof OpenAI.NotFoundError)) {
      throw error;
    }
    put(saw, { deleted: error.status });
  }
}

async function chats(client, job, saw) {
  const messages = [{ role: "user", content: PROMPT }];
  if (job.what === "orphan") {
    messages.push({ role: "tool", tool_call_id: "call_nobody", content: "done" });
  }
  const ids = await chatOnce(client, job, saw, messages);
  if (job.what === "tools") {
    const first = setAside(saw);
    const tool_calls = saw.calls.map(([name, args], at) => ({
      id: ids[at],
      type: "function",
      function: { name, arguments: args },
    }));
    messages.push({ role: "assistant", content: first.text ?? null, tool_calls });
    for (const { id, function: called } of tool_calls) {
      messages.push({ role: "tool", tool_call_id: id, content: `${called.name} done` });
    }
    await chatOnce(client, job, saw, messages);
    put(saw, { ids: new Set(ids).size, first });
  }
}

/** One answer; the ids of its calls. */
async function chatOnce(client, job, saw, messages) {
  const more = { model: MODEL, messages };
  if (job.what.startsWith("tool")) {
    more.tools = TOOLS.map(({ name, description, schema }) => ({
      type: "function",
      function: { name, description, parameters: schema, strict: true },
    }));
  }
  if (job.mode === "whole") {
    return takeCompletion(saw, anAnswer(saw, await client.chat.completions.create(more)));
  }
  more.stream_options = { include_usage: true };
  const chunks = new Chunks(saw);
  if (job.mode === "streamed") {
    for await (const chunk of await client.chat.completions.create({ ...more, stream: true })) {
      chunks.take(chunk);
    }
    return chunks.ids;
  }
  const runner = client.chat.completions.stream(more);
  runner.on("chunk", (chunk) => chunks.take(chunk));
  const completion = await runner.finalChatCompletion();
  // Of members that it does not know, the helper keeps the last part alone.
  delete completion.choices[0].message.reasoning_content;
  return takeCompletion(saw, completion);
}

function takeUsage(saw, usage) {
  if (usage) {
    const cached = usage.prompt_tokens_details?.cached_tokens;
    tellUsage(saw, usage.prompt_tokens, usage.completion_tokens, cached, usage.completion_tokens_details?.reasoning_tokens);
  }
}

function takeCompletion(saw, completion) {
  takeUsage(saw, completion.usage);
  const { message, finish_reason: finish } = completion.choices[0];
  const used = message.tool_calls ?? [];
  const calls = used.map((call) => [call.function.name, call.function.arguments]);
  put(saw, { text: message.content, refusal: message.refusal, reasoning: message.reasoning_content, finish, calls });
  return used.map((call) => call.id);
}

/** A stream's chunks, put together by their index as the protocol says. */
class Chunks {
  constructor(saw) {
    this.saw = saw;
    this.ids = [];
  }

  take(chunk) {
    takeUsage(this.saw, chunk.usage);
    for (const { delta, finish_reason: finish } of chunk.choices ?? []) {
      put(this.saw, { finish });
      add(this.saw, "text", delta.content);
      add(this.saw, "refusal", delta.refusal);
      add(this.saw, "reasoning", delta.reasoning_content);
      for (const part of delta.tool_calls ?? []) {
        this.saw.calls ??= [];
        const call = (this.saw.calls[part.index] ??= ["", ""]);
        this.ids[part.index] = (this.ids[part.index] ?? "") + (part.id ?? "");
        call[0] += part.function?.name ?? "";
        call[1] += part.function?.arguments ?? "";
      }
    }
  }
}

async function responds(client, job, saw) {
  const input = [{ role: "user", content: PROMPT }];
  if (job.what === "orphan") {
    input.push({ type: "function_call_output", call_id: "call_nobody", output: "done" });
  }
  const ids = await respondOnce(client, job, saw, input);
  if (job.what === "tools") {
    const first = setAside(saw);
    const calls = saw.calls.map(([name, args], at) => ({ type: "function_call", call_id: ids[at], name, arguments: args }));
    const results = calls.map(({ call_id, name }) => ({ type: "function_call_output", call_id, output: `${name} done` }));
    await respondOnce(client, job, saw, [...input, ...calls, ...results]);
    put(saw, { ids: new Set(ids).size, first });
  }
}

async function respondOnce(client, job, saw, input) {
  const more = { model: MODEL, input };
  if (job.what === "reasoning") {
    more.reasoning = { summary: "auto" };
  }
  if (job.what.startsWith("tool")) {
    more.tools = TOOLS.map(({ name, description, schema }) => ({
      type: "function",
      name,
      description,
      parameters: schema,
      strict: true,
    }));
  }
  if (job.mode === "whole") {
    return takeResponse(saw, anAnswer(saw, await client.responses.create(more)));
  }
  const events = new Events(saw);
  if (job.mode === "streamed") {
    for await (const event of await client.responses.create({ ...more, stream: true })) {
      events.take(event);
    }
    return events.ids;
  }
  const runner = client.responses.stream(more);
  runner.on("event", (event) => events.take(event));
  return takeResponse(saw, await runner.finalResponse());
}

/** What the response says of itself when it is over. */
function takeEnd(saw, response) {
  const reason = response.incomplete_details?.reason;
  const usage = response.usage;
  put(saw, { finish: reason ? `${response.status}: ${reason}` : response.status, failure: response.error?.code });
  if (usage) {
    const cached = usage.input_tokens_details?.cached_tokens;
    tellUsage(saw, usage.input_tokens, usage.output_tokens, cached, usage.output_tokens_details?.reasoning_tokens);
  }
}

function takeResponse(saw, response) {
  takeEnd(saw, response);
  const seen = { calls: [] };
  const used = response.output.filter((item) => item.type === "function_call");
  for (const item of response.output) {
    for (const part of [...(item.content ?? []), ...(item.summary ?? [])]) {
      add(seen, part.type === "refusal" ? "refusal" : part.type === "output_text" ? "text" : "reasoning", part.refusal ?? part.text);
    }
  }
  put(saw, { ...seen, calls: used.map((item) => [item.name, item.arguments]) });
  return used.map((item) => item.call_id);
}

const DELTAS = {
  "response.output_text.delta": "text",
  "response.refusal.delta": "refusal",
  "response.reasoning_summary_text.delta": "reasoning",
  "response.reasoning_text.delta": "reasoning",
};

/** A stream's events, put together from the deltas. */
class Events {
  constructor(saw) {
    this.saw = saw;
    this.calls = new Map();
    this.ids = [];
  }

  take(event) {
    if (DELTAS[event.type]) {
      add(this.saw, DELTAS[event.type], event.delta);
    } else if (event.type === "response.output_item.added" && event.item.type === "function_call") {
      this.calls.set(event.output_index, [event.item.name, ""]);
      this.ids.push(event.item.call_id);
      this.saw.calls = [...this.calls.values()];
    } else if (event.type === "response.function_call_arguments.delta") {
      this.calls.get(event.output_index)[1] += event.delta;
    } else if (["response.completed", "response.incomplete", "response.failed"].includes(event.type)) {
      takeEnd(this.saw, event.response);
    } else if (event.type === "error") {
      // Handed on as an event like any other, not raised.
      put(this.saw, { event: "error" });
    }
  }
}
