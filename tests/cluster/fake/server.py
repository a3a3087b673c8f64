"""
An API server that remembers and plays the controllers: as much of one as Heal asks, and strict.

What it does not know it refuses as the real one would. `test_fake.py` asks both the same.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.clients.kubernetes import selecting
from tests.cluster.fake import answers, kinds, patching, requests, roles
from tests.cluster.fake.answers import Refused
from tests.cluster.fake.controllers import Controllers
from tests.cluster.fake.kinds import BUDGETS, PODS, REVIEWS, Kind
from tests.cluster.fake.requests import Asked
from tests.cluster.fake.roles import User, Wish
from tests.cluster.fake.shelf import Shelf

Json = dict[str, Any]
PATCHES = {
    "application/strategic-merge-patch+json": "strategic",
    "application/merge-patch+json": "merge",
    "application/json-patch+json": "json",
}


class Server:
    """`speaks` says which groups there are and in which versions; `users` has them by token."""

    def __init__(self, users: Mapping[str, User], speaks: kinds.Speaks) -> None:
        self.shelf = Shelf()
        self.controllers = Controllers(self.shelf)
        self.asked: list[tuple[str, str, str]] = []
        """Who asked for which verb on which path, in order."""
        self.logs: dict[tuple[str, bool], str] = {}
        """What a pod wrote, by its name; True means the life of its container before."""
        self._users = users
        self._speaks = speaks

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = self._answer(request, await request.read())
        except Refused as refused:
            if isinstance(refused.body, str):
                return web.Response(status=refused.status, text=refused.body)
            return web.json_response(refused.body, status=refused.status)
        if isinstance(body, str):
            return web.Response(text=body)
        return web.json_response(body, status=201 if request.method == "POST" else 200)

    def _answer(self, request: web.Request, body: bytes) -> Json | str:
        user = self._users.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            raise answers.unauthorized()
        self.controllers.settle()
        if (told := kinds.about(request.path, self._speaks)) is not None:
            return told
        version, wish = requests.wish(request.method, request.path)
        self.asked.append((user.name, wish.verb, request.path_qs))
        kind = self._found(wish, version)
        agent = request.headers.get("User-Agent", "")
        asked = Asked(wish, version, request.query, body, request.content_type, agent)
        if kind is REVIEWS:
            return self._review(user, asked)
        if roles.reason(self.shelf, user, wish) is None:
            raise roles.forbidden(user, wish)
        if kind is None:
            raise answers.no_resource() if wish.group in self._speaks else answers.no_page()
        self._check_verb(kind, wish)
        return self._done(kind, asked)

    def _found(self, wish: Wish, version: str) -> Kind | None:
        kind = kinds.BY_PATH.get((wish.group, wish.plural))
        return kind if kind and kinds.spoken(kind, version, self._speaks) else None

    @staticmethod
    def _check_verb(kind: Kind, wish: Wish) -> None:
        if wish.sub:
            verbs = kinds.SUBRESOURCES.get((kind, wish.sub))
            if verbs is None:
                raise answers.no_resource()
            if wish.verb not in verbs:
                raise answers.no_method()
        elif wish.verb not in (kinds.OF_ONE if wish.name else kinds.OF_ALL):
            raise answers.no_method()

    def _review(self, user: User, asked: Asked) -> Json:
        """Whether somebody may, and by which role."""
        told = asked.json["spec"]["resourceAttributes"]
        wish = Wish(
            told["verb"], told.get("group", ""), told["resource"], told.get("subresource", ""),
            told.get("namespace", ""), told.get("name", ""),
        )  # fmt: skip
        why = roles.reason(self.shelf, user, wish)
        made = {"creationTimestamp": None, "managedFields": [{"manager": asked.manager}]}
        spec = {"resourceAttributes": {key: value for key, value in told.items() if value}}
        status = {"allowed": why is not None} | ({"reason": why} if why else {})
        return _shown(REVIEWS, "v1", {"metadata": made, "spec": spec, "status": status})

    def _done(self, kind: Kind, asked: Asked) -> Json | str:
        wish = asked.wish
        if wish.sub in {"eviction", "log", "scale"}:
            return getattr(self, f"_{wish.sub}")(kind, asked)  # type: ignore[no-any-return]
        match wish.verb:
            case "get":
                return _shown(kind, asked.version, self.shelf.get(kind, wish.space, wish.name))
            case "list":
                return self._list(kind, asked)
            case "create":
                return self._create(kind, asked)
            case "patch":
                return _shown(kind, asked.version, self._patch(kind, asked))
        found = self.shelf.remove(kind, wish.space, wish.name)
        about = answers.details(kind, wish.name) | {"uid": found["metadata"]["uid"]}
        head = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
        return head | {"status": "Success", "details": about}

    def _create(self, kind: Kind, asked: Asked) -> Json:
        space = asked.wish.space
        if kind.namespaced:
            self.shelf.get(kinds.NAMESPACES, "", space)
        given = _shown(kind, asked.version, asked.json)
        given.pop("status", None)
        made = self.shelf.create(kind, space, given, asked.manager, dry=asked.dry)
        return _shown(kind, asked.version, made)

    def _list(self, kind: Kind, asked: Asked) -> Json:
        terms = [one for one in asked.query.get("labelSelector", "").split(",") if one]
        # A guess would make a test pass that the real server fails: it breaks off instead.
        if any("=" not in one or " " in one for one in terms):
            raise NotImplementedError(f"the fake knows equality only: {terms}")
        labels = dict(one.split("=", 1) for one in terms)
        items = (
            self._usage(asked)
            if kind is kinds.METRICS
            else [
                {key: value for key, value in one.items() if key not in {"kind", "apiVersion"}}
                for one in self.shelf.every(kind, asked.wish.space, labels)
            ]
        )
        version = {"resourceVersion": str(self.shelf.version)}
        shown = _shown(kind, asked.version, {"metadata": version, "items": items})
        return shown | {"kind": f"{kind.name}List"}

    def _patch(self, kind: Kind, asked: Asked) -> Json:
        way, wish = PATCHES.get(asked.media), asked.wish
        if way is None:
            raise answers.bad_media()
        given = asked.json

        def change(there: Json) -> Json:
            if way == "json":
                made: Json = patching.patched(there, given)
            else:
                made = patching.merged(there, given, strategic=way == "strategic")
            kept = "spec" if wish.sub == "status" else "status"
            return made | ({kept: there[kept]} if kept in there else {})

        return self.shelf.change(kind, wish.space, wish.name, change, asked.manager, dry=asked.dry)

    def _scale(self, kind: Kind, asked: Asked) -> Json:
        wish = asked.wish
        if wish.verb == "patch":
            given = {"spec": {"replicas": asked.json["spec"]["replicas"]}}
            body = json.dumps(given | {"metadata": asked.json.get("metadata", {})}).encode()
            self._patch(kind, replace(asked, body=body, wish=replace(wish, sub="")))
        found = self.shelf.get(kind, wish.space, wish.name)
        kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        labels = found["spec"]["selector"]["matchLabels"]
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {key: found["metadata"][key] for key in kept},
            "spec": {"replicas": found["spec"]["replicas"]},
            "status": {
                "replicas": found["status"].get("replicas", 0),
                "selector": ",".join(f"{key}={value}" for key, value in labels.items()),
            },
        }

    def _eviction(self, _: Kind, asked: Asked) -> Json:
        wish = asked.wish
        pod, options = self.shelf.get(PODS, wish.space, wish.name), asked.json.get("deleteOptions")
        uid = ((options or {}).get("preconditions") or {}).get("uid")
        there = pod["metadata"]["uid"]
        for budget in self.shelf.every(BUDGETS, wish.space):
            status = budget["status"]
            if _covers(budget, pod) and not status["disruptionsAllowed"]:
                least, healthy = status["desiredHealthy"], status["currentHealthy"]
                raise answers.no_room(budget["metadata"]["name"], least, healthy)
        if uid not in {None, there}:
            raise answers.other_uid(wish.name, uid, there)
        if not asked.dry:
            self.shelf.remove(PODS, wish.space, wish.name)
        return answers.done()

    def _log(self, kind: Kind, asked: Asked) -> str:
        """Hollow nodes have none, so this is compared with nothing."""
        name, before = asked.wish.name, asked.query.get("previous") == "true"
        self.shelf.get(kind, asked.wish.space, name)
        if before and (name, before) not in self.logs:
            container = asked.query.get("container", "")
            said = f'previous terminated container "{container}" in pod "{name}" not found'
            raise answers.failure(400, "BadRequest", said)
        lines = self.logs.get((name, before), "").splitlines(keepends=True)
        return "".join(lines[-int(asked.query.get("tailLines", "1000")) :])

    def _usage(self, asked: Asked) -> list[Json]:
        """What each pod uses: little. Hollow nodes measure nothing, so this is compared neither."""
        usage = {"cpu": "100m", "memory": "64Mi"}
        return [
            {
                "metadata": {"name": one["metadata"]["name"], "namespace": asked.wish.space},
                "timestamp": one["metadata"]["creationTimestamp"],
                "window": "30s",
                "containers": [
                    {"name": each["name"], "usage": usage} for each in one["spec"]["containers"]
                ],
            }
            for one in self.shelf.every(PODS, asked.wish.space)
        ]


def _covers(budget: Json, pod: Json) -> bool:
    return selecting.matches(budget["spec"]["selector"], selecting.labels(pod))


def _shown(kind: Kind, version: str, found: Json) -> Json:
    """An object as this version of its group shows it; its fields are kept as they were written."""
    spoken = f"{kind.group}/{version}" if kind.group else version
    return copy.deepcopy(found) | {"kind": kind.name, "apiVersion": spoken}
