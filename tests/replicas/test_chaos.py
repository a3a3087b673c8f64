"""Whatever befalls the active replica, nothing is repeated or lost: python -m tests.replicas."""

from __future__ import annotations

import random
from pathlib import Path

from tests.clients.postgreses import Postgres
from tests.replicas.campaign import FREEZE, KILL, RESTART, Chaos

RUNS = 6


async def test_kills_freezes_and_a_restart_of_postgres_neither_repeat_nor_lose_anything(
    tmp_path: Path, postgres: Postgres
) -> None:
    mishaps, seed = [KILL, FREEZE, RESTART], random.SystemRandom().randrange(10**6)
    random.Random(seed).shuffle(mishaps)
    chaos = Chaos(RUNS, 0, seed, mishaps=mishaps)
    verdict = await chaos.on(tmp_path, postgres)

    assert verdict.faults == [], f"seed {seed}"
    assert verdict.counts["runs"] == RUNS
    assert [what for what, _ in chaos.took] == [what for what in mishaps if what != RESTART]
