"""Site: the addresses of the pages, and what each answers; whoever is not let in sees none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from bot import ports
from bot.core import links
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.core.telling import book, document
from bot.web.pages import frame, incidents, runs
from bot.web.pages.gate import Gate
from bot.web.pages.markup import Html
from bot.web.pages.needs import Shelf
from bot.web.pages.passes import Pass
from bot.web.pages.reports import Reports
from bot.web.pages.runs import SPANS

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
READ = ("GET", "HEAD")


class Site:
    """All of them; nothing here changes anything."""

    def __init__(
        self, gate: Gate, shelf: Shelf, reports: Reports, clock: ports.Clock, url: str
    ) -> None:
        self._gate = gate
        self._shelf = shelf
        self._reports = reports
        self._clock = clock
        self._origin = url

    def routes(self) -> list[web.RouteDef]:
        """Each address, for every method, so that a wrong one is answered like everything else."""
        one = "/incidents/{incident}"
        reading: dict[str, Answer] = {
            "/": self._home,
            "/runs": self._runs,
            "/runs/{run}": self._run,
            one: self._incident,
            f"{one}/proof.json": self._proof,
            f"{one}/files/{{name}}": self._file,
            "/reports": self._report,
            "/sign-in": self._sign_in,
            "/sign-in/slack": self._gate.begin,
            "/sign-in/back": self._gate.finish,
        }
        found = [web.route("*", path, partial(_safely, READ, act)) for path, act in reading.items()]
        return [*found, web.route("*", "/sign-out", partial(_safely, ("POST",), self._sign_out))]

    async def _home(self, _: web.Request) -> web.StreamResponse:
        return frame.away("/runs")

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        return self._gate.sign_in(request)

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        # Browsers say null of a page that is to leave no trace, as ours are.
        from_here = request.headers.get("Origin", self._origin) in {self._origin, "null"}
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or not from_here:
            return frame.answer(frame.notice("Not from here", "That form is not one of ours."), 403)
        return self._gate.sign_out()

    async def _runs(self, request: web.Request) -> web.StreamResponse:
        one = await self._let_in(request)
        if not isinstance(one, Pass):
            return one
        asked = runs.wanted(request.query, self._clock.now())
        found, names = await self._shelf.find(asked), await self._shelf.names()
        return self._page("Runs", one, runs.shown(request.query, asked, found, names))

    async def _run(self, request: web.Request) -> web.StreamResponse:
        """A run is told on the page of its incident."""
        name = request.match_info["run"]
        return frame.away(links.path(name.replace("run-", "inc-", 1)))

    async def _incident(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["incident"]
        if links.SIGNED in request.query:
            return await self._gate.open_link(request, name)
        one = await self._let_in(request, name)
        if not isinstance(one, Pass):
            return one
        story = await self._shelf.story(name)
        if story is None:
            return _none()
        proof, unproven = None, ""
        try:
            proof = await self._shelf.proof(name)
        except StoreUnavailable as error:
            unproven = str(error)
        shown = incidents.shown(name, story, proof, unproven, await self._shelf.evidence(name))
        return self._page(name, one, shown)

    async def _proof(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["incident"]
        one = await self._let_in(request, name)
        if not isinstance(one, Pass):
            return one
        if (proof := await self._shelf.proof(name)) is None:
            return _none()
        said = {"Content-Disposition": f'attachment; filename="{proof.incident}.proof.json"'}
        text = proof.model_dump_json(indent=1) + "\n"
        return web.Response(text=text, content_type="application/json", headers=said)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["incident"]
        one = await self._let_in(request, name)
        if not isinstance(one, Pass):
            return one
        for each in await self._shelf.evidence(name):
            if each.said.name == request.match_info["name"]:
                kind = each.said.media if each.pictured else "text/plain; charset=utf-8"
                return web.Response(body=each.octets, headers={"Content-Type": kind})
        return _none()

    async def _report(self, request: web.Request) -> web.StreamResponse:
        one = await self._let_in(request)
        if not isinstance(one, Pass):
            return one
        name = request.query.get("for", "24h")
        if name not in SPANS:
            return frame.away("/reports")
        return self._page(f"Report of the last {name}", one, await self._reports.shown(name))

    async def _let_in(self, request: web.Request, incident: str = "") -> Pass | web.Response:
        """Who may see this; or what whoever may not is answered, before anything is read for it."""
        one, now = self._gate.passed(request), self._clock.now()
        if one is None:
            return self._gate.sign_in(request)
        opened = one.opened(now)
        if not one.sees_all(now) and not await self._reaches(opened, incident):
            return self._gate.sign_in(request, ", ".join(opened))
        if why := await self._gate.objection(one):
            return frame.answer(frame.notice("You may not see this", f"{why.capitalize()}."), 403)
        return one

    async def _reaches(self, opened: tuple[str, ...], incident: str) -> bool:
        """Whether a page that a link opened is this one, or leads to it."""
        if not incident or incident in opened:
            return bool(incident)
        for name in opened:
            story = await self._shelf.story(name)
            known = book.folded(story.entries) if story is not None else None
            if known is not None and incident in document.linked(known).values():
                return True
        return False

    def _page(self, title: str, one: Pass, shown: Html) -> web.StreamResponse:
        return frame.answer(frame.framed(title, one.user, shown))


async def _safely(
    allowed: tuple[str, ...], act: Answer, request: web.Request
) -> web.StreamResponse:
    """Answer as every page does, also when it cannot be shown."""
    if request.method not in allowed:
        no = frame.answer(frame.notice("Not like this", "This address is only read."), 405)
        no.headers["Allow"] = ", ".join(allowed)
        return frame.leave(no)
    try:
        return frame.leave(await act(request))
    except (StoreUnavailable, ConfigurationError) as error:
        said = f"The ledger cannot be read now: {error}"
        unread = frame.answer(frame.notice("Not now", said), 503)
        unread.headers["Retry-After"] = "5"
        return frame.leave(unread)


def _none() -> web.Response:
    said = "Nothing of this name is recorded. Perhaps a letter is missing."
    return frame.answer(frame.notice("There is no such page", said), 404)
