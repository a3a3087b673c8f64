"""
Matching: which runbook is meant for an alert, with the reason for every yes and every no.

Runbooks are indexed by the names of their alerts, so that a thousand of them cost no more than
ten. Nothing is picked silently: the most specific match is chosen, and a tie is told as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.core import context, spelling
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.clauses import ANY
from bot.core.lately import Lately
from bot.core.runbook import Runbook
from bot.core.values import Facts, Frozen

KNOWN = 1000
"""Answers that are remembered: in a storm the same is asked for every alert."""


class Matched(Frozen):
    """A runbook that is meant for this alert, and all that speaks for it."""

    runbook: str
    reasons: tuple[str, ...]


class Missed(Frozen):
    """A runbook that was looked at and is not meant, and why."""

    runbook: str
    reason: str


class Considered(Frozen):
    """What came of an alert: matches, most specific first, and the one that is chosen, if any."""

    matches: tuple[Matched, ...]
    misses: tuple[Missed, ...]
    chosen: str | None
    reason: str


class Shelf:
    """All runbooks, found by the names of their alerts; a short rest is looked at every time."""

    def __init__(
        self, runbooks: Iterable[Runbook], asleep: Mapping[str, str] | None = None
    ) -> None:
        """`asleep` names those that cannot be used here, each with the system that is not there."""
        self._by_alert: defaultdict[str, list[Runbook]] = defaultdict(list)
        self._residual: list[Runbook] = []
        self._asleep: dict[str, str] = {}
        self._found: Lately[tuple[str, str, float, int], tuple[Service | None, Considered]]
        self._found = Lately(KNOWN)
        for runbook in sorted(runbooks, key=lambda each: each.runbook):
            names = dict.fromkeys(runbook.match.alerts)
            if system := (asleep or {}).get(runbook.runbook):
                self._asleep |= dict.fromkeys(names, sleeps(runbook.runbook, system))
                continue
            if runbook.match.residual:
                self._residual.append(runbook)
            for name in names:
                self._by_alert[name].append(runbook)

    def consider(self, alert: Alert, service: Service | None) -> Considered:
        """
        Say which runbooks are meant, which were looked at and are not, and which is chosen.

        Where none of them asks more (`when`), it is the same for the next alert of that name.
        """
        named = self._by_alert.get(alert.name, [])
        if not named or any(one.match.when is not None for one in (*named, *self._residual)):
            return self._consider(named, alert, service)
        key = (alert.name, alert.severity, alert.confidence, id(service))
        if (known := self._found.get(key)) is None:
            known = (
                service,
                self._consider(named, alert, service),
            )  # kept, so its id is no other's
            self._found.put(key, known)
        return known[1]

    def _consider(self, named: list[Runbook], alert: Alert, service: Service | None) -> Considered:
        matches: list[tuple[tuple[int, ...], Matched]] = []
        misses: list[Missed] = []
        looked_at = (*named, *self._residual)
        asked = any(runbook.match.when is not None for runbook in looked_at)
        seen = context.of(alert, service) if asked and service is not None else {}
        for runbook in looked_at:
            reasons, objections = _weigh(runbook, alert, service, seen)
            if objections:
                misses.append(Missed(runbook=runbook.runbook, reason="; ".join(objections)))
            else:
                found = Matched(runbook=runbook.runbook, reasons=tuple(reasons))
                matches.append((_specificity(runbook, service), found))

        matches.sort(key=lambda match: match[0], reverse=True)  # stable: names break a tie
        chosen, reason = _choose(matches)
        return Considered(
            matches=tuple(found for _, found in matches),
            misses=tuple(misses),
            chosen=chosen,
            reason=reason if matches or named else self._unnamed(alert),
        )

    def _unnamed(self, alert: Alert) -> str:
        if (sleeping := self._asleep.get(alert.name)) is not None:
            return sleeping
        said = f"no runbook names alert {spelling.quoted(alert.name)}"
        near = spelling.nearest(alert.name, self._by_alert)
        return f"{said}; nearest: {near}" if near else said


def sleeps(runbook: str, system: str) -> str:
    """
    Why a runbook that is there cannot be used.

    >>> sleeps("restart-crash-loop", "kubernetes")
    'restart-crash-loop sleeps: set HEAL_KUBERNETES_… to wake it'
    """
    return f"{runbook} sleeps: set HEAL_{system.upper()}_… to wake it"


def _weigh(
    runbook: Runbook, alert: Alert, service: Service | None, seen: Facts
) -> tuple[list[str], list[str]]:
    """Collect what speaks for it, and every objection."""
    reasons, objections = [f"alert is {spelling.quoted(alert.name)}"], list[str]()
    for check in (_severity, _confidence, _approved):
        fine, said = check(runbook, alert, service)
        (reasons if fine else objections).append(said)
    if runbook.match.when is not None and service is not None:
        finding = runbook.wanted(seen)
        if finding.held:
            reasons.append(f"when holds: {runbook.match.when}")
        else:
            objections.append(f"when does not hold: {finding.error or runbook.match.when}")
    return [reason for reason in reasons if reason], objections


def _severity(runbook: Runbook, alert: Alert, _service: Service | None) -> tuple[bool, str]:
    wanted = runbook.match.severity
    if not wanted:
        return True, ""
    fine = alert.severity in wanted
    return fine, f"severity is {alert.severity}" + ("" if fine else f", not {' or '.join(wanted)}")


def _confidence(runbook: Runbook, alert: Alert, _service: Service | None) -> tuple[bool, str]:
    least = runbook.match.min_confidence
    if least is None:
        return True, ""
    fine = alert.confidence >= least
    return fine, f"confidence is {alert.confidence:g}, {'at least' if fine else 'below'} {least:g}"


def _approved(runbook: Runbook, alert: Alert, service: Service | None) -> tuple[bool, str]:
    if service is None:
        if not alert.service:
            return False, "alert has no known service label: it says nowhere what is affected"
        where = f"{spelling.quoted(alert.service)} in {spelling.quoted(alert.environment)}"
        return False, f"alert has no known service label: {where} is not in the catalogue"
    here = f"{service.name} in {service.environment}"
    pairs = [(pair.service, pair.environment) for pair in runbook.approved_for]
    if (service.name, service.environment) in pairs:
        return True, f"approved for {here}"
    if (ANY, service.environment) in pairs:
        return True, f"approved for every service in {service.environment}"
    places = ", ".join(f"{name} in {environment}" for name, environment in pairs[:5])
    return False, f"not approved for {here}, only for {places}"


def _specificity(runbook: Runbook, service: Service | None) -> tuple[int, ...]:
    """Exact service before any, named alert before residual, then the number of conditions."""
    match = runbook.match
    exact = service is not None and service.name in {
        pair.service for pair in runbook.approved_for if pair.environment == service.environment
    }
    conditions = (match.severity, match.min_confidence, match.when)
    return int(exact), int(not match.residual), sum(map(bool, conditions))


def _choose(matches: list[tuple[tuple[int, ...], Matched]]) -> tuple[str | None, str]:
    if not matches:
        return None, "no runbook matches"
    best = [found.runbook for specificity, found in matches if specificity == matches[0][0]]
    if len(best) > 1:
        tied = " and ".join(best)
        return None, f"ambiguous: {tied} match equally well; narrow one of them with `when`"
    if len(matches) > 1:
        return best[0], f"the most specific of {len(matches)} matches"
    return best[0], "the only match"
