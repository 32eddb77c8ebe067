"""What is said where a batch would need a model that nobody has set up."""

from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import serve

from sparring.domain.errors import NotConfigured
from sparring.domain.simulation import Models
from sparring.server.model_names import named_models
from sparring.server.services import DefaultModels


async def told(*agents, **defaults):
    services = (await serve()).app.state.services
    return named_models(
        replace(services, defaults=DefaultModels(**defaults)), agents, agent_field="llmModel", settings="llmModel"
    )


async def test_the_agents_model_is_told_first_because_it_is_what_the_request_chose():
    with pytest.raises(NotConfigured, match=r"llmModel: .* Set ANTHROPIC_API_KEY"):
        await told("claude-haiku-4-5-20251001")


async def test_without_any_provider_a_key_is_named_as_well():
    with pytest.raises(NotConfigured, match=r"simulated user. Set SPARRING_USER_MODEL, or .* OPENAI_API_KEY"):
        await told("gpt-4o")
    with pytest.raises(NotConfigured, match=r"judge. Set SPARRING_JUDGE_MODEL, or"):
        await told("gpt-4o", user="gpt-5-mini")


async def test_an_agent_without_a_model_is_told_where_one_can_be_named():
    with pytest.raises(NotConfigured, match=r"No model is set for the agent. Set llmModel"):
        await told(None, user="gpt-5-mini", judge="gpt-4.1")


async def test_what_can_be_reached_is_taken():
    assert await told("gpt-4o", user="gpt-5-mini", judge="gpt-4.1") == Models(user="gpt-5-mini", judge="gpt-4.1")
