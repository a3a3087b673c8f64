"""What can be looked at is kept once a run has ended, and no run waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.core.alert import AlertStatus
from bot.core.errors import PermanentError, StoreUnavailable, TemporaryError
from bot.core.exhibit import Exhibit
from bot.core.facts import Exhibited
from bot.core.graph import Graph, Kind, Line
from bot.core.lifecycle import State
from bot.core.transcript import Draft, Entry
from bot.engine.exhibiting import WAITING, Exhibiting
from bot.store.exhibits import Exhibits
from tests import builders
from tests.engine import crowds
from tests.engine.houses import House
from tests.fakes import FakeProbe

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Board:
    """Draws as it is told to; all that it was asked to draw."""

    no: list[Exception] = field(default_factory=list)
    drawn: list[Graph] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def draw(self, graph: Graph) -> bytes:
        self.drawn.append(graph)
        await self.gate.wait()
        if self.no:
            raise self.no.pop(0)
        return PNG + graph.title.encode()


class Kept(FakeProbe):
    """A probe whose course is kept somewhere; `away` is what it answers instead."""

    away: Exception | None = None

    async def over(
        self, params: Any, since: datetime, until: datetime, step: float
    ) -> Sequence[Line]:
        if self.away is not None:
            raise self.away
        at = since.timestamp()
        return (Line(label="shop", points=((at, 0.4), (at + step, None), (at + 2 * step, 0.0))),)


def showing(house: House, board: Board, waiting: int = WAITING) -> Exhibits:
    kept = Exhibits(house.path, house.ledger.keep)
    Exhibiting(house.world, kept, board.draw, waiting).begin()
    return kept


def kept_elsewhere(house: House) -> Kept:
    """The health of the house, with a course."""
    house.plugins.probes["fake.health"] = probe = Kept(*house.health.script)
    return probe


def ready(*no: Exception) -> Board:
    board = Board(list(no))
    board.gate.set()
    return board


async def mended(house: House) -> str:
    """An incident that somebody thought about for a while before it was healed."""
    name = await house.asked()
    await house.pass_(30)
    await house.vote()
    await house.until(State.HEALED, within=60)
    return name


async def shown(house: House, kept: Exhibits, name: str, file: str) -> Exhibit:
    """Wait until it is kept."""
    while True:
        for one in await kept.evidence(name):
            if one.said.name == file:
                return one
        await asyncio.sleep(0.01)


async def test_a_healed_run_shows_its_signal_with_what_was_done(house: House) -> None:
    board = ready()
    kept = showing(house, board)
    name = await mended(house)
    table = await shown(house, kept, name, "before-after.csv")
    picture = await shown(house, kept, name, "graph.png")
    [graph] = board.drawn
    [panel] = graph.panels

    assert picture.octets.startswith(PNG)
    assert [mark.kind for mark in graph.marks] == [Kind.AGREED, Kind.ACTED, Kind.WELL]
    assert (panel.title, panel.sign, panel.limit) == ("health", "==", 200)
    values = [value for _, value in panel.lines[0].points]
    assert (values[0], values[-1]) == (503, 200)
    assert panel.note == "as Heal read it"
    assert "health: status,503,200" in table.octets.decode()
    facts = await house.facts(Exhibited)
    assert [one.name for one in facts] == ["graph.png", "before-after.csv"]


async def test_a_course_is_drawn_from_where_it_is_kept(house: House) -> None:
    house.health = kept_elsewhere(house)
    board = ready()
    kept = showing(house, board)
    await shown(house, kept, await mended(house), "graph.png")
    [panel] = board.drawn[0].panels

    assert [value for _, value in panel.lines[0].points] == [0.4, None, 0.0]
    assert not panel.note


async def test_who_keeps_the_course_may_be_away(house: House) -> None:
    house.health = kept_elsewhere(house)
    house.health.away = TemporaryError("no answer")
    board = ready()
    kept = showing(house, board)
    await shown(house, kept, await mended(house), "graph.png")
    [panel] = board.drawn[0].panels

    assert panel.note == "no answer for its course: as Heal read it"
    assert panel.lines[0].points[0][1] == 503


async def test_a_run_does_not_wait_for_a_picture(house: House) -> None:
    board = Board()
    kept = showing(house, board)
    name = await mended(house)

    assert house.incident.state is State.HEALED
    assert not house.incident.exhibits
    board.gate.set()
    await shown(house, kept, name, "graph.png")


async def test_what_cannot_be_drawn_is_kept_in_words(house: House) -> None:
    kept = showing(house, ready(PermanentError("no matplotlib")))
    words = await shown(house, kept, await mended(house), "graph.txt")

    said = words.octets.decode()
    assert said.startswith("No picture: no matplotlib\n")
    assert "health from 503 to 200" in said


async def test_a_later_life_keeps_what_an_earlier_one_did_not(house: House) -> None:
    showing(house, Board())
    name = await mended(house)
    await house.restart()
    kept = showing(house, ready())
    await shown(house, kept, name, "before-after.csv")
    await house.restart()
    board = ready()
    showing(house, board)
    await house.settle()

    assert board.drawn == []


async def test_a_store_that_was_away_loses_nothing_of_what_there_is_to_show(house: House) -> None:
    asked: list[int] = []

    async def keep(those: Sequence[tuple[Draft, bytes]]) -> list[tuple[Entry, bool]]:
        asked.append(len(those))
        if len(asked) == 1:
            raise StoreUnavailable("no room")
        return await house.ledger.keep(those)

    kept = Exhibits(house.path, keep)
    Exhibiting(house.world, kept, ready().draw).begin()
    name = await mended(house)
    await house.pass_(10)
    await shown(house, kept, name, "before-after.csv")

    assert asked == [2, 2]
    assert [one.name for one in await house.facts(Exhibited)] == ["graph.png", "before-after.csv"]


async def test_what_breaks_while_it_is_gathered_breaks_nothing_else(house: House) -> None:
    kept = showing(house, ready(RuntimeError("nobody foresaw this")))
    name = await mended(house)
    await house.fire(builders.an_alert(status=AlertStatus.RESOLVED))
    await house.until(State.RESOLVED)
    await shown(house, kept, name, "graph.png")

    assert len(await house.facts(Exhibited)) == 2


async def test_where_very_many_wait_the_oldest_are_told_in_words_and_the_rest_drawn_again(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first is being drawn while three more come to wait; two may."""
    house, board, names = crowds.house(path, crowds.library(4, 4)), Board(), list[str]()
    await house.open()
    kept = showing(house, board, waiting=2)
    for number in range(4):
        names.append(await house.fire(crowds.alert(number)))
        await house.until(State.AWAITING_APPROVAL, within=60, name=names[-1])
        await house.pass_(30)
        await house.requests.vote(names[-1], 0, "U1", yes=True, why="")
        await house.until(State.ESCALATED, within=600, name=names[-1])
    assert [len(house.of(name).exhibits) for name in names] == [0, 0, 0, 0]
    board.gate.set()
    files = ("graph.png", "graph.txt", "graph.png", "graph.png")
    held = [await shown(house, kept, *each) for each in zip(names, files, strict=True)]
    await house.close()

    words = held[1].octets.decode()
    assert words.startswith("No picture: 3 incidents waited\n")
    assert "health from 503 to 503" in words
    said = [
        one.getMessage() for one in caplog.records if "wait to be looked at" in one.getMessage()
    ]
    assert said == [
        "3 incidents wait to be looked at: graphs are kept in words for now",
        "2 incidents wait to be looked at: graphs are drawn again",
    ]
