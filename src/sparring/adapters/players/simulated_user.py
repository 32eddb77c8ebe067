"""The simulated user: a model that plays a person and pursues that person's task."""

from __future__ import annotations

from sparring.adapters.players import farewell, prompt_texts
from sparring.adapters.players.perspective import Perspective
from sparring.adapters.players.replies import added, is_blank
from sparring.domain import templates
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.errors import UserFault
from sparring.domain.scenario import Medium, Scenario
from sparring.domain.transcript import AgentMessage, Side, ToolCall, Transcript, UserMessage
from sparring.domain.turns import END_TOOL, STOP_TOKENS
from sparring.simulation.ports import ChatModel, Clock, ModelReply, ModelRequest, Occasion, Prompt
from sparring.simulation.trial import user_end_tool

HANG_UP = Tool(
    name=END_TOOL,
    description="Ends the conversation. Call it once there is nothing left to say.",
    parameters={
        "type": "object",
        "properties": {
            "reason": {"type": "string", "description": "In one sentence, why the conversation is over."}
        },
        "required": ["reason"],
        "additionalProperties": False,
    },
    kind=ToolKind.END,
)
"""How a simulated user ends where its scenario brings no tool of its own for it."""

ECHO_LENGTH = 40
"""From this many characters on, words that are the agent's last ones exactly are no coincidence."""

_ONLY_HANG_UP = (HANG_UP,)
_SECTIONS = (
    ("persona", "Who you are"),
    ("reason", "Why you are in contact"),
    ("known", "What you know"),
    ("unknown", "What you do not know"),
    ("task", "Your task"),
)


class ModelUser:
    """Speaks as the scenario's persona, one model call a message.

    It is shown the conversation with the roles flipped and without the agent's tool traffic. Once both sides have
    said goodbye, or trade nothing but courtesies, it hangs up without asking its model.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        model: ChatModel,
        clock: Clock,
        occasion: Occasion,
        temperature: float | None = None,
        notices_goodbyes: bool = True,
    ) -> None:
        """Take a scenario whose variables are filled in.

        Args:
            scenario: whom to play, and how.
            model: who answers.
            clock: dates the messages.
            occasion: which trial this is.
            temperature: of the model; None for its own default.
            notices_goodbyes: False leaves every end to the model, as the replay of a recording must.
        """
        self._model = model
        self._clock = clock
        self._occasion = occasion
        self._temperature = temperature
        self._end_tool = user_end_tool(scenario)
        self._tools = _tools(scenario)
        self._system = system_prompt(scenario)
        # A letter closes with a goodbye each time.
        self._notices_goodbyes = notices_goodbyes and scenario.medium is not Medium.EMAIL
        self._view = Perspective(Side.USER, hidden_tokens=scenario.agent_stop_tokens)

    async def speak(self, transcript: Transcript) -> UserMessage:
        """The user's next message.

        Raises:
            ModelFault: the model failed.
            UserFault: it said nothing and called nothing.
        """
        if self._notices_goodbyes and (reason := _nothing_left(transcript)):
            return self._hang_up(reason, len(transcript))
        prompts = self._view.prompts(transcript)
        replies = [await self._ask(*prompts)]
        if _echoes(replies[0], transcript):
            echo = Prompt(role="assistant", text=replies[0].text)
            hint = Prompt(role="user", text=prompt_texts.read("simulated_user_echo"))
            replies.append(await self._ask(*prompts, echo, hint))
        reply = replies[-1]
        if is_blank(reply):
            raise UserFault(
                f"The simulated user's model {reply.generation.model!r} ({reply.generation.provider}) "
                "answered with neither text nor a tool call."
            )
        return UserMessage(
            text=reply.text,
            calls=reply.calls,
            at=self._clock.now(),
            generation=added([one.generation for one in replies]),
        )

    async def _ask(self, *prompts: Prompt) -> ModelReply:
        return await self._model.complete(
            ModelRequest(
                system=self._system,
                messages=prompts,
                tools=self._tools,
                temperature=self._temperature,
                occasion=self._occasion,
            )
        )

    def _hang_up(self, reason: str, position: int) -> UserMessage:
        call = ToolCall(id=f"end_{position}", name=self._end_tool, arguments={"reason": reason})
        return UserMessage(text=None, calls=(call,), at=self._clock.now())


def system_prompt(scenario: Scenario) -> str:
    """What the simulated user's model is told: the rules of the game, then the scenario in labelled sections."""
    rules = templates.fill(prompt_texts.read("simulated_user"), {"ending": _ending(scenario)})
    medium = prompt_texts.sections("medium")[scenario.medium.value]
    direction = prompt_texts.sections("direction")[f"user {scenario.direction.value}"]
    language = templates.fill(
        prompt_texts.read("simulated_user_language"), {"language": scenario.instructions.language}
    )
    told = {"persona": scenario.persona}
    told |= {name: getattr(scenario.instructions, name) for name, _ in _SECTIONS[1:]}
    sections = [f"# {label}\n\n{text.strip()}" for name, label in _SECTIONS if (text := told[name])]
    return "\n\n".join([rules, f"# Where you are\n\n{medium} {direction} {language}", *sections])


def _ending(scenario: Scenario) -> str:
    texts = prompt_texts.sections("simulated_user_ending")
    ways = [templates.fill(texts["tool"], {"tool": user_end_tool(scenario)})]
    if scenario.stop_tokens is None or scenario.stop_tokens == STOP_TOKENS:
        ways.append(texts["tau2 tokens"])
    elif scenario.stop_tokens:
        ways.append(templates.fill(texts["token"], {"token": scenario.stop_tokens[0]}))
    return "\n".join(ways)


def _tools(scenario: Scenario) -> tuple[Tool, ...]:
    if any(tool.kind is ToolKind.END for tool in scenario.user_tools):
        return scenario.user_tools
    return (*scenario.user_tools, HANG_UP) if scenario.user_tools else _ONLY_HANG_UP


def _nothing_left(transcript: Transcript) -> str | None:
    if not isinstance(transcript.last_spoken, AgentMessage):
        return None
    if farewell.both_said_goodbye(transcript):
        return "Both sides have said goodbye."
    if farewell.only_courtesies(transcript):
        return "Both sides have exchanged nothing but courtesies for several rounds."
    return None


def _echoes(reply: ModelReply, transcript: Transcript) -> bool:
    """Whether a reply is the agent's last message word for word: the model has taken the wrong side."""
    last = transcript.last_spoken
    if reply.calls or not reply.text or not isinstance(last, AgentMessage) or not last.text:
        return False
    said = reply.text.strip()
    return len(said) >= ECHO_LENGTH and said == last.text.strip()
