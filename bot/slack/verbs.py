"""What people may ask for in words, and what an order holds once it was read."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from bot.core.values import Frozen


class Verb(StrEnum):
    """What can be asked for; the value is the word."""

    HELP = "help"
    LIST = "list"
    RUN = "run"
    DRY_RUN = "dry-run"
    STAGES = "stages"
    STATUS = "status"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    BREAK_GLASS = "break-glass"
    UNDO = "undo"
    KEEP = "keep"
    HISTORY = "history"
    REPORT = "report"
    BREAKERS = "breakers"
    PROBLEM = "problem"
    PROBLEMS = "problems"
    TICKETS = "tickets"
    WHY = "why"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    STOP = "stop"
    RESUME = "resume"
    ALLOW = "allow"
    REVOKE = "revoke"
    RETRY = "retry"
    SNOOZE = "snooze"
    TRANSCRIPT = "transcript"
    LINK = "link"
    WHOAMI = "whoami"
    SETTINGS = "settings"
    AUDIT = "audit"


class Order(Frozen):
    """What somebody wants; fields that its verb has no use for stay empty."""

    verb: Verb
    about: Verb | None = None
    """The word that help is wanted with."""
    incident: str = ""
    round: int = 0
    """The plan of the incident that is meant, when the words named one."""
    runbook: str = ""
    given: dict[str, str] = {}
    why: str = ""
    count: int = 10
    service: str = ""
    environment: str = ""
    lasts: timedelta = timedelta()
    runs: int = 0


class Unclear(Frozen):
    """Words that are no order, and what to write instead."""

    says: str
