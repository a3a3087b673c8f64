"""Replicas of a ledger on a real Postgres, without the processes around them."""

from __future__ import annotations

from bot.clients import seats
from bot.clients.postgres import Postgres, Session
from bot.store.shared import tables
from bot.store.shared.sharing import Shared


def shared(url: str) -> Shared:
    """The part of a replica that has just taken the seat, in a new epoch."""
    session = Postgres(url).connect()
    with session.together():
        session.rows(seats.TABLES)
        ((epoch,),) = session.rows("update heal_seat set epoch = epoch + 1 returning epoch")
    session.close()
    return Shared(Postgres(url), epoch)


def laid_down(url: str) -> Session:
    """A session on a database that some replica has prepared, and nothing else."""
    session = Postgres(url).connect()
    tables.lay_down(session, set())
    return session
