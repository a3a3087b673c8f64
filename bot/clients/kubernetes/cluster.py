"""
Clusters by their names: the official client's credentials and connections, and plain JSON.

The client is loaded when the first call is made, for it is large. Its typed models are passed by:
they differ between its versions, refuse what newer servers send, and cost more than the call.
Nothing in a namespace that no setting names is read or written: every call goes through here.
"""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, Field, create_model

from bot.clients.kubernetes import connecting, refusals
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError, TemporaryError

CONNECTING = 3.0
ANSWERING = 10.0
AT_ONCE = 8
"""Calls to one cluster at the same time; each one holds a thread."""
PAGE, PAGES = 500, 10
"""Objects that a list gives at a time, and how often it is asked to go on."""
LARGEST = 64 * 1024 * 1024
MANAGER = "heal"
"""Who the cluster says wrote a field: managedFields tells others that it was us."""
MERGE = "application/strategic-merge-patch+json"
MERGE_PLAIN = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

Json = dict[str, Any]
P = TypeVar("P", bound=BaseModel)


class Cluster:
    """One cluster; its name is the one that runbooks use."""

    def __init__(self, name: str, settings: KubernetesSettings) -> None:
        self.name = name
        self.settings = settings
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._connecting = threading.Lock()
        self._client: Any = None
        self._own: Json | None = None

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """Read one object or one list."""
        return await self._ask("GET", path, query or {})

    async def text(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Read what is no JSON: a log."""
        asked = refusals.Asked(self.name, "GET", path)
        return (await self._answer(asked, query or {})).decode("utf-8", "replace")

    async def every(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
        """Read all objects of a list, a page at a time; PermanentError when there are too many."""
        found: list[Json] = []
        told: Mapping[str, str] = {"limit": str(PAGE), **(query or {})}
        for _ in range(PAGES):
            page = await self.get(path, told)
            found += page.get("items") or ()
            after = (page.get("metadata") or {}).get("continue")
            if not after:
                return found
            told = {**told, "continue": after}
        asked = refusals.Asked(self.name, "GET", path)
        raise PermanentError(f"{asked.says}: more than {PAGE * PAGES}, which is too many to weigh")

    async def patch(
        self, path: str, body: Json | list[Json], *, kind: str = MERGE, dry: bool = False
    ) -> Json:
        """Change an object as Heal; a dry one is checked by the server and changes nothing."""
        return await self._ask("PATCH", path, _writing(dry), body, kind)

    async def post(self, path: str, body: Json, *, dry: bool = False) -> Json:
        """Create an object, or ask for a thing to be done, as Heal."""
        return await self._ask("POST", path, _writing(dry), body, "application/json")

    async def delete(self, path: str, options: Json, *, dry: bool = False) -> Json:
        """Delete an object; the server reads `dryRun` out of the options once there are any."""
        body = options | ({"dryRun": ["All"]} if dry else {})
        return await self._ask("DELETE", path, _writing(dry), body, "application/json")

    async def own_pod(self) -> Json:
        """The pod that Heal runs in, read once; empty when it is not there or may not be read."""
        if self._own is None:
            try:
                self._own = await self.get(self._own_path) if self.settings.home else {}
            except (refusals.MissingError, refusals.ForbiddenError):
                self._own = {}
        return self._own

    @property
    def _own_path(self) -> str:
        return f"/api/v1/namespaces/{self.settings.home}/pods/{self.settings.host}"

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json | list[Json] | None = None,
        kind: str = "",
    ) -> Json:
        asked = refusals.Asked(self.name, method, path, dry="dryRun" in query)
        return _parsed(asked, await self._answer(asked, query, body, kind))

    async def _answer(
        self,
        asked: refusals.Asked,
        query: Mapping[str, str],
        body: Json | list[Json] | None = None,
        kind: str = "",
    ) -> bytes:
        """Raises TemporaryError or PermanentError with cluster, object, verb and remedy."""
        self._check_allowed(asked)
        sent = None if body is None else json.dumps(body, allow_nan=False).encode()
        async with self._turn:
            call = functools.partial(self._call, asked, query, sent, kind)
            try:
                async with asyncio.timeout(CONNECTING + ANSWERING):
                    status, headers, answer = await asyncio.to_thread(call)
            except TimeoutError:
                raise refusals.lost(asked, "no answer in time") from None
        if not 200 <= status < 300:
            raise refusals.refused(asked, status, headers, answer)
        if len(answer) > LARGEST:
            raise PermanentError(f"{asked.says} answered with more than {LARGEST >> 20} MB")
        return answer

    def _check_allowed(self, asked: refusals.Asked) -> None:
        own = (asked.method, asked.path) == ("GET", self._own_path)
        why = self.settings.forbids(self.name, asked.namespace) if asked.namespace else ""
        if why and not own:
            raise PermanentError(why)

    def _call(
        self, asked: refusals.Asked, query: Mapping[str, str], body: bytes | None, kind: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send it in a thread of its own: tokens may be fetched by a program, which blocks."""
        import urllib3

        client = self._connected()
        headers = {"Accept": "application/json, */*;q=0.1", "User-Agent": MANAGER}
        headers |= {"Content-Type": kind} if kind else {}
        for each in client.configuration.auth_settings().values():
            headers[each["key"]] = each["value"]
        url = f"{client.configuration.host.rstrip('/')}{asked.path}"
        try:
            answer = client.rest_client.pool_manager.request(
                asked.method,
                f"{url}?{urlencode(query)}" if query else url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECTING, read=ANSWERING),
                retries=False,  # only the engine tries again
                redirect=False,
                preload_content=False,
            )
            try:
                return answer.status, answer.headers, answer.read(LARGEST + 1)
            finally:
                answer.release_conn()
        except urllib3.exceptions.NewConnectionError as error:
            raise TemporaryError(f"{self.name} cannot be reached: {_why(error)}") from None
        except urllib3.exceptions.HTTPError as error:
            raise refusals.lost(asked, _why(error)) from None

    def _connected(self) -> Any:
        """The client with this cluster's address and credentials; read once, tokens renewed."""
        with self._connecting:  # several threads come at once
            if self._client is None:
                self._client = connecting.client(self.name, self.settings)
            return self._client


class Clusters:
    """Finds a cluster by the name that a runbook uses."""

    def __init__(self, settings: KubernetesSettings) -> None:
        self.settings = settings
        self._known: dict[str, Cluster] = {}

    def get(self, name: str) -> Cluster:
        """Raises PermanentError for one that no setting names."""
        try:
            meant = self.settings.cluster(name)
        except ValueError as error:
            raise PermanentError(str(error)) from None
        return self._known.setdefault(meant, Cluster(meant, self.settings))

    def fitted(self, params: type[P]) -> type[P]:
        """
        Parameters that always say which cluster, and only one that a setting names.

        So it stands in the plan and its digest, however many clusters there are tomorrow.
        """
        said = params.model_fields["cluster"].description
        named = Annotated[str, AfterValidator(self.settings.cluster)]
        field = (named, Field(default="", validate_default=True, description=said))
        return create_model(params.__name__, __base__=params, cluster=field)


def _writing(dry: bool) -> dict[str, str]:  # noqa: FBT001 - one word of the query
    return {"fieldManager": MANAGER} | ({"dryRun": "All"} if dry else {})


def _parsed(asked: refusals.Asked, answer: bytes) -> Json:
    try:
        found = json.loads(answer or b"{}")
    except (ValueError, RecursionError):
        raise PermanentError(f"{asked.says} did not answer with JSON") from None
    return found if isinstance(found, dict) else {}


def _why(error: Exception) -> str:
    return type(error).__name__.removesuffix("Error").lower()
