"""
Tables: what stands in Postgres; the ledger as it is, all else as rows that can be followed.

`heal_row` holds every other table of the file: its row as JSON under its key, with the number of
the commit that changed it last; a row that is gone stays a while without its contents, so that
whoever follows hears of it. `heal_state` counts the commits, and names the ledger.
"""

from __future__ import annotations

from typing import LiteralString

from sqlite_utils import Database, Migrations

from bot.clients import seats
from bot.clients.postgres import Session
from bot.core.errors import ConfigurationError

LAYING_DOWN = 0x4845414E
"""Names the lock under which one of several replicas that start together lays the tables down."""
_LEDGER: LiteralString = """
create table heal_state (
    one boolean primary key default true check (one),
    ledger text not null default gen_random_uuid()::text,
    lsn bigint not null default 0,
    pruned bigint not null default 0
);
insert into heal_state default values;
create table heal_entry (
    seq bigint primary key,
    at text not null,
    incident text not null,
    actor text not null,
    kind text not null,
    key text collate "C" not null unique,
    body text not null,
    prev text not null,
    hash text not null
);
create index heal_entry_by_incident on heal_entry (incident, seq);
create function heal_entry_is_kept() returns trigger language plpgsql as $$ begin
    raise exception 'the ledger is append-only: no entry is ever changed or deleted';
end $$;
create trigger heal_entry_is_kept before update or delete or truncate on heal_entry
    for each statement execute function heal_entry_is_kept();
create function heal_entry_follows() returns trigger language plpgsql
set search_path from current as $$
declare
    last record;
begin
    select seq, hash into last from heal_entry order by seq desc limit 1;
    if new.seq is distinct from coalesce(last.seq, 0) + 1 then
        raise exception 'the ledger has no gaps: seq must be the next one';
    end if;
    if new.prev is distinct from coalesce(last.hash, repeat('0', 64)) then
        raise exception 'the ledger is a chain: prev must be the hash of the last entry';
    end if;
    return new;
end $$;
create trigger heal_entry_follows before insert on heal_entry
    for each row execute function heal_entry_follows();
alter table heal_entry enable always trigger heal_entry_is_kept;
alter table heal_entry enable always trigger heal_entry_follows;
"""
_ROWS: LiteralString = """
create table heal_row (
    tab text collate "C" not null,
    name text collate "C" not null,
    key text not null,
    row text,
    lsn bigint not null,
    primary key (tab, name)
);
create index heal_row_by_lsn on heal_row (lsn, tab, name);
create index heal_row_gone on heal_row (lsn) where row is null;
"""
_STEPS: LiteralString = """
create table heal_step (
    name text primary key,
    at timestamptz not null default now()
);
"""
STEPS: dict[str, LiteralString] = {
    "shared 0001_ledger": _LEDGER,
    "shared 0002_rows": _ROWS,
}


def of_file(db: Database) -> set[str]:
    """Name the steps that brought a file to this version."""
    return {applied.name for applied in Migrations("heal").applied(db)}


def lay_down(session: Session, file_steps: set[str]) -> None:
    """
    Bring the database up to this version of Heal, whose files have had these steps.

    Raises ConfigurationError when a newer version wrote it: its rows would lose what this one
    does not know.
    """
    with session.together():
        session.rows("select pg_advisory_xact_lock(%s, hashtext(current_schema()))", [LAYING_DOWN])
        if not are_there(session, file_steps):
            session.rows(_STEPS)
            session.rows(seats.TABLES)
        applied = _applied(session)
        for name, sql in STEPS.items():
            if name not in applied:
                session.rows(sql)
        for name in sorted(file_steps | set(STEPS) - applied):
            session.rows("insert into heal_step values (%s) on conflict do nothing", [name])


def are_there(session: Session, file_steps: set[str]) -> bool:
    """Whether a replica laid them down yet; ConfigurationError when a newer version did."""
    if session.rows("select to_regclass('heal_step') is null") == [(True,)]:
        return False
    if newer := _applied(session) - set(STEPS) - file_steps:
        raise ConfigurationError(
            f"the database was written by a newer version of Heal ({', '.join(sorted(newer))}); "
            "start that version, or restore the copy made before the upgrade"
        )
    return True


def _applied(session: Session) -> set[str]:
    return {name for (name,) in session.rows("select name from heal_step")}
