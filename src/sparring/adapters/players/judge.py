"""The judge: a model that finds out whether a finished conversation bears its assertions out."""

from __future__ import annotations

from collections.abc import Mapping

from sparring.adapters.players import assessments, prompt_texts
from sparring.adapters.players.assessments import ANSWER, Answer
from sparring.adapters.players.exhibits import Exhibits, indented, shortened
from sparring.adapters.players.replies import total_cost
from sparring.domain import templates
from sparring.domain.errors import JudgeFault, ModelFault
from sparring.domain.scenario import Scenario
from sparring.domain.text import storable
from sparring.domain.transcript import Generation, Transcript
from sparring.simulation.ports import ChatModel, Judgement, ModelReply, ModelRequest, Occasion, Prompt

_FAST_TIER = "-fast-tier"


class ModelJudge:
    """Assesses every assertion, with evidence that really stands in the transcript.

    It is shown the agent's instructions, the variables, the assertions and the transcript; the user's persona and
    task and the expected actions it is not, lest it judge the user's side or guess at what is wanted.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        agent_instructions: str,
        model: ChatModel,
        occasion: Occasion,
        temperature: float = 0.0,
    ) -> None:
        """Take a scenario and an agent's instructions, both with the variables filled in."""
        self._instructions = agent_instructions
        self._scenario = scenario
        self._count = len(scenario.expect.assertions)
        self._model = model
        self._occasion = occasion
        self._temperature = temperature

    async def assess(self, transcript: Transcript) -> Judgement:
        """An assessment for each assertion, in order.

        What is wrong or doubtful in the first answer is asked for once more, and told why. An answer that was
        only doubtful (inconclusive, or without a quote) then stands; what is wrong again is a fault.

        Raises:
            JudgeFault: asked twice, it gave nothing to rely on for at least one assertion.
            ModelFault: its model failed.
        """
        if not self._count:
            return Judgement(assessments=())
        exhibits = Exhibits(transcript)
        question = Prompt(role="user", text=self._question(exhibits))
        reply = await self._ask(question)
        answer = assessments.read(reply.text, self._count, exhibits)
        wrong = {**answer.doubts(), **answer.faults}
        if not wrong:
            return self._judgement(answer, reply.generation)
        said = Prompt(role="assistant", text=shortened(storable(reply.text or "")) or "(no answer)")
        try:
            again = await self._ask(question, said, Prompt(role="user", text=self._told(wrong)))
        except ModelFault as fault:
            paid = reply.generation.cost
            fault.cost = None if paid is None or fault.cost is None else paid + fault.cost
            raise
        second = assessments.read(again.text, self._count, exhibits)
        faults = {number: second.faults[number] for number in (0, *wrong) if number in second.faults}
        if faults:
            raise JudgeFault(
                f"The judge ({self._model.name}), asked twice, gave no answer to rely on: {_listed(faults)}.",
                cost=total_cost([reply.generation, again.generation]),
            )
        answer.found.update({number: second.found[number] for number in wrong if number})
        return self._judgement(answer, reply.generation, again.generation)

    async def _ask(self, *prompts: Prompt) -> ModelReply:
        return await self._model.complete(
            ModelRequest(
                system=prompt_texts.read("judge"),
                messages=prompts,
                schema=ANSWER,
                temperature=self._temperature,
                occasion=self._occasion,
            )
        )

    def _question(self, exhibits: Exhibits) -> str:
        assertions = [
            f"{number}. {indented(text)}" for number, text in enumerate(self._scenario.expect.assertions, 1)
        ]
        variables = [
            f"  {indented(name)}: {indented(templates.as_text(value))}"
            for name, value in self._scenario.variables.items()
        ]
        blocks = [
            _block("agent_instructions", f"  {indented(self._instructions)}") if self._instructions else "",
            _block("variables", "\n".join(variables)) if variables else "",
            _block("assertions", "\n".join(assertions)),
            _block("transcript", exhibits.render()),
            "The transcript ends here. Assess every assertion by its number.",
        ]
        return "\n\n".join(block for block in blocks if block)

    def _told(self, wrong: Mapping[int, str]) -> str:
        values = {"faults": "\n".join(_lines(wrong)), "count": self._count}
        return templates.fill(prompt_texts.read("judge_again"), values)

    def _judgement(self, answer: Answer, *generations: Generation) -> Judgement:
        found = tuple(answer.found[number] for number in range(1, self._count + 1))
        return Judgement(assessments=found, generations=generations)


def same_model_warning(agent_model: str | None, judge_model: str) -> str | None:
    """A warning where the judge is the model that is tested; None where it is not."""
    if agent_model is None or _bare(agent_model) != _bare(judge_model) or judge_model.startswith("scripted:"):
        return None
    return (
        f"The judge's model {judge_model!r} is also the agent's: models tend to favour their own work. "
        "Name another one for the judge."
    )


def _bare(name: str) -> str:
    """A model's name without provider, publisher and tier."""
    bare = name.strip().lower().removesuffix(_FAST_TIER)
    return bare.split(":", 1)[-1].rsplit("/", 1)[-1]


def _block(tag: str, content: str) -> str:
    return f"<{tag}>\n{content}\n</{tag}>"


def _lines(wrong: Mapping[int, str]) -> list[str]:
    if 0 in wrong:
        return [f"- {wrong[0]}."]
    return [f"- Assertion {number}: {why}." for number, why in sorted(wrong.items())]


def _listed(faults: Mapping[int, str]) -> str:
    if 0 in faults:
        return faults[0]
    return "; ".join(f"assertion {number}: {why}" for number, why in sorted(faults.items()))
