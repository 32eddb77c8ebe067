"""Real processes for acceptance tests: a model server, and this project's commands."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

WAIT = 60.0


def environment(folder, **more):
    """The environment of a command: nothing of the caller's but its path."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **more}


def words(arguments, kib=None):
    """A command of this project's; `kib` is the size beyond which it can write no file, as on a full disk."""
    command = [sys.executable, "-m", "sparring", *map(str, arguments)]
    return command if kib is None else ["bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash", *command]


def sparring(folder, *arguments, stdin=subprocess.DEVNULL, kib=None, **more):
    """Run a command to its end."""
    return subprocess.run(
        words(arguments, kib),
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=stdin,
    )


@contextmanager
def started(folder, *arguments, kib=None, **more):
    """A command in the background; killed at the end if it still runs."""
    process = subprocess.Popen(
        words(arguments, kib),
        cwd=folder,
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


@contextmanager
def model_server(folder, *options):
    """`sparring mock-llm` on a free port; gives its base URL."""
    with started(folder, "mock-llm", "--port", "0", *options) as process:
        first = process.stdout.readline()
        yield next(word for word in first.split() if word.startswith("http"))


@contextmanager
def server(folder, *options, **more):
    """`sparring serve` on a free port, with the key `k`; gives the process and a way to ask it."""
    with started(folder, "serve", "--port", "0", *options, SPARRING_API_KEY="k", **more) as process:
        first = process.stdout.readline()
        yield process, Door(next(word for word in first.split() if word.startswith("http")))


class Door:
    """Asks a server."""

    def __init__(self, base):
        self.base = base

    def __call__(self, method, path, body=None):
        """The JSON of an answer, which must be a good one."""
        return json.loads(self.text(method, path, body) or "null")

    def text(self, method, path, body=None):
        """The text of an answer, which must be a good one."""
        request = urllib.request.Request(
            self.base + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"X-API-Key": "k", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return answer.read().decode()


def until(condition, what):
    """Wait for a condition, looking often; fail after a minute."""
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.01)


def records(path):
    """A model server's record so far, whole lines only."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
