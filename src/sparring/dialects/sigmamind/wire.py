"""The shapes of this dialect: requests as pydantic models that refuse in words, answers as typed dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import TypedDict

from sparring.dialects.endpoints import AnyEndpoint
from sparring.dialects.fields import (
    INT32,
    REFUSAL_TYPE,
    choice,
    number,
    text,
    threshold,
    whole,
)
from sparring.dialects.mock_forms import ActionMock
from sparring.dialects.sigmamind.tool_wire import MAX_TEXT, AnyTool, FunctionTool, ToolName, WebhookTool
from sparring.dialects.spending import Dollars, Spent
from sparring.domain.templates import compact_json

NAMES = {"simulation": "batch run"}
"""What the domain calls by another word than this dialect does."""

MAX_INSTRUCTIONS = 100_000
MAX_ATTEMPTS = 100
MAX_VARIABLES = 200
MAX_CASES = 500
MAX_TRIALS = 10_000
MAX_TOOLS = 128

Prompt = Annotated[str, *text(1, MAX_TEXT)]
Label = Annotated[str, *text(0, 256)]
ModelName = Annotated[str, *text(1, 256)]
Attempts = Annotated[int, *whole(1, MAX_ATTEMPTS)]
VariableName = Annotated[str, *text(1, 128)]
VariableValue = Annotated[str, *text(0, MAX_TEXT)]
AgentName = Annotated[str, *text(1, 256)]
AgentInstructions = Annotated[str, *text(1, MAX_INSTRUCTIONS)]

PageNumber = Annotated[int, *whole(0, INT32, format="int32", digits=True)]
PageSize = Annotated[int, *whole(1, 100, format="int32", digits=True)]
RunStatus = Annotated[str, *choice("queued", "running", "completed", "inconclusive", "error", "cancelled")]


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def left_out() -> Any:
    """A field that may be left out and, when it is there, must not be null."""
    return Field(default=None, json_schema_extra=_without_default)


def _named_twice(kind: str, name: str) -> PydanticCustomError:
    message = "must name each {kind} once; {name} is there twice"
    return PydanticCustomError(REFUSAL_TYPE, message, {"kind": kind, "name": compact_json(name)})


class WireRequest(BaseModel):
    """What a request of this wire is: strict about types, patient about fields that it does not know."""

    model_config = ConfigDict(
        alias_generator=to_camel, strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True
    )


class MockVariable(WireRequest):
    """A variable that stands in for real external data."""

    variable_name: VariableName
    value: VariableValue


MockData = Annotated[list[MockVariable], Field(max_length=MAX_VARIABLES)]


class _CaseFields(WireRequest):
    label: Label | None = None
    """A name for people; null clears it."""
    llm_model: ModelName | None = None
    """The model of the agent's answers; left out or null, the agent's own."""
    mock_data: MockData | None = None
    """Variables for the prompts of both sides; with an agent that has tools they answer unmocked calls."""

    @field_validator("mock_data", mode="after")
    @classmethod
    def _unique_names(cls, variables: list[MockVariable] | None) -> list[MockVariable] | None:
        seen: set[str] = set()
        for variable in variables or ():
            if variable.variable_name in seen:
                raise _named_twice("variable", variable.variable_name)
            seen.add(variable.variable_name)
        return variables


class CreateTestCase(_CaseFields):
    """A test case to make."""

    agent_id: str
    """The agent that answers."""
    user_prompt: Prompt
    """Who the simulated user is, and what it wants."""
    success_criteria: Prompt
    """What the judge must confirm; one statement a line."""
    attempt: Attempts | None = 1
    """How often a batch plays it."""


class UpdateTestCase(_CaseFields):
    """The fields of a test case that change; those left out stay as they are."""

    agent_id: str = left_out()
    """The agent that it moves to."""
    user_prompt: Prompt = left_out()
    success_criteria: Prompt = left_out()
    attempt: Attempts | None = None


class AgentSettings(BaseModel):
    """The settings that text conversations act on. All others are stored and given back."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="allow")

    llm_model: ModelName | None = None
    llm_temperature: Annotated[float, *number(0, 2)] | None = None
    llm_top_p: Annotated[float, *number(0, 1)] | None = None
    ai_starts_conversation: bool | None = None
    global_prompt: Annotated[str, *text(0, MAX_INSTRUCTIONS)] | None = None
    language: Annotated[str, *text(0, 64)] | None = None


class _AgentFields(WireRequest):
    welcome_message_type: Annotated[str, *choice("static", "prompt")] | None = None
    """`static`: the agent begins with the welcome message. `prompt`: it begins as the welcome message tells it."""
    welcome_message: Annotated[str, *text(0, MAX_TEXT)] | None = None
    agent_settings: AgentSettings | None = None
    tools: Annotated[list[AnyTool], Field(max_length=MAX_TOOLS)] | None = None
    mocks: dict[ToolName, ActionMock] | None = None
    """By tool, in the form of the other dialect; a test case's own mock of the same name wins."""
    endpoint: AnyEndpoint | None = None
    """Where the agent lives, if no model of this server plays it."""

    @field_validator("tools", mode="after")
    @classmethod
    def _unique_names(cls, tools: list[AnyTool] | None) -> list[AnyTool] | None:
        seen: set[str] = set()
        for tool in tools or ():
            if not isinstance(tool, FunctionTool | WebhookTool):
                continue
            if tool.name in seen:
                raise _named_twice("tool", tool.name)
            seen.add(tool.name)
        return tools


class CreateAgent(_AgentFields):
    """An agent to make."""

    agent_name: AgentName
    instructions: AgentInstructions = Field(
        default=None, validate_default=True, json_schema_extra=_without_default
    )
    """The system prompt; `{{variables}}` are filled in for each run. May be left out beside an `endpoint`."""

    @field_validator("instructions", mode="wrap")
    @classmethod
    def _unless_it_lives_elsewhere(
        cls, value: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> str | None:
        if value is not None:
            told: str = check(value)
            return told
        if "endpoint" in info.data and info.data["endpoint"] is None:
            raise PydanticKnownError("missing")
        return None


class UpdateAgent(_AgentFields):
    """The fields of an agent that change; settings change one by one, tools and mocks as a whole."""

    agent_name: AgentName = left_out()
    instructions: AgentInstructions = left_out()


class CreateBatchRun(WireRequest):
    """Test cases to play."""

    agent_id: str
    test_cases: Annotated[list[str], Field(min_length=1, max_length=MAX_CASES)]
    """Ids of test cases of that agent, each once."""
    max_cost_usd: Dollars | None = None
    """The budget. Once it is spent no further attempt begins; what runs goes on to its end."""
    until_decided: Annotated[str, *threshold()] | None = None
    """It ends once it is certain whether pass^k reaches this; the attempts that wait are cancelled then."""


class ResumeBatchRun(WireRequest):
    """With which budget a batch run goes on."""

    max_cost_usd: Dollars | None = None
    """For all that it spends, what is spent already included; left out, the one that it has."""


class MoreAttempts(WireRequest):
    """How many attempts each test case is to have in the end."""

    num_trials: Annotated[Attempts, Field(validation_alias=AliasChoices("numTrials", "num_trials", "attempt"))]


class ErrorBody(TypedDict):
    """What every refusal looks like."""

    error: str
    message: str
    path: str
    status: int
    timestamp: str


class AgentSummary(TypedDict):
    """The agent of a record."""

    name: str
    agentId: str
    status: Literal["Live", "Testing"]
    scripted: NotRequired[bool]


class AgentRecord(TypedDict):
    """An agent."""

    agentId: str
    workspaceId: str
    agentName: str
    instructions: str
    welcomeMessageType: str | None
    welcomeMessage: str | None
    agentSettings: dict[str, Any]
    tools: Sequence[Mapping[str, Any]]
    mocks: Mapping[str, Mapping[str, Any]]
    notCallableTools: Sequence[str]
    endpoint: NotRequired[dict[str, Any]]
    scripted: NotRequired[bool]


class MockVariableRecord(TypedDict):
    """A variable as it goes out."""

    variableName: str
    value: str


class TestCase(TypedDict):
    """A test case."""

    testCaseId: str
    label: str | None
    agent: AgentSummary | None
    workspaceId: str
    llmModel: str | None
    mockData: Sequence[MockVariableRecord]
    userPrompt: str
    attempt: int
    successCriteria: str
    scripted: NotRequired[bool]


class CreatedBatchRun(TypedDict):
    """A batch run that was just made."""

    batchId: str
    workspaceId: str
    agent: AgentSummary
    createdDate: str
    url: str
    scripted: NotRequired[bool]


class BatchRun(CreatedBatchRun):
    """A batch run and how far it is."""

    status: str
    statusReason: str | None
    testCases: Sequence[TestCase]
    successfulAttempts: int
    failedAttempts: int
    totalAttempts: int
    erroredAttempts: int
    inconclusiveAttempts: int
    cancelledAttempts: int
    maxCostUsd: float | None
    spentUsd: Spent
    warnings: Sequence[str]


class TestRunItem(TypedDict):
    """One attempt, without its conversation."""

    batchId: str
    workspaceId: str
    agent: AgentSummary
    testCase: TestCase
    jobId: str
    chatId: str
    createdDate: str
    completedDate: str | None
    isSuccessful: bool | None
    remarks: str | None
    status: str
    error: str | None
    warnings: Sequence[str]
    url: str
    scripted: NotRequired[bool]


class Line(TypedDict):
    """Something that was said."""

    role: Literal["user", "assistant"]
    content: str


class TestRun(TestRunItem):
    """One attempt with its conversation."""

    conversation: Sequence[Line]


class ChatItem(TypedDict):
    """A message of a chat."""

    id: str
    role: Literal["user", "assistant"]
    type: Literal["message"]
    content: Sequence[str]


class Chat(TypedDict):
    """A chat."""

    chatId: str
    agent: AgentSummary
    createdAt: str
    status: Literal["in_progress", "ended", "error"]
    transcript: str
    response: Sequence[ChatItem]
    messages: Sequence[ChatItem]
    dynamicVariables: Mapping[str, Any]
    scripted: NotRequired[bool]


class Wrapper(TypedDict):
    """What every page of a list tells beside its records."""

    page: int
    size: int
    totalCount: int
    totalPages: int
    hasNext: bool
    hasPrevious: bool


class AgentPage(Wrapper):
    """A page of agents."""

    data: Sequence[AgentRecord]


class TestCasePage(Wrapper):
    """A page of test cases."""

    data: Sequence[TestCase]


class BatchRunPage(Wrapper):
    """A page of batch runs."""

    data: Sequence[BatchRun]


class TestRunPage(Wrapper):
    """A page of test runs."""

    data: Sequence[TestRunItem]
