"""Where a story plays: the bot as a process, Prometheus, a ticket system and a pager beside it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from bot.core import exhibits, updates
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.rehearsal.workspace.world import StoredFile
from bot.slack.cards.asking import DETAILS
from tests.desks import jiras, pagers, servicenow, stands
from tests.desks.pagers import PagerDutyDouble
from tests.journeys import scenes, threads
from tests.journeys.scenes import Scene
from tests.stories import signals
from tests.stories.signals import Signals

Json = Mapping[str, Any]
RUNNING = "in_progress"
MARK = re.compile(r"\binc-[a-z0-9]+\.\d+\b")


_BESIDE = ("ticket", "page")
"""What the card names besides: one of each."""


class Desk(Protocol):
    """A ticket system or a pager as its people see it."""

    def notes(self, reference: str) -> list[str]: ...
    def resolved(self, reference: str) -> bool: ...
    def records(self) -> list[str]: ...


class Told(NamedTuple):
    """All that people had before them, and where it is on record."""

    name: str
    incident: Incident
    asked: Json | None
    """The card when people were asked; None when nobody had to be."""
    details: Json | None
    """The form in which somebody looked at the plan before they said yes."""
    during: Json
    """The progress, while it ran."""
    thread: tuple[Json, ...]
    """The card at the end, and what stands below it."""
    ticket: tuple[str, ...]
    pager: tuple[str, ...]
    early: tuple[bool, bool]
    """Whether ticket and pager were resolved when every step was done, and nothing proved yet."""
    late: tuple[bool, bool]
    """The same at the end."""
    files: Mapping[str, StoredFile]
    """What hangs in the thread, by the ids of the files."""
    ledger: Path

    def read(self, message: Json | None) -> str:
        """A message as a person reads it."""
        return threads.told(message, {}) if message else ""


class Stage:
    """The world of one story."""

    def __init__(self, scene: Scene, seen: Signals, pager: PagerDutyDouble, desk: Desk) -> None:
        self.scene, self.signals, self.pager, self.desk = scene, seen, pager, desk
        self.asked: Json | None = None
        self.details: Json | None = None
        self.during: Json | None = None
        self.early = (True, True)

    @property
    def books(self) -> Path:
        return self.scene.directory / "runbooks"

    def furnish(self, rules: str, services: Sequence[object], **runbooks: str) -> None:
        """Let these be all that the bot may do, and where."""
        for path in self.books.glob("*.yaml"):
            path.unlink()
        for name, text in runbooks.items():
            (self.books / f"{name.replace('_', '-')}.yaml").write_text(text)
        (self.books / "policy" / "rules.yaml").write_text(rules)
        listed = json.dumps({"services": services})
        (self.books / "policy" / "services.yaml").write_text(listed)

    def also(self, section: str, **more: str) -> None:
        """Give a section of the settings these as well."""
        known = json.loads((self.scene.directory / "stage.json").read_text())["sections"]
        self.scene.tell(**{section: known[section] | more})

    async def begin(self) -> None:
        await self.scene.start()
        await self.scene.ready()

    async def consider(self, user: str = "andre") -> None:
        """Wait for the question, look at its details, and keep both."""
        await self.scene.until(lambda: self.scene.card(DETAILS))
        card = self.scene.card(DETAILS)
        await self.scene.until(lambda: "approval needed" in str(self._below()))
        await self.scene.until(lambda: str(self._root()["blocks"]).count("🎫") == len(_BESIDE))
        self.asked = deepcopy(self.scene.workspace.message("alerts", card))
        await self.scene.workspace.click(user, "alerts", card, DETAILS)
        await self.scene.until(lambda: self.scene.workspace.modal_of(user))
        self.details = deepcopy(self.scene.workspace.modal_of(user))

    async def done(self, step: int) -> None:
        """Wait until a step was done, as ticket and pager tell it; keep how things stand then."""
        await self.scene.until(self.scene.incidents)
        for desk in (self.desk, self.pager):
            await self._heard(desk, {f"step {step} done"})
        await self.scene.until(self._verifying)
        self.during = deepcopy(self._verifying()[0])
        self.early = self.resolved()

    async def proved(self) -> None:
        """Wait until it is verified, and what there is to look at is kept."""
        await self.scene.reached(State.HEALED)
        await self.scene.until(
            lambda: exhibits.TABLE in {one.name for one in self.incident.exhibits}
        )

    def resolved(self) -> tuple[bool, bool]:
        """Whether ticket and page are; pages of what went by itself are of no concern here."""
        mark = f"{self.incident.id}."
        tickets = [one for one in self.desk.records() if mark in str(self.desk.notes(one))]
        pages = [one for one in self.pager.records() if mark in str(self.pager.notes(one))]
        ends = [self.pager.named(one) or {} for one in pages]
        return (
            bool(tickets) and all(map(self.desk.resolved, tickets)),
            bool(ends) and all(one["status"] == "resolved" for one in ends),
        )

    @property
    def incident(self) -> Incident:
        """The newest one, of which the story tells."""
        return self.scene.incidents()[-1]

    async def over(self, name: str) -> Told:
        """Wait until everything was told everywhere, after the alert was cleared."""
        known = await self.scene.reached(State.RESOLVED)
        marks = {one.mark for one in updates.of(known)}
        for desk in (self.desk, self.pager):
            await self._heard(desk, marks)
        files = {one.title for one in known.exhibits if one.name != exhibits.TABLE}
        hung = {"Transcript of", *files}
        await self.scene.until(lambda: str(self._root()["blocks"]).count("🎫") == len(_BESIDE))
        await self.scene.until(lambda: all(one in str(self._below()) for one in hung))
        assert self.during is not None
        return Told(
            name,
            known,
            self.asked,
            self.details,
            self.during,
            tuple(deepcopy([self._root(), *_in_order(self._below())])),
            tuple(self._notes(self.desk)),
            tuple(self._notes(self.pager)),
            self.early,
            self.resolved(),
            {
                key: one
                for key, one in self.scene.workspace.files.items()
                if one.about["name"].startswith(known.id)
            },
            self.scene.ledger,
        )

    async def _heard(self, desk: Desk, words: set[str]) -> None:
        """Wait until each of these stands there, as a word of its own."""
        await self.scene.until(
            lambda: all(re.search(rf"{re.escape(one)}\b", self._said(desk)) for one in words)
        )

    def _said(self, desk: Desk) -> str:
        return "\n".join(self._notes(desk))

    def _verifying(self) -> list[Json]:
        """The progress, once it says that only the proof is missing."""
        plans = ((one, one["blocks"][0]) for one in self._below() if one.get("blocks"))
        return [
            one
            for one, block in plans
            if block["type"] == "plan" and block["tasks"][-1]["status"] == RUNNING
        ]

    def _root(self) -> Json:
        return self.scene.workspace.message("alerts", self.scene.card(self.incident.id))

    def _below(self) -> Sequence[Json]:
        return self.scene.workspace.thread("alerts", self.scene.card(self.incident.id))[1:]

    def _notes(self, desk: Desk) -> list[str]:
        """What was written of this incident."""
        mark = f"{self.incident.id}."
        every = (note for one in desk.records() for note in desk.notes(one))
        return [note for note in every if mark in note]


def _in_order(below: Sequence[Json]) -> list[Json]:
    """As it was posted; but what may come a moment sooner or later has a place of its own."""

    def place(one: Json) -> tuple[int, str]:
        files = one.get("files", ())
        if files:
            return (3, "") if "Transcript" in files[0]["title"] else (2, files[0]["title"])
        return (0 if "🔍" in str(one) else 1, "")

    return sorted(below, key=place)


@asynccontextmanager
async def opened(directory: Path, desk: str) -> AsyncIterator[Stage]:
    """A stage on which Heal keeps `servicenow` or `jira` in step, and PagerDuty."""
    directory.mkdir(exist_ok=True)
    async with (
        _desk(desk) as (double, told),
        pagers.opened() as pager,
        signals.served() as seen,
        scenes.opened(directory) as scene,
    ):
        scene.tell(
            pagerduty=stands.of_pagerduty(pager, opens_for="every"),
            prometheus={"url": seen.url},
            evidence={"graphs": "true"},
            **{desk: told},
        )
        yield Stage(scene, seen, pager, double)


@asynccontextmanager
async def _desk(name: str) -> AsyncIterator[tuple[Any, dict[str, str]]]:
    if name == "jira":
        async with jiras.opened() as double:
            yield double, stands.of_jira(double, open_in="SHOP", open_for=stands.ANY)
    else:
        async with servicenow.running() as (desk, url):
            desk.tables["incident"].clear()
            yield desk, servicenow.told(url, open_for=stands.ANY)


def play(story: Callable[[Path], Any], directory: Path) -> Told:
    """Play one from its beginning to its end."""
    told: Told = asyncio.run(story(directory))
    return told
