"""`google-genai` for Python: generateContent, embeddings, models."""

from google import genai
from google.genai import types

from saw import PROMPT, TOOLS, add, each, get, put, tell_usage

MODEL = "gemini-2.5-flash"


async def run(job, saw):
    timeout = job["timeout"] and round(job["timeout"] * 1000)
    options = types.HttpOptions(base_url=job["base_url"], timeout=timeout)
    if job.get("http2"):
        options.client_args = options.async_client_args = {"http2": True}
    whole = genai.Client(api_key=job["key"], http_options=options)
    client = whole.aio if job["mode"].startswith("async") else whole
    match job["what"]:
        case "models":
            put(saw, models=sorted([model.name async for model in each(await get(client.models.list()))]))
        case "embeddings":
            answer = await get(client.models.embed_content(model="gemini-embedding-001", contents=["one", "two"]))
            put(saw, vectors=[len(item.values) for item in answer.embeddings])
        case "count":
            put(saw, counted=(await get(client.models.count_tokens(model=MODEL, contents=PROMPT))).total_tokens > 0)
        case _:
            await talk(client, job, saw)


async def talk(client, job, saw):
    asked = [types.Content(role="user", parts=[types.Part(text=PROMPT)])]
    if job["what"] == "orphan":
        asked.append(types.Content(role="user", parts=[result("nobody")]))
    said = await once(client, job, saw, asked)
    if job["what"] == "tools":
        first = {key: saw.pop(key, None) for key in ("text", "finish")}
        calls = [part for part in said if part.function_call]
        results = [result(part.function_call.name, part.function_call.id) for part in calls]
        asked += [types.Content(role="model", parts=said), types.Content(role="user", parts=results)]
        await once(client, job, saw, asked)
        put(saw, ids=len({part.function_call.id for part in calls}), first=first)


def result(name, id=None):
    response = types.FunctionResponse(name=name, id=id, response={"result": f"{name} done"})
    return types.Part(function_response=response)


async def once(client, job, saw, asked):
    """One answer; its parts."""
    config = types.GenerateContentConfig(
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    if job["what"] in ("tools", "tool"):
        functions = [
            types.FunctionDeclaration(
                name=name, description=tool["description"], parameters_json_schema=tool["schema"]
            )
            for name, tool in TOOLS.items()
        ]
        config.tools = [types.Tool(function_declarations=functions)]
    more = {"model": MODEL, "contents": asked, "config": config}
    if job["mode"].endswith("whole"):
        return take(saw, await get(client.models.generate_content(**more)))
    parts = []
    async for piece in each(await get(client.models.generate_content_stream(**more))):
        parts += take(saw, piece)
    return parts


def take(saw, piece):
    put(saw, blocked=piece.prompt_feedback and str(piece.prompt_feedback.block_reason))
    usage = piece.usage_metadata
    if usage:
        written = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        tell_usage(saw, usage.prompt_token_count, written, usage.cached_content_token_count, usage.thoughts_token_count)
    parts = []
    for candidate in piece.candidates or []:
        put(saw, finish=candidate.finish_reason and candidate.finish_reason.name)
        parts += (candidate.content and candidate.content.parts) or []
    for part in parts:
        add(saw, "reasoning" if part.thought else "text", part.text)
        if part.function_call:
            call = [part.function_call.name, dict(part.function_call.args or {})]
            saw["calls"] = [*saw.get("calls", []), call]
    return parts
