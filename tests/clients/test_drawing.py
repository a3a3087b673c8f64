"""A graph is drawn in a process of its own; whatever goes wrong there has a reason."""

from __future__ import annotations

import struct
import sys
from datetime import timedelta

import pytest

from bot.clients.commands import Commands, Finished
from bot.clients.drawing import ALONE, Drawing
from bot.core.errors import PermanentError, TemporaryError
from bot.core.graph import Graph, Kind, Line, Mark, Panel
from tests.builders import START

HOUR = START.timestamp()
GRAPH = Graph(
    title="inc-1: $x^2$ <errors> ünd ✓",
    since=START,
    until=START + timedelta(minutes=10),
    panels=(
        Panel(
            title="errors",
            unit="%",
            lines=(
                Line(label="a", points=((HOUR, None), (HOUR + 60, 3.0), (HOUR + 120, None))),
                Line(label="b", points=((HOUR, None), (HOUR + 60, None))),
            ),
            sign="<",
            limit=1.0,
        ),
    ),
    marks=(Mark(at=START, says="fake.pool", kind=Kind.ACTED),),
)


class Ending:
    """A child that ends as it is told to, or writes a picture of so many octets."""

    def __init__(self, code: int, err: str = "") -> None:
        self.argv: tuple[str, ...] = ()
        self._ended = Finished(code, "", err, 0.1)

    async def __call__(self, *argv: str, within: float) -> Finished:
        self.argv = argv
        return self._ended


async def test_a_graph_with_gaps_and_signs_of_others_becomes_a_picture() -> None:
    octets = await Drawing(Commands()).draw(GRAPH)
    width, height = struct.unpack(">II", octets[16:24])

    assert octets.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (990, 396)


@pytest.mark.parametrize(
    ("child", "kind", "why"),
    [
        (Ending(3), PermanentError, r"pip install 'heal-bot\[graphs\]'"),
        (Ending(-9), TemporaryError, r"not drawn \(-9\): it said nothing"),
        (Ending(1, "Trace\nMemoryError: much"), TemporaryError, "MemoryError: much"),
        (Ending(0), TemporaryError, "No such file"),
    ],
)
async def test_a_child_that_draws_nothing_has_a_reason(
    child: Ending, kind: type[Exception], why: str
) -> None:
    with pytest.raises(kind, match=why):
        await Drawing(child).draw(GRAPH)

    assert child.argv[: len(ALONE) + 3] == (*ALONE, sys.executable, "-m", "bot.drawing")


def test_the_bot_itself_never_loads_what_draws() -> None:
    assert "matplotlib" not in sys.modules
