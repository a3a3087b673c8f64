"""`rota:…`: rotations that the policy itself holds; nobody outside has to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.core import spelling
from bot.core.errors import PermanentError
from bot.core.policy.sections import Rota


class Rotas:
    """Answers ports.Pager from the policy that is in force; a schedule is the name of a rota."""

    def __init__(self, rotas: Callable[[], Mapping[str, Rota]]) -> None:
        self._rotas = rotas

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        rotas = self._rotas()
        if schedule not in rotas:
            raise PermanentError(f"the rota {spelling.unknown(schedule, rotas)}")
        return frozenset(rotas[schedule].on_call(at))
