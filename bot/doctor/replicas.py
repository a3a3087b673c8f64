"""Replicas: whether their Postgres can carry them, who is active, and how far the others are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.clients.databases import DatabaseSettings
from bot.clients.postgres import Postgres, Session
from bot.clients.seats import POOLED
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient

NAME = "replicas"
OLDEST = 140_000
"""Postgres 14, the first that ends a session of which it hears nothing."""
ALIVE = 30
"""Seconds within which a replica is heard of."""
FAR = 1000
"""Entries that a file may be behind before somebody should look."""


class Known(NamedTuple):
    """One row of the members' table."""

    executor: str
    address: str
    applied: int
    heard: float
    active: bool


async def reached(patient: Patient) -> Sequence[Finding]:
    """Ask by two sessions, for it takes two to see a pool between."""
    settings = patient.configured("database", DatabaseSettings)
    if settings is None or not (url := settings.url.get_secret_value().strip()):
        return []
    return await asyncio.to_thread(_looked, url)


def _looked(url: str) -> list[Finding]:
    sessions: list[Session] = []
    try:
        server = Postgres(url)
        sessions = [server.connect()]
        sessions.append(server.connect())
        return [*_carries(*sessions), *_members(sessions[0])]
    except ConfigurationError as error:
        return [refused(NAME, error)]
    except StoreUnavailable as error:
        remedy = "start it, or mend HEAL_DATABASE_URL and the rights of its user; until then "
        return [failed(NAME, str(error), f"{remedy}no replica acts")]
    finally:
        for session in sessions:
            session.close()


def _carries(one: Session, other: Session) -> Iterator[Finding]:
    """What is asked of Postgres itself."""
    sql = (
        "select pg_backend_pid(), current_setting('server_version_num')::int, "
        "coalesce(has_schema_privilege(current_schema(), 'create'), false), "
        "to_regclass('heal_seat') is not null"
    )
    ((pid, version, may_create, laid_down),) = one.rows(sql)
    if other.rows("select pg_backend_pid()") == [(pid,)]:
        wrong, _, remedy = POOLED.partition(": ")
        yield failed(NAME, wrong, remedy)
    if version < OLDEST:
        remedy = "take Postgres 14 or newer: an older one waits for a frozen replica for ever"
        yield failed(NAME, f"Postgres is of version {version // 10000}", remedy)
    if not may_create and not laid_down:
        remedy = "grant create on its schema to the user of HEAL_DATABASE_URL"
        yield failed(NAME, "its user may not make Heal's tables", remedy)


def _members(session: Session) -> Iterator[Finding]:
    """Who is there, who is active, and how far the files of the others are."""
    if session.rows("select to_regclass('heal_member') is null") == [(True,)]:
        yield ok(NAME, "Postgres can be used; no replica was started yet")
        return
    found = session.rows(
        "select it.executor, it.address, it.applied, "
        "extract(epoch from now() - it.seen_at)::float, seat.executor = it.executor "
        "from heal_member as it, heal_seat as seat order by it.executor"
    )
    ((epoch,),) = session.rows("select epoch from heal_seat")
    alive = [one for one in map(Known._make, found) if one.heard < ALIVE]
    active = [one.executor for one in alive if one.active]
    names = ", ".join(one.executor for one in alive if not one.active) or "nobody"
    if not alive:
        yield ok(NAME, f"Postgres can be used; no replica runs now; the last epoch was {epoch}")
    elif not active:
        remedy = "look at the logs of those that run: one takes over within half a minute"
        yield warning(NAME, f"nobody is active; {names} stand by", remedy)
    else:
        yield ok(NAME, f"{active[0]} is active, in epoch {epoch}; standing by: {names}")
    yield from _followers(session, [one for one in alive if not one.active])
    yield from _addresses(alive)


def _followers(session: Session, others: Sequence[Known]) -> Iterator[Finding]:
    if not others or session.rows("select to_regclass('heal_entry') is null") == [(True,)]:
        return
    ((last,),) = session.rows("select coalesce(max(seq), 0) from heal_entry")
    for one in others:
        behind = max(0, last - one.applied)
        said = f"the file of {one.executor} is {behind} entries behind"
        if behind > FAR:
            remedy = "look at its log and its disk: it takes over later than it should"
            yield warning(NAME, said, remedy)
        else:
            yield ok(NAME, said)


def _addresses(alive: Sequence[Known]) -> Iterator[Finding]:
    """Where two are reached at the same place, one of them is not."""
    places = [one.address for one in alive]
    for twice in sorted({place for place in places if places.count(place) > 1}):
        remedy = "set HEAL_REPLICA_ADDRESS, or HEAL_LISTEN, of each to what the others can reach"
        yield warning(NAME, f"several replicas say that they are reached at {twice}", remedy)
