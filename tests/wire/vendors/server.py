"""Loopback servers that stand for the vendors' APIs: the reference pages' records, in the reference pages' pages."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "the-vendors-key"


def wrapped(records, query, size=10):
    """SigmaMind's form of a page."""
    page, size = int(query.get("page", 0)), min(int(query.get("size", size)), size)
    pages = -(-len(records) // size)
    return {
        "data": records[page * size : (page + 1) * size],
        "page": page,
        "size": size,
        "totalCount": len(records),
        "totalPages": pages,
        "hasNext": page + 1 < pages,
        "hasPrevious": page > 0,
    }


def with_meta(name, records, query, size=10):
    """Eqho's form of a page."""
    page, size = int(query.get("page", 1)), min(int(query.get("per_page", size)), size)
    last = max(1, -(-len(records) // size))
    meta = {
        "per_page": size,
        "last_page": last,
        "current_page": page,
        "next_page": page + 1 if page < last else None,
        "prev_page": page - 1 if page > 1 else None,
        "total": len(records),
    }
    return {name: records[(page - 1) * size : page * size], "meta": meta}


def sigmamind(agents, cases, *, wrap_cases=False, size=10):
    """The API of an account that holds these records."""

    def answer(path, query):
        if path == "/v1/agents":
            return 200, wrapped(agents, query, size)
        if path == "/v1/test-cases":
            own = [case for case in cases if case["agent"]["agentId"] == query["agentId"]]
            return 200, wrapped(own, query, size) if wrap_cases else own
        found = [agent for agent in agents if path == f"/v1/agents/{agent['agentId']}"]
        return (200, found[0]) if found else not_found(path)

    return answer


def eqho(agents, actions, scenarios, sets=None, *, size=10):
    """The API of an account that holds these records; without sets it has no list of them."""
    lists = {"/v1/agents": "agents", "/v1/actions": "actions", "/v1/simulation/scenarios": "scenarios"}
    kept = {"agents": agents, "actions": actions, "scenarios": scenarios, "scenario_sets": sets}
    if sets is not None:
        lists["/v1/simulation/scenario-sets"] = "scenario_sets"

    def answer(path, query):
        if path in lists:
            return 200, with_meta(lists[path], kept[lists[path]], query, size)
        for agent in agents:
            if path == f"/v1/agents/{agent['_id']}/details":
                own = [action for action in actions if action["_id"] in agent["action_ids"]]
                return 200, {**agent, "actions": own, "roles": [], "scripts": [], "greetings": []}
        return 404, {"detail": "Not Found"}

    return answer


def not_found(path):
    return 404, {"error": "Not Found", "message": "No such record", "path": path, "status": 404}


class Vendor:
    """A server that is open: what it is asked, and what it answers instead for a while."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.troubles = []
        """Answers that come before the real ones: (status, headers, body)."""
        self.always = {}
        """Answers in the place of the real ones, by path."""

    def respond(self, path, headers):
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(path)
        if self.troubles:
            return self.troubles.pop(0)
        if headers.get("X-API-Key") != KEY:
            body = {"error": "Unauthorized", "message": f"Bad key {headers.get('X-API-Key')}", "status": 401}
            return 401, {}, body
        if parts.path in self.always:
            return self.always[parts.path]
        status, body = self.answer(parts.path, query)
        return status, {}, body


@contextmanager
def serving(answer):
    """The server of an API on a free port, and its address."""
    vendor = Vendor(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body go out as one: apart, the body waits until the head was acknowledged

        def do_GET(self):
            status, headers, body = vendor.respond(self.path, self.headers)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield vendor
        finally:
            server.shutdown()
