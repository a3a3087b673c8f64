"""The systems outside that are kept in step with incidents, as the settings name them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from bot import ports
from bot.engine.corresponding import Corresponding
from bot.engine.pages import Pages
from bot.engine.untold import Untold
from bot.plugins import WEBHOOK, Room, Sections, Toolbox
from bot.telemetry import metrics
from bot.telemetry.metrics import Values

if TYPE_CHECKING:
    from bot.app.companions import Joined

IN_STEP: tuple[Room, ...] = ("tickets", "pagers")


async def begin(joined: Joined) -> None:
    """Begin with each that wants it; ConfigurationError when a setting of one is wrong."""
    begun: dict[str, Corresponding] = {}
    link, exhibits = joined.engine.links.page, joined.engine.exhibits
    for name, one in _wanted(joined.toolbox, joined.sections):
        begun[name] = Corresponding(joined.world, name, one, link, exhibits)
    for corresponding in begun.values():
        corresponding.begin()
    joined.measuring.more.append(partial(_figures, begun, joined.world.untold))


def objectors(toolbox: Toolbox, sections: Sections) -> dict[str, ports.Objector]:
    """Those that are asked before anything is done, by name; raises as `begin` does."""
    known = _wanted(toolbox, sections)
    return {name: one for name, one in known if isinstance(one, ports.Objector)}


def cmdbs(toolbox: Toolbox, sections: Sections) -> dict[str, ports.Cmdb]:
    """Those that are asked about services, by name; raises as `begin` does."""
    known = _wanted(toolbox, sections)
    return {
        name: one.cmdb for name, one in known if isinstance(one, ports.Registering) and one.cmdb
    }


def preceding(toolbox: Toolbox, sections: Sections) -> dict[str, ports.Preceding]:
    """Those whose record has to stand before anything is done; raises as `begin` does."""
    known = _wanted(toolbox, sections)
    return {name: one for name, one in known if isinstance(one, ports.Preceding)}


def _wanted(toolbox: Toolbox, sections: Sections) -> Iterator[tuple[str, ports.Correspondent]]:
    """Each that wants to be kept in step, and what branches off from it."""
    for room, name in named(toolbox, sections):
        one = toolbox.correspondent(room, name)
        if one.wanted:
            yield name, one
        if isinstance(one, ports.Branching):
            yield from ((f"{name}.{own}", of) for own, of in one.branches.items() if of.wanted)


def pages(toolbox: Toolbox, sections: Sections) -> Pages:
    """How often the pagers that are set up may ring; raises as `begin` does."""
    known = [toolbox.correspondent(room, name) for room, name in named(toolbox, sections)]
    return Pages([one.route for one in known if one.wanted and isinstance(one, ports.Ringing)])


def named(toolbox: Toolbox, sections: Sections) -> Iterator[tuple[Room, str]]:
    """The room and name of each that a setting is about, beyond how it posts alerts here."""
    for room in IN_STEP:
        for name in toolbox.names(room):
            told = sections(name.partition(".")[0]).items()
            if any(text.strip() for key, text in told if not key.startswith(WEBHOOK)):
                yield room, name


def _figures(begun: dict[str, Corresponding], untold: Untold) -> Values:
    given_up = untold.by_system()
    return {
        metrics.GIVEN_UP: {(name,): given_up[name] for name in begun},
        metrics.UNTOLD: {(name,): one.behind for name, one in begun.items()},
        metrics.TOLD: {
            (name, ending): count
            for name, one in begun.items()
            for ending, count in one.settled.items()
        },
    }
