"""`doctor` on agents that live elsewhere: of suites, and of the API's records."""

import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from processes import server, sparring


class Locked(BaseHTTPRequestHandler):
    """Refuses whoever has no key, and is asked for nothing but its models."""

    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(200 if self.headers["Authorization"] == "Bearer right" else 401)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        """Nothing is printed."""


@contextmanager
def locked():
    served = ThreadingHTTPServer(("127.0.0.1", 0), Locked)
    served.asked = []
    thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_address[1]}", served.asked
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


def nobody():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def findings(folder, *arguments, code, **settings):
    done = sparring(folder, "doctor", *arguments, "--json", **settings)
    assert done.returncode == code, done.stdout + done.stderr
    return {one["what"]: (one["state"], one["told"]) for one in json.loads(done.stdout)}


def written(folder, endpoint, **variables):
    suite = {
        "name": "S",
        "agent": {"name": "A", "endpoint": endpoint},
        "user_model": "scripted:polite",
        "judge_model": "scripted:polite",
        "variables": variables,
        "scenarios": [{"name": "One", "instructions": "Ask.", "expect": {"said": ["yes"]}}],
    }
    (folder / "suite.json").write_text(json.dumps(suite))
    return "suite.json"


def test_a_suite_is_told_to_be_playable_or_what_its_agent_lacks(tmp_path):
    with locked() as (url, asked):
        suite = written(tmp_path, {"kind": "openai", "base_url": f"{url}/v1", "api_key_env": "KEY"})
        good = findings(tmp_path, suite, code=0, KEY="right")[f"suite {suite}"]
        wrong = findings(tmp_path, suite, code=2, KEY="wrong")[f"suite {suite}"]
        unset = findings(tmp_path, suite, code=2)[f"suite {suite}"]
        elsewhere = written(tmp_path, {"kind": "http", "url": f"{url}/chat?a={{{{message}}}}"})
        any_api = findings(tmp_path, elsewhere, code=0)[f"suite {elsewhere}"]
    assert good == ("ok", f"agent {url}/v1 · answers · user scripted:polite · judge scripted:polite")
    assert wrong == ("missing", f"The agent at {url}/v1 answered 401: check KEY.")
    assert unset == ("missing", "The agent needs the environment variable KEY, which is not set.")
    assert any_api[0] == "ok"
    assert asked == ["GET /v1/models", "GET /v1/models", "HEAD /"]


def test_an_agent_that_is_not_there_is_told_with_what_to_do(tmp_path):
    url = nobody()
    state, told = findings(tmp_path, written(tmp_path, {"kind": "http", "url": url}), code=2)["suite suite.json"]
    assert state == "missing"
    assert told.startswith(f"The agent cannot be reached at {url}: ")
    assert told.endswith("Check that it runs, and its address.")
    by_variable = written(tmp_path, {"kind": "http", "url": "http://{{host}}/chat"}, host="here")
    assert "depends on variables" in findings(tmp_path, by_variable, code=0)["suite suite.json"][1]
    code = written(tmp_path, {"kind": "python", "callable": "no_such_module:reply"})
    assert "no_such_module" in findings(tmp_path, code, code=2)["suite suite.json"][1]
    assert findings(tmp_path, "nowhere.yaml", code=2)["suite nowhere.yaml"][0] == "missing"


def test_the_agents_of_the_api_are_looked_at_and_keep_nobody_from_playing(tmp_path):
    with locked() as (url, _):
        allowed = {"SPARRING_ALLOW_PRIVATE_NETWORKS": "true"}
        with server(tmp_path, **allowed) as (_, ask):
            for name, where in (("There", url), ("Gone", nobody())):
                endpoint = {"kind": "http", "url": where}
                ask("POST", "/v1/agents", {"agentName": name, "instructions": "I", "endpoint": endpoint})
        found = findings(tmp_path, code=0, **allowed)
        refused = findings(tmp_path, code=0)
    assert found["agent There"] == ("ok", f"{url} · answers")
    assert (found["agent Gone"][0], found["mocks"][0]) == ("odd", "ok")
    assert "SPARRING_ALLOW_PRIVATE_NETWORKS=true allows it" in refused["agent There"][1]


def test_where_the_mocks_are_served_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        state, told = findings(tmp_path, code=0, SPARRING_MOCKS_PORT=port)["mocks"]
    assert state == "odd"
    assert f"cannot be served on 127.0.0.1:{port}" in told
    where = {"SPARRING_MOCKS_PORT": port, "SPARRING_MOCKS_URL": "https://mocks.example.com"}
    assert findings(tmp_path, code=0, **where)["mocks"] == (
        "ok",
        "https://mocks.example.com/mocks, for agents that run their own tools",
    )


def test_what_is_allowed_beyond_the_default_is_told(tmp_path):
    allowed = {"SPARRING_ALLOW_LIVE_TOOLS": "true", "SPARRING_ALLOW_PRIVATE_NETWORKS": "true"}
    found = findings(tmp_path, code=0, **allowed)
    assert found["live tools"][1].startswith("SPARRING_ALLOW_LIVE_TOOLS=true: ")
    assert found["networks"][1].startswith("SPARRING_ALLOW_PRIVATE_NETWORKS=true: ")
    assert not {"live tools", "networks"} & findings(tmp_path, code=0).keys()
