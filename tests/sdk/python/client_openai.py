"""`openai` for Python, any of its majors: Chat Completions, Responses, embeddings, models."""

from array import array

import openai

import chat
import responses
from saw import an_answer, each, entered, get, put

MODEL = "gpt-4o-mini"


async def run(job, saw):
    kind = openai.AsyncOpenAI if job["mode"].startswith("async") else openai.OpenAI
    options = {"timeout": job["timeout"], "base_url": f"{job['base_url']}/v1", "api_key": job["key"]}
    if job.get("retries") is not None:
        options["max_retries"] = job["retries"]
    if job.get("http2"):
        asynchronous = job["mode"].startswith("async")
        http = openai.DefaultAsyncHttpxClient if asynchronous else openai.DefaultHttpxClient
        options["http_client"] = http(http2=True)
    async with entered(kind(**options)) as client:
        match job["what"]:
            case "models":
                put(saw, models=sorted([model.id async for model in each(client.models.list())]))
            case "model":
                put(saw, models=[(await get(client.models.retrieve(MODEL))).id])
            case "embeddings":
                await embed(client, saw)
            case "continued":
                await continue_one(client, saw)
            case _:
                talk = chats if job["dialect"] == "openai-chat" else respond
                await talk(client, job, saw)


async def embed(client, saw):
    """Vectors as they are asked for by default, which is in base64, and as numbers."""
    asked = {"model": "text-embedding-3-small", "input": ["one", "two"]}
    answer = await get(client.embeddings.create(**asked))
    put(saw, vectors=[len(item.embedding) for item in answer.data], usage=[answer.usage.prompt_tokens])
    told = await get(client.embeddings.create(encoding_format="float", **asked))
    ours, theirs = ([array("f", item.embedding) for item in each.data] for each in (answer, told))
    put(saw, same=[ours[0] == theirs[0], ours[1] == theirs[1], ours[0] == theirs[1]])


async def continue_one(client, saw):
    """An answer to another, fetched by its id and then deleted."""
    first = await get(client.responses.create(model=MODEL, input="Go."))
    second = await get(client.responses.create(model=MODEL, input="Go on.", previous_response_id=first.id))
    put(saw, text=second.output_text)
    again = await get(client.responses.retrieve(second.id))
    put(saw, again=[again.output_text, again.previous_response_id == first.id and again.id == second.id])
    await get(client.responses.delete(second.id))
    try:
        await get(client.responses.retrieve(second.id))
    except openai.NotFoundError as error:
        put(saw, deleted=error.status_code)


async def chats(client, job, saw):
    asked = chat.messages(job["what"])
    ids = await chat_once(client, job, saw, asked)
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        asked = chat.answered(asked, {**saw, **first}, ids)
        await chat_once(client, job, saw, asked)
        put(saw, ids=len(set(ids)), first=first)


async def chat_once(client, job, saw, asked):
    """One answer; the ids of its calls."""
    mode = job["mode"].removeprefix("async-")
    more = {"model": MODEL, "messages": asked}
    if job["what"] in ("tools", "tool"):
        more["tools"] = chat.FUNCTIONS
    if mode == "whole":
        completion = an_answer(saw, await get(client.chat.completions.create(**more)))
        chat.take_whole(saw, completion)
        return [call.id for call in completion.choices[0].message.tool_calls or []]
    more["stream_options"] = {"include_usage": True}
    if mode == "streamed":
        chunks = chat.Chunks(saw)
        async with entered(await get(client.chat.completions.create(stream=True, **more))) as stream:
            async for chunk in each(stream):
                chunks.take(chunk)
        return list(chunks.ids.values())
    async with entered(client.chat.completions.stream(**more)) as stream:
        chunks = chat.Chunks(saw)
        async for event in each(stream):
            if event.type == "chunk":
                chunks.take(event.chunk)
        completion = await get(stream.get_final_completion())
        chat.take_whole(saw, completion)
        return [call.id for call in completion.choices[0].message.tool_calls or []]


async def respond(client, job, saw):
    asked = responses.items(job["what"])
    ids = await respond_once(client, job, saw, asked)
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        await respond_once(client, job, saw, responses.answered(asked, saw, ids))
        put(saw, ids=len(set(ids)), first=first)


async def respond_once(client, job, saw, asked):
    mode = job["mode"].removeprefix("async-")
    more = {"model": MODEL, "input": asked}
    if job["what"] in ("tools", "tool"):
        more["tools"] = responses.FUNCTIONS
    if job["what"] == "reasoning":
        more["reasoning"] = {"summary": "auto"}
    if mode == "whole":
        return responses.take_whole(saw, an_answer(saw, await get(client.responses.create(**more))))
    events = responses.Events(saw)
    if mode == "streamed":
        async with entered(await get(client.responses.create(stream=True, **more))) as stream:
            async for event in each(stream):
                events.take(event)
        return events.ids
    async with entered(client.responses.stream(**more)) as stream:
        async for event in each(stream):
            events.take(event)
        return responses.take_whole(saw, await get(stream.get_final_response()))
