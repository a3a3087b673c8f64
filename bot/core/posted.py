"""Posted: one message as it came to a source's door; nothing in it is believed yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Posted(NamedTuple):
    """
    What was posted, when it came and from where.

    `headers` is asked in lower case only; `peer` is the sender's address, and `vouched` says that
    a proxy which is trusted here handed it on, so that its own headers can be believed.
    """

    headers: Mapping[str, str]
    body: bytes
    at: datetime
    peer: str = ""
    vouched: bool = False


class Receipt(NamedTuple):
    """What its sender is told: how many alerts, whether it had come before, or the greeting."""

    accepted: int
    again: bool = False
    greeted: str = ""
