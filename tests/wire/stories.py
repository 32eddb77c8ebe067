"""Exchanges that were written down, and what a server answers to them now.

A file is a little story on a fresh server: its exchanges come one after the other. `{name}` in a request stands
for what an earlier answer was asked to `keep`.
"""

import json
import re

from tests.wire.sigmamind.served import serve

SHOWN_HEADERS = ("allow", "retry-after", "www-authenticate")


def filled(value, kept):
    if isinstance(value, str):
        for name, text in kept.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {key: filled(item, kept) for key, item in value.items()}
    return [filled(item, kept) for item in value] if isinstance(value, list) else value


async def exchanged(story):
    """The story with the answers that the server gives now."""
    served = await serve(**story.get("server", {}))
    kept = {}
    answered = []
    for exchange in story["exchanges"]:
        if "play" in exchange:
            await served.play(exchange["play"])
            answered.append(exchange)
            continue
        request = filled(exchange["request"], kept)
        body = {"json": request["body"]} if "body" in request else {"content": request.get("raw", "").encode()}
        headers = {"content-type": "application/json"} if "raw" in request else {}
        async with served.client(request.get("key", "spk_write")) as client:
            response = await client.request(
                request["method"], request["path"], headers={**headers, **request.get("headers", {})}, **body
            )
        told = {"status": response.status_code}
        shown = {name: response.headers[name] for name in SHOWN_HEADERS if name in response.headers}
        if shown:
            told["headers"] = shown
        if response.content:
            told["body"] = response.json()
        for name, path in exchange.get("keep", {}).items():
            value = told["body"]
            for step in path:
                value = value[step]
            kept[name] = value
        answered.append({**exchange, "response": told})
    return {**story, "exchanges": answered}


async def operations(dialect):
    """Each (method, path) of a dialect's OpenAPI document with a pattern that its filled-in paths match."""
    served = await serve()
    async with served.client(None) as client:
        document = (await client.get(f"/openapi/{dialect}.json")).json()
    return {
        (method.upper(), path): re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))
        for path, item in document["paths"].items()
        for method in item
    }


async def untold(dialect, folder):
    """The operations of a dialect that no story succeeds in."""
    told = set()
    for path in folder.glob("*.json"):
        for exchange in json.loads(path.read_text(encoding="utf-8"))["exchanges"]:
            if "request" in exchange and exchange["response"]["status"] < 300:
                told.add((exchange["request"]["method"], exchange["request"]["path"].partition("?")[0]))
    return [
        operation
        for operation, pattern in (await operations(dialect)).items()
        if not any(method == operation[0] and pattern.fullmatch(path) for method, path in told)
    ]


async def renew(folder):
    """Write down what the server answers now."""
    for file in sorted(folder.glob("*.json")):
        renewed = await exchanged(json.loads(file.read_text(encoding="utf-8")))
        file.write_text(json.dumps(renewed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
