"""What is seen, in words that are the same for every client.

- `text`, `reasoning`, `refusal`: as far as they came
- `calls`: `[name, arguments]` in their order; the arguments are JSON text where the client hands on text
- `finish`: why the answer ended, in the client's word; `usage`: `[input, output]`, and `cached` and `reasoned` where told
- `class`: the exception's, with its module unless it is the client's own; `status`, `code`, `request_id`, `message` of it
"""

import asyncio

# Modules whose exceptions are the client's own.
OWN = ("openai", "anthropic", "google", "litellm")

TOOLS = {
    name: {
        "description": f"Does {name}.",
        "schema": {
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
            "additionalProperties": False,
        },
    }
    for name in ("list", "read")
}
PROMPT = "Go."


def add(saw, key, text):
    """More of a text; nothing is not even an empty text."""
    if text:
        saw[key] = saw.get(key, "") + text


def put(saw, **values):
    saw.update({key: value for key, value in values.items() if value is not None})


def tell_usage(saw, told, output, cached=None, reasoned=None):
    put(saw, usage=[told, output], cached=cached or None, reasoned=reasoned or None)


def member(value, name):
    """A member of an object or a dictionary, or nothing."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def path(value, *names):
    for name in names:
        value = member(value, name) if value is not None else None
    return value


def error_of(error):
    kind = type(error)
    own = kind.__module__.split(".")[0] in OWN
    told = {"class": kind.__name__ if own else f"{kind.__module__}.{kind.__name__}"}
    status, code = member(error, "status_code"), member(error, "code")
    if isinstance(code, int):
        # Google's clients call the status a code, and the code a status.
        status, code = code, member(error, "status")
    body = member(error, "body")
    detail = body.get("error", body) if isinstance(body, dict) else None
    if code is None and isinstance(detail, dict):
        code = detail.get("code") or detail.get("type")
    put(told, status=status, code=code, request_id=member(error, "request_id"), message=str(error)[:500])
    return told


class NotAnAnswer(Exception):
    """A client handed back something that is no answer, and raised nothing: whoever called it sees that for himself."""


def an_answer(saw, answer):
    """The answer, if it is one; else it is seen what came instead, and there is nothing more to see."""
    if answer is None or isinstance(answer, (str, bytes)):
        put(saw, returned=type(answer).__name__)
        raise NotAnAnswer
    return answer


async def get(value):
    """The value, waited for where the client is asynchronous."""
    return await value if hasattr(value, "__await__") else value


def looped():
    """Whether the client is asked to be asynchronous: some of their streams can be read in either way."""
    return asyncio._get_running_loop() is not None


async def each(stream):
    if looped():
        async for item in stream:
            yield item
    else:
        for item in stream:
            yield item


class entered:
    """A context manager of either kind."""

    def __init__(self, manager):
        self.manager = manager

    async def __aenter__(self):
        if looped():
            return await self.manager.__aenter__()
        return self.manager.__enter__()

    async def __aexit__(self, *failure):
        if looped():
            return await self.manager.__aexit__(*failure)
        return self.manager.__exit__(*failure)
