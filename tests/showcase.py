"""A stand-in for the port of exhibits, held to the tests of the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from bot import ports
from bot.core import exhibit, facts
from bot.core.exhibit import Exhibit
from bot.core.transcript import Draft, Entry


class FakeExhibits:
    """Keeps exhibits in memory; the ledger that it is given hears of each."""

    def __init__(self, ledger: ports.Ledger | None = None) -> None:
        self.kept: dict[str, Exhibit] = {}
        self._ledger = ledger
        self._entries: dict[str, Entry] = {}

    async def keep(self, those: Sequence[tuple[Draft, bytes]]) -> list[tuple[Entry, bool]]:
        return [await self._one(*one) for one in those]

    async def _one(self, draft: Draft, octets: bytes) -> tuple[Entry, bool]:
        said = facts.read(draft.body)
        if not isinstance(said, facts.Exhibited) or not exhibit.fits(said, octets):
            raise ValueError(f"{draft.key} does not say what its contents are")
        entry, fresh = await self._append(draft)
        if fresh:
            self.kept[draft.key] = Exhibit(said, octets)
        return entry, fresh

    async def evidence(self, incident: str) -> list[Exhibit]:
        return [one for key, one in self.kept.items() if key.startswith(f"{incident}:")]

    async def _append(self, draft: Draft) -> tuple[Entry, bool]:
        if self._ledger is not None:
            return await self._ledger.append(draft)
        if (standing := self._entries.get(draft.key)) is not None:
            return standing, False
        entry = Entry(seq=len(self._entries) + 1, prev="", hash="", **asdict(draft))
        self._entries[draft.key] = entry
        return entry, True
