"""A permit's life as facts: asked for, barred, voted on, granted; and the two ways that end it."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Request, Vote
from bot.core.permit import Wanted
from tests.builders import START

NAME = "p-7f3k2m"
ANA, BEN, CLEO = "U0ANA", "U0BEN", "U0CLEO"
WANTED = Wanted(
    by=CLEO, runbook="restart-service", runbook_digest="a" * 64, policy_digest="b" * 64,
    service="shop", environment="production", lasts=7200, runs=3, why="the release tonight",
)  # fmt: skip
REQUEST = Request(
    round=1, plan_digest=WANTED.digest, quorum=1, groups=("S0SRE",), excluded=(CLEO,),
    expires_at=START + timedelta(minutes=30), asked_at=START,
)  # fmt: skip
ASKED = facts.PermitAsked(permit=NAME, wanted=WANTED, request=REQUEST, channel="C0ALERTS")
BARRED = facts.PermitBarred(permit=NAME, who="U0SAM", why="is no approver")
VOTED = facts.PermitVoted(permit=NAME, vote=Vote(who=ANA, yes=True, why="fine"))
GRANTED = facts.PermitGranted(permit=NAME, by=(ANA,), until=START + timedelta(hours=2))
REFUSED = facts.PermitRefused(permit=NAME, by=BEN, why="not before the audit")
REVOKED = facts.PermitRevoked(permit=NAME, by=BEN, why="the release is over")
STORY = (ASKED, BARRED, VOTED, GRANTED, REFUSED, REVOKED)
