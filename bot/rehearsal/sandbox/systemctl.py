"""The few words of systemctl that Heal says, passed on to the sandbox's supervisor.

A program of its own, started by its path: `systemctl.py SOCKET show -p ActiveState -- shop`.
Prints and exits as systemd's own does: a unit nobody knows can be shown, but not restarted.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from typing import Any

VERBS = ("show", "start", "stop", "restart", "is-active")
NOT_ACTIVE, NO_SUCH_UNIT = 3, 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="systemctl")
    parser.add_argument("socket")
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("-p", "--property", action="append", default=[], metavar="A,B")
    parser.add_argument("unit")
    args = parser.parse_args()
    reply = _ask(args.socket, args.verb, args.unit)
    properties: dict[str, str] = reply["properties"]
    if args.verb == "show":
        wanted = ",".join(args.property).split(",") if args.property else list(properties)
        print(*(f"{name}={properties[name]}" for name in wanted if name in properties), sep="\n")
        return 0
    if args.verb == "is-active":
        state = properties["ActiveState"]
        print(state)
        unknown = properties["LoadState"] == "not-found"
        return NO_SUCH_UNIT if unknown else 0 if state == "active" else NOT_ACTIVE
    if reply["says"]:
        print(reply["says"], file=sys.stderr)
    return int(reply["code"])


def _ask(path: str, verb: str, unit: str) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except OSError as error:
            sys.exit(f"Failed to connect to the sandbox: {error.strerror}")
        line.sendall(json.dumps({"verb": verb, "unit": unit}).encode() + b"\n")
        answer = line.makefile().readline()
    if not answer:
        sys.exit("The sandbox closed before it answered.")
    reply: dict[str, Any] = json.loads(answer)
    return reply


if __name__ == "__main__":
    sys.exit(main())
