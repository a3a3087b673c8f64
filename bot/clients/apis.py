"""How a ticket system or a pager is asked, and what its refusals mean to whoever set it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from bot.clients import http
from bot.clients.http import Answer
from bot.core.errors import PermanentError, TemporaryError
from bot.core.exhibit import Exhibit

WITHIN = 15.0
"""Seconds for one answer."""
REST = 60.0
"""Seconds to wait when a system was asked too often and does not say for how long."""
PAGE, PAGES = 100, 10
"""Entries of one answer, and answers that are read of a list at most."""
PASSED = frozenset({408, 425})
"""Refusals that time alone mends, beside being asked too often."""

_T = TypeVar("_T", bound=BaseModel)
_TOO_OFTEN = (b"rate limit", b"abuse detection")


class Sent(BaseModel):
    """What of an answer is read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Api:
    """
    One system at one address: `name` for people, `secret` the setting by which it knows us.

    A secret that is not taken is a TemporaryError, for people mend that and the update is fine.
    `locked` are the answers that mean so: where rights differ from record to record, 403 is none.
    """

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str],
        secret: str,
        client: httpx.AsyncClient,
        *,
        locked: frozenset[int] = frozenset({401}),
    ) -> None:
        self._name = name
        self._base = base
        self._headers = headers
        self._secret = secret
        self._client = client
        self._locked = locked

    async def ask(
        self, path: str, asked: Mapping[str, str] | None = None, *, who: str = ""
    ) -> Answer:
        """Read something; `who` is the remedy when it is not there or may not be seen."""
        query = f"?{urlencode(asked)}" if asked else ""
        return self._taken("GET", await self._send("GET", path + query, None, {}), who)

    async def find(self, path: str, asked: Mapping[str, str] | None = None) -> Answer | None:
        """Read something that may not be there: then it is None."""
        query = f"?{urlencode(asked)}" if asked else ""
        answer = await self._send("GET", path + query, None, {})
        return None if answer.status == 404 else self._taken("GET", answer, "")

    async def write(
        self, method: str, path: str, body: JsonValue | bytes, *, who: str = ""
    ) -> Answer:
        """Change something; `who` is the remedy when we may not."""
        return self._taken(method, await self._send(method, path, body, {}), who)

    async def upload(
        self, path: str, name: str, shown: Exhibit, headers: Mapping[str, str], *, who: str = ""
    ) -> Answer:
        """Send an exhibit as a form sends a file."""
        file = (name, shown.octets, shown.said.media)
        form = httpx.Request("POST", self._base, files={"file": file})
        kind = {"Content-Type": form.headers["Content-Type"]}
        answer = await self._send("POST", path, form.read(), {**headers, **kind})
        return self._taken("POST", answer, who)

    async def _send(
        self, method: str, path: str, body: JsonValue | bytes, headers: Mapping[str, str]
    ) -> Answer:
        url = httpx.URL(self._base + path)
        told = {**self._headers, **headers}
        return await http.send(self._client, method, url, body=body, headers=told, within=WITHIN)

    def _taken(self, method: str, answer: Answer, who: str) -> Answer:
        """Raise what a refusal means."""
        if not answer.fine:
            self._refuse(method, answer, who)
        return answer

    def _refuse(self, method: str, answer: Answer, who: str) -> None:
        said = answer.excerpt()
        if answer.status == 429 or (answer.status == 403 and _too_often(answer)):
            wait = answer.retry_after if answer.retry_after > 1 else REST
            raise TemporaryError(
                f"{self._name} was asked too often: it wants {wait:g} s of rest", wait
            )
        if answer.status in self._locked:
            raise TemporaryError(
                f"{self._name} does not take {self._secret} ({answer.status}): make a new one "
                "there that may write, set it and start again",
                REST,
            )
        if 400 <= answer.status < 500 and answer.status not in PASSED:
            remedy = f"; {who}" if who else ""
            raise PermanentError(f"{self._name} answered {answer.status} ({said}){remedy}")
        answer.refuse(method)


def read(kind: type[_T], answer: Answer) -> _T:
    """Read an answer; PermanentError says where it is not what was expected."""
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, slip["loc"])) or "all of it"
        raise PermanentError(f"{answer.place} answered oddly: {at}: {slip['msg']}") from None


def _too_often(answer: Answer) -> bool:
    lowered = answer.body.lower()
    return any(word in lowered for word in _TOO_OFTEN)
