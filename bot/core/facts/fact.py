"""Fact: what every kind of ledger entry is, before it says more."""

from __future__ import annotations

from pydantic_core import PydanticSerializationError

from bot.core import values
from bot.core.lifecycle import Event
from bot.core.values import Frozen


class Fact(Frozen):
    """One thing that happened; `moves` is the lifecycle event that it is, if it is one."""

    kind: str

    @property
    def moves(self) -> Event | None:
        return None

    @property
    def body(self) -> str:
        """
        The JSON that the ledger chains, its fields in the order in which they are declared.

        Half a surrogate pair, which an alert may hold, is written as a question mark.
        """
        try:
            return self.model_dump_json()
        except PydanticSerializationError:
            return values.canonical(self.model_dump(mode="json"))
