"""Gate: who is let in to which page: by a link that Slack handed to them, or by signing in."""

from __future__ import annotations

import hmac
import logging
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from bot import ports
from bot.core import links, spelling
from bot.core.errors import PermanentError, TemporaryError
from bot.core.links import Links
from bot.web.pages import frame, passes
from bot.web.pages.failures import Failures
from bot.web.pages.frame import ANOTHER
from bot.web.pages.markup import Child, Html, tag
from bot.web.pages.needs import Entrance, Members
from bot.web.pages.passes import Pass
from bot.web.peers import Peers

WAY = "__Host-heal-way"
"""The cookie of a sign-in on its way: whoever comes back without it did not begin it here."""
ON_THE_WAY = timedelta(minutes=10)
PAGES = ("/runs", "/reports", "/incidents/")
log = logging.getLogger(__name__)


class Gate:
    """Keeps the key; remembers nothing of anybody but how often they failed."""

    def __init__(
        self,
        known: Links,
        clock: ports.Clock,
        members: Members,
        peers: Peers,
        entrance: Entrance | None,
    ) -> None:
        self._links = known
        self._clock = clock
        self._members = members
        self._peers = peers
        self._entrance = entrance
        self._failures = Failures()

    def passed(self, request: web.Request) -> Pass | None:
        """What the browser carries, if we gave it to it and it is not over."""
        given = request.cookies.get(passes.COOKIE, "")
        return passes.read(given, self._links.key, self._clock.now())

    async def objection(self, one: Pass) -> str:
        """Why this person may see nothing any more; what Slack cannot say now is no objection."""
        try:
            return await self._members.why_not(one.user)
        except TemporaryError as error:
            log.info("Slack was not asked about %s, who was let in before: %s", one.user, error)
            return ""

    async def open_link(self, request: web.Request, incident: str) -> web.Response:
        """Take a signed address; a good one becomes a cookie, and leaves the address."""
        now, told = self._clock.now(), request.query
        where = links.path(incident)
        user, until, mark = (told.get(name, "") for name in (links.BY, links.UNTIL, links.SIGNED))
        found = links.opened(self._links.key, where, user, until, mark, now)
        if found is None:
            return self._failed(request, "a link with a signature that is not ours")
        if found.expired:
            says = f"A link opens its page for {int(links.OPENS.total_seconds() / 60)} minutes."
            return frame.answer(frame.notice("This link has expired", says, ANOTHER), 410)
        if why := await self.objection(Pass(user)):
            return self._failed(request, f"a link of {user}: {why}", why)
        known = self.passed(request)
        answer = frame.away(where)
        if known is not None and known.sees_all(now):
            return answer
        mine = known if known is not None and known.user == user else Pass(user)
        passes.give(answer, mine.with_page(incident, now), self._links.key, now)
        return answer

    def sign_in(self, request: web.Request, only: str = "") -> web.Response:
        """Tell how to come in; `only` is what may be seen already, if anything may."""
        after = quote(safe(request.query.get("next", request.path_qs)), safe="")
        says = [f"Your link opens {only} alone."] if only else []
        more: Child = ""
        if self._entrance is not None:
            way = tag("a", "Sign in with Slack", href=f"/sign-in/slack?next={after}")
            more = tag("p", way)
        else:
            says.append("Sign in with Slack is not set up here.")
        says.append(f"For one page: {ANOTHER[:1].lower()}{ANOTHER[1:]}")
        return frame.answer(frame.notice("Sign in to see this", *says, more=more), 401)

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to Slack, with what it has to bring back."""
        if self._entrance is None:
            return self.sign_in(request)
        if late := self._too_many(request):
            return late
        try:
            begun = await self._entrance.begin()
        except (TemporaryError, PermanentError) as error:
            return _away(error)
        until = int((self._clock.now() + ON_THE_WAY).timestamp())
        after = safe(request.query.get("next", ""))
        kept = [begun.state, begun.nonce, begun.verifier, after, until]
        answer = frame.away(begun.where)
        value = passes.sealed(self._links.key, WAY, kept)
        passes.keep(answer, WAY, value, int(ON_THE_WAY.total_seconds()))
        return answer

    async def finish(self, request: web.Request) -> web.Response:
        """Take what Slack sent the browser back with; the way there is not gone twice."""
        if late := self._too_many(request):
            return late
        answer = await self._finished(request)
        passes.keep(answer, WAY, "", 0)
        return answer

    def _begun(self, request: web.Request) -> tuple[str, str, str] | None:
        """What a sign-in kept here: nonce, verifier and where to go; None when none did."""
        kept = passes.unsealed(self._links.key, WAY, request.cookies.get(WAY, ""))
        if kept is None:
            return None
        state, nonce, verifier, after, until = kept
        given = request.query.get("state", "").encode(errors="replace")
        mine = hmac.compare_digest(given, state.encode())
        return (nonce, verifier, after) if mine and self._clock.now().timestamp() < until else None

    async def _finished(self, request: web.Request) -> web.Response:
        begun = self._begun(request)
        if self._entrance is None or begun is None:
            return self._failed(request, "a sign-in that this browser did not begin of late")
        nonce, verifier, after = begun
        if not (code := request.query.get("code", "")):
            return self._failed(request, "Slack let nobody in", "Slack did not let you in")
        try:
            person = await self._entrance.finish(code, nonce, verifier)
            why = await self._stranger(person.user, ours=self._members.ours(person.team))
        except TemporaryError as error:
            return _away(error)
        except PermanentError as error:
            return self._failed(request, str(error))
        if why:
            return self._failed(request, f"{person.user} signed in: {why}", why)
        log.info("%s signed in to the pages", person.user)
        answer, now = frame.away(after), self._clock.now()
        passes.give(answer, Pass(person.user, passes.last(now)), self._links.key, now)
        return answer

    async def _stranger(self, user: str, *, ours: bool) -> str:
        return await self._members.why_not(user) if ours else "they are of another workspace"

    def sign_out(self) -> web.Response:
        """Take the cookie back."""
        answer = frame.answer(frame.notice("You are signed out", "Close this page, or sign in."))
        passes.keep(answer, passes.COOKIE, "", 0)
        return answer

    def _failed(self, request: web.Request, why: str, says: str = "") -> web.Response:
        """Count it, and say no more than who may know it needs."""
        peer, _ = self._peers.of(request.remote, request.headers)
        now = self._clock.monotonic()
        wait = self._failures.wait(peer, now)
        self._failures.failed(peer, now)
        if wait:
            return _later(wait)
        log.warning("the pages let nobody in from %s: %s", peer, spelling.quoted(why))
        said = f"You may not see this: {says}." if says else "What was sent is not right, or old."
        return frame.answer(frame.notice("You were not let in", said, ANOTHER), 403)

    def _too_many(self, request: web.Request) -> web.Response | None:
        peer, _ = self._peers.of(request.remote, request.headers)
        wait = self._failures.wait(peer, self._clock.monotonic())
        return _later(wait) if wait else None


def safe(where: str) -> str:
    """
    Where to go afterwards: to a page of ours, whatever stands in an address.

    >>> safe("/reports?for=7d"), safe("//evil.example/runs"), safe("https://evil.example")
    ('/reports?for=7d', '/runs', '/runs')
    """
    path = where.partition("?")[0]
    mine = path in PAGES[:2] or path.startswith(PAGES[2])
    plain = where.isascii() and where.isprintable() and "\\" not in where and " " not in where
    return where if mine and plain and len(where) < 1000 else "/runs"


def _away(error: Exception) -> web.Response:
    said = f"Slack cannot be asked who you are: {error}. Try again in a moment."
    return frame.answer(frame.notice("Nobody can sign in now", said, ANOTHER), 503)


def _later(wait: int) -> web.Response:
    shown: Html = frame.notice("Too many tries", f"Try again in {wait} seconds.")
    answer = frame.answer(shown, 429)
    answer.headers["Retry-After"] = str(wait)
    return answer
