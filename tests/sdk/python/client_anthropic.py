"""`anthropic` for Python, any of its majors: Messages, counting tokens, models."""

import json

import anthropic

from saw import PROMPT, TOOLS, add, an_answer, each, entered, get, path, put, tell_usage

MODEL = "claude-sonnet-4-5"
FUNCTIONS = [
    {"name": name, "description": tool["description"], "input_schema": tool["schema"]} for name, tool in TOOLS.items()
]


async def run(job, saw):
    kind = anthropic.AsyncAnthropic if job["mode"].startswith("async") else anthropic.Anthropic
    options = {"timeout": job["timeout"], "base_url": job["base_url"], "api_key": job["key"]}
    if job.get("retries") is not None:
        options["max_retries"] = job["retries"]
    if job.get("http2"):
        asynchronous = job["mode"].startswith("async")
        http = anthropic.DefaultAsyncHttpxClient if asynchronous else anthropic.DefaultHttpxClient
        options["http_client"] = http(http2=True)
    async with entered(kind(**options)) as client:
        match job["what"]:
            case "models":
                put(saw, models=sorted([model.id async for model in each(client.models.list())]))
            case "count":
                asked = [{"role": "user", "content": PROMPT}]
                counted = await get(client.messages.count_tokens(model=MODEL, messages=asked))
                put(saw, counted=counted.input_tokens > 0)
            case _:
                await talk(client, job, saw)


async def talk(client, job, saw):
    asked = [{"role": "user", "content": PROMPT}]
    if job["what"] == "orphan":
        asked = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_nobody", "content": "done"}]}]
    content = await once(client, job, saw, asked)
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        used = [block for block in content if block["type"] == "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": f"{block['name']} done"} for block in used
        ]
        asked += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
        await once(client, job, saw, asked)
        put(saw, ids=len({block["id"] for block in used}), first=first)


async def once(client, job, saw, asked):
    """One answer; its content as it is sent back."""
    mode = job["mode"].removeprefix("async-")
    more = {"model": MODEL, "max_tokens": 1024, "messages": asked}
    if job["what"] in ("tools", "tool"):
        more["tools"] = FUNCTIONS
    if mode == "whole":
        return take_whole(saw, an_answer(saw, await get(client.messages.create(**more))))
    events = Events(saw)
    if mode == "streamed":
        async with entered(await get(client.messages.create(stream=True, **more))) as stream:
            async for event in each(stream):
                events.take(event)
        # Arguments that were cut off are not put together.
        return events.content() if job["what"] == "tools" else []
    async with entered(client.messages.stream(**more)) as stream:
        async for event in each(stream):
            events.take(event)
        return take_whole(saw, await get(stream.get_final_message()))


def take_usage(saw, usage):
    if usage:
        told = usage.input_tokens if usage.input_tokens is not None else path(saw, "usage")[0]
        cached = path(usage, "cache_read_input_tokens")
        reasoned = path(usage, "output_tokens_details", "thinking_tokens")
        tell_usage(saw, told, usage.output_tokens, cached, reasoned)


def take_whole(saw, message):
    take_usage(saw, message.usage)
    seen, content = {"calls": []}, []
    for block in message.content:
        content.append(block.model_dump(exclude_none=True))
        if block.type == "tool_use":
            seen["calls"].append([block.name, block.input])
        add(seen, "text", path(block, "text"))
        add(seen, "reasoning", path(block, "thinking"))
    # A text that came and is not in the message is seen all the same.
    put(saw, finish=message.stop_reason, **{key: value or None for key, value in seen.items()})
    return [{key: value for key, value in block.items() if key in SENT_BACK} for block in content]


SENT_BACK = ("type", "text", "id", "name", "input", "thinking", "signature")


class Events:
    """A stream's events, put together from the deltas."""

    def __init__(self, saw):
        self.saw, self.blocks = saw, {}

    def take(self, event):
        if event.type == "message_start":
            take_usage(self.saw, event.message.usage)
        elif event.type == "content_block_start":
            self.blocks[event.index] = {**event.content_block.model_dump(exclude_none=True), "json": ""}
            self.show_calls()
        elif event.type == "content_block_delta":
            self.take_delta(self.blocks[event.index], event.delta)
        elif event.type == "message_delta":
            put(self.saw, finish=event.delta.stop_reason)
            take_usage(self.saw, event.usage)

    def take_delta(self, block, delta):
        add(self.saw, "text", path(delta, "text"))
        add(self.saw, "reasoning", path(delta, "thinking"))
        for key, value in (("text", path(delta, "text")), ("thinking", path(delta, "thinking"))):
            if value:
                block[key] = block.get(key, "") + value
        put(block, signature=path(delta, "signature"))
        block["json"] += path(delta, "partial_json") or ""
        self.show_calls()

    def show_calls(self):
        calls = [[block["name"], block["json"]] for block in self.blocks.values() if block["type"] == "tool_use"]
        put(self.saw, calls=calls or None)

    def content(self):
        for block in self.blocks.values():
            if block["type"] == "tool_use":
                block["input"] = json.loads(block["json"] or "{}")
        return [{key: value for key, value in block.items() if key in SENT_BACK} for block in self.blocks.values()]
