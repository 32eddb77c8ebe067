"""Live actions of the Eqho dialect, over HTTP: really called where the server allows it, loud everywhere else."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from processes import model_server, server, until

SCRIPT = """
user:
  - {when: {turn: 1}, say: Please cancel order A1.}
  - {end: done}
agent:
  - {when: {turn: 1}, call: {cancel_order: {order: A1}}}
  - {when: {tool: cancel_order, result: '"cancelled":true'}, say: It is cancelled.}
  - {when: {tool: cancel_order}, say: It cannot be done.}
judge:
  - {when: {assertion: ".", shows: [{agent: It is cancelled}]}, verdict: met, reason: It says so.}
  - {verdict: not_met, reason: It is not.}
"""
ALLOWED = {"SPARRING_ALLOW_LIVE_TOOLS": "true", "SPARRING_ALLOW_PRIVATE_NETWORKS": "true"}


class Shop(BaseHTTPRequestHandler):
    """A tool's server: keeps what it is sent, and answers once it may."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, self.headers["X-Key"], json.loads(body)))
        self.server.open.wait(60)
        answer = self.server.answer
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Nothing is printed."""


@pytest.fixture
def shop():
    served = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    served.daemon_threads = True
    served.sent, served.open, served.answer = [], threading.Event(), b'{"cancelled":true}'
    served.open.set()
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.open.set()
    served.shutdown()
    thread.join()
    served.server_close()


@contextmanager
def serving(folder, **settings):
    """A server on models that speak the script; gives its process and a way to ask it."""
    (folder / "script.yaml").write_text(SCRIPT)
    with model_server(folder, "--script", folder / "script.yaml") as url:
        models = {f"SPARRING_{role}_MODEL": "openai:gpt-4o" for role in ("USER", "JUDGE")}
        with server(folder, OPENAI_BASE_URL=url, OPENAI_API_KEY="any", **models, **settings) as (process, ask):
            yield process, ask


def action(shop, **fields):
    host, port = shop.server_address
    return {
        "name": "Cancel",
        "slug": "cancel_order",
        "instructions": "Cancels an order.",
        "type": "webhook",
        "execution_type": "live",
        "settings": {
            "method": "POST",
            "url": f"http://{host}:{port}/orders/{{{{order}}}}",
            "headers": [{"key": "X-Key", "value": "{{shop_key}}"}],
            "query_params": {"dry": False},
            "body_params": {"order": "{{order}}", "by": "{{customer}}"},
        },
        **fields,
    }


def started(ask, shop, *, mocks=None, **fields):
    """A simulation of one scenario with the live action."""
    made = ask("POST", "/v1/actions", action(shop, **fields))["_id"]
    agent = ask(
        "POST", "/eqho/v1/agents", {"name": "A", "ai_settings": {"ai_model": "gpt-4o"}, "action_ids": [made]}
    )
    scenario = {
        "name": "Cancel",
        "lead_scenario": {"instructions": {"task_instructions": "Cancel A1 for {{customer}}."}},
        "environment_setup": {
            "dynamic_variables": {"customer": "Jo", "shop_key": "s3cret"},
            "action_mocks": mocks or {},
        },
        "evaluation_criteria": {
            "actions": [{"name": "cancel_order", "arguments": {"order": "A1"}}],
            "nl_assertions": ["The order is cancelled."],
        },
    }
    case = ask("POST", "/v1/simulation/scenarios", scenario)["_id"]
    return ask("POST", "/v1/simulation", {"agent_id": agent["_id"], "scenario_ids": [case]})


def ended(ask, result):
    """The only run of a simulation, once it is over, and the result of its tool."""
    path = f"/v1/simulation/results/{result['_id']}"
    until(lambda: ask("GET", path)["status"] == "completed", "the simulation is over")
    (run,) = ask("GET", f"{path}/runs")
    (told,) = [message for message in run["messages"] if message["role"] == "tool"]
    return run, told


def test_a_live_action_is_really_called_where_the_server_allows_it(tmp_path, shop):
    with serving(tmp_path, **ALLOWED) as (_, ask):
        result = started(ask, shop)
        run, told = ended(ask, result)
        _, mocked = ended(ask, started(ask, shop, mocks={"cancel_order": {"default_return_value": "no"}}))
        _, unmocked = ended(ask, started(ask, shop, execution_type="non_live"))
    assert shop.sent == [("/orders/A1?dry=false", "s3cret", {"order": "A1", "by": "Jo"})]
    assert (told["content"], told["error"], told["source"]) == ('{"cancelled":true}', False, "live")
    assert (run["outcome"], run["reward_info"]["reward"], run["warnings"]) == ("passed", 1.0, [])
    assert "Cancel: The live webhook 'cancel_order' has no mock: it is really called." in result["warnings"]
    assert (mocked["source"], unmocked["source"]) == ("static", "unmocked")


def test_by_default_nothing_is_called_and_both_ways_out_are_told(tmp_path, shop):
    with serving(tmp_path) as (_, ask):
        result = started(ask, shop)
        run, told = ended(ask, result)
    assert shop.sent == []
    assert (told["source"], told["error"]) == ("unmocked", True)
    assert (run["outcome"], run["cause"], run["reward_info"]) == ("error", "mock_gap", None)
    assert 'mocks: {cancel_order: {rules: [{when: {order: "A1"}, returns: {}}]}}' in run["error"]
    assert any("SPARRING_ALLOW_LIVE_TOOLS=true" in warning for warning in run["warnings"])
    assert any("SPARRING_ALLOW_LIVE_TOOLS is not true" in warning for warning in result["warnings"])


def test_a_test_run_of_the_other_dialect_calls_nothing_whatever_is_allowed(tmp_path, shop):
    with serving(tmp_path, **ALLOWED) as (_, ask):
        result = started(ask, shop)
        ended(ask, result)
        shop.sent.clear()
        asked = {"agentId": result["agent_id"], "testCases": result["scenario_ids"]}
        batch = ask("POST", "/v1/batch-runs", asked)["batchId"]
        path = f"/v1/batch-runs/{batch}"
        until(lambda: ask("GET", path)["status"].lower() == "completed", "the batch is over")
        (job,) = ask("GET", f"/v1/test-runs?batchId={batch}")["data"]
        run = ask("GET", f"/v1/simulation/run/{job['jobId']}")
    assert shop.sent == []
    assert [message["source"] for message in run["messages"] if message["role"] == "tool"] == ["mockData"]


@pytest.mark.parametrize(
    ("settings", "answer", "words"),
    [
        (
            {**ALLOWED, "SPARRING_ALLOW_PRIVATE_NETWORKS": "false"},
            b"",
            "SPARRING_ALLOW_PRIVATE_NETWORKS=true allows",
        ),
        (ALLOWED, b"x" * 1_000_001, "The answer is longer than 1,000,000 bytes."),
    ],
    ids=["a private address", "too much"],
)
def test_what_gives_no_answer_is_told_and_is_no_verdict(tmp_path, shop, settings, answer, words):
    shop.answer = answer
    with serving(tmp_path, **settings) as (_, ask):
        run, told = ended(ask, started(ask, shop))
    assert (told["source"], told["error"]) == ("unanswered", True)
    assert words in told["content"]
    assert (run["outcome"], run["cause"], run["reward_info"]) == ("error", "provider", None)
    assert words in run["error"]


def test_a_call_that_a_killed_server_left_behind_is_not_made_again(tmp_path, shop):
    shop.open.clear()
    with serving(tmp_path, **ALLOWED) as (process, ask):
        result = started(ask, shop)
        until(lambda: shop.sent, "the tool is called")
        process.kill()
        process.wait()
    shop.open.set()
    with serving(tmp_path, **ALLOWED) as (_, ask):
        run, told = ended(ask, result)
    assert len(shop.sent) == 1
    assert told["source"] == "unanswered"
    assert "may have been carried out, and was not made again" in told["content"]
    assert (run["outcome"], run["cause"]) == ("error", "provider")
