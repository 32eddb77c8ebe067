"""Where an agent lives, in the words of suites; what is unknown in it is refused, as in every extension."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from sparring.dialects.endpoints import (
    HttpForm,
    Limits,
    OpenAIForm,
    OtherForm,
    kind_of_form,
    tag_of,
)
from sparring.dialects.extensions import Extension


class StrictLimits(Limits, Extension):
    """What bounds one reply of the agent."""


class StrictOpenAI(OpenAIForm, Extension):
    """A server that speaks OpenAI's chat completions."""

    limits: StrictLimits = StrictLimits()


class StrictHttp(HttpForm, Extension):
    """A JSON API of any shape."""

    limits: StrictLimits = StrictLimits()


StrictEndpoint = Annotated[
    Annotated[StrictOpenAI, Tag(tag_of("openai"))]
    | Annotated[StrictHttp, Tag(tag_of("http"))]
    | Annotated[OtherForm, Tag(tag_of("other"))],
    Discriminator(kind_of_form),
]
