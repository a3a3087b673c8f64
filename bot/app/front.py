"""Front: the web server with all its doors, each joined to whoever stands behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot import ports
from bot.app import doors
from bot.app.leaving import Leaving
from bot.app.measuring import Measuring
from bot.engine.receiving import Receiving
from bot.settings import Settings
from bot.telemetry import metrics
from bot.web.metrics import MetricsDoor
from bot.web.peers import Peers
from bot.web.server import AlertDoor, Door, Server


def server(
    settings: Settings,
    sources: Mapping[str, ports.Source],
    receiving: Receiving,
    measuring: Measuring,
    leaving: Leaving,
    slack: Door,
    ready: Callable[[], Awaitable[str]],
    notes: Callable[[], Sequence[str]],
    pages: Sequence[web.RouteDef],
) -> Server:
    """Build it; nothing is let in before it is opened."""
    alerts = AlertDoor(
        receive=receiving.receive,
        sources=sources,
        paths=doors.paths(sources),
        peers=Peers(settings.trusted),
        unread=receiving.admitting.refused,
        accepted=measuring.metrics.accepted,
        refuses=leaving.refuses,
    )
    token = settings.metrics_token.get_secret_value().strip()
    scraped = MetricsDoor(token, measuring.text, metrics.FORMAT) if token else None
    return Server(alerts, slack, ready, notes, scraped.answer if scraped else None, pages)
