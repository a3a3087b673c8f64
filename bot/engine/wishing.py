"""Wishing: what people may ask for in a form, and what of it does not fit; from memory alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core import facts, parameters, redaction
from bot.core.catalogue import Service
from bot.core.clauses import ANY, Parameter
from bot.core.runbook import Runbook
from bot.engine import reading
from bot.engine.world import World

PLACE = ("service", "environment")
"""What a wish gives besides parameters: where it shall be done."""


class Wishing:
    """Says before anything is recorded what planning would say afterwards."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runbooks(self) -> Sequence[Runbook]:
        return self._world.library().runbooks

    def places(self, runbook: str) -> Sequence[Service]:
        """The services that its owner allows it for."""
        library = self._world.library()
        book = library.runbook(runbook)
        allowed = {(one.service, one.environment) for one in book.approved_for} if book else set()
        return tuple(
            one
            for one in library.services
            if {(one.name, one.environment), (ANY, one.environment)} & allowed
        )

    def askable(self, runbook: str) -> Mapping[str, Parameter]:
        """Its parameters that a person may give."""
        book = self._world.library().runbook(runbook)
        known = book.parameters if book else {}
        return {
            name: one
            for name, one in known.items()
            if name not in PLACE and not parameters.fixed(one)
        }

    def misfits(self, wish: facts.Wish) -> Mapping[str, str]:
        """The same checks of the same values that a plan is made with."""
        library, given = self._world.library(), redaction.of_texts(wish.given)
        book = library.runbook(wish.runbook)
        if book is None:
            return {"runbook": library.unknown(wish.runbook)}
        service = library.service(given.pop("service", ""), given.pop("environment", ""))
        if service is None:
            return {"service": "it is not in the catalogue"}
        if service not in self.places(wish.runbook):
            where = f"{service.name} in {service.environment}"
            return {"service": f"{wish.runbook} is not approved for {where} by its owner"}
        names = reading.about(None, service, {})
        return parameters.misfits(book.parameters, given, names)
