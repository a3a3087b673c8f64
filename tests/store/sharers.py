"""Replicas of a ledger on a real Postgres, without the processes around them."""

from __future__ import annotations

from bot.clients import seats
from bot.clients.postgres import Postgres, Session
from bot.store.shared.sharing import Shared


def postgres(url: str) -> Postgres:
    return Postgres(url)


def shared(url: str) -> Shared:
    """The part of a replica that has just taken the seat."""
    session = Postgres(url).connect()
    epoch = take_the_seat(session)
    session.close()
    return Shared(Postgres(url), epoch)


def take_the_seat(session: Session) -> int:
    """Begin an epoch, as whoever takes over does; see bot/clients/seats.py."""
    session.rows(seats.TABLES)
    ((epoch,),) = session.rows("update heal_seat set epoch = epoch + 1 returning epoch")
    return int(epoch)
