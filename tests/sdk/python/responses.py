"""OpenAI Responses, as `openai` and `litellm` hand it on: what is sent, and what is made of what comes."""

from saw import PROMPT, TOOLS, add, member, path, put, tell_usage

MODEL = "gpt-4o-mini"
FUNCTIONS = [
    {"type": "function", "name": name, "description": tool["description"], "parameters": tool["schema"], "strict": False}
    for name, tool in TOOLS.items()
]
ORPHAN = {"type": "function_call_output", "call_id": "call_nobody", "output": "done"}


def items(what):
    asked = [{"role": "user", "content": PROMPT}]
    return [*asked, ORPHAN] if what == "orphan" else asked


def take_end(saw, response):
    """What the response says of itself when it is over."""
    reason = path(response, "incomplete_details", "reason")
    put(saw, finish=f"{response.status}: {reason}" if reason else response.status)
    usage = path(response, "usage")
    if usage:
        cached = path(usage, "input_tokens_details", "cached_tokens")
        reasoned = path(usage, "output_tokens_details", "reasoning_tokens")
        tell_usage(saw, usage.input_tokens, usage.output_tokens, cached, reasoned)


def take_whole(saw, response):
    take_end(saw, response)
    seen = {"calls": []}
    for item in response.output or []:
        kind = member(item, "type")
        if kind == "function_call":
            seen["calls"].append([member(item, "name"), member(item, "arguments")])
        parts = [*(member(item, "content") or []), *(member(item, "summary") or [])]
        for part in parts:
            take_part(seen, part)
    put(saw, **{key: value or None for key, value in seen.items()})
    return [member(item, "call_id") for item in response.output or [] if member(item, "type") == "function_call"]


def take_part(saw, part):
    where = {"output_text": "text", "summary_text": "reasoning", "reasoning_text": "reasoning"}
    kind = member(part, "type")
    if kind == "refusal":
        add(saw, "refusal", member(part, "refusal"))
    elif kind in where:
        add(saw, where[kind], member(part, "text"))


class Events:
    """A stream's events, put together from the deltas."""

    DELTAS = {
        "response.output_text.delta": "text",
        "response.refusal.delta": "refusal",
        "response.reasoning_summary_text.delta": "reasoning",
        "response.reasoning_text.delta": "reasoning",
    }

    def __init__(self, saw):
        self.saw, self.calls, self.ids, self.id = saw, {}, [], None

    def take(self, event):
        kind = str(member(event, "type").value if hasattr(member(event, "type"), "value") else member(event, "type"))
        if kind in self.DELTAS:
            add(self.saw, self.DELTAS[kind], event.delta)
        elif kind == "response.output_item.added" and member(event.item, "type") == "function_call":
            self.calls[event.output_index] = [member(event.item, "name"), ""]
            self.ids.append(member(event.item, "call_id"))
            self.saw["calls"] = list(self.calls.values())
        elif kind == "response.function_call_arguments.delta":
            self.calls[event.output_index][1] += event.delta
        elif kind in ("response.completed", "response.incomplete", "response.failed"):
            self.id = event.response.id
            take_end(self.saw, event.response)
            put(self.saw, failure=path(event.response, "error", "code"))
        elif kind == "error":
            # Handed on as an event like any other, not raised.
            put(self.saw, event="error")


def answered(asked, saw, ids):
    calls = [
        {"type": "function_call", "call_id": id, "name": name, "arguments": arguments}
        for id, (name, arguments) in zip(ids, saw["calls"])
    ]
    results = [
        {"type": "function_call_output", "call_id": id, "output": f"{name} done"}
        for id, (name, _) in zip(ids, saw["calls"])
    ]
    return [*asked, *calls, *results]
