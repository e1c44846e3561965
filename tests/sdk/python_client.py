"""What the openai SDK for Python makes of the fake provider: one JSON line per check, `{"check": …, "saw": …}`.

Started by main.rs, which knows what has to be seen. `OPENAI_BASE_URL` and `OPENAI_API_KEY` say whom to ask; a prompt carries
the check's name in brackets, by which the provider knows what to answer.
"""

import asyncio
import json
import re
import time

import httpx2
import openai

MODEL = "gpt-4o-mini"
STATUSES = [400, 401, 403, 404, 409, 422, 429, 500, 503]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Does {name}.",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
        },
    }
    for name in ("list", "read")
]


def prompt(check):
    return [{"role": "user", "content": f"Go. [{check}]"}]


def usage_of(usage):
    return usage and [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]


def whole(client, messages, **more):
    completion = client.chat.completions.create(model=MODEL, messages=messages, **more)
    choice = completion.choices[0]
    calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    return {
        "text": choice.message.content,
        "calls": calls,
        "role": choice.message.role,
        "finish": choice.finish_reason,
        "usage": usage_of(completion.usage),
        "object": completion.object,
    }


class Read:
    """A stream's chunks, put together."""

    def __init__(self):
        self.text, self.calls, self.objects = "", {}, set()
        self.role = self.finish = self.usage = None

    def take(self, chunk):
        self.objects.add(chunk.object)
        self.usage = usage_of(chunk.usage) or self.usage
        for choice in chunk.choices:
            self.role = choice.delta.role or self.role
            self.finish = choice.finish_reason or self.finish
            self.text += choice.delta.content or ""
            for delta in choice.delta.tool_calls or []:
                call = self.calls.setdefault(delta.index, ["", "", ""])
                call[0] += delta.id or ""
                call[1] += delta.function.name or ""
                call[2] += delta.function.arguments or ""

    def saw(self):
        return {
            "text": self.text or None,
            "calls": [tuple(self.calls[index]) for index in sorted(self.calls)],
            "role": self.role,
            "finish": self.finish,
            "usage": self.usage,
            "object": ",".join(sorted(self.objects)),
        }


def streamed(client, messages, **more):
    read = Read()
    with client.chat.completions.create(model=MODEL, messages=messages, stream=True, **more) as stream:
        for chunk in stream:
            read.take(chunk)
    return read.saw()


def tools(client, check, ask):
    """Two calls in one answer, both answered, and the answer to that."""
    messages = prompt(check)
    first = ask(client, messages, tools=TOOLS)
    calls = first["calls"]
    messages.append(
        {
            "role": "assistant",
            "content": first["text"],
            "tool_calls": [
                {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
                for id, name, arguments in calls
            ],
        }
    )
    for id, name, _ in calls:
        messages.append({"role": "tool", "tool_call_id": id, "content": f"{name} done"})
    second = ask(client, messages, tools=TOOLS)
    return {
        "calls": [[name, json.loads(arguments)] for _, name, arguments in calls],
        "ids": len({id for id, _, _ in calls}),
        "finish": [first["finish"], second["finish"]],
        "text": second["text"],
    }


def helper(client, check):
    """The SDK's own way to put a stream together."""
    with client.chat.completions.stream(
        model=MODEL, messages=prompt(check), tools=TOOLS, stream_options={"include_usage": True}
    ) as stream:
        events = {event.type for event in stream}
        final = stream.get_final_completion()
    message = final.choices[0].message
    return {
        "calls": [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls],
        "text": message.content,
        "finish": final.choices[0].finish_reason,
        "usage": usage_of(final.usage),
        "events": sorted(events & {"content.done", "tool_calls.function.arguments.done"}),
    }


def failure(call):
    try:
        call()
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "ref": nonce(str(error)),
            "request_id": (error.request_id or "").startswith("req_"),
        }
    except openai.APIConnectionError as error:
        return {"class": type(error).__name__}
    except Exception as error:  # whatever else a client may see is what the test wants to know
        return {"class": f"{type(error).__module__}.{type(error).__name__}"}
    return {"class": "none"}


def nonce(text):
    found = re.search(r"bo-[0-9a-f]+", text)
    return found and found.group()


def retried(check, ask):
    sent = []
    hooks = {"request": [lambda request: sent.append(request.headers.get("x-stainless-retry-count"))]}
    with httpx2.Client(event_hooks=hooks, trust_env=False) as http:
        client = openai.OpenAI(max_retries=2, http_client=http)
        before = time.monotonic()
        saw = ask(client, prompt(check))
        return {"text": saw["text"], "sent": sent, "waited": time.monotonic() - before >= 1.0}


async def asynchronous(check):
    read = Read()
    async with openai.AsyncOpenAI(max_retries=0) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=prompt(check), stream=True)
        async for chunk in stream:
            read.take(chunk)
    return read.saw()


def tell(check, saw):
    print(json.dumps({"check": check, "saw": saw}), flush=True)


def main():
    client = openai.OpenAI(max_retries=0)
    tell("models", sorted(model.id for model in client.models.list()))
    tell("model", client.models.retrieve(MODEL).id)
    for mode, ask in (("whole", whole), ("streamed", streamed)):
        for kind in ("text", "length"):
            check = f"{kind}/{mode}"
            tell(check, ask(client, prompt(check)))
        tell(f"tools/{mode}", tools(client, f"tools/{mode}", ask))
        tell(f"retry/{mode}", retried(f"retry/{mode}", ask))
        for status in STATUSES:
            check = f"status-{status}/{mode}"
            tell(check, failure(lambda: ask(client, prompt(check))))
        for check in (f"reset-before-the-head/{mode}", f"reset-in-the-body/{mode}"):
            tell(check, failure(lambda: ask(client, prompt(check))))
        check = f"wrong-key/{mode}"
        stranger = openai.OpenAI(max_retries=0, api_key="sk-somebody-elses-key-0000")
        tell(check, failure(lambda: ask(stranger, prompt(check))))
        check = f"broken-history/{mode}"
        orphan = {"role": "tool", "tool_call_id": "call_nobody", "content": "done"}
        tell(check, failure(lambda: ask(client, [*prompt(check), orphan])))
    check = "usage/streamed"
    tell(check, streamed(client, prompt(check), stream_options={"include_usage": True}))
    tell("helper/streamed", helper(client, "helper/streamed"))
    tell("async/streamed", asyncio.run(asynchronous("async/streamed")))


main()
