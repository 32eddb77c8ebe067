"""Whether an agent that lives elsewhere is there, found out without a word that it would answer."""

from __future__ import annotations

from sparring.adapters.agents.door import AgentDoor
from sparring.adapters.agents.environment import Environment
from sparring.adapters.agents.python_agent import load_callable
from sparring.domain.endpoints import Endpoint, HttpEndpoint, OpenAIEndpoint, PythonEndpoint
from sparring.domain.errors import AgentFault

_UNAUTHORIZED = (401, 403)


async def knock(endpoint: Endpoint, door: AgentDoor, environment: Environment) -> str:
    """What was found where an agent lives.

    A chat-completions server is asked for its models, which costs nothing; of any other address only the host is
    looked at; code is loaded.

    Raises:
        NotConfigured: an environment variable is not set.
        InvalidInput: the code cannot be loaded.
        AgentFault: nothing is there, it may not be asked, or it does not take the key.
    """
    environment.check(endpoint)
    match endpoint:
        case PythonEndpoint():
            load_callable(endpoint)
            return f"{endpoint.callable} · loaded"
        case OpenAIEndpoint():
            base = environment.put_in(endpoint.base_url).rstrip("/")
            headers = environment.headers(endpoint.headers)
            if endpoint.api_key_env is not None:
                headers = {"Authorization": f"Bearer {environment.value(endpoint.api_key_env)}", **headers}
            status = await door.knock("GET", f"{base}/models", headers=headers, guarded=endpoint.guarded)
            if status in _UNAUTHORIZED:
                key = endpoint.api_key_env or "its headers, or name an api_key_env"
                raise AgentFault(f"The agent at {base} answered {status}: check {key}.")
            return f"{base} · answers"
        case HttpEndpoint():
            url = environment.put_in(endpoint.url)
            host = "/".join(url.split("/", 3)[:3])
            if "{{" in host:
                return f"{url} · not looked at, because where it is depends on variables"
            await door.knock("HEAD", host, headers={}, guarded=endpoint.guarded)
            return f"{host} · answers"
