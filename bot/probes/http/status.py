"""`http.status`: ask an address and say what came back; no answer is a finding, not an error."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from bot.clients import http
from bot.clients.endpoints import HttpSettings
from bot.clients.rig import Rig
from bot.core.durations import Duration
from bot.core.errors import PermanentError, TemporaryError
from bot.core.values import Facts, Frozen

LARGEST = 16 * 1024


class Asked(Frozen):
    """Which address, and how long to wait for it."""

    url: str = Field(
        min_length=1, max_length=2000, description="the address to ask, without a query"
    )
    query: Annotated[dict[str, str], Field(max_length=30)] = Field(
        default={}, description="what follows the question mark"
    )
    method: Literal["GET"] = Field(default="GET", description="a probe reads and never writes")
    timeout: Duration = Field(
        default=timedelta(seconds=5),
        gt=timedelta(),
        le=timedelta(seconds=30),
        description="how long to wait for the whole answer, 30s at most",
    )
    expect_json: bool = Field(
        default=False, description="say it in `error` when the answer is not a small JSON object"
    )


class Status:
    """Reads status (0 when unreachable), reachable, seconds, json (a small object) and error."""

    config = HttpSettings
    params = Asked

    def __init__(self, config: HttpSettings, rig: Rig) -> None:
        self._allowed = config.allowed
        self._rig = rig

    async def read(self, params: Asked) -> Facts:
        url = self._allowed.check(params.url)
        if params.query:
            url = url.copy_with(params=params.query)
        began = self._rig.clock.monotonic()
        try:
            answer = await http.send(
                self._rig.http, params.method, url, within=params.timeout.total_seconds()
            )
        except TemporaryError as error:
            return self._facts(began, error=str(error))
        body, error_text = _small_object(answer)
        said = error_text if params.expect_json else ""
        return self._facts(began, status=answer.status, body=body, error=said)

    def _facts(
        self, began: float, *, status: int = 0, body: JsonValue = None, error: str = ""
    ) -> Facts:
        return {
            "status": status,
            "reachable": status > 0,
            "seconds": round(self._rig.clock.monotonic() - began, 3),
            "json": body,
            "error": error,
        }


def _small_object(answer: http.Answer) -> tuple[JsonValue, str]:
    """The parsed body, or the reason why there is none."""
    if len(answer.body) > LARGEST:
        return None, f"{answer.place} answered with more than {LARGEST // 1024} KiB"
    try:
        body = answer.json()
    except PermanentError as error:
        return None, str(error)
    if not isinstance(body, dict):
        return None, f"{answer.place} answered with JSON that is not an object"
    return body, ""


PLUGIN = Status
