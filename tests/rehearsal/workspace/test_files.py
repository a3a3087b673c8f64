"""Uploads in three steps, as `files_upload_v2` does them."""

from __future__ import annotations

import aiohttp
import pytest

from bot.rehearsal.workspace import Workspace
from tests.rehearsal.workspace.typed import Client, Http, Refusal


async def test_an_uploaded_file_stands_in_the_thread_and_can_be_read(
    workspace: Workspace, client: Client, http: Http
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="run 7")
    answer = await client.files_upload_v2(
        channel="C0ALERTS",
        thread_ts=root["ts"],
        filename="transcript.md",
        title="Transcript",
        content="# Run 7\nall well",
        initial_comment="the proof",
    )

    reply = workspace.thread("alerts", root["ts"])[1]
    async with http.get(reply["files"][0]["url_private"]) as page:
        read, kind = await page.text(), page.headers["Content-Type"]

    assert answer["files"][0]["title"] == "Transcript"
    assert (reply["text"], reply["subtype"]) == ("the proof", "file_share")
    assert reply["files"][0]["preview"].startswith("# Run 7")
    assert (read, kind) == ("# Run 7\nall well", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("run.txt", "text/plain; charset=utf-8"),
        ("run.json", "application/json"),
        ("run.html", "application/octet-stream"),
    ],
)
async def test_only_plain_kinds_are_shown_in_the_browser(
    workspace: Workspace, client: Client, http: Http, name: str, kind: str
) -> None:
    await client.files_upload_v2(channel="C0ALERTS", filename=name, content="<b>x</b>")
    file = workspace.messages("alerts")[0]["files"][0]

    async with http.get(file["url_private"]) as page:
        assert page.headers["Content-Type"] == kind
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert ("attachment" in page.headers.get("Content-Disposition", "")) is ("octet" in kind)


async def test_nothing_is_shared_before_it_was_uploaded(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": asked["file_id"], "title": "A"}]

    answer = await refusal(client.files_completeUploadExternal(files=files, channel_id="C0ALERTS"))

    assert answer["error"] == "file_not_found"
    assert workspace.messages("alerts") == []


async def test_an_upload_url_takes_one_file(
    workspace: Workspace, client: Client, http: Http
) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    form = aiohttp.FormData()
    form.add_field("file", b"abc", filename="a.txt")

    async with http.post(asked["upload_url"], data=form) as first:
        assert first.status == 200
    async with http.post(asked["upload_url"], data=b"xyz") as second:
        assert second.status == 404

    assert workspace.files[asked["file_id"]].content == b"abc"


async def test_a_file_is_read_back_only_with_the_scope_for_it(
    client: Client, refusal: Refusal
) -> None:
    assert (await refusal(client.files_info(file="F1")))["needed"] == "files:read"
