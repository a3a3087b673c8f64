"""Uploads in Slack's three steps: ask for a URL, send the content there, complete it."""

from __future__ import annotations

import mimetypes

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import StoredFile, World

PREVIEW_LENGTH = 1000


def upload_url(office: Office, args: Args) -> Json:
    name, world = args.need("filename"), office.world
    if args.number("length", 0) <= 0:
        raise Refused.arguments("must be more than 0 [json-pointer:/length]")
    file_id = world.new_id("F")
    world.files[file_id] = StoredFile(_about(world, file_id, name, args.number("length", 0)))
    return {"upload_url": f"{world.url}/upload/v1/{file_id}", "file_id": file_id}


def complete(office: Office, args: Args) -> Json:
    world, named = office.world, args.json("files")
    if not isinstance(named, list) or not named:
        raise Refused.arguments("missing required field: files [json-pointer:/files]")
    if not all(isinstance(one, dict) for one in named):
        raise Refused.arguments("must provide objects [json-pointer:/files]")
    files = [_uploaded(world, one.get("id", "")) for one in named]
    where = [args.text("channel_id") or "", *args.words("channels")]
    channels = [office.inside(channel) for channel in where if channel]
    thread = args.text("thread_ts")
    if thread and len(channels) > 1:
        raise Refused("invalid_thread_ts")
    for one, file in zip(named, files, strict=True):
        file.shared = True
        file.about["title"] = one.get("title") or file.about["name"]
    for channel in channels:
        _share(office, channel, thread, files, args.text("initial_comment"))
    return {"files": [{"id": f.about["id"], "title": f.about["title"]} for f in files]}


def one_file(office: Office, args: Args) -> Json:
    return {"file": _uploaded(office.world, args.need("file")).about}


def _about(world: World, file_id: str, name: str, size: int) -> Json:
    kind, _ = mimetypes.guess_type(name)
    link = f"{world.url}/files/{file_id}/{name}"
    return {
        "id": file_id,
        "created": world.seconds(),
        "timestamp": world.seconds(),
        "name": name,
        "title": name,
        "mimetype": kind or "application/octet-stream",
        "filetype": name.rpartition(".")[2] or "binary",
        "user": world.app.user_id,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "url_private": link,
        "url_private_download": link,
        "permalink": link,
        "channels": [],
        "shares": {},
    }


def _uploaded(world: World, file_id: str) -> StoredFile:
    file = world.files.get(file_id)
    if file is None or file.content is None:
        raise Refused("file_not_found")
    return file


def _share(
    office: Office, channel: str, thread: str | None, files: list[StoredFile], comment: str | None
) -> None:
    message = office.messages.by_bot(
        channel,
        subtype="file_share",
        text=comment,
        thread_ts=thread,
        upload=True,
        files=[file.about for file in files],
    )
    for file in files:
        file.about["channels"].append(channel)
        shares = file.about["shares"].setdefault("public", {})
        shares.setdefault(channel, []).append({"ts": message["ts"]})


def stored(world: World, file_id: str, content: bytes) -> StoredFile | None:
    """Takes the uploaded content; None when no such upload is waited for."""
    file = world.files.get(file_id)
    if file is None or file.content is not None:
        return None
    file.content = content
    file.about["size"] = len(content)
    if file.about["mimetype"].startswith("text/") or file.about["filetype"] in {"json", "md"}:
        file.about["preview"] = content.decode(errors="replace")[:PREVIEW_LENGTH]
    return file


METHODS = {
    "files.getUploadURLExternal": Method(upload_url, "files:write"),
    "files.completeUploadExternal": Method(complete, "files:write"),
    "files.info": Method(one_file, "files:read"),
}
