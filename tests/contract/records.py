"""Records to keep, as full of fields as they come."""

from sparring.domain.agent import Action, Agent, Opening, Tool, ToolKind
from sparring.domain.chance import derive
from sparring.domain.evaluation import Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.generation import Generator, NameKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import (
    Direction,
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
    Instructions,
    Medium,
    Scenario,
    ScenarioSet,
)
from sparring.domain.simulation import Limits, Models, Simulation, plan, trial_count
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Usage,
    UserMessage,
)

HERE = "00000000000000000000000a"
ELSEWHERE = "00000000000000000000000b"
AGENT = "0000000000000000000000a1"
SCENARIO = "0000000000000000000000c1"
SIMULATION = "0000000000000000000000e1"
SET = "0000000000000000000000d1"

GENERATION = Generation(
    provider="openai",
    model="gpt-x-2025",
    cost=0.000125,
    usage=Usage(input=120, output=7, cached=64, reasoning=3),
    seconds=0.1 + 0.2,
    finish="stop",
    opaque={"reasoning": [{"signature": "c2ln"}], "empty": {}},
)

MESSAGES = (
    SystemMessage(text="Be kind.", at=1.5),
    SystemMessage(text=""),
    UserMessage(text="Grüße 🙂\n\x1e", at=1_700_000_000.123456, generation=GENERATION),
    UserMessage(text=None, calls=(ToolCall(id="", name="look", arguments={}),)),
    UserMessage(text="", calls=(ToolCall(id="", name="look", arguments={}),)),
    AgentMessage(text=None),
    AgentMessage(text="", generation=Generation(provider="p", model="m")),
    AgentMessage(
        text="Two.",
        calls=(
            ToolCall(id="a", name="book", arguments={"n": 1, "f": 1.0, "deep": {"list": [None, True, "x"]}}),
            ToolCall(id="b", name="book", malformed="{oops"),
        ),
        generation=Generation(provider="p", model="m", usage=Usage(), opaque={}, cost=0.0),
    ),
    ToolResult(call_id="a", name="book", text='{"ok":true}'),
    ToolResult(
        call_id="b", name="book", text="", is_error=True, side=Side.USER, source="sequence 2", at=1_700_000_001.0
    ),
)

MOCKS = {
    "look": ToolMock(
        rules=(
            Rule(
                when={
                    "id": Matcher(regex="^[A-Z]+$"),
                    "none": Matcher(equal=None),
                    "gone": Matcher(present=False),
                    "n": Matcher(one_of=(1, "1", None), at_least=0, at_most=2.5),
                },
                state={"orders.{{arguments.id}}": Matcher(present=True)},
                answer=Answer(
                    value={"found": [1, {"x": None}]},
                    changes=Changes(set={"a.b": None}, append={"log": ["{{arguments}}"]}, remove=("c",)),
                    delay_ms=250,
                ),
                times=2,
            ),
        ),
        sequence=(Answer(value=None), Answer(value="busy", is_error=True)),
        then=Then.AGAIN,
        otherwise=Answer(value=False),
    ),
    "book": ToolMock(),
}

VERDICT = Verdict(
    outcome=Outcome.FAILED,
    reward=0.0,
    breakdown={"NL_ASSERTION": 0.0, "ACTION": 1.0},
    checks=(
        Check(
            kind=CheckKind.ASSERTION,
            subject="It is kind.",
            finding=Finding.NOT_MET,
            reason="It was not.",
            evidence=(Evidence(message=0, quote="No."), Evidence(message=3)),
            required=False,
            index=2,
        ),
        Check(kind=CheckKind.FORBIDDEN, subject="refund", finding=Finding.MET, reason=""),
    ),
    note="Too long.",
)


def an_agent(id=AGENT, workspace=HERE, **changes):
    return Agent(
        **{
            "id": id,
            "workspace": workspace,
            "name": "Airline agent",
            "instructions": "Help {{name}}.",
            "model": "openai:gpt-x",
            "greeting": "",
            "opens": False,
            "temperature": 0.0,
            "top_p": 0.9,
            "outbound": Opening(greeting="Hi", opens=False),
            "language": "de",
            "tools": (
                Tool(name="book", parameters={"type": "object"}, writes=True, extra={"timeout": 3}),
                Tool(name="hang_up", kind=ToolKind.END, derived=True),
            ),
            "mocks": MOCKS,
            "extra": {"sigmamind": {"voiceId": None}},
            "created_at": 1_700_000_000.25,
            "updated_at": 1_700_000_001.5,
            "revision": 2,
            **changes,
        }
    )


def a_scenario(id=SCENARIO, workspace=HERE, **changes):
    return Scenario(
        **{
            "id": id,
            "workspace": workspace,
            "name": "Refund",
            "label": "",
            "folder": "Cancellation",
            "purpose": "To see.",
            "notes": "Seen.",
            "persona": "A person.",
            "instructions": Instructions(task="Ask.", reason="", known="All.", unknown="Nothing.", language="fr"),
            "variables": {"days": 2, "nested": {"a": [1.5]}},
            "generated": {
                "order": Generator(pattern="[A-Z]{3}"),
                "day": Generator(date="+1 day", relative_to="start"),
                "who": Generator(name=NameKind.LAST),
                "kind": Generator(one_of=("a", 1, None, {"b": []})),
                "number": Generator(integer=(-1, 9)),
                "mail": Generator(text="{{who}}@example.com"),
            },
            "state": {"orders": {"{{order}}": {"open": True, "seats": [None, 1.5]}}},
            "mocks": MOCKS,
            "variables_answer_tools": True,
            "user_tools": (Tool(name="pay"),),
            "history": MESSAGES,
            "medium": Medium.SMS,
            "direction": Direction.OUTBOUND,
            "agent_opens": False,
            "stop_tokens": (),
            "agent_stop_tokens": ("###BYE###",),
            "expect": Expectations(
                assertions=("It is kind.", "It is brief."),
                optional_assertions=(1,),
                actions=(
                    ExpectedAction(name="book"),
                    ExpectedAction(
                        name="look",
                        arguments={
                            "id": "X",
                            "is": Matcher(equal=None),
                            "match": {"match": {"equal": 1}},
                            "no": None,
                        },
                        compare_args=(),
                        side=Side.USER,
                        match_side=True,
                        match_rule="tau2",
                        call_id="1_2",
                        info="Looks.",
                        required=False,
                    ),
                ),
                forbidden=(
                    ForbiddenAction(name="refund"),
                    ForbiddenAction(name="pay", arguments={"sum": Matcher(at_least=9)}, required=False),
                ),
                writes=ExpectedWrites(required=False),
                state=(ExpectedState(path="orders.X", matcher=Matcher(equal=None), required=False),),
                said=(
                    ExpectedWords(contains="done"),
                    ExpectedWords(regex="^x", ignore_case=False, absent=True, required=False),
                ),
            ),
            "trials": 3,
            "model": "openai:gpt-y",
            "agent_id": AGENT,
            "set_id": SET,
            "extra": {"eqho": {"tags": ["x"]}},
            "created_at": 5.5,
            "updated_at": 6.5,
            "revision": 1,
            **changes,
        }
    )


def an_action(id, workspace=HERE, **changes):
    fields = {
        "name": "Book",
        "tool": Tool(name="book", kind=ToolKind.WEBHOOK, extra={"eqho": {"settings": {"url": None}}}),
        "created_at": 1.5,
        "updated_at": 2.5,
        "revision": 3,
    }
    return Action(id=id, workspace=workspace, **{**fields, **changes})


def a_set(id=SET, workspace=HERE, **changes):
    fields = {"name": "Refunds", "description": "", "created_at": 1.5, "updated_at": 2.5, "revision": 3}
    return ScenarioSet(id=id, workspace=workspace, **{**fields, **changes})


def a_simulation(id=SIMULATION, workspace=HERE, scenarios=None, **changes):
    return Simulation(
        **{
            "id": id,
            "workspace": workspace,
            "agent": an_agent(),
            "scenarios": (a_scenario(),) if scenarios is None else scenarios,
            "models": Models(user="openai:u", judge="openai:j", user_temperature=0.5),
            "limits": Limits(max_steps=7, max_errors=2, timeout=1.5),
            "seed": 2**62,
            "name": "First",
            "source": "cli",
            "set_id": SET,
            "extra": {"eqho": {"llm_args": {"max_tokens": 5}}},
            "warnings": ("Mind the gap.",),
            "created_at": 7.25,
            **changes,
        }
    )


def planned(simulation):
    """Its trials, with ids that no other simulation's trials have."""
    count = trial_count(simulation.scenarios)
    return plan(simulation, [f"{derive(number, simulation.id):024x}" for number in range(count)])
