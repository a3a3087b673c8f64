"""
Seats: which of several replicas acts, as Postgres knows it; everything of it that is SQL.

The seat is an advisory lock on a session of its own. Postgres ends that session when its process
dies, and when it hears nothing from it for `idle` seconds: who is dead, frozen or blocked has no
seat. Whoever takes it counts up the epoch, without which no commit is taken.
"""

from __future__ import annotations

import os
import secrets
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple, Self

from bot.clients import processes
from bot.core.errors import ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from psycopg import AsyncConnection

TABLES: LiteralString = """
create table if not exists heal_seat (
    one boolean primary key default true check (one),
    epoch bigint not null,
    executor text not null,
    since timestamptz not null default now()
);
create table if not exists heal_member (
    executor text primary key,
    address text not null,
    token text not null,
    pid integer not null,
    applied bigint not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now()
);
alter table heal_member
    add column if not exists process text not null default '',
    add column if not exists acted boolean not null default false;
insert into heal_seat (epoch, executor) values (0, '') on conflict do nothing
"""
LOCK = 0x4845414C
"""The first half of the lock's name; the second is the schema, so that two Heals may share."""
LAYING_DOWN = 0x4845414D
CONNECTING = 5
"""Seconds."""
POOLED = (
    "something between Heal and Postgres gives its connections to others, as pgbouncer does in "
    "transaction mode: let HEAL_DATABASE_URL name Postgres itself, or a pool in session mode"
)


class Me(NamedTuple):
    """One process, as the other replicas know it."""

    executor: str
    token: str
    """Opens the way on which one replica hands requests on to another; never logged."""
    process: str = ""
    """By which others on its machine can tell that it is dead."""

    @classmethod
    def new(cls) -> Me:
        """A name that no process had before, and that says which machine it is on."""
        name = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        return cls(name, secrets.token_urlsafe(24), processes.own())


class Seat(NamedTuple):
    """Who has the seat, as it was last seen; nobody when `executor` is empty."""

    epoch: int = 0
    executor: str = ""
    address: str = ""
    token: str = ""


class Seen(NamedTuple):
    """One look: the seat, and for how many seconds it is taken and Postgres is there."""

    seat: Seat
    taken: float
    up: float


class Session:
    """One session of Postgres, which has the seat or does not; StoreUnavailable when it is gone."""

    def __init__(self, conn: AsyncConnection[Any], address: str) -> None:
        self.address = address
        """Where this machine is seen from Postgres; empty when that is a socket."""
        self._conn = conn
        self._pid = conn.info.backend_pid

    @classmethod
    async def open(cls, url: str, me: Me, idle: float) -> Self:
        """Connect, and lay down the tables where there are none; ConfigurationError for rights."""
        import psycopg

        with _answers():
            conn = await psycopg.AsyncConnection.connect(
                url, autocommit=True, prepare_threshold=None, connect_timeout=CONNECTING,
                application_name=f"heal {me.executor}"[:63],
                keepalives_idle=5, keepalives_interval=5, keepalives_count=3,
                tcp_user_timeout=int(idle * 500),
            )  # fmt: skip
        try:
            with _answers():
                for name, text in (
                    ("idle_session_timeout", f"{idle * 1000:.0f}"),
                    ("lock_timeout", "2000"),
                ):
                    await conn.execute("select set_config(%s, %s, false)", [name, text])
                await _lay_down(conn)
        except BaseException:
            await conn.close()
            raise
        with socket.socket(fileno=os.dup(conn.fileno())) as line:
            found = line.getsockname()
        return cls(conn, str(found[0]) if isinstance(found, tuple) else "")

    async def look(self, me: Me, address: str, applied: int) -> Seen:
        """Say that this member lives and how far its file is, and read who has the seat."""
        with _answers():
            found = await self._conn.execute(
                """
                with told as (
                    insert into heal_member (executor, address, token, pid, process, applied)
                    values (%s, %s, %s, %s, %s, %s)
                    on conflict (executor) do update set
                        seen_at = now(), address = excluded.address, applied = excluded.applied
                )
                select extract(epoch from now() - pg_postmaster_start_time())::float,
                    extract(epoch from now() - seat.since)::float, pg_backend_pid(),
                    seat.epoch, seat.executor, coalesce(it.address, ''),
                    coalesce(it.token, '')
                from heal_seat as seat left join heal_member as it using (executor)
                """,
                [me.executor, address, me.token, os.getpid(), me.process, applied],
            )
            row = await found.fetchone() or (0.0, 0.0, self._pid, 0, "", "", "")
        up, taken, pid, *seat = row
        if pid != self._pid:
            raise StoreUnavailable(POOLED)
        return Seen(Seat(*seat), taken, up)

    async def lock(self) -> bool:
        """Take the lock if nobody has it."""
        return bool(await self._one(f"select pg_try_advisory_lock({LOCK}, {_SCHEMA})"))

    async def unlock(self) -> None:
        await self._one(f"select pg_advisory_unlock({LOCK}, {_SCHEMA})")

    async def again(self, epoch: int) -> bool:
        """Go on in this epoch, with the lock in hand; False when there is a later one."""
        sql = "update heal_seat set since = now() where epoch = %s returning true"
        return bool(await self._one(sql, epoch))

    async def acted(self, me: Me) -> list[str]:
        """
        Name the processes, but this one, that had the seat and never gave it back.

        Of one by an earlier version nothing is known: its name is empty.
        """
        sql = """
            select coalesce(array_agg(process), '{}') from heal_member
            where executor <> %s and (acted or executor = (select executor from heal_seat))
        """
        return [str(name) for name in await self._one(sql, me.executor)]

    async def begin(self, me: Me) -> int | None:
        """
        Begin a new epoch, with the lock in hand, and return it.

        None while a commit of the last one is under way: Postgres ends it soon.
        """
        import psycopg

        old = "delete from heal_member where seen_at < now() - interval '1 hour' returning 1"
        await self._one(old)
        sql = "update heal_seat set epoch = epoch + 1, executor = %s, since = now() returning epoch"
        acts = "update heal_member set acted = true where executor = %s returning 1"
        await self._one(acts, me.executor)
        try:
            return int(await self._one(sql, me.executor))
        except StoreUnavailable as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                return None
            raise

    async def resign(self, me: Me) -> None:
        """Be no member any more, and give the seat back if it is this one's."""
        await self._one("delete from heal_member where executor = %s returning 1", me.executor)
        sql = "update heal_seat set executor = '' where executor = %s returning 1"
        await self._one(sql, me.executor)

    async def close(self) -> None:
        """Hang up, and with it let go of the lock."""
        await self._conn.close()

    async def _one(self, sql: str, *values: str | int) -> Any:
        with _answers():
            found = await (await self._conn.execute(sql, values)).fetchone()
        return found[0] if found else None


_SCHEMA = "hashtext(current_schema())"


async def _lay_down(conn: AsyncConnection[Any]) -> None:
    """Make the tables unless they are there; of replicas that start together one does."""
    found = await conn.execute(
        "select exists (select from pg_attribute"
        " where attrelid = to_regclass('heal_member') and attname = 'process')"
    )
    if (await found.fetchone() or (False,))[0]:
        return
    async with conn.transaction():
        await conn.execute(f"select pg_advisory_xact_lock({LAYING_DOWN}, {_SCHEMA})")
        for statement in TABLES.split(";\n"):
            await conn.execute(statement)


@contextmanager
def _answers() -> Iterator[None]:
    """Turn what Postgres and the way to it can raise into the house's own errors."""
    import psycopg

    wrong = psycopg.errors
    mistaken = (wrong.InsufficientPrivilege, wrong.InvalidSchemaName, wrong.UndefinedObject)
    try:
        yield
    except mistaken as error:
        raise ConfigurationError(f"HEAL_DATABASE_URL: Postgres says: {_said(error)}") from error
    except (psycopg.Error, OSError) as error:
        raise StoreUnavailable(f"Postgres does not answer: {_said(error)}") from error


def _said(error: BaseException) -> str:
    """Its first line; what psycopg says of a failed connection names no password."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
