"""Permits: all of them as they stand, folded from the entries that belong to no incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core import facts
from bot.core.permit import Permit

KINDS = (
    "house.permit.asked",
    "house.permit.voted",
    "house.permit.granted",
    "house.permit.refused",
    "house.permit.revoked",
)
KEPT = timedelta(days=1)
"""How long what is over is remembered, so that its card and its id still say what became of it."""


def follow(permits: tuple[Permit, ...], fact: facts.AnyFact, at: datetime) -> tuple[Permit, ...]:
    """Return them after one more entry; the kill switch ends them all, and resuming none begins."""
    match fact:
        case facts.PermitAsked():
            asked = Permit(
                id=fact.permit, wanted=fact.wanted, request=fact.request, channel=fact.channel
            )
            return (*(one for one in permits if not _forgotten(one, at)), asked)
        case facts.Halted(by=by):
            stop = f"all healing was halted by {by}"
            return tuple(_over(one, stop, at) for one in permits)
        case (
            facts.PermitVoted() | facts.PermitGranted() | facts.PermitRefused()
            | facts.PermitRevoked()
        ):  # fmt: skip
            return tuple(
                _followed(one, fact, at) if one.id == fact.permit else one for one in permits
            )
        case _:
            return permits


def _followed(permit: Permit, fact: facts.AnyFact, at: datetime) -> Permit:
    if permit.over:
        return permit
    match fact:
        case facts.PermitVoted(vote=vote, grounds=grounds):
            votes = (*permit.votes, vote)
            return permit.model_copy(update={"votes": votes, "grounds": grounds})
        case facts.PermitGranted(by=by, until=until):
            return permit.model_copy(update={"granted_by": by, "granted_at": at, "until": until})
        case facts.PermitRefused(by=who, why=why):
            return _over(permit, f"refused by {who}{_because(why)}", at)
        case facts.PermitRevoked(by=who, why=why):
            return _over(permit, f"revoked by {who}{_because(why)}", at)
        case _:
            return permit


def _over(permit: Permit, why: str, at: datetime) -> Permit:
    return permit if permit.over else permit.model_copy(update={"over": why, "over_at": at})


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _forgotten(permit: Permit, at: datetime) -> bool:
    ended = permit.over_at or permit.until or permit.request.expires_at
    return ended + KEPT < at


def find(permits: tuple[Permit, ...], words: str) -> Permit | None:
    """The permit that people call so: `p-7f3k2m`."""
    name = words.strip().lower()
    return next((one for one in permits if one.id == name), None)
