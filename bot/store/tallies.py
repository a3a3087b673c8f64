"""Tallies: of every incident what counts for its runbook's next stage, read in one question."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from bot.core.policy.promotion import Seen
from bot.core.policy.verdict import Ruling
from bot.store import reading

SEEN = """
    with told as materialized (
        select opened.incident, opened.at,
            json_extract(opened.body, '$.service') as service,
            json_extract(opened.body, '$.environment') as environment
        from entry as opened
        where opened.kind = 'incident.opened' and json_valid(opened.body)
            and coalesce(json_extract(opened.body, '$.undoes'), '') = ''
            and not coalesce(json_extract(opened.body, '$.wish.dry_run'), 0)
    )
    select told.at,
        (select json_extract(body, '$.runbook') from entry
            where incident = told.incident and kind = 'runbook.chosen' order by seq desc limit 1),
        told.service, told.environment,
        (select json_extract(body, '$.would') from entry
            where incident = told.incident and kind = 'plan.shown' order by seq desc limit 1),
        (select case json_extract(body, '$.ending')
                when 'approved' then 1 when 'rejected' then 0 end from entry
            where incident = told.incident and kind = 'approval.decided'
                and json_extract(body, '$.permit') is null order by seq desc limit 1),
        (select at from entry where incident = told.incident and kind = 'run.started'
            and json_array_length(body, '$.refused') = 0 order by seq desc limit 1),
        exists (select 1 from entry
            where incident = told.incident and kind = 'incident.closed'),
        (select json_extract(body, '$.passed') from entry
            where incident = told.incident and kind = 'run.verified'
                and not coalesce(json_extract(body, '$.back'), 0) order by seq desc limit 1),
        (select at from entry where incident = told.incident and kind = 'incident.came_back'
            order by seq desc limit 1),
        coalesce((select json_extract(body, '$.right') from entry
            where incident = told.incident and kind = 'run.reviewed' limit 1), 1)
    from told
"""
"""Wishes of a dry run and undos are left out: they say nothing of how a runbook does."""


class Tallies:
    """Reads them anew each time, beside the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def seen(self) -> list[Seen]:
        return await asyncio.to_thread(seen, self._path)


def seen(path: Path) -> list[Seen]:
    """
    Read them of a ledger file, live or a copy; ConfigurationError when it is none.

    An index finds each incident's few entries, so what it takes grows with incidents alone.
    """
    with reading.opened(path) as conn:
        return [_seen(*row) for row in conn.execute(SEEN)]


def _seen(
    at: str, runbook: str | None, service: str, environment: str, would: int | None,
    approved: int | None, ran_at: str | None, closed: int, passed: int | None, back: str | None,
    right: int,
) -> Seen:  # fmt: skip
    return Seen(
        at=datetime.fromisoformat(at),
        runbook=runbook or "",
        service=service,
        environment=environment,
        would=None if would is None else Ruling(would),
        approved=None if approved is None else bool(approved),
        ran_at=_moment(ran_at),
        ended=bool(closed) or passed is not None,
        verified=bool(passed and right),
        relapsed_at=_moment(back),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
