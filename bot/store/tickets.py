"""Tickets: what systems outside were not told of incidents, read off the ledger in one question."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bot.store import reading

KIND = "ticket.told"


class Untold(NamedTuple):
    """One update that was given up, as its last entry says."""

    incident: str
    system: str
    reference: str
    at: str
    title: str
    why: str


def untold(path: Path) -> list[Untold]:
    """Everything that was given up and not told since, oldest first."""
    asked = """
        select incident, json_extract(body, '$.system'), json_extract(body, '$.reference'), at,
               json_extract(body, '$.title'), json_extract(body, '$.why_not')
        from entry where seq in (
            select max(seq) from entry where kind = ?
            group by incident, json_extract(body, '$.system'), json_extract(body, '$.number'))
        and json_extract(body, '$.why_not') != '' order by seq"""
    with reading.opened(path) as conn:
        return [Untold(*row) for row in conn.execute(asked, (KIND,))]
