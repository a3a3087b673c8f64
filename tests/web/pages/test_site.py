"""What each address answers: to whom, to which method, with which headers, and when it cannot."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from pathlib import Path

import pytest

from bot.clients.signing import Signer
from bot.core import exhibit, inclusion
from bot.core.inclusion import Proof
from bot.core.merkle import Frontier
from bot.store import reading, tiles
from bot.store.file import connect
from bot.web.pages import frame, markup
from tests.store import years
from tests.web.pages import axe, sites
from tests.web.pages.axe import FIRST
from tests.web.pages.sites import Place

PAGE = f"/incidents/{FIRST}"
READ = ("/", "/runs", PAGE, f"{PAGE}/proof.json", f"{PAGE}/files/x", "/reports", "/sign-in",
        "/sign-in/slack", "/sign-in/back", "/runs/run-x")  # fmt: skip


async def test_a_stranger_is_shown_how_to_come_in_and_nothing_else(place: Place) -> None:
    for path in ("/runs", PAGE, f"{PAGE}/proof.json", f"{PAGE}/files/x", "/reports",
                 "/incidents/inc-nothing"):  # fmt: skip
        answer = await place.get(path)
        assert (answer.status_code, FIRST in answer.text.replace(path, "")) == (401, False), path
        assert "/heal link" in answer.text


async def test_a13_every_answer_is_kept_nowhere_framed_nowhere_and_runs_nothing(
    place: Place,
) -> None:
    answers = [await place.get(path, place.signed_in()) for path in (*READ, "/incidents/none")]
    answers += [await place.get(path) for path in READ]
    answers.append(await place.client.post(f"{place.url}/runs"))

    for answer in answers:
        assert {k: answer.headers.get(k) for k in frame.HEADERS} == frame.HEADERS, answer.url
    policy = frame.HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"])
async def test_what_is_only_read_takes_no_other_method(place: Place, method: str) -> None:
    sent = {"Cookie": place.signed_in()}
    for path in READ:
        answer = await place.client.request(method, f"{place.url}{path}", headers=sent)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD"), path


async def test_axe_looks_at_every_page_that_there_is(place: Place) -> None:
    looked = {path.partition("?")[0] for pages in (axe.SIGNED_OUT, axe.SIGNED_IN, axe.KEPT_OUT)
              for path in pages.values()}  # fmt: skip
    looked = {re.sub("/incidents/.+", "/incidents/{incident}", path) for path in looked}

    assert place.paths - axe.NO_PAGES.keys() == looked - {"{expired}"}


async def test_signing_out_is_no_link(place: Place) -> None:
    answer = await place.get("/sign-out", place.signed_in())

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "set-cookie" not in answer.headers


async def test_a_head_says_the_same_without_a_body(place: Place) -> None:
    sent = {"Cookie": place.signed_in()}
    head = await place.client.head(f"{place.url}{PAGE}", headers=sent)

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000


async def test_a_run_and_the_door_lead_to_pages(place: Place) -> None:
    found = {
        path: (await place.get(path)).headers["location"]
        for path in ("/", f"/runs/run-{FIRST[4:]}", "/runs/..%2F..%2Fevil")
    }

    assert found == {
        "/": "/runs", f"/runs/run-{FIRST[4:]}": PAGE,
        "/runs/..%2F..%2Fevil": "/incidents/..%2F..%2Fevil",
    }  # fmt: skip


async def test_an_incident_is_told_whole_with_its_plan_its_people_and_its_readings(
    place: Place,
) -> None:
    page = (await place.get(PAGE, place.signed_in())).text

    for title in ("Timeline", "Who decided, and why they might", "Steps carried out",
                  "Before and after", "Place in the ledger"):  # fmt: skip
        before = page.partition(f'">{title}</h2>')[0]
        part = before.rpartition('<h2 id="')[2]
        assert f'<a href="#{part}">{title}</a>' in page
    assert "each is what its hash says" in page
    assert "no checkpoint was signed yet" in page.lower()


async def test_an_entry_that_was_changed_is_said_to_be(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 3)
    with closing(connect(ledger, 0)) as db:
        db.execute("drop trigger entry_is_never_changed")
        db.execute("update entry set actor = 'mallory' where incident = 'inc-a1'")
        db.conn.commit()
    async with sites.served(ledger) as place:
        changed = (await place.get("/incidents/inc-a1", place.signed_in())).text
        sound = (await place.get("/incidents/inc-a0", place.signed_in())).text

    assert "NOT SOUND" in changed
    assert "NOT SOUND" not in sound


def signed(ledger: Path) -> int:
    """Sign what is there; how many entries that is."""
    with closing(connect(ledger, 0)) as db:
        found = db.execute("select hash from entry order by seq")
        tree = Frontier()
        tree.extend([bytes.fromhex(one) for (one,) in found])
        note = Signer("ledger.test", b"1" * 32).checkpoint(tree.size, tree.root).text
        db.execute("insert into checkpoint values (?, '', ?, '')", [tree.size, note])
        db.conn.commit()
    return tree.size


async def test_a_signed_ledger_proves_each_entry_from_its_own_hashes(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 400)
    size = signed(ledger)
    assert size > 2 * tiles.WIDTH, "so that whole parts are not read for a proof"
    async with sites.served(ledger) as place:
        page = (await place.get("/incidents/inc-a200", place.signed_in())).text
        told = await place.get("/incidents/inc-a200/proof.json", place.signed_in())
    proof = Proof.model_validate_json(told.content)

    assert inclusion.why_not(proof) == ""
    assert len(proof.told) == len(list(reading.entries(ledger, "inc-a200")))
    assert f"checkpoint of {size} entries" in page
    assert "attachment" in told.headers["content-disposition"]


async def test_a_file_is_given_as_what_it_is_and_never_as_a_page(place: Place) -> None:
    png = exhibit.exhibited("graph.png", b"\x89PNG", media=exhibit.PNG, title="Errors", says="fell")
    odd = exhibit.exhibited("x.html", b"<script>", media="text/html", title="<b>", says="a page")
    place.shelf.shown = (png, odd)
    page = (await place.get(PAGE, place.signed_in())).text
    picture = await place.get(f"{PAGE}/files/graph.png", place.signed_in())
    text = await place.get(f"{PAGE}/files/x.html", place.signed_in())

    assert f'<img src="{PAGE}/files/graph.png" alt="fell">' in page
    assert (picture.headers["content-type"], picture.content) == ("image/png", b"\x89PNG")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await place.get(f"{PAGE}/files/other", place.signed_in())).status_code == 404


async def test_a_list_is_passed_on_by_its_address_page_by_page(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 70)
    async with sites.served(ledger) as place:
        first = (await place.get("/runs?environment=production", place.signed_in())).text
        older = first.partition('class="more"><a href="')[2].partition('"')[0]
        second = (await place.get(older.replace("&amp;", "&"), place.signed_in())).text
        nothing = [(await place.get(f"/runs?state=nonsense&before=x&day={day}&when=z",
                                    place.signed_in())).text.count("<li>")
                   for day in ("y", "9999-12-31")]  # fmt: skip

    assert (first.count("<li>"), second.count("<li>")) == (50, 20)
    assert "environment=production" in older
    assert nothing == [50, 50], "what makes no sense is as if it were not there"


async def test_a_ledger_that_cannot_be_read_is_said_calmly(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 3)
    async with sites.served(ledger) as place:
        ledger.write_bytes(b"torn" * 5000)
        answers = [
            await place.get(one, place.signed_in()) for one in ("/runs", "/incidents/inc-a1")
        ]

    assert [(one.status_code, one.headers["retry-after"]) for one in answers] == [(503, "5")] * 2
    assert all("cannot be read" in one.text for one in answers)


async def test_a_report_is_made_once_for_all_who_look_within_a_minute(place: Place) -> None:
    asked: list[object] = []
    between = place.shelf.between

    async def counted(since: object, until: object) -> object:
        asked.append(until)
        return await between(since, until)  # type: ignore[arg-type]

    place.shelf.between = counted  # type: ignore[assignment,method-assign]
    pages = await asyncio.gather(*(place.get("/reports", place.signed_in()) for _ in range(5)))

    assert {one.status_code for one in pages} == {200}
    assert len({one.text for one in pages}) == 1
    assert len(asked) == 1


def test_what_is_no_markup_of_ours_is_a_text() -> None:
    made = markup.tag("p", "<b>&\u202e", markup.tag("i", "x"), title='"><script>')

    assert made.text == ('<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;⟨U+202E⟩<i>x</i></p>')


@pytest.mark.parametrize(
    "where", ["javascript:alert(1)", "//evil.example", "/\\evil", "data:x", ""]
)
def test_an_address_that_leads_astray_is_never_written(where: str) -> None:
    for name in markup.ADDRESSES:
        with pytest.raises(ValueError, match="no address"):
            markup.tag("a", "x", **{name: where})
