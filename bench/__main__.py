"""`make bench`: what 100 simulations of 5 exchanges and 1 judgement cost, and what a turn costs as they grow."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIMULATIONS = 100
EXCHANGES = 5
CALLS = 2 * EXCHANGES + 1
LATENCIES = (0, 200)
TURNS = (5, 50, 200)
HERE = Path(__file__).parent


@contextmanager
def model_server(folder: Path, latency: int, exchanges: int, record: Path | None = None) -> Iterator[str]:
    """A loopback model server of its own process; gives its base URL."""
    script = folder / f"script_{exchanges}.yaml"
    script.write_text((HERE / "script.yaml").read_text().replace("turn: 5", f"turn: {exchanges}"))
    options = ["--record", str(record)] if record else []
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "sparring", "mock-llm", "--port", "0", "--latency", str(latency)),
            *("--script", str(script), *options),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        yield next(word for word in first.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait()


def run(*arguments: str) -> dict[str, float]:
    """What one of the two loops measured of itself."""
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def startup() -> float:
    """CPU seconds of `sparring --help`, the least of five."""
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "sparring", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def measure(latency: int, startup_cpu: float) -> dict[str, float]:
    """The main job beside the bare loop, against the same server, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = folder / "record.jsonl"
        with model_server(folder, 0, EXCHANGES, record) as url:
            run("bench.play", url, str(_fresh(folder)), str(EXCHANGES), "1")
        with model_server(folder, latency, EXCHANGES) as url:
            run("bench.floor", str(record), url, "5")
            bare = run("bench.floor", str(record), url, str(SIMULATIONS))
            ours = run("bench.play", url, str(_fresh(folder)), str(EXCHANGES), str(SIMULATIONS))
    return {
        "cpu_ms": round(ours["cpu_ms"], 2),
        "floor_ms": round(bare["cpu_ms"], 2),
        "wall_s": round(ours["wall_s"], 2),
        "floor_wall_s": round(bare["wall_s"], 2),
        "limit_s": round(CALLS * latency / 1000, 2),
        "peak_mib": round(ours["peak_mib"], 1),
        "startup_cpu_s": round(startup_cpu, 3),
    }


def turn_costs() -> dict[int, float]:
    """CPU milliseconds of one exchange (two model calls, stored) in conversations of several lengths."""
    costs = {}
    for exchanges in TURNS:
        with tempfile.TemporaryDirectory() as name, model_server(Path(name), 0, exchanges) as url:
            count = max(4, 400 // exchanges)
            ours = run("bench.play", url, name, str(exchanges), str(count))
            costs[exchanges] = round(ours["cpu_ms"] / exchanges, 3)
    return costs


def main() -> None:
    """Measure, tell, and end with one JSON line."""
    began = time.perf_counter()
    startup_cpu = startup()
    print(f"sparring --help: {startup_cpu:.2f} s of CPU")
    results = {}
    for latency in LATENCIES:
        figures = results[str(latency)] = measure(latency, startup_cpu)
        beyond = figures["cpu_ms"] - figures["floor_ms"]
        print(
            f"{SIMULATIONS} simulations, {SIMULATIONS * CALLS} calls at {latency} ms: "
            f"{figures['wall_s']:.2f} s wall (limit {figures['limit_s']:.1f} s, bare loop "
            f"{figures['floor_wall_s']:.2f} s), {figures['cpu_ms']:.1f} ms CPU each, "
            f"{figures['cpu_ms'] / figures['floor_ms']:.1f} times the bare loop's {figures['floor_ms']:.1f} ms "
            f"({beyond:.1f} ms beyond it), {figures['peak_mib']:.0f} MiB"
        )
    for exchanges, cost in turn_costs().items():
        print(f"an exchange in a conversation of {exchanges}: {cost:.2f} ms CPU")
    print(f"measured in {time.perf_counter() - began:.0f} s")
    print(json.dumps(results))


def _fresh(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


if __name__ == "__main__":
    main()
