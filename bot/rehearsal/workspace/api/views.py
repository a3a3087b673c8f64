"""Modals and the Home tab, as the bot shows them."""

from __future__ import annotations

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused


def opened(office: Office, args: Args) -> Json:
    view = args.json("view")
    trigger = office.triggers.take(args.need("trigger_id"))
    return {"view": office.views.open(trigger.user, view)}


def push(office: Office, args: Args) -> Json:
    view = args.json("view")
    trigger = office.triggers.take(args.need("trigger_id"))
    if trigger.view_id is None:
        raise Refused("invalid_trigger_id")
    return {"view": office.views.push(trigger.user, view)}


def update(office: Office, args: Args) -> Json:
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise Refused.arguments("missing required field: view_id [json-pointer:/view_id]")
    shown = office.views.find(view_id=view_id, external_id=external_id)
    return {"view": office.views.update(shown, args.json("view"), args.text("hash"))}


def publish(office: Office, args: Args) -> Json:
    user = args.need("user_id")
    if user not in office.world.people:
        raise Refused("user_not_found")
    return {"view": office.views.publish(user, args.json("view"), args.text("hash"))}


METHODS = {
    "views.open": Method(opened),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
