"""Stores a simulation of a suite for whoever plays on the database: python -m tests.faults.submit SUITE"""

import asyncio
import sys
from pathlib import Path

from sparring.adapters.suites import load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.services import open_services
from sparring.settings import read_settings


async def submit(suite_file):
    """Store it; nothing is played here."""
    async with open_services(read_settings()) as services:
        suite, folder = load_suite(suite_file), suite_file.parent
        simulation = await playing.prepare(services, suite, playing.Wishes(), source="cli", folder=folder)
        await playing.submit(services, [simulation])


if __name__ == "__main__":
    asyncio.run(submit(Path(sys.argv[1])))
