"""How a pager is asked, and what its refusals mean to whoever set it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from bot.clients import http
from bot.clients.http import Answer
from bot.core.errors import PermanentError, TemporaryError

WITHIN = 10.0
"""Seconds for one answer."""
REST = 60.0
"""Seconds to wait when a pager was asked too often and does not say for how long."""
_T = TypeVar("_T", bound=BaseModel)


class Sent(BaseModel):
    """What of an answer is read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Api:
    """
    One pager at one address: `name` for people, `secret` the setting by which it knows us.

    A password that is not taken is a TemporaryError, for people mend that and the update is fine.
    """

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str],
        secret: str,
        client: httpx.AsyncClient,
    ) -> None:
        self._name = name
        self._base = base
        self._headers = headers
        self._secret = secret
        self._client = client

    async def get(self, path: str, asked: Mapping[str, str] | None = None) -> Answer:
        query = f"?{urlencode(asked)}" if asked else ""
        return await self._send("GET", path + query, None, {})

    async def send(
        self,
        method: str,
        path: str,
        body: JsonValue | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return await self._send(method, path, body, headers or {})

    async def _send(
        self, method: str, path: str, body: JsonValue | bytes, headers: Mapping[str, str]
    ) -> Answer:
        url = httpx.URL(self._base + path)
        told = {**self._headers, **headers}
        answer = await http.send(self._client, method, url, body=body, headers=told, within=WITHIN)
        if not answer.fine:
            self._refuse(method, answer)
        return answer

    def _refuse(self, method: str, answer: Answer) -> None:
        said = answer.excerpt()
        if answer.status == 429:
            wait = answer.retry_after if answer.retry_after > 1 else REST
            raise TemporaryError(
                f"{self._name} was asked too often: it wants {wait:g} s of rest", wait
            )
        if answer.status in {401, 403}:
            raise TemporaryError(
                f"{self._name} does not take {self._secret} ({answer.status}): make a new one "
                "there that may write, set it and start again",
                REST,
            )
        if 400 <= answer.status < 500 and answer.status not in {408, 425}:
            raise PermanentError(f"{self._name} refuses it ({answer.status}): {said}")
        answer.refuse(method)


def read(kind: type[_T], answer: Answer) -> _T:
    """Read an answer; PermanentError says where it is not what was expected."""
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, slip["loc"])) or "all of it"
        raise PermanentError(f"{answer.place} answered oddly: {at}: {slip['msg']}") from None
