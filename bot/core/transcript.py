"""Entry: one line of the ledger; a transcript is the entries of one incident in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    What is asked to be recorded; the ledger adds its place in the chain.

    `at` is aware; `incident` is empty for what concerns the whole house; `actor` is who did it:
    heal, policy, a Slack user id, a source's name; `kind` is what it is: plan.made, step.ended;
    `key` is recorded once, ever; `body` is canonical JSON of the fact.
    """

    at: datetime
    incident: str
    actor: str
    kind: str
    key: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Draft):
    """A recorded line: `prev` and `hash` chain it to all lines before it (SHA-256, hex)."""

    seq: int
    prev: str
    hash: str


class Brief(NamedTuple):
    """A transcript without the middle of the alerts that joined; `left_out` are how many."""

    entries: Sequence[Entry]
    left_out: int
