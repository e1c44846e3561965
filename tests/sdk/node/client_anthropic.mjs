// `@anthropic-ai/sdk`, any of its majors: Messages, counting tokens, models.

import { PROMPT, TOOLS, add, anAnswer, packaged, put, setAside, tellUsage } from "./saw.mjs";

const { Anthropic } = packaged(`anthropic-${process.env.SDK_VARIANT}`);

const MODEL = "claude-sonnet-4-5";

export async function run(job, saw) {
  const options = { baseURL: job.base_url, apiKey: job.key };
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
  const client = new Anthropic(options);
  switch (job.what) {
    case "models": {
      const models = [];
      for await (const model of client.models.list()) {
        models.push(model.id);
      }
      return put(saw, { models: models.sort() });
    }
    case "count": {
      const counted = await client.messages.countTokens({ model: MODEL, messages: [{ role: "user", content: PROMPT }] });
      return put(saw, { counted: counted.input_tokens > 0 });
    }
    default:
      return talk(client, job, saw);
  }
}

async function talk(client, job, saw) {
  const orphan = [{ type: "tool_result", tool_use_id: "toolu_nobody", content: "done" }];
  const messages = [{ role: "user", content: job.what === "orphan" ? orphan : PROMPT }];
  const content = await once(client, job, saw, messages);
  if (job.what === "tools") {
    const first = setAside(saw);
    const used = content.filter((block) => block.type === "tool_use");
    const results = used.map(({ id, name }) => ({ type: "tool_result", tool_use_id: id, content: `${name} done` }));
    await once(client, job, saw, [...messages, { role: "assistant", content }, { role: "user", content: results }]);
    put(saw, { ids: new Set(used.map((block) => block.id)).size, first });
  }
}

/** One answer; its content as it is sent back. */
async function once(client, job, saw, messages) {
  const more = { model: MODEL, max_tokens: 1024, messages };
  if (job.what.startsWith("tool")) {
    more.tools = TOOLS.map(({ name, description, schema }) => ({ name, description, input_schema: schema }));
  }
  if (job.mode === "whole") {
    return takeMessage(saw, anAnswer(saw, await client.messages.create(more)));
  }
  const events = new Events(saw);
  if (job.mode === "streamed") {
    for await (const event of await client.messages.create({ ...more, stream: true })) {
      events.take(event);
    }
    // Arguments that were cut off are not put together.
    return job.what === "tools" ? events.content() : [];
  }
  const runner = client.messages.stream(more);
  runner.on("streamEvent", (event) => events.take(event));
  return takeMessage(saw, await runner.finalMessage());
}

function takeUsage(saw, usage) {
  if (usage) {
    const thinking = usage.output_tokens_details?.thinking_tokens;
    tellUsage(saw, usage.input_tokens ?? saw.usage?.[0], usage.output_tokens, usage.cache_read_input_tokens, thinking);
  }
}

function takeMessage(saw, message) {
  takeUsage(saw, message.usage);
  const seen = {};
  for (const block of message.content) {
    add(seen, "text", block.text);
    add(seen, "reasoning", block.thinking);
  }
  const used = message.content.filter((block) => block.type === "tool_use");
  put(saw, { ...seen, finish: message.stop_reason, calls: used.map((block) => [block.name, block.input]) });
  return message.content;
}

/** A stream's events, put together from the deltas. */
class Events {
  constructor(saw) {
    this.saw = saw;
    this.blocks = [];
    this.json = [];
  }

  take(event) {
    if (event.type === "message_start") {
      takeUsage(this.saw, event.message.usage);
    } else if (event.type === "content_block_start") {
      this.blocks[event.index] = { ...event.content_block };
      this.json[event.index] = "";
      this.showCalls();
    } else if (event.type === "content_block_delta") {
      this.takeDelta(event.index, event.delta);
    } else if (event.type === "message_delta") {
      put(this.saw, { finish: event.delta.stop_reason });
      takeUsage(this.saw, event.usage);
    }
  }

  takeDelta(index, delta) {
    const block = this.blocks[index];
    add(this.saw, "text", delta.text);
    add(this.saw, "reasoning", delta.thinking);
    add(block, "text", delta.text);
    add(block, "thinking", delta.thinking);
    put(block, { signature: delta.signature });
    this.json[index] += delta.partial_json ?? "";
    this.showCalls();
  }

  showCalls() {
    const calls = this.blocks.flatMap((block, at) => (block.type === "tool_use" ? [[block.name, this.json[at]]] : []));
    put(this.saw, { calls });
  }

  content() {
    return this.blocks.map((block, at) =>
      block.type === "tool_use" ? { ...block, input: JSON.parse(this.json[at] || "{}") } : block,
    );
  }
}
