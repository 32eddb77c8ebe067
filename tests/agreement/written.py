"""Recordings written for a test."""

from .recordings import Recording


def recording(*messages, ended="user_stop", line=1, **more):
    return Recording(line, {"messages": list(messages), "termination_reason": ended, "task_id": "t", **more})


def agent(text, *calls):
    return _spoken("assistant", text, calls)


def user(text, *calls):
    return _spoken("user", text, calls)


def call(name, id, /, **arguments):
    return {"id": id, "name": name, "arguments": arguments}


def result(text, id, *, error=False, requestor="assistant"):
    return {"role": "tool", "tool_call_id": id, "content": text, "error": error, "requestor": requestor}


def _spoken(role, text, calls):
    told = {"role": role, "content": text}
    return told | {"tool_calls": [one | {"requestor": role} for one in calls]} if calls else told
