"""A short, honest agent over the openai SDK: one question in, one answer out.

Usage: agent.py --streamed true|false --ledger FILE QUESTION

The answer goes to standard output and nothing else does; a failure goes to standard error with exit code 1. The SDK's own
retries are off, because they end where a stream begins: one policy here covers both.
"""

import argparse
import datetime
import email.utils
import json
import os
import pathlib
import random
import signal
import sys
import time

import openai

ATTEMPTS = 3  # of one call to the model, the first included
BACKOFF_SECONDS = 0.3
RETRY_AFTER_MOST_SECONDS = 30.0  # asked for more than this, giving up is the honest answer
ROUNDS = 8  # calls of one turn
TURN_MOST_SECONDS = 50  # keep-alives defeat every timeout between bytes
RETRIED_STATUS = {408, 409, 429}
QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached"}

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": {argument: {"type": "string"}},
                "required": [argument],
            },
        },
    }
    for name, description, argument in [
        ("list", "Lists the names in a folder.", "path"),
        ("read", "Reads a text file.", "path"),
        ("effect", "Makes something happen once.", "name"),
    ]
]


class Broken(Exception):
    """An answer that ended before it was whole."""


# What asking again may mend. The SDK does not wrap what comes of bytes that are no text, or no JSON.
UNREADABLE = (openai.APIError, Broken, json.JSONDecodeError, UnicodeDecodeError)


class Unfinished(Exception):
    """An answer that is whole and yet not an answer: cut at a limit, or withheld."""


def ask(client, model, messages, streamed):
    """One attempt. Returns the message, whole."""
    arguments = {"model": model, "messages": messages, "tools": TOOLS}
    if streamed:
        # Without the usage nothing would come between the finish reason and the end, and the SDK stops reading at the end.
        arguments["stream_options"] = {"include_usage": True}
        return read_stream(client.chat.completions.create(stream=True, **arguments))
    completion = client.chat.completions.create(**arguments)
    if getattr(completion, "error", None):
        raise Broken(f"the provider said with status 200: {completion.error}")
    if not getattr(completion, "choices", None):
        raise Broken("the answer cannot be parsed: it has no choices")
    choice = completion.choices[0]
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
        for call in choice.message.tool_calls or []
    ]
    return whole(choice.message.content or "", calls, choice.finish_reason)


def read_stream(stream):
    text, calls, finish = [], {}, None
    with stream:
        for chunk in stream:
            if not chunk.choices:
                continue
            choice = chunk.choices[0]
            finish = choice.finish_reason or finish
            text.append(choice.delta.content or "")
            for delta in choice.delta.tool_calls or []:
                call = calls.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
                call["id"] = delta.id or call["id"]
                if delta.function is not None:
                    call["name"] += delta.function.name or ""
                    call["arguments"] += delta.function.arguments or ""
    return whole("".join(text), [calls[index] for index in sorted(calls)], finish)


def whole(text, calls, finish):
    """Nothing is taken for whole that did not say why it ended."""
    if finish is None:
        raise Broken("the answer ended without a finish reason")
    if finish in ("length", "content_filter"):
        raise Unfinished(f"the answer is not complete: {finish}")
    if not text and not calls:
        raise Broken("the answer is empty")
    return text, calls


def pause(error, attempt):
    """Seconds to wait before the next attempt, or None to give up."""
    if attempt == ATTEMPTS:
        return None
    usual = BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(1.0, 1.5)
    if isinstance(error, openai.APIStatusError):
        if error.code in QUOTA_CODES:
            return None
        if error.status_code not in RETRIED_STATUS and error.status_code < 500:
            return None
        asked = seconds(error.response.headers.get("retry-after", ""))
        if asked is None:
            return usual
        if asked > RETRY_AFTER_MOST_SECONDS:
            return None
        return max(asked, usual) if asked >= 0 else usual
    return usual


def seconds(retry_after):
    """What a Retry-After asks for: seconds, or a date (RFC 9110, section 10.2.3). None if it is neither."""
    try:
        return float(retry_after)
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return (date - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def ask_until_whole(client, model, messages, streamed):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return ask(client, model, messages, streamed)
        except UNREADABLE as error:
            wait = pause(error, attempt)
            if wait is None:
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def run_tool(call, ledger):
    """The result of a tool call as text. What cannot be run is answered with the reason."""
    try:
        arguments = json.loads(call["arguments"])
        if call["name"] == "list":
            return "\n".join(sorted(entry.name for entry in inside(arguments["path"]).iterdir()))
        if call["name"] == "read":
            return inside(arguments["path"]).read_text()
        if call["name"] == "effect":
            with open(ledger, "a", encoding="utf-8") as file:
                file.write(arguments["name"] + "\n")
            return "done"
        return f"error: there is no tool {call['name']!r}"
    except (json.JSONDecodeError, KeyError, TypeError, OSError, ValueError) as error:
        return f"error: {type(error).__name__}"


def inside(path):
    root = pathlib.Path.cwd().resolve()
    found = (root / path).resolve()
    if not found.is_relative_to(root):
        raise ValueError("outside the workspace")
    return found


def answer(client, options):
    messages = [{"role": "user", "content": options.question}]
    for _ in range(ROUNDS):
        text, calls = ask_until_whole(client, options.model, messages, options.streamed == "true")
        if not calls:
            return text
        functions = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": call["arguments"]},
            }
            for call in calls
        ]
        messages.append({"role": "assistant", "content": text or None, "tool_calls": functions})
        for call in calls:
            result = run_tool(call, options.ledger)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise Unfinished(f"no answer after {ROUNDS} calls")


def describe(error):
    parts = [type(error).__name__, str(error)]
    cause = error.__cause__
    while cause is not None:
        parts.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__
    text = ": ".join(part for part in parts if part)
    key = os.environ.get("OPENAI_API_KEY")
    return text.replace(key, "[key]") if key else text


def give_up(*_):
    raise Unfinished(f"timeout: no answer after {TURN_MOST_SECONDS} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--streamed", choices=["true", "false"], required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--model", default="gpt-4o-mini")
    parser.add_argument("question")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(TURN_MOST_SECONDS)
    # Silence longer than this is a failure; a slow stream that goes on is not.
    timeout = openai.Timeout(5.0, connect=2.0)
    try:
        with openai.OpenAI(max_retries=0, timeout=timeout) as client:
            print(answer(client, options))
    except (openai.OpenAIError, Unfinished, *UNREADABLE) as error:
        print(describe(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
