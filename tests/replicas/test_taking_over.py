"""Three replicas as real processes: what others do about one that died, froze or was stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.app.replica import SUPERSEDED
from bot.core import links
from bot.core.links import Links
from bot.rehearsal.stage import LOCAL
from tests.clients.postgreses import Postgres
from tests.faults.street import Book, House
from tests.journeys import scenes
from tests.replicas import stage as stages

BOOK = Book("Narrow")


def slow() -> dict[str, House]:
    """A service that takes its time, so that something can happen while it is changed."""
    return {"corner": House(before=1.0, after=0.5)}


async def test_a_run_under_way_goes_on_elsewhere_when_its_replica_is_killed_or_frozen(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Once at a kill, and once in a freeze whose end finds that another acts."""
    async with stages.opened(tmp_path, postgres, slow(), (BOOK,)) as stage:
        await stage.ready()
        await stage.alert("Narrow", "corner")
        await stage.until("approval.asked")
        first = await stage.active()
        epoch, pid = stage.seat()
        os.kill(pid, signal.SIGKILL)
        await stage.taken_over(epoch)
        await stage.press("approve_recovery")
        await stage.until("step.claimed")
        epoch, pid = stage.seat()
        frozen = await stage.active()
        os.kill(pid, signal.SIGSTOP)
        await stage.taken_over(epoch)
        await stage.until("run.verified")
        os.kill(pid, signal.SIGCONT)
        await stage.scene.until(lambda: frozen.codes[-1:] == [SUPERSEDED])
        await stage.at_rest()
        await stage.all_follow()

        assert stages.KILLED in first.codes
        assert "another replica took the seat" in frozen.log()
        assert stage.judged().faults == []
        assert stage.judged().counts["redone knowingly"] == 0
        assert len(stage.cards()) == 1


async def test_any_replica_takes_alerts_and_says_whether_it_is_the_active_one(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with stages.opened(tmp_path, postgres, {"corner": House()}, (BOOK,)) as stage:
        active = await stage.ready()
        others = [one for one in stage.replicas if one is not active]
        for number, one in enumerate(others):
            stage.scene.port = one.port
            alert = scenes.one_alert("Narrow", "corner", "firing", pod=str(number))
            assert await stage.scene.send(alert) == 202
            ready = await stage.get(one, "/readyz")
            assert ready.status_code == 503
            assert ready.json()["why"].startswith("standby: ")
        await stage.until("incident.opened", "alert.joined")


async def test_any_replica_shows_the_pages_of_the_active_one_to_whom_it_lets_in(
    tmp_path: Path, postgres: Postgres
) -> None:
    """By the address that a balancer has, whichever replica it comes to."""
    home = "https://heal.example"
    handed = Links(home, links.key_of(LOCAL.bot_token))
    public = {"public": {"url": home}}
    async with stages.opened(
        tmp_path, postgres, {"corner": House()}, (BOOK,), sections=public
    ) as stage:
        active = await stage.ready()
        await stage.alert("Narrow", "corner")
        await stage.until("approval.asked")
        [known] = stage.scene.incidents()
        link = handed.opening(known.id, "U0OLIVIA", datetime.now(UTC)).removeprefix(home)
        for one in (one for one in stage.replicas if one is not active):
            at = f"http://127.0.0.1:{one.port}"
            async with httpx.AsyncClient(base_url=at, trust_env=False) as browser:
                stranger = await browser.get(f"/incidents/{known.id}")
                opened = await browser.get(link)
                cookie = opened.headers["set-cookie"].partition(";")[0]
                page = await browser.get(f"/incidents/{known.id}", headers={"Cookie": cookie})
            assert stranger.status_code == 401
            assert known.opened.title not in stranger.text
            assert opened.headers["location"].removeprefix(home) == f"/incidents/{known.id}"
            assert (page.status_code, known.opened.title in page.text) == (200, True)


def test_one_process_alone_loads_nothing_of_it() -> None:
    program = "import sys, bot.cli.run, bot.app; print('psycopg' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert said.stdout.split() == [b"False"]
