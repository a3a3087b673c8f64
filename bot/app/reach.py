"""Reach: what people can ask of the engine, joined once for whoever lets them in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bot import ports
from bot.core.policy.promotion import Seen
from bot.durable.journal import Journal
from bot.engine.authority import Authority
from bot.engine.batching import Batching
from bot.engine.editing import Editing
from bot.engine.governing import Governing
from bot.engine.permitting import Permitting
from bot.engine.requesting import Requests
from bot.engine.world import World


class Reach(NamedTuple):
    """The engine's own sides of the ports in `engine`, for what a start has to settle."""

    requests: Requests
    permits: Permitting
    engine: ports.Engine


def joined(world: World, journal: Journal, seen: Callable[[], Awaitable[Sequence[Seen]]]) -> Reach:
    """Build them over one authority; `seen` is what requests read of the ledger."""
    authority = Authority(world)
    requests = Requests(world, journal, authority, seen)
    orders = Governing(world, authority, requests.stop_all)
    permits, edits = Permitting(world, authority), Editing(world, journal, authority)
    batches = Batching(world, authority, requests.voting)
    return Reach(requests, permits, ports.Engine(requests, orders, permits, edits, batches))
