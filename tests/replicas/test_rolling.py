"""A rolling restart of three replicas, as an update is, while people are asked forty times."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.clients.postgreses import Postgres
from tests.faults.street import Book, House
from tests.replicas import stage as stages
from tests.replicas.lives import CALM
from tests.replicas.stage import Stage

BOOK = Book("Narrow")
PENDING = 40


async def test_forty_pending_approvals_outlive_a_restart_of_every_replica(
    tmp_path: Path, postgres: Postgres
) -> None:
    houses = {f"s{number:02}": House() for number in range(PENDING)}
    async with stages.opened(tmp_path, postgres, houses, (BOOK,), times=CALM) as stage:
        await stage.ready()
        await asyncio.gather(*(stage.alert("Narrow", name) for name in houses))
        await stage.until("approval.asked", times=PENDING)
        await stage.scene.until(lambda: len(_buttons(stage)) == PENDING)
        asked = _asked(stage)
        for one in list(stage.replicas):
            await stage.restart(one)
            await stage.ready()
        await stage.all_follow()

        assert _asked(stage) == asked, "asked once each, with the deadline of then"
        assert [one.codes for one in stage.replicas] == [[0]] * 3
        approving = (stage.pressed(ts, "andre", "approve_recovery", value)
                     for ts, value in _buttons(stage))  # fmt: skip
        assert all(await asyncio.gather(*approving))
        await stage.until("run.verified", times=PENDING)
        await stage.at_rest()
        assert sorted(stage.cards()) == sorted(set(stage.cards()))
        assert len(stage.cards()) == PENDING
        assert stage.judged().faults == []
        assert stage.judged().counts["runs"] == PENDING


def _buttons(stage: Stage) -> list[tuple[str, str]]:
    return list(stage.buttons("approve_recovery"))


def _asked(stage: Stage) -> list[tuple[str, str]]:
    """Whom the question is about, and until when an answer counts."""
    found = [e for e in stage.scene.entries() if e.kind == "approval.asked"]
    return [(e.incident, str(json.loads(e.body)["request"]["expires_at"])) for e in found]
