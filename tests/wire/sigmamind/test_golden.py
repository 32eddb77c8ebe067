"""Every endpoint, by exchanges that were written down: `python -m tests.wire.sigmamind.test_golden` renews them.

A file is a little story on a fresh server: its exchanges come one after the other. `{name}` in a request stands
for what an earlier answer was asked to `keep`.
"""

import asyncio
import json
from pathlib import Path

import pytest
from tests.wire.sigmamind.served import serve

GOLDEN = Path(__file__).parent / "golden"
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


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
async def test_the_server_answers_as_written_down(path):
    story = json.loads(path.read_text(encoding="utf-8"))
    now = await exchanged(story)
    assert now["exchanges"] == story["exchanges"]


def test_every_operation_is_written_down(operations):
    told = set()
    for path in GOLDEN.glob("*.json"):
        for exchange in json.loads(path.read_text(encoding="utf-8"))["exchanges"]:
            if "request" in exchange and exchange["response"]["status"] < 300:
                told.add((exchange["request"]["method"], exchange["request"]["path"].partition("?")[0]))
    missing = [
        operation
        for operation, pattern in operations.items()
        if not any(method == operation[0] and pattern.fullmatch(path) for method, path in told)
    ]
    assert missing == []


if __name__ == "__main__":
    for file in sorted(GOLDEN.glob("*.json")):
        renewed = asyncio.run(exchanged(json.loads(file.read_text(encoding="utf-8"))))
        file.write_text(json.dumps(renewed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
