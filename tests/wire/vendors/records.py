"""Records as the vendors' reference pages show them, and what an import makes of them."""

from pathlib import Path

from sparring.adapters.moving.arrivals import Arrivals
from sparring.adapters.moving.sources import moving, record_of
from sparring.testing import FrozenClock, MemoryStore

NOW = 1_774_522_365.0

AGENT = {
    "agentId": "agent_D5D0p7TUs66TTAEAx",
    "agentName": "New AI Agent",
    "instructions": "You are talking to {{customer_name}}.",
    "welcomeMessageType": "static",
    "welcomeMessage": "Hello! My name is Grace.",
    "agentSettings": {"language": "en_US", "llmModel": "gpt-4o-mini", "llmTemperature": 0.5, "voiceId": "v-1"},
    "tools": [
        {"type": "voice_transfer_call", "transferTo": "+911234567890", "description": "To a person."},
        {"type": "ivr_navigator"},
    ],
}
OLDER_AGENT = {
    "agentId": "mJzLaPEo425lieb9",
    "agentName": "Demo Agent",
    "instructions": "Be kind.",
    "agentSettings": {"llmModel": "gpt-4o"},
}
CASE = {
    "testCaseId": "tc_d17T6uReChpyfFeP",
    "label": "Angry Customer - Cancellation Flow",
    "agent": {"name": "New AI Agent", "agentId": "agent_D5D0p7TUs66TTAEAx", "status": "Live"},
    "workspaceId": "org_V6eZ2zg8ziDx5pft",
    "llmModel": "gpt-4o-mini",
    "mockData": [
        {"variableName": "customer_name", "value": "John Doe"},
        {"variableName": "account_status", "value": "active"},
    ],
    "userPrompt": "You are an angry customer who wants to cancel your subscription.",
    "attempt": 5,
    "successCriteria": "The agent should acknowledge the cancellation request.",
}
OLDER_CASE = {
    **{name: value for name, value in CASE.items() if name != "label"},
    "testCaseId": "tc_xeeXG5hX9dl0VFNt",
    "agent": {"name": "Demo Agent", "agentId": "mJzLaPEo425lieb9", "status": "Testing"},
}

HISTORY = {
    "last_modified_at": "2023-11-08T05:31:56Z",
    "revision": 3,
    "created_at": "2023-11-07T05:31:56Z",
    "created_by": "unknown",
    "last_modified_by": "unknown",
}
ACTION_ID, SET_ID = "64b7f0c2e4b0a1a2b3c4d5e6", "64b7f0c2e4b0a1a2b3c4d5e7"
EQHO_AGENT_ID, SCENARIO_ID = "64b7f0c2e4b0a1a2b3c4d5e8", "64b7f0c2e4b0a1a2b3c4d5e9"
ACTION = {
    "_id": ACTION_ID,
    "account_id": "64b7f0c2e4b0a1a2b3c4d500",
    "name": "Refund check",
    "slug": "check_refund_eligibility",
    "instructions": "Tells whether {{reservation_id}} can be refunded.",
    "type": "webhook",
    "settings": {"url": "https://example.com/{{reservation_id}}", "method": "GET"},
    "messages": {"start": "One moment."},
    "execution_type": "live",
    "response_mode": "interactive",
    "enabled": True,
    "history": HISTORY,
}
EQHO_AGENT = {
    "_id": EQHO_AGENT_ID,
    "account_id": "64b7f0c2e4b0a1a2b3c4d500",
    "name": "Airline agent",
    "voice_audio_id": "alloy",
    "role_ids": [],
    "personality": {"adherence": 0.75, "empathy": 0.5, "humor": 0.25},
    "language": "en-US",
    "system_prompt": "You answer for an airline.",
    "action_ids": [ACTION_ID],
    "ai_settings": {"ai_model": "gpt-4o-mini", "temperature": 0.2, "max_tokens": 500},
    "structured_greetings": [
        {"call_type": "inbound", "greeting_type": "static", "text": "Hi!"},
        {"call_type": "outbound", "greeting_type": "ai", "greeting_length": "short"},
    ],
    "history": HISTORY,
}
SCENARIO_SET = {
    "_id": SET_ID,
    "account_id": "64b7f0c2e4b0a1a2b3c4d500",
    "name": "Cancellations",
    "description": None,
    "history": HISTORY,
}
SCENARIO = {
    "_id": SCENARIO_ID,
    "account_id": "64b7f0c2e4b0a1a2b3c4d500",
    "name": "Agent refuses cancellation with refund if criteria are not met",
    "scenario_set_id": SET_ID,
    "folder": "Flight cancellation",
    "description": {"purpose": "Test that agent refuses cancellation", "notes": None},
    "lead_scenario": {
        "persona": "As a 41-year-old office administrator, ...",
        "instructions": {
            "task_instructions": "You insist to cancel and have the refund.",
            "language": "en",
            "reason_for_call": "You want to cancel your flights from MCO to CLT.",
            "known_info": "You are Amelia Sanchez.\n\nYour user id is amelia_sanchez_4739.",
            "unknown_info": None,
        },
        "actions": {
            "terminate_call": {
                "name": "Hang up",
                "slug": "hang_up",
                "instructions": "Ends the call.",
                "type": "terminate_call",
                "settings": {},
            }
        },
    },
    "environment_setup": {
        "dynamic_variables": {"days_until_flight": 2, "lead.custom_fields.ticket_type": "non-refundable"},
        "conversation_direction": "inbound",
        "conversation_medium": "chatbot",
        "action_mocks": {"check_refund_eligibility": {"default_is_error": False, "default_return_value": "False"}},
        "message_history": [
            {"role": "system", "content": "Be brief.", "turn_idx": 0, "timestamp": "2023-11-07T05:31:56Z"}
        ],
        "mention_mocks": {"@order": "12"},
    },
    "evaluation_criteria": {
        "actions": [
            {
                "tool_call_id": "a1",
                "name": "check_refund_eligibility",
                "arguments": {},
                "requestor": "assistant",
                "info": None,
                "compare_args": [],
            }
        ],
        "nl_assertions": ["Agent does not offer the refund."],
    },
    "history": HISTORY,
}


def found(vendor, *records):
    return [record_of(vendor, record, f"records[{place}]") for place, record in enumerate(records)]


async def arrived(vendor, *records, store=None):
    """The records put beside those of a store, and the store."""
    clock = FrozenClock(NOW)
    store = store or MemoryStore(clock)
    arrivals = Arrivals(store=store, workspace=await store.first_workspace(), now=NOW)
    await vendor.arrive(moving(vendor, found(vendor, *records), arrivals.notes), arrivals)
    await arrivals.save()
    return arrivals, store


def write(folder: Path, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
