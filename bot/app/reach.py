"""Reach: what people can ask of the engine, joined once for whoever lets them in."""

from __future__ import annotations

from typing import NamedTuple

from bot import ports
from bot.app import pages
from bot.app.office import Office
from bot.durable.journal import Journal
from bot.engine.arrivals import Arrivals
from bot.engine.attending import Attending
from bot.engine.authority import Authority
from bot.engine.batching import Batching
from bot.engine.bringing import Bringing, Take
from bot.engine.editing import Editing
from bot.engine.glancing import Glancing
from bot.engine.governing import Governing
from bot.engine.permitting import Permitting
from bot.engine.requesting import Requests
from bot.engine.taking import Taking
from bot.engine.wishing import Wishing
from bot.engine.world import World
from bot.plugins import Sections
from bot.settings import Settings
from bot.store.courses import Courses
from bot.store.rulings import Rulings
from bot.store.tallies import Tallies


class Reach(NamedTuple):
    """The engine's own sides of the ports in `engine`, for what a start has to settle."""

    requests: Requests
    permits: Permitting
    engine: ports.Engine


def joined(
    world: World,
    journal: Journal,
    settings: Settings,
    sections: Sections,
    inbox: ports.Inbox,
    arrivals: Arrivals,
    take: Take,
    exhibits: ports.Exhibits,
) -> Reach:
    """Build them over one authority; what some of them count is read of the ledger's file."""
    authority, ledger = Authority(world), settings.ledger
    requests = Requests(world, journal, authority, Tallies(ledger).seen)
    orders = Governing(world, authority, requests.stop_all)
    permits, edits = Permitting(world, authority), Editing(world, journal, authority)
    batches = Batching(world, authority, requests.voting)
    tower = Glancing(world, inbox, arrivals, Rulings(ledger).since, Courses(ledger).between)
    bringing = Bringing(world, authority, take)
    engine = ports.Engine(
        requests, orders, permits, edits, batches, tower, bringing, Wishing(world),
        Attending(world, authority), Office(settings, sections), exhibits, Taking(world),
        pages.links_of(settings, sections),
    )  # fmt: skip
    return Reach(requests, permits, engine)
