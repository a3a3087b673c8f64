"""Schema: the tables and the triggers that keep the ledger append-only; migrations in order."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from bot.core.errors import ConfigurationError
from bot.store import sightings


def migrate(db: Database) -> None:
    """Bring a file up to this version; raises ConfigurationError for one from a newer version."""
    steps = {
        "0001_ledger": _ledger,
        "0002_inbox": _inbox,
        "0003_outbox": _outbox,
        "0004_outbox_indexes": _outbox_indexes,
        "0005_sightings": _sightings,
        "0006_checkpoints": _checkpoints,
        "0007_sealing": _sealing,
        "0008_exhibits": _exhibits,
    }
    migrations = Migrations("heal")
    for name, step in steps.items():
        migrations(name=name)(step)
    if newer := {applied.name for applied in migrations.applied(db)} - set(steps):
        raise ConfigurationError(
            f"the ledger was written by a newer version of Heal ({', '.join(sorted(newer))}); "
            "start that version, or restore the copy made before the upgrade"
        )
    migrations.apply(db)


def _ledger(db: Database) -> None:
    """Lay down the ledger: an index serves recovery, triggers refuse all but the next link."""
    db.executescript("""
        create table entry (
            seq integer primary key,
            at text not null,
            incident text not null,
            actor text not null,
            kind text not null,
            key text not null unique,
            body text not null,
            prev text not null,
            hash text not null
        ) strict;
        create index entry_by_incident on entry (incident, kind);
        create index entry_opened on entry (seq) where kind = 'incident.opened';
        create trigger entry_is_never_changed before update on entry begin
            select raise(abort, 'the ledger is append-only: no entry is ever changed');
        end;
        create trigger entry_is_never_deleted before delete on entry begin
            select raise(abort, 'the ledger is append-only: no entry is ever deleted');
        end;
        create trigger entry_follows_the_last before insert on entry begin
            select raise(abort, 'the ledger has no gaps: seq must be the next one')
            where new.seq is not (select coalesce(max(seq), 0) + 1 from entry);
            select raise(abort, 'the ledger is a chain: prev must be the hash of the last entry')
            where new.prev is not coalesce(
                (select hash from entry where seq = new.seq - 1), lower(hex(zeroblob(32)))
            );
            select raise(abort, 'the ledger records a key once')
            where exists (select 1 from entry where key = new.key);
        end;
    """)


def _inbox(db: Database) -> None:
    """Lay down what has come in; an item has several keys, and any of them marks a duplicate."""
    db.executescript("""
        create table inbox (
            id integer primary key,
            room text not null,
            received_at text not null,
            headers text not null,
            body blob not null,
            state text not null default 'new' check (state in ('new', 'done', 'refused')),
            note text not null default ''
        ) strict;
        create index inbox_new on inbox (id) where state = 'new';
        create table inbox_key (
            key text primary key,
            item integer not null references inbox (id) on delete cascade
        ) strict, without rowid;
        create index inbox_key_by_item on inbox_key (item);
    """)


def _outbox(db: Database) -> None:
    """Lay down one row per message of ours: what it should say, and what was last sent."""
    db.executescript("""
        create table outbox (
            slot text primary key,
            channel text not null,
            thread_slot text,
            kind text not null,
            priority integer not null,
            payload text not null,
            version integer not null default 1,
            wanted_hash text not null,
            sent_hash text,
            sent_channel text,
            ts text,
            waiting_since text not null,
            not_before text,
            tries integer not null default 0,
            last_error text not null default '',
            created_at text not null,
            updated_at text not null
        ) strict;
        create index outbox_due on outbox (priority, waiting_since)
            where wanted_hash is not sent_hash;
        create index outbox_by_place on outbox (sent_channel, ts);
    """)


def _outbox_indexes(db: Database) -> None:
    """Index what is due, what stands and what may be forgotten, so that no body is read for it."""
    db.executescript("""
        drop index outbox_due;
        create index outbox_due on outbox (priority, waiting_since, slot, channel, thread_slot,
            kind, sent_channel, ts, not_before, wanted_hash, sent_hash)
            where wanted_hash is not sent_hash;
        create index outbox_stands on outbox (slot, ts) where ts is not null;
        create index outbox_settled on outbox (updated_at)
            where wanted_hash is sent_hash and payload <> '';
    """)


def _sightings(db: Database) -> None:
    """Lay down what the casebook finds ended incidents and their runs by."""
    db.executescript("create index entry_started on entry (seq) where kind = 'run.started'")
    sightings.lay_down(db)


def _checkpoints(db: Database) -> None:
    """Lay down what was signed, how each sink stands, and what it gave for what it keeps."""
    db.executescript("""
        create table checkpoint (
            size integer primary key,
            at text not null,
            note text not null,
            frontier text not null
        ) strict;
        create table sink (
            name text primary key,
            through integer not null,
            since text not null default '',
            error text not null default ''
        ) strict;
        create table receipt (
            sink text not null,
            size integer not null,
            at text not null,
            receipt text not null,
            primary key (sink, size)
        ) strict;
    """)


def _sealing(db: Database) -> None:
    """
    Let go of what a recorded seal covers, and of nothing else.

    `leaving` names the entries that go with the seal of `upto`, once that is recorded, and
    `sealed_away` the incidents of which entries are gone, with the first and last of these.
    """
    db.executescript("""
        create table leaving (seq integer primary key, upto integer not null) strict;
        create table sealed_away (
            incident text not null,
            first integer not null,
            last integer not null,
            primary key (incident, first)
        ) strict, without rowid;
        create index entry_sealed on entry (seq) where kind = 'ledger.sealed';
        drop trigger entry_is_never_deleted;
        create trigger entry_is_never_deleted before delete on entry begin
            select raise(abort, 'the ledger is append-only: no entry is ever deleted unsealed')
            where old.kind = 'ledger.sealed' or not exists (
                select 1 from entry as seal where seal.kind = 'ledger.sealed'
                    and cast(substr(seal.key, length('sealed:') + 1) as integer) >= old.seq
            );
        end;
    """)


def _exhibits(db: Database) -> None:
    """Lay down the contents of exhibits, under the keys of their entries, which prove them."""
    db.executescript("""
        create table exhibit (key text primary key, octets blob not null) strict;
        create index entry_exhibits on entry (seq) where kind = 'evidence.kept';
    """)
