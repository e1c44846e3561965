"""`litellm` for Python, which speaks every dialect and hands on what it hears as Chat Completions."""

import os

# It would ask the network for prices while it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

import chat  # noqa: E402
import responses  # noqa: E402
from saw import each, get, put  # noqa: E402

litellm.suppress_debug_info = True
litellm.telemetry = False

# The name that a dialect has here, and what it wants for a base URL.
PROVIDERS = {
    "openai-chat": ("openai/gpt-4o-mini", "{}/v1"),
    "openai-responses": ("openai/gpt-4o-mini", "{}/v1"),
    "anthropic-messages": ("anthropic/claude-sonnet-4-5", "{}"),
    "gemini": ("gemini/gemini-2.5-flash", "{}/v1beta"),
    "ollama": ("ollama_chat/llama3.2", "{}"),
}


async def run(job, saw):
    model, base = PROVIDERS[job["dialect"]]
    more = {"model": model, "api_base": base.format(job["base_url"]), "api_key": job["key"]}
    if job["timeout"]:
        more["timeout"] = job["timeout"]
    if job.get("retries") is not None:
        more["max_retries"] = job["retries"]
    match job["what"]:
        case "embeddings":
            name = {"openai-chat": "openai/text-embedding-3-small", "gemini": "gemini/gemini-embedding-001"}
            more["model"] = name.get(job["dialect"], model)
            embed = litellm.aembedding if job["mode"].startswith("async") else litellm.embedding
            answer = await get(embed(input=["one", "two"], **more))
            put(saw, vectors=[len(item["embedding"]) for item in answer.data])
        case _ if job["dialect"] == "openai-responses":
            await respond(job, saw, more)
        case _:
            await talk(job, saw, more)


async def talk(job, saw, more):
    asked = chat.messages(job["what"])
    if job["what"] in ("tools", "tool"):
        more["tools"] = chat.FUNCTIONS
    ids = await once(job, saw, {**more, "messages": asked})
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        asked = chat.answered(asked, {**saw, **first}, ids)
        await once(job, saw, {**more, "messages": asked})
        put(saw, ids=len(set(ids)), first=first)


async def once(job, saw, more):
    mode = job["mode"].removeprefix("async-")
    complete = litellm.acompletion if job["mode"].startswith("async") else litellm.completion
    if mode == "whole":
        completion = await get(complete(**more))
        chat.take_whole(saw, completion)
        return [call.id for call in completion.choices[0].message.tool_calls or []]
    chunks, kept = chat.Chunks(saw), []
    async for chunk in each(await get(complete(stream=True, stream_options={"include_usage": True}, **more))):
        chunks.take(chunk)
        kept.append(chunk)
    if mode == "helper":
        completion = litellm.stream_chunk_builder(kept, messages=more["messages"])
        chat.take_whole(saw, completion)
        return [call.id for call in completion.choices[0].message.tool_calls or []]
    return list(chunks.ids.values())


async def respond(job, saw, more):
    asked = responses.items(job["what"])
    if job["what"] in ("tools", "tool"):
        more["tools"] = responses.FUNCTIONS
    if job["what"] == "reasoning":
        more["reasoning"] = {"summary": "auto"}
    ids = await respond_once(job, saw, {**more, "input": asked})
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        await respond_once(job, saw, {**more, "input": responses.answered(asked, saw, ids)})
        put(saw, ids=len(set(ids)), first=first)


async def respond_once(job, saw, more):
    answer = litellm.aresponses if job["mode"].startswith("async") else litellm.responses
    if job["mode"].endswith("whole"):
        return responses.take_whole(saw, await get(answer(**more)))
    events = responses.Events(saw)
    async for event in each(await get(answer(stream=True, **more))):
        events.take(event)
    return events.ids
