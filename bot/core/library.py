"""Library: the runbooks, services and policy of one moment; a reload swaps the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalogue import Service
from bot.core.detector import Detector
from bot.core.matching import Shelf
from bot.core.policy.rulebook import Rulebook
from bot.core.runbook import Runbook


@dataclass(frozen=True)
class Library:
    """What was written down by people, already checked."""

    runbooks: tuple[Runbook, ...]
    shelf: Shelf
    services: tuple[Service, ...]
    rulebook: Rulebook
    policy_digest: str
    detectors: tuple[Detector, ...] = ()

    def runbook(self, name: str) -> Runbook | None:
        return next((book for book in self.runbooks if book.runbook == name), None)

    def service(self, name: str, environment: str) -> Service | None:
        """Exactly this service in exactly this environment, or nothing: never a near miss."""
        wanted = (name, environment)
        return next((s for s in self.services if (s.name, s.environment) == wanted), None)
