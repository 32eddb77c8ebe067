"""What the reference pages of both vendors document: endpoints, the fields of requests, the fields of answers.

Each field of a request has a value to try it with (`Values`: several, all of which are documented; `NAMES`: the id of a
record). Whether this project acts on it is found out by trying, not written down here.
"""

from dataclasses import dataclass, field
from typing import Any

from sparring.dialects.sigmamind.names import PAGE_MODELS


class NAMES:
    """The field names a record: one that there is not is refused."""


@dataclass(frozen=True)
class Values:
    """All documented values of a field; the first differs from what the base says."""

    all: tuple[Any, ...]


@dataclass(frozen=True)
class Sent:
    """The body of a request."""

    title: str
    method: str
    path: str
    kind: str
    """What is stored: agent, scenario, set, action, simulation, chat, webhook."""
    base: dict[str, Any]
    fields: dict[str, Any]
    also: tuple[str, ...] = ()
    """Other endpoints that take the same fields."""


@dataclass(frozen=True)
class Answered:
    """An object in answers."""

    title: str
    schema: str
    """Its name in the OpenAPI document."""
    fields: tuple[str, ...]
    empty: tuple[str, ...] = ()
    """Those that are always empty here."""
    free: tuple[str, ...] = ()
    """Those inside of what the OpenAPI document does not describe."""


@dataclass(frozen=True)
class Pages:
    """All that one vendor documents."""

    name: str
    dialect: str
    mounted: str
    endpoints: dict[str, tuple[str, ...]]
    """Method and path, and the parameters of the query."""
    refused: dict[str, tuple[str, ...]]
    """The same for what belongs to another product, with the fields that only they have."""
    sent: tuple[Sent, ...]
    answered: tuple[Answered, ...]
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Paths that are served under another one."""
    older: dict[str, str] = field(default_factory=dict)
    """Names of older pages, and what is said of them."""


WRAPPER = ("page", "size", "totalCount", "totalPages", "hasNext", "hasPrevious")
SUMMARY = ("agent.name", "agent.agentId", "agent.status")
TEST_CASE = (
    "testCaseId", "label", *SUMMARY, "workspaceId", "llmModel", "mockData[].variableName", "mockData[].value",
    "userPrompt", "attempt", "successCriteria",
)  # fmt: skip
BATCH = ("batchId", "workspaceId", *SUMMARY, "createdDate")
ITEM = ("id", "role", "type", "content")
AGENT_SETTINGS = {
    "language": "de_DE",
    "aiStartsConversation": True,
    "globalPrompt": "Be brief.",
    "llmModel": "gpt-4.1",
    "llmTemperature": 0.5,
    "llmTopP": 0.5,
    "llmTopK": 5,
    "backgroundSound": "office",
    "remindersIntervalDuration": 10,
    "remindersLimit": 2,
    "endCallOnSilenceDuration": 30,
    "maxCallDuration": 600,
    "voiceId": "v",
    "voiceModelId": "m",
    "ttsSpeed": 1.1,
    "ttsTemperature": 0.4,
    "ttsVolume": 0.9,
    "aiStartsSpeakingPlan": {"wait": 1},
    "aiStopsSpeakingPlan": {"words": 2},
    "ivrHangup": True,
    "agentTimezone": "Europe/Berlin",
    "autoVolumeNormalization": True,
    "backgroundNoiseFilter": True,
    "echoCancellation": True,
    "enablePostConversationAnalysis": True,
    "postConversationAnalysisLlmModel": "gpt-4.1",
    "postConversationAnalysis[].insightName": "mood",
    "postConversationAnalysis[].insightInstructions": "How is the mood?",
    "postConversationAnalysis[].dataType": "text",
    "postConversationAnalysis[].options[]": "good",
    "webhooks[]": "wh_1",
    "interruptionSensitivity": 0.5,
    "enablePostConversationInsights": True,
    "postConversationInsights[].analysisInstructions": "How is the mood?",
}

SIGMAMIND = Pages(
    name="SigmaMind",
    dialect="sigmamind",
    mounted="/sigmamind/v1",
    endpoints={
        "POST /v1/test-cases": (),
        "GET /v1/test-cases": ("agentId",),
        "GET /v1/test-cases/{testCaseId}": ("agentId",),
        "PUT /v1/test-cases/{testCaseId}": (),
        "PATCH /v1/test-cases/{testCaseId}": (),
        "DELETE /v1/test-cases/{testCaseId}": ("agentId",),
        "POST /v1/batch-runs": (),
        "GET /v1/batch-runs": ("agentId", "page", "size"),
        "GET /v1/batch-runs/{batchId}": ("agentId",),
        "GET /v1/test-runs": ("batchId", "agentId", "page", "size"),
        "GET /v1/test-runs/{jobId}": ("batchId", "agentId"),
        "POST /v1/chats": (),
        "POST /v1/chats/response": (),
        "GET /v1/chats": ("status", "page", "size"),
        "GET /v1/chats/{chatId}": (),
        "PATCH /v1/chats/{chatId}": (),
        "POST /v1/chats/{chatId}/end": (),
        "POST /v1/agents": (),
        "GET /v1/agents": (),
        "GET /v1/agents/{agentId}": (),
        "PATCH /v1/agents/{agentId}": (),
        "POST /v1/webhooks": (),
        "GET /v1/webhooks": ("agentId", "active", "page", "size"),
        "GET /v1/webhooks/{webhookId}": (),
        "DELETE /v1/webhooks/{webhookId}": (),
    },
    refused={
        "POST /v1/chat": ("agentId", "conversation", "variables"),
        "POST /v1/integrations/{integrationId}/tools": ("integrationId", "scope"),
        "GET /v1/integrations/{integrationId}/tools/{toolId}": ("toolId",),
        "PATCH /v1/integrations/{integrationId}/tools/{toolId}": (),
        "POST /v1/integrations/{integrationId}/tools/{toolId}/execute": ("authId",),
        "GET /v1/calls": (),
        "GET /v1/phone-numbers": (),
        "GET /v1/campaigns": (),
        "GET /v1/knowledge-bases": (),
    },
    sent=(
        Sent(
            "Test case",
            "POST",
            "/v1/test-cases",
            "scenario",
            {
                "agentId": "{agent}",
                "userPrompt": "You want to cancel.",
                "successCriteria": "It is cancelled.",
                "mockData": [{"variableName": "a", "value": "1"}],
            },
            {
                "agentId": "{other_agent}",
                "userPrompt": "You want to stay.",
                "successCriteria": "It is kept.",
                "label": "Cancellation",
                "llmModel": Values(PAGE_MODELS),
                "mockData[].variableName": "b",
                "mockData[].value": "2",
                "attempt": 5,
            },
            also=("PUT /v1/test-cases/{testCaseId}", "PATCH /v1/test-cases/{testCaseId}"),
        ),
        Sent(
            "Batch run",
            "POST",
            "/v1/batch-runs",
            "simulation",
            {"agentId": "{agent}", "testCases": ["{free_case}"]},
            {"agentId": "{other_agent}", "testCases": ["{other_free_case}"]},
        ),
        Sent(
            "Chat",
            "POST",
            "/v1/chats",
            "chat",
            {"agentId": "{agent}", "input": "Hello."},
            {
                "agentId": "{other_agent}",
                "input": "Good day.",
                "dynamicVariables": {"customer_name": "Michael"},
                "previousChatId": "{chat}",
            },
        ),
        Sent(
            "Message of a chat",
            "POST",
            "/v1/chats/response",
            "chat",
            {"chatId": "{open_chat}", "input": "Hello."},
            {"chatId": NAMES, "input": "Good day."},
        ),
        Sent(
            "Change of a chat",
            "PATCH",
            "/v1/chats/{open_chat}",
            "chat",
            {},
            {"agentId": "{other_agent}", "dynamicVariables": {"customer_name": "Michael"}},
        ),
        Sent(
            "Agent",
            "POST",
            "/v1/agents",
            "agent",
            {
                "agentName": "Clerk",
                "instructions": "Be kind.",
                "welcomeMessage": "Hello.",
                "tools": [{"type": "voice_transfer_call", "description": "To a person."}],
            },
            {
                "agentName": "Other",
                "instructions": "Be brief.",
                "welcomeMessageType": Values(("prompt", "static")),
                "welcomeMessage": "Good day.",
                **{f"agentSettings.{name}": value for name, value in AGENT_SETTINGS.items()},
                "tools[].type": Values(("voice_end_call", "voice_transfer_call", "ivr_navigator")),
                "tools[].description": "To my colleague.",
                "tools[].transferTo": "+911234567890",
            },
            also=("PATCH /v1/agents/{agentId}",),
        ),
        Sent(
            "Integration tool, as a tool of an agent with the `type` `webhook`",
            "POST",
            "/v1/agents",
            "agent",
            {
                "agentName": "Clerk",
                "instructions": "Be kind.",
                "tools": [
                    {
                        "type": "webhook",
                        "name": "look",
                        "url": "https://example.com/",
                        "headers": [{"key": "X-A", "value": "1"}],
                        "queryParams": [{"key": "a", "value": "1"}],
                    }
                ],
            },
            {
                "tools[].name": "find",
                "tools[].description": "Finds an order.",
                "tools[].method": Values(("POST", "GET", "PUT", "PATCH", "DELETE")),
                "tools[].url": "https://example.com/{{order}}",
                "tools[].headers[].key": "X-Order",
                "tools[].headers[].value": "{{order}}",
                "tools[].queryParams[].key": "order",
                "tools[].queryParams[].value": "{{order}}",
                "tools[].bodyParams": {"order": "{{order}}"},
            },
        ),
        Sent(
            "Webhook",
            "POST",
            "/v1/webhooks",
            "webhook",
            {
                "name": "Hook",
                "agentId": "{agent}",
                "url": "https://example.com/",
                "events": ["batch_completed"],
                "secret": "a-secret-of-theirs",
            },
            {
                "name": "Other",
                "agentId": "{other_agent}",
                "url": "https://example.com/hook",
                "events": Values(
                    (
                        ["conversation_started"],
                        ["conversation_ended"],
                        ["conversation_analysed"],
                        ["conversation_analyzed"],
                    )
                ),
                "secret": "a-secret-of-ours",
            },
        ),
    ),
    answered=(
        Answered("Test case", "TestCase", TEST_CASE),
        Answered("Batch run that was just made", "CreatedBatchRun", BATCH),
        Answered(
            "Batch run",
            "BatchRun",
            (
                *BATCH,
                *(f"testCases[].{name}" for name in TEST_CASE),
                "successfulAttempts",
                "failedAttempts",
                "totalAttempts",
            ),
        ),
        Answered(
            "Test run",
            "TestRun",
            (
                *BATCH,
                *(f"testCase.{name}" for name in TEST_CASE),
                "jobId",
                "chatId",
                "completedDate",
                "isSuccessful",
                "remarks",
                "conversation[].role",
                "conversation[].content",
            ),
        ),
        Answered(
            "Reply in a chat",
            "ChatReply",
            ("chatId", "createdAt", "status", *SUMMARY, *(f"response[].{name}" for name in ITEM)),
        ),
        Answered(
            "Chat",
            "ChatRecord",
            (
                "chatId",
                *SUMMARY,
                "createdAt",
                "status",
                "transcript",
                *(f"response[].{name}" for name in ITEM),
                *(f"messages[].{name}" for name in ITEM),
                "dynamicVariables",
            ),
        ),
        Answered(
            "Agent",
            "AgentRecord",
            (
                "agentId",
                "agentName",
                "instructions",
                "welcomeMessageType",
                "welcomeMessage",
                "agentSettings",
                "tools",
            ),
        ),
        Answered(
            "Webhook that was just made",
            "CreatedWebhook",
            ("webhookId", "workspaceId", "agentId", "name", "url", "events", "active", "secret"),
        ),
        Answered("Page of test cases", "TestCasePage", ("data", *WRAPPER)),
        Answered("Page of batch runs", "BatchRunPage", ("data", *WRAPPER)),
        Answered("Page of test runs", "TestRunPage", ("data", *WRAPPER)),
        Answered("Page of chats", "ChatPage", ("data", *WRAPPER, "totalCounts")),
        Answered("Page of agents", "AgentPage", ("data",)),
        Answered("Page of webhooks", "WebhookPage", ("data", *WRAPPER)),
        Answered("Refusal", "ErrorBody", ("error", "message", "path", "status", "timestamp")),
    ),
    older={
        "isSuccesful": "the oldest spelling is not answered; `isSuccessful` is",
        "in-progress": "the oldest spelling is taken in the query of chats, and not answered; `in_progress` is",
        "updatedAt": "of an integration tool and of the oldest chat; not answered",
    },
)

ACTION = {
    "name": "Look",
    "slug": "look",
    "instructions": "Looks it up.",
    "type": "placeholder",
}
ACTION_FIELDS = {
    "name": "Find",
    "slug": "find",
    "instructions": "Finds it.",
    "type": Values(
        (
            "terminate_call", "call_transfer", "email", "text", "webhook", "is_zip_allowed", "in_call_data_webhook",
            "get_current_time", "placeholder", "play_sound", "send_dtmf", "custom_call_transfer",
            "gcal_appointment_schedule", "gcal_check_busy_time",
        )
    ),
    "settings": {"url": "https://example.com/{{order}}"},
    "messages.start": "One moment.",
    "messages.completed": "Done.",
    "messages.failed": "That failed.",
    "messages.delayed": "It takes a while.",
    "minimum_execution_time_milliseconds": 100,
    "delayed_timing_milliseconds": 200,
    "is_async": True,
    "non_live_llm_settings.model": "gpt-4.1",
    "non_live_llm_settings.temperature": 1,
    "non_live_llm_settings.reasoning": "low",
    "non_live_llm_settings.text_verbosity": "high",
    "execution_type": "offline",
    "response_mode": "silent",
    "execution_order": 1,
}  # fmt: skip
ACTION_ANSWER = tuple(name.partition(".")[0] for name in ACTION_FIELDS)
LLM_ARGS = {
    "ai_model": "gpt-4.1",
    "frequency_penalty": 0.5,
    "max_tokens": 100,
    "presence_penalty": 0.5,
    "temperature": 0.5,
    "reasoning": "low",
    "text_verbosity": "high",
}
HISTORY = tuple(
    f"history.{name}" for name in ("last_modified_at", "revision", "created_at", "created_by", "last_modified_by")
)
META = tuple(
    f"meta.{name}" for name in ("per_page", "last_page", "current_page", "next_page", "prev_page", "total")
)
EXPECTED = ("tool_call_id", "name", "arguments", "requestor", "info", "compare_args")
LANGUAGES = (
    "multi", "bg", "ca", "cs", "da", "da-DK", "de", "de-CH", "el", "en", "en-US", "en-AU", "en-GB", "en-NZ",
    "en-IN", "es", "et", "fi", "fr", "fr-CA", "hi", "hu", "id", "it", "ja", "lt", "lv", "no", "nl", "pl", "pt",
    "pt-BR", "pt-PT", "ro", "ru", "sk", "th", "th-TH", "tr", "uk", "vi", "zh", "zh-CN", "zh-TW", "zh-HK",
)  # fmt: skip
GREETING = {"call_type": "inbound", "greeting_type": "static", "text": "Hi."}
AGENT_FIELDS = {
    "name": "Other",
    "description": "Answers.",
    "voice_audio_id": "alloy",
    "role_ids[]": "r1",
    "personality.adherence": 0.1,
    "personality.empathy": 0.1,
    "personality.humor": 0.1,
    "language": Values(LANGUAGES),
    "avatar": Values(("MAN", "WOMAN")),
    "action_ids[]": "{action}",
    "action_flows[][]": "{action}",
    "script_ids[]": "s1",
    "script_id": "s1",
    "data_store_ids[]": "d1",
    "disable_greeting": True,
    "system_prompt": "Be brief.",
    "conversation_flow_id": "c1",
    "end_conversation_on_goodbye": True,
    "enable_user_idle_timeout": True,
    "enable_parallel_tool_calls": True,
    **{f"ai_settings.{name}": value for name, value in LLM_ARGS.items()},
    "greeting_type_inbound": Values(("static", "ai")),
    "greeting_type_outbound": Values(("static", "ai")),
    "structured_greetings[].call_type": Values(("outbound", "inbound")),
    "structured_greetings[].greeting_type": Values(("ai", "static")),
    "structured_greetings[].text": "Good day.",
    "structured_greetings[].communication_tone": "warm",
    "structured_greetings[].greeting_length": "short",
    "structured_greetings[].mention_ids": ["m1"],
    "tts_settings": {"speed": 1},
    "smart_turn_detection": True,
    "voice_settings": {"stability": 1},
    "feature_flags": {"beta": True},
}
AGENT_ANSWER = tuple(dict.fromkeys(name.partition(".")[0].partition("[")[0] for name in AGENT_FIELDS))
INSTRUCTIONS = ("task_instructions", "language", "reason_for_call", "known_info", "unknown_info")

EQHO = Pages(
    name="Eqho",
    dialect="eqho",
    mounted="/eqho/v1",
    endpoints={
        "POST /v1/simulation/scenarios": (),
        "GET /v1/simulation/scenarios": ("scenario_set_id", "folder"),
        "GET /v1/simulation/scenarios/{scenario_id}": (),
        "PUT /v1/simulation/scenarios/{scenario_id}": (),
        "DELETE /v1/simulation/scenarios/{scenario_id}": (),
        "POST /v1/simulation/scenario-sets": (),
        "GET /v1/simulation/scenario-sets": (),
        "GET /v1/simulation/scenario-sets/{scenario_set_id}": (),
        "PUT /v1/simulation/scenario-sets/{scenario_set_id}": (),
        "DELETE /v1/simulation/scenario-sets/{scenario_set_id}": (),
        "POST /v1/simulation": (),
        "GET /v1/simulation/results": ("agent_id", "scenario_set_id"),
        "GET /v1/simulation/results/{result_id}": (),
        "GET /v1/simulation/results/{result_id}/runs": (),
        "POST /v1/simulation/results/{result_id}/cancel": (),
        "DELETE /v1/simulation/results/{result_id}": (),
        "GET /v1/simulation/run/{run_id}": (),
        "POST /v1/actions": (),
        "GET /v1/actions": (),
        "GET /v1/actions/{action_id}": (),
        "POST /v1/agents": (),
        "GET /v1/agents": (),
        "PUT /v1/agents/{agent_id}": (),
        "GET /v1/agents/{agent_id}/details": (),
    },
    elsewhere={"/v1/agents": "/eqho/v1/agents"},
    refused={
        "POST /v1/chat": ("agent_id", "messages", "role", "ai", "text"),
        "GET /v1/campaigns": (
            "campaigns",
            "campaign_id",
            "initial_contact_medium",
            "external_context_template",
            "custom_fields",
        ),
        "GET /v1/calls": (
            "calls",
            "transcript",
            "call_type",
            "conversation_medium",
            "lead",
            "call_metrics",
            "credits_used",
        ),
    },
    sent=(
        Sent(
            "Scenario",
            "POST",
            "/v1/simulation/scenarios",
            "scenario",
            {
                "name": "Cancellation",
                "lead_scenario": {
                    "instructions": {"task_instructions": "You want to cancel."},
                    "actions": {"terminate_call": ACTION},
                },
                "environment_setup": {
                    "action_mocks": {"look": {"default_return_value": "1"}},
                    "message_history": [{"role": "user", "content": "Hello."}],
                },
                "evaluation_criteria": {"actions": [{"name": "look"}]},
            },
            {
                "name": "Other",
                "lead_scenario.instructions.task_instructions": "You want to stay.",
                "lead_scenario.instructions.language": "de",
                "lead_scenario.instructions.reason_for_call": "It broke.",
                "lead_scenario.instructions.known_info": "Your plan is gold.",
                "lead_scenario.instructions.unknown_info": "You know no number.",
                "lead_scenario.persona": "A patient reader.",
                **{f"lead_scenario.actions.terminate_call.{name}": v for name, v in ACTION_FIELDS.items()},
                "scenario_set_id": "{set}",
                "folder": "Flight cancellation",
                "description.purpose": "Refuse.",
                "description.notes": "Seen in May.",
                "environment_setup.dynamic_variables": {"lead.custom_fields.membership_status": "gold"},
                "environment_setup.conversation_direction": Values(("outbound", "inbound")),
                "environment_setup.conversation_medium": Values(
                    ("web_voice", "telephony", "sms", "email", "chatbot")
                ),
                "environment_setup.action_mocks.*.default_return_value": "2",
                "environment_setup.action_mocks.*.default_is_error": True,
                "environment_setup.message_history[].role": Values(("assistant", "user", "system")),
                "environment_setup.message_history[].content": "Good day.",
                "environment_setup.message_history[].turn_idx": 0,
                "environment_setup.message_history[].timestamp": "2023-11-07T05:31:56Z",
                "evaluation_criteria.actions[].tool_call_id": "a1",
                "evaluation_criteria.actions[].name": "find",
                "evaluation_criteria.actions[].arguments": {"order": 1},
                "evaluation_criteria.actions[].requestor": Values(("user", "assistant")),
                "evaluation_criteria.actions[].info": "Why.",
                "evaluation_criteria.actions[].compare_args": ["order"],
                "evaluation_criteria.nl_assertions[]": "It is cancelled.",
            },
            also=("PUT /v1/simulation/scenarios/{scenario_id}",),
        ),
        Sent(
            "Set of scenarios",
            "POST",
            "/v1/simulation/scenario-sets",
            "set",
            {"name": "Set"},
            {"name": "Other", "description": "Of May."},
            also=("PUT /v1/simulation/scenario-sets/{scenario_set_id}",),
        ),
        Sent(
            "Simulation",
            "POST",
            "/v1/simulation",
            "simulation",
            {"agent_id": "{agent}", "scenario_ids": ["{free_scenario}"]},
            {
                "agent_id": "{other_agent}",
                "scenario_ids": ["{other_free_scenario}"],
                "scenario_set_id": NAMES,
                **{f"simulated_lead_llm_args.{name}": value for name, value in LLM_ARGS.items()},
                "num_trials": 4,
                "max_steps": 50,
                "max_errors": 2,
            },
        ),
        Sent(
            "Action",
            "POST",
            "/v1/actions",
            "action",
            {**ACTION, "type": "webhook", "settings": {"url": "https://example.com/"}},
            ACTION_FIELDS,
        ),
        Sent(
            "Agent",
            "POST",
            "/eqho/v1/agents",
            "agent",
            {"name": "Clerk", "system_prompt": "Be kind.", "structured_greetings": [GREETING]},
            AGENT_FIELDS,
            also=("PUT /eqho/v1/agents/{agent_id}",),
        ),
    ),
    answered=(
        Answered(
            "Scenario",
            "ScenarioRecord",
            (
                "_id",
                "account_id",
                "name",
                *(f"lead_scenario.instructions.{name}" for name in INSTRUCTIONS),
                "lead_scenario.persona",
                *(f"lead_scenario.actions.terminate_call.{name}" for name in dict.fromkeys(ACTION_ANSWER)),
                "scenario_set_id",
                "folder",
                "description.purpose",
                "description.notes",
                "environment_setup.dynamic_variables",
                "environment_setup.conversation_direction",
                "environment_setup.conversation_medium",
                "environment_setup.action_mocks",
                "environment_setup.message_history",
                "evaluation_criteria.actions",
                "evaluation_criteria.nl_assertions",
                *HISTORY,
            ),
        ),
        Answered("Set of scenarios", "ScenarioSetRecord", ("_id", "account_id", "name", "description", *HISTORY)),
        Answered(
            "Simulation",
            "SimulationResults",
            (
                "_id",
                "account_id",
                "agent_id",
                "scenario_ids",
                "info.num_trials",
                "info.max_steps",
                "info.max_errors",
                "info.agent_info.agent_id",
                *(f"info.agent_info.ai_settings.{name}" for name in LLM_ARGS),
                *(f"info.simulated_lead_info.ai_settings.{name}" for name in LLM_ARGS),
                "total_runs",
                "scenario_set_id",
                "created_at",
                "completed_at",
                "completed_runs",
                "final_score",
                "pass_hat_ks",
                "avg_agent_cost",
            ),
        ),
        Answered(
            "Run",
            "SimulationRun",
            (
                "_id",
                "account_id",
                "agent_id",
                "simulation_results_id",
                "scenario_id",
                "max_steps",
                "max_errors",
                "trial",
                *(f"simulated_lead_llm_args.{name}" for name in LLM_ARGS),
                "scenario_set_id",
                "status",
                "created_at",
                "started_at",
                "completed_at",
                "duration_in_seconds",
                "termination_reason",
                "agent_cost",
                "user_cost",
                "reward_info.reward",
                "reward_info.action_checks[].action",
                "reward_info.action_checks[].action_match",
                "reward_info.action_checks[].action_reward",
                "reward_info.nl_assertions[].nl_assertion",
                "reward_info.nl_assertions[].met",
                "reward_info.nl_assertions[].justification",
                "reward_info.reward_breakdown",
                "reward_info.info",
                "messages",
                "error",
            ),
            free=(
                "messages[].role",
                "messages[].content",
                "messages[].turn_idx",
                "messages[].timestamp",
                "messages[].tool_calls[].id",
                "messages[].tool_calls[].name",
                "messages[].tool_calls[].arguments",
                "messages[].tool_calls[].requestor",
                "messages[].cost",
                "messages[].usage",
                "messages[].id",
                "messages[].requestor",
                "messages[].error",
                *(f"reward_info.action_checks[].action.{name}" for name in EXPECTED),
            ),
        ),
        Answered(
            "Action",
            "ActionRecord",
            ("_id", "account_id", *dict.fromkeys(ACTION_ANSWER), "enabled", *HISTORY),
        ),
        Answered(
            "Agent with its actions",
            "AgentDetails",
            (
                "_id",
                "account_id",
                *AGENT_ANSWER,
                "actions",
                "greetings",
                "roles",
                "scripts",
                "data_stores",
            ),
            empty=("roles", "scripts", "data_stores"),
        ),
        Answered("Page of scenarios", "ScenarioList", ("scenarios", *META)),
        Answered("Page of agents", "AgentList", ("agents", *META)),
        Answered(
            "Request that cannot be used", "UnusableRequest", ("detail[].loc", "detail[].msg", "detail[].type")
        ),
        Answered("Any other refusal", "Refusal", ("detail",)),
    ),
    older={
        "scripts[].message": "lines of a script are a part of voice calls; `scripts` is always empty",
        "scripts[].speaker": "the same",
    },
)

VENDORS = (SIGMAMIND, EQHO)
