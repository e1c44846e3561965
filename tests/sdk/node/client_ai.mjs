// The AI SDK, `ai`, with the provider package that a dialect has: text, tools, embeddings.

import { pathToFileURL } from "node:url";

import { PROMPT, TOOLS, add, packaged, put, setAside, tellUsage } from "./saw.mjs";

const load = (name) => import(pathToFileURL(packaged.resolve(name)).href);
const { embedMany, generateText, jsonSchema, streamText, tool } = await load("ai");

const PROVIDERS = {
  "openai-chat": async (at) => (await load("@ai-sdk/openai")).createOpenAI(at("/v1")).chat("gpt-4o-mini"),
  "openai-responses": async (at) => (await load("@ai-sdk/openai")).createOpenAI(at("/v1")).responses("gpt-4o-mini"),
  "anthropic-messages": async (at) => (await load("@ai-sdk/anthropic")).createAnthropic(at("/v1"))("claude-sonnet-4-5"),
  gemini: async (at) => (await load("@ai-sdk/google")).createGoogleGenerativeAI(at("/v1beta"))("gemini-2.5-flash"),
  compatible: async (at) => {
    const { createOpenAICompatible } = await load("@ai-sdk/openai-compatible");
    return createOpenAICompatible({ ...at("/v1"), name: "fake", includeUsage: true })("gpt-4o-mini");
  },
};

const EMBEDDERS = {
  "openai-chat": async (at) => (await load("@ai-sdk/openai")).createOpenAI(at("/v1")).embedding("text-embedding-3-small"),
  gemini: async (at) =>
    (await load("@ai-sdk/google")).createGoogleGenerativeAI(at("/v1beta")).embedding("gemini-embedding-001"),
};

export async function run(job, saw) {
  const fetching = {};
  if (job.http2) {
    const { Agent } = packaged("undici");
    const dispatcher = new Agent({ allowH2: true });
    fetching.fetch = (input, init) => fetch(input, { ...init, dispatcher });
  }
  const at = (path) => ({ baseURL: `${job.base_url}${path}`, apiKey: job.key, ...fetching });
  const common = {};
  if (typeof job.retries === "number") {
    common.maxRetries = job.retries;
  }
  // It has no timeout of an attempt; what it has is a signal for everything.
  if (job.abort) {
    common.abortSignal = AbortSignal.timeout(job.abort * 1000);
  }
  if (job.what === "embeddings") {
    const answer = await embedMany({ ...common, model: await EMBEDDERS[job.dialect](at), values: ["one", "two"] });
    return put(saw, { vectors: answer.embeddings.map((vector) => vector.length) });
  }
  const variant = process.env.SDK_VARIANT || job.dialect;
  if (job.what === "reasoning") {
    common.providerOptions = { openai: { reasoningSummary: "auto", forceReasoning: true } };
  }
  const model = await PROVIDERS[variant](at);
  return talk({ ...common, model }, job, saw);
}

async function talk(common, job, saw) {
  const messages = [{ role: "user", content: PROMPT }];
  if (job.what === "orphan") {
    const output = { type: "text", value: "done" };
    messages.push({ role: "tool", content: [{ type: "tool-result", toolCallId: "call_nobody", toolName: "list", output }] });
  }
  const answer = await once(common, job, saw, messages);
  if (job.what === "tools") {
    const first = setAside(saw);
    const content = answer.used.map(({ toolCallId, toolName }) => {
      return { type: "tool-result", toolCallId, toolName, output: { type: "text", value: `${toolName} done` } };
    });
    await once(common, job, saw, [...messages, ...answer.messages, { role: "tool", content }]);
    put(saw, { ids: new Set(answer.used.map((call) => call.toolCallId)).size, first });
  }
}

/** One answer: the calls in it, and the messages that it adds to the conversation. */
async function once(common, job, saw, messages) {
  const more = { ...common, messages };
  if (job.what.startsWith("tool")) {
    more.tools = Object.fromEntries(
      TOOLS.map(({ name, description, schema }) => [name, tool({ description, inputSchema: jsonSchema(schema) })]),
    );
  }
  if (job.mode === "whole") {
    return take(saw, await generateText(more));
  }
  if (job.mode === "text-stream") {
    // Errors are told to `onError` alone: the stream of text just ends.
    const result = streamText({ ...more, onError: ({ error }) => put(saw, { told: error?.constructor?.name ?? String(error) }) });
    for await (const text of result.textStream) {
      add(saw, "text", text);
    }
    return { used: [], messages: [] };
  }
  const result = streamText({ ...more, onError: () => {} });
  for await (const part of result.fullStream) {
    takePart(saw, part);
  }
  return take(saw, {
    usage: await result.totalUsage,
    finishReason: await result.finishReason,
    toolCalls: await result.toolCalls,
    responseMessages: (await result.response).messages,
  });
}

function takePart(saw, part) {
  const text = part.text ?? part.delta;
  if (part.type === "text-delta") {
    add(saw, "text", text);
  } else if (part.type === "reasoning-delta") {
    add(saw, "reasoning", text);
  } else if (part.type === "tool-input-start") {
    saw.calls = [...(saw.calls ?? []), [part.toolName, ""]];
  } else if (part.type === "tool-input-delta") {
    saw.calls.at(-1)[1] += text;
  } else if (part.type === "abort") {
    put(saw, { event: "abort" });
  } else if (part.type === "error") {
    throw part.error;
  }
}

function take(saw, result) {
  const { usage, toolCalls: used } = result;
  tellUsage(saw, usage.inputTokens, usage.outputTokens, usage.inputTokenDetails?.cacheReadTokens, usage.outputTokenDetails?.reasoningTokens);
  put(saw, { text: result.text, reasoning: result.reasoningText, finish: result.finishReason });
  put(saw, { calls: used.map(({ toolName, input }) => [toolName, input]) });
  return { used, messages: result.responseMessages ?? result.response?.messages ?? [] };
}
