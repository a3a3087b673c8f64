"""Place: where this process stands among others that could act; mostly there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bot.durable.gate import Leave
from bot.durable.others import Nobody, Others
from bot.store.writer import Writer
from bot.web.server import Server


class Place(Protocol):
    """What the house asks of it."""

    @property
    def leave(self) -> Leave | None:
        """Waited for before each act; None where nobody else could act."""

    @property
    def others(self) -> Others:
        """Who else may be doing what it began before this one acted."""

    @property
    def why_not(self) -> str:
        """Why nothing may be done here now; empty when it may."""

    async def writer(self, ledger: Path) -> Writer:
        """Open the ledger's file; ConfigurationError when that cannot be."""

    async def listen(self, server: Server, host: str, port: int) -> None:
        """Let the world in; ConfigurationError when the address is taken."""


class Alone:
    """One process with a ledger of its own: the file's lock says that there is no other."""

    leave: Leave | None = None
    others: Others = Nobody()
    why_not = ""

    async def writer(self, ledger: Path) -> Writer:
        return await Writer.open(ledger)

    async def listen(self, server: Server, host: str, port: int) -> None:
        await server.open(host, port)
