"""Whether a replica may act, when it can only guess: a blocked loop, a cut line, no Postgres."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from bot.app.replica import SUPERSEDED
from tests.clients.postgreses import Postgres
from tests.faults.street import Book, House
from tests.replicas import stage as stages
from tests.replicas.lives import CALM
from tests.replicas.stage import Stage

BOOK = Book("Narrow")
DETECTOR = """
detector: corner-down
probes:
  - {{probe: http.status, as: health, with: {{url: "{url}/corner/healthz", timeout: 5s}}}}
every: 500ms
firing: health.status == 0
sustain: 1m
alert: {{name: Nothing, severity: warning, service: corner, environment: demo, summary: nothing}}
"""


async def test_a_replica_whose_loop_is_blocked_loses_the_seat_and_a_cut_line_loses_no_run(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Who has the seat after the cut finds what was done: what is under way nobody calls back."""
    houses = {"corner": House(after=0.5)}
    async with stages.opened(tmp_path, postgres, houses, (BOOK,)) as stage:
        await stage.ready()
        blocked = await stage.active()
        epoch, pid = stage.seat()
        os.kill(pid, signal.SIGUSR1)
        await stage.taken_over(epoch)
        (blocked.own / "go").touch()
        await stage.scene.until(lambda: blocked.codes[-1:] == [SUPERSEDED])
        await stage.alert("Narrow", "corner")
        await stage.press("approve_recovery")
        await stage.until("step.claimed")
        await asyncio.to_thread(stage.hang_up)
        await stage.until("run.verified")
        await stage.at_rest()

        assert stage.judged().faults == []


async def test_without_postgres_nothing_is_done_and_with_it_the_same_replica_goes_on(
    tmp_path: Path, postgres: Postgres
) -> None:
    """It goes while nothing is open, while people are asked, in the middle of a step and after."""
    houses = {"corner": House(before=1.0, after=0.5)}
    async with stages.opened(tmp_path, postgres, houses, (BOOK,), times=CALM) as stage:
        active = await stage.ready()
        epoch, _ = stage.seat()
        await _away(stage, postgres, active)
        await stage.alert("Narrow", "corner")
        await stage.until("approval.asked")
        await _away(stage, postgres, active)
        await stage.press("approve_recovery")
        await stage.until("step.claimed")
        await _away(stage, postgres, active)
        await stage.until("step.ended")
        await _away(stage, postgres, active)
        await stage.until("run.verified")
        await stage.at_rest()

        assert stage.seat() == (epoch, active.pid)
        assert stage.judged().faults == []
        assert (
            stage.scene.effects("pool") == [{"size": 50}] or len(stage.scene.effects("pool")) == 1
        )


async def test_a_clock_ticks_on_the_active_replica_only(tmp_path: Path, postgres: Postgres) -> None:
    """While it is frozen and nobody acts in its stead nobody looks; then its follower does."""
    book, houses = Book("Narrow"), {"corner": House(sizes={"pool": 50, "queue": 50})}
    opened = stages.opened(tmp_path, postgres, houses, (book,), detectors={"corner-down": DETECTOR})
    async with opened as stage:
        await stage.ready()
        looked = stage.street.looked
        await stage.scene.until(lambda: looked["corner"] > 2)
        epoch, pid = stage.seat()
        os.kill(pid, signal.SIGSTOP)
        before = looked["corner"]
        while (await asyncio.to_thread(stage.seat))[0] == epoch:
            seen = looked["corner"]
            await stage.clock.sleep(0.02)
        assert seen <= before + 1, "one look may have been on its way"
        await stage.scene.until(lambda: looked["corner"] > seen + 1)
        os.kill(pid, signal.SIGCONT)


async def _away(stage: Stage, postgres: Postgres, active: stages.Replica) -> None:
    """Postgres is gone until the replica has noticed, and comes back."""
    await asyncio.to_thread(postgres.stop)
    while await stage.status(active) != 503:
        await stage.clock.sleep(0.05)
    await asyncio.to_thread(postgres.start)
