"""Hearing: what incidents were told of each alert, kept by them or only in the ledger."""

from __future__ import annotations

from collections.abc import Callable

from bot.core import facts, sighting
from bot.core.alert import Alert
from bot.core.incident import Incident
from bot.engine.needs import Past


class Hearing:
    """Asks the casebook's incidents first, and the past for what they do not keep."""

    def __init__(
        self,
        past: Past,
        holding: Callable[[Alert], Incident | None],
        get: Callable[[str], Incident | None],
        head: Callable[[], int],
    ) -> None:
        """`holding` gives the incident that an alert belongs to, `head` how far was read."""
        self._past = past
        self._holding = holding
        self._get = get
        self._head = head

    def told(self, alert: Alert) -> Alert | None:
        """How the incident that this very alert belongs to heard of it last."""
        if (own := self._holding(alert)) is None:
            return None
        if (known := own.alerts.get(alert.fingerprint)) is not None:
            return known
        fact = own.apart.get(alert.fingerprint) or self._heard(own, alert)
        return fact.alert if fact else None

    def apart(self, alert: Alert, name: str) -> str:
        """The other cause for which an alert waits behind this incident; empty when it does not."""
        own = self._holding(alert)
        if own is None or own.id != name or alert.fingerprint in own.alerts:
            return ""
        fact = own.apart.get(alert.fingerprint) or self._heard(own, alert)
        return fact.apart if isinstance(fact, facts.Joined) else ""

    def waiting(self, name: str) -> list[facts.Joined]:
        """Every alert that waits behind this incident and fires, however many they are."""
        known = self._get(name)
        if known is None or not (known.apart or known.apart_more):
            return []
        last = self._all(name) if known.apart_more else known.apart
        return [one for one in last.values() if one.apart and self._fires(one, name)]

    def firing(self, name: str) -> list[facts.Joined]:
        """Every alert of this incident that fires, those that wait behind it included."""
        if (known := self._get(name)) is None:
            return []
        own = {one.fingerprint: facts.Joined(alert=one) for one in known.alerts.values()}
        many = known.apart_more or known.rest.firing
        last = self._all(name) if many else {**own, **known.apart}
        return [one for one in last.values() if self._fires(one, name)]

    def _all(self, name: str) -> dict[str, facts.Joined]:
        """The last of each alert that this incident was told of, from the ledger."""
        last: dict[str, facts.Joined] = {}
        for entry in self._past.of(name, self._head()):
            match facts.read(entry.body):
                case facts.Joined() as fact:
                    last[fact.alert.fingerprint] = fact
                case facts.Opened(alert=Alert() as alert):
                    last[alert.fingerprint] = facts.Joined(alert=alert)
        return last

    def _fires(self, one: facts.Joined, name: str) -> bool:
        """Whether it fires, and is told to this incident still."""
        own = self._holding(one.alert) if one.alert.firing else None
        return own is not None and own.id == name

    def _heard(self, own: Incident, alert: Alert) -> facts.Opened | facts.Joined | None:
        """The last that an incident was told of an alert that it does not keep."""
        identity = sighting.identity(alert)
        entry = self._past.told(identity, self._head())
        fact = facts.read(entry.body) if entry and entry.incident == own.id else None
        if not isinstance(fact, facts.Opened | facts.Joined) or fact.alert is None:
            return None
        return fact if sighting.identity(fact.alert) == identity else None
