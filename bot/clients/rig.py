"""What an action or a probe works with: a web client, a clock and a way to run commands."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bot import ports
from bot.clients import commands


@dataclass(frozen=True, slots=True)
class Rig:
    """Handed to every plug-in by app, which also closes what has to be closed."""

    http: httpx.AsyncClient
    clock: ports.Clock
    run: commands.Run
