"""Hardened: how every door of ours listens, whoever stands before it."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.web.access import Access

IDLE = 20.0
"""Seconds that a connection may say nothing, or dawdle over its headers."""
log = logging.getLogger(__name__)
log.addFilter(
    lambda said: not (said.exc_info and isinstance(said.exc_info[1], HttpProcessingError))
)
"""What is no HTTP is answered with 400; a stranger may not fill the log with our stack."""


def runner(app: web.Application, *, shutdown: float, idle: float = IDLE) -> web.AppRunner:
    """Make what listens for an app: it lets go of who is idle, and unpacks nothing."""
    return web.AppRunner(
        app,
        access_log_class=Access,
        shutdown_timeout=shutdown,
        keepalive_timeout=idle,
        auto_decompress=False,
        logger=log,
    )
