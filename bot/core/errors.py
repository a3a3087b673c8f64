"""
What can go wrong, drawn once; a *no* is not here, for a no is a value with a reason.

HealError
├─ ConfigurationError          at start only: a setting, runbook, plug-in is wrong; the remedy
├─ AlertRejected               the sender's fault: a bad signature or shape; HTTP 4xx, no incident
│  └─ TooFast                  over its quota: after `retry_after` seconds it may come again
├─ ActionError                 the world's fault
│  ├─ TemporaryError           worth another try, after `retry_after` seconds
│  └─ PermanentError           not worth one: the step failed, go back
│     ├─ UncertainError        begun, and nobody saw its end: it may have been done
│     └─ AlreadyThere          it is so already; carries the scope, for whoever takes it back
├─ StoreUnavailable            the ledger cannot be written: nothing may be done until it can
│  ├─ Superseded               another replica acts: this process has to end, and never tries again
│  └─ InboxFull                more waits than can be worked off soon: its sender comes again
└─ IllegalTransition           our fault: a move that the lifecycle's table does not know
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.core.plan import Scope


class HealError(Exception):
    """The root of everything this product raises on purpose."""


class ConfigurationError(HealError):
    """A setting, runbook, policy or plug-in is wrong; the start stops and says how to mend it."""


class AlertRejected(HealError):  # noqa: N818 - it is the sender's error, and reads as the outcome
    """What was sent is not an alert we accept; `status` is the HTTP answer."""

    retry_after = 0

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


class TooFast(AlertRejected):
    """It sends more than its quota; it may come again after so many seconds."""

    def __init__(self, message: str, status: int, retry_after: int) -> None:
        super().__init__(message, status)
        self.retry_after = retry_after


class ActionError(HealError):
    """The world answered badly."""


class TemporaryError(ActionError):
    """Worth another try; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(ActionError):
    """Another try would fail the same way."""


class UncertainError(PermanentError):
    """It was begun and its end was not seen: only what may be done twice may be tried again."""


class AlreadyThere(PermanentError):  # noqa: N818 - a state of the world, not a slip
    """What is asked for is so already: nothing to do, but to take back what is in `scope`."""

    def __init__(self, message: str, scope: Scope) -> None:
        super().__init__(message)
        self.scope = scope


class StoreUnavailable(HealError):  # noqa: N818 - a state of the house, not a slip
    """The ledger cannot be written, so nothing may be done; `retry_after` is in seconds."""

    retry_after = 5


class Superseded(StoreUnavailable):
    """Another replica acts, or may: this process does nothing more, and has to end."""


class InboxFull(StoreUnavailable):
    """More waits than can be worked off soon; the sender keeps it and comes again."""


class IllegalTransition(HealError):  # noqa: N818 - the design's own word
    """A move that the lifecycle's table does not know: a bug, never a wish."""
