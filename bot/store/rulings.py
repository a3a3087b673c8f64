"""Rulings: what policy said of the incidents that were opened lately, read in one question."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from bot.core.chain import stamp
from bot.core.policy.verdict import Ruled, Ruling
from bot.store import reading

RULED = """
    with late as (
        select incident from entry where kind = 'incident.opened' and seq > coalesce((
            select seq from entry where kind = 'incident.opened' and at < ?
            order by seq desc limit 1), 0)
    ),
    made as materialized (
        select plan.incident, json_extract(plan.body, '$.ruling') as ruling,
            json_extract(plan.body, '$.verdicts') as verdicts
        from late join entry as plan on plan.incident = late.incident and plan.kind = 'plan.made'
        where json_valid(plan.body) and json_type(plan.body, '$.plan') = 'object'
            and not coalesce(json_extract(plan.body, '$.healthy'), 0)
    )
    select ruling, '', count(distinct incident) from made group by 1
    union all
    select made.ruling, json_extract(one.value, '$.rule') as rule, count(distinct incident)
        from made, json_each(made.verdicts) as one
        where made.ruling > 0 and json_extract(one.value, '$.ruling') = made.ruling
        group by 1, 2
    order by 1, 3 desc, 2
"""
"""Of a plan that is not allowed, the rules that were as strict as the answer: they decided it."""


class Rulings:
    """Reads them anew each time, beside the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def since(self, at: datetime) -> list[Ruled]:
        """Of incidents opened since then; an index finds each one's few plans."""
        return await asyncio.to_thread(ruled, self._path, at)


def ruled(path: Path, since: datetime) -> list[Ruled]:
    """Read them of a ledger file, live or a copy; ConfigurationError when it is none."""
    with reading.opened(path) as conn:
        found = conn.execute(RULED, [stamp(since)]).fetchall()
    return [Ruled(Ruling(ruling), rule, count) for ruling, rule, count in found]
