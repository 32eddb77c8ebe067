"""The bare loop: the same requests on the same transport, nothing kept and nothing judged.

    python -m bench.floor RECORD BASE_URL SIMULATIONS

RECORD is the model server's own record of one simulation; its request bodies are sent again, in their order.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import aiohttp
import orjson
import uvloop


async def simulation(session: aiohttp.ClientSession, url: str, bodies: list[bytes]) -> None:
    for body in bodies:
        async with session.post(url, data=body) as answer:
            orjson.loads(await answer.read())


async def loop(record: Path, base_url: str, simulations: int) -> dict[str, float]:
    bodies = [orjson.dumps(orjson.loads(line)["request"]) for line in record.read_bytes().splitlines()]
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    async with aiohttp.ClientSession(
        connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        began, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        async with asyncio.TaskGroup() as group:
            for _ in range(simulations):
                group.create_task(simulation(session, f"{base_url}/chat/completions", bodies))
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - spent.ru_utime - spent.ru_stime
    return {"wall_s": wall, "cpu_ms": 1000 * cpu / simulations, "requests": len(bodies) * simulations}


if __name__ == "__main__":
    source, url, count = sys.argv[1:]
    print(json.dumps(uvloop.run(loop(Path(source), url, int(count)))))
