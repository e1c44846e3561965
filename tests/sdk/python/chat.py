"""OpenAI Chat Completions, as `openai` and `litellm` hand it on: what is sent, and what is made of what comes."""

from saw import PROMPT, TOOLS, add, path, put, tell_usage

MODEL = "gpt-4o-mini"
FUNCTIONS = [
    {
        "type": "function",
        # The helpers of openai 2 take no others.
        "function": {
            "name": name,
            "description": tool["description"],
            "parameters": tool["schema"],
            "strict": True,
        },
    }
    for name, tool in TOOLS.items()
]
ORPHAN = {"role": "tool", "tool_call_id": "call_nobody", "content": "done"}


def messages(what):
    asked = [{"role": "user", "content": PROMPT}]
    return [*asked, ORPHAN] if what == "orphan" else asked


def take_usage(saw, usage):
    if usage:
        cached = path(usage, "prompt_tokens_details", "cached_tokens")
        reasoned = path(usage, "completion_tokens_details", "reasoning_tokens")
        tell_usage(saw, usage.prompt_tokens, usage.completion_tokens, cached, reasoned)


def take_whole(saw, completion):
    take_usage(saw, path(completion, "usage"))
    for choice in completion.choices or []:
        message = choice.message
        calls = [[call.function.name, call.function.arguments] for call in message.tool_calls or []]
        put(saw, text=message.content or None, refusal=path(message, "refusal") or None, finish=choice.finish_reason)
        put(saw, reasoning=path(message, "reasoning_content") or None, calls=calls or None)


class Chunks:
    """A stream's chunks, put together by their index as the protocol says."""

    def __init__(self, saw):
        self.saw, self.ids = saw, {}

    def take(self, chunk):
        take_usage(self.saw, path(chunk, "usage"))
        for choice in chunk.choices or []:
            put(self.saw, finish=choice.finish_reason or None)
            delta = choice.delta
            add(self.saw, "text", delta.content)
            add(self.saw, "refusal", path(delta, "refusal"))
            add(self.saw, "reasoning", path(delta, "reasoning_content"))
            for part in delta.tool_calls or []:
                self.take_call(part)

    def take_call(self, part):
        calls = self.saw.setdefault("calls", [])
        while len(calls) <= part.index:
            calls.append(["", ""])
        self.ids[part.index] = self.ids.get(part.index, "") + (part.id or "")
        calls[part.index][0] += part.function.name or ""
        calls[part.index][1] += part.function.arguments or ""


def answered(asked, saw, ids):
    """The conversation with the calls that were seen, and a result for each."""
    calls = [
        {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for id, (name, arguments) in zip(ids, saw["calls"])
    ]
    results = [
        {"role": "tool", "tool_call_id": id, "content": f"{name} done"} for id, (name, _) in zip(ids, saw["calls"])
    ]
    return [*asked, {"role": "assistant", "content": saw.get("text"), "tool_calls": calls}, *results]
