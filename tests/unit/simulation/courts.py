"""Judges for conversations that are over."""

import asyncio

from sparring.domain.transcript import Generation
from sparring.simulation.ports import Judgement
from sparring.testing import assessed


class Court:
    """Stands in for the casting: every judge that is cast finds what is due next, at a price of 1."""

    def __init__(self, *found):
        self.found = list(found)
        self.cast = []

    def cast_judge(self, scenario, **how):
        self.cast.append((scenario, how))
        return self

    async def assess(self, transcript):
        await asyncio.sleep(0)
        found = self.found.pop(0)
        if isinstance(found, Exception):
            raise found
        made = Generation(provider="p", model="m", cost=1.0)
        findings = found if isinstance(found, tuple) else (found,)
        return Judgement(assessments=tuple(map(assessed, findings)), generations=(made,))
