"""Chance kills the bot while many runs are under way; `python -m tests.faults` does it larger."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.campaign import WHILE_ALERTS_COME, Random

RUNS, KILLS = 36, 4


async def test_e02_random_kills_neither_repeat_nor_lose_anything(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = Random(RUNS, KILLS, seed)
    verdict = await chance.play(tmp_path)

    assert verdict.faults == [], f"seed {seed}"
    assert verdict.counts["runs"] == RUNS
    assert len(chance.under_way) == KILLS
    asked_still = chance.asking - chance.asking // (KILLS - WHILE_ALERTS_COME + 1)
    assert chance.under_way[WHILE_ALERTS_COME][0] >= asked_still, "what waits for people is open"
