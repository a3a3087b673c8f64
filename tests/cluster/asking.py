"""Asking two API servers the same, and what their answers have in common."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

Json = dict[str, Any]
WITHIN = 120.0
OWN = frozenset(
    {"uid", "resourceVersion", "creationTimestamp", "time", "clusterIP", "clusterIPs",
     "lastUpdateTime", "lastTransitionTime", "pod-template-hash"}
)  # fmt: skip
"""What each server makes up: that it is there is compared, its value is not."""


class Asker:
    """One server, one namespace in it; keeps what was answered, in order."""

    def __init__(self, client: httpx.AsyncClient, tokens: dict[str, str], space: str) -> None:
        self._client = client
        self._tokens = tokens
        self._space = space
        self.answers: list[tuple[int, Any]] = []

    async def ask(
        self, method: str, path: str, body: Any = None, *, user: str = "admin",
        media: str = "application/json", note: bool = True,
    ) -> Any:  # fmt: skip
        """Ask for a path, in which NS is the namespace; the parsed answer."""
        content = body if isinstance(body, str | None) else json.dumps(body)
        token = self._tokens.get(user, user)
        answer = await self._client.request(
            method,
            path.replace("/NS", f"/{self._space}"),
            content=None if content is None else content.replace('"NS"', f'"{self._space}"'),
            headers={"Authorization": f"Bearer {token}", "Content-Type": media},
        )
        try:
            found = answer.json()
        except ValueError:
            found = answer.text
        if note:
            self.answers.append((answer.status_code, common(found, self._space)))
        return found

    async def patch(self, path: str, body: Any, way: str, **more: Any) -> Any:
        return await self.ask("PATCH", path, body, media=f"application/{way}+json", **more)

    async def until(self, path: str, holds: Callable[[Any], object]) -> Any:
        """Wait for it, without keeping what was answered."""
        async with asyncio.timeout(WITHIN):
            while not holds(found := await self.ask("GET", path, note=False)):
                await asyncio.sleep(0.1)
        return found


def common(value: Any, space: str) -> Any:
    """What has to be the same wherever it was asked."""
    if isinstance(value, list):
        return [common(one, space) for one in value]
    if isinstance(value, str):
        return _text(value.replace(space, "NS"))
    if not isinstance(value, dict):
        return value
    if "containerStatuses" in value.get("status", {}):
        value = _pod(value)
    found = {key: common(one, space) for key, one in value.items()}
    found |= {key: "…" for key in OWN & found.keys() if found[key] is not None}
    if "managedFields" in found:
        found["managedFields"] = sorted(one["manager"] for one in found["managedFields"])
    if "items" in found:
        found["items"].sort(key=json.dumps)
    if "ownerReferences" in value.get("metadata", {}) and "status" in found:
        found["metadata"].pop("generation", None)  # in how many steps it came there
        found["status"].pop("observedGeneration", None)
    return found


def _text(value: str) -> str:
    """Without what is drawn by lot, or is a hash of what the servers write differently."""
    value = re.sub(r"\bapi-[a-z0-9]{8,10}-[a-z0-9]{5}\b", "api-HASH-TAIL", value)
    value = re.sub(r"\bapi-[a-z0-9]{8,10}\b", "api-HASH", value)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", value)


def _pod(found: Json) -> Json:
    """Of a pod as much as Heal reads: who owns it, what runs in it, whether it is ready."""
    made, spec, status = found["metadata"], found["spec"], found["status"]
    ready = [one["status"] for one in status.get("conditions", ()) if one["type"] == "Ready"]
    kept = ("name", "ready", "restartCount", "image", "lastState")
    return {
        "metadata": {key: made[key] for key in ("name", "namespace", "labels", "ownerReferences")},
        "containers": spec["containers"],
        "phase": status["phase"],
        "ready": ready,
        "statuses": [{key: one[key] for key in kept} for one in status["containerStatuses"]],
        "states": [sorted(one["state"]) for one in status["containerStatuses"]],
    }


@asynccontextmanager
async def an_asker(kubeconfigs: dict[str, Path], space: str) -> AsyncIterator[Asker]:
    """Asks the server of these kubeconfigs, one a user; its certificate is its own."""
    told = {user: yaml.safe_load(path.read_text()) for user, path in kubeconfigs.items()}
    tokens = {user: one["users"][0]["user"]["token"] for user, one in told.items()}
    server = told["admin"]["clusters"][0]["cluster"]["server"]
    trust = ssl._create_unverified_context()
    async with httpx.AsyncClient(
        base_url=server, verify=trust, trust_env=False, headers={"User-Agent": "tester"}
    ) as client:
        yield Asker(client, tokens, space)
