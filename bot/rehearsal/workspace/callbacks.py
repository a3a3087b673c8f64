"""The Events API over HTTP: signed requests to the bot's URL instead of Socket Mode."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.rehearsal.workspace.lines import Attempt, Kind, Reply
from bot.rehearsal.workspace.payloads import VERIFICATION_TOKEN
from bot.rehearsal.workspace.wire import Json, loads
from bot.rehearsal.workspace.world import World

FORM = "application/x-www-form-urlencoded"


class Callbacks:
    """A line to one request URL; events go as JSON, commands and interactions as forms."""

    def __init__(self, world: World, url: str) -> None:
        self._world, self._url = world, url
        self._session: aiohttp.ClientSession | None = None

    async def send(self, kind: Kind, payload: Json, attempt: Attempt) -> Reply:
        """Posts once; 2xx within Slack's patience is the acknowledgement."""
        if kind is Kind.EVENT:
            body, content_type = json.dumps(payload), "application/json"
        else:
            form = payload if kind is Kind.COMMAND else {"payload": json.dumps(payload)}
            body, content_type = urlencode(form), FORM
        headers = {"Content-Type": content_type, **self._signed(body)}
        if attempt.number:
            headers["X-Slack-Retry-Num"] = str(attempt.number)
            headers["X-Slack-Retry-Reason"] = attempt.reason
        return await self._post(body, headers)

    async def verify(self) -> str:
        """Asks the URL for the `challenge`, as Slack does when it is entered; what came back."""
        challenge = {"type": "url_verification", "token": VERIFICATION_TOKEN, "challenge": "local"}
        body = json.dumps(challenge)
        headers = {"Content-Type": "application/json", **self._signed(body)}
        reply = await self._post(body, headers)
        said = reply.body
        return str(said.get("challenge", "")) if isinstance(said, dict) else str(said or "")

    async def close(self) -> None:
        """Lets go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _signed(self, body: str) -> dict[str, str]:
        now = str(self._world.seconds())
        signature = SignatureVerifier(self._world.app.signing_secret).generate_signature(
            timestamp=now, body=body
        )
        return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature or ""}

    async def _post(self, body: str, headers: dict[str, str]) -> Reply:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        patience = aiohttp.ClientTimeout(total=self._world.timing.ack)
        try:
            async with self._session.post(
                self._url, data=body.encode(), headers=headers, timeout=patience
            ) as answer:
                text = await answer.text()
                if 200 <= answer.status < 300:
                    said = loads(text)
                    return Reply(acked=True, body=text if said is None and text else said)
                retry = answer.headers.get("X-Slack-No-Retry") != "1"
                return Reply(acked=False, reason="http_error", retry=retry)
        except TimeoutError:
            return Reply(acked=False, reason="http_timeout")
        except aiohttp.ClientError:
            return Reply(acked=False, reason="connection_failed")
