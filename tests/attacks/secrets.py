"""Secrets of every known form, made up here, so that no scanner takes them for real ones."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from typing import NamedTuple

LETTERS = string.ascii_letters + string.digits
HEX, UPPER, DIGITS = "0123456789abcdef", string.ascii_uppercase + string.digits, string.digits


class Planted(NamedTuple):
    """A text, and the part of it that nobody may read."""

    said: str
    secret: str


# A tail: %a is letters and digits, %h hex, %u capitals, %d digits; the number is how many.
TOKENS = (
    "xoxb-%d12-%d12-%a24", "xoxp-%d12-%h32", "xoxe-1-%a40", "xoxe.xoxb-1-%a40", "xapp-1-A%u9-%h40",
    "AKIA%u16", "ASIA%u16", "ghp_%a36", "gho_%a36", "ghs_%a36", "ghu_%a36", "ghr_%a36",
    "github_pat_%a59", "glpat-%a20", "glrt-%a20", "gldt-%a20", "glptt-%h40", "AIza%a35",
    "ya29.%a60", "GOCSPX-%a28", "1//0g%a60", "eyJ%a30.eyJ%a50.%a43", "sk_live_%a24", "sk_test_%a24",
    "rk_live_%a24", "whsec_%a32", "sk-%a48", "sk-ant-api03-%a60", "hf_%a34", "r8_%a37",
    "SG.%a22.%a43", "key-%h32", "%h32-us12", "npm_%a36", "pypi-AgEIcHlwaS5vcmc%a60",
    "rubygems_%h48", "dckr_pat_%a27", "hvs.%a90", "hvb.%a90", "%a14.atlasv1.%a60", "dop_v1_%h64",
    "doo_v1_%h64", "shpat_%h32", "shpss_%h32", "sq0atp-%a22", "sq0csp-%a43", "dapi%h32",
    "glsa_%a32_%h8", "glc_%a60", "NRAK-%u27", "dt0c01.%u24.%u64", "sntrys_%a60", "ATATT3%a60",
    "%d9:AA%a33", "AGE-SECRET-KEY-1%u58", "$apr1$%a8$%a22", "$6$%a16$%a86", "$2b$12$%a53",
)  # fmt: skip
# The secret stands in {}.
PLACES = (
    "Authorization: Bearer {}", "authorization: Basic {}==", "Authorization: Token {}",
    '"Authorization": "{}"', "X-Api-Key: {}", "X-Auth-Token: {}", "X-Vault-Token: {}",
    "Cookie: session={}; theme=dark", "Set-Cookie: sid={}; Path=/", "GenieKey {}",
    "https://hooks.slack.com/services/T0A1/B0B2/{}", "https://discord.com/api/webhooks/12345/{}",
    "https://acme.webhook.office.com/webhookb2/{}", "AccountKey={};EndpointSuffix=x",
    "https://x.blob.core.windows.net/c?sv=2022&sig={}&se=2030", "?X-Amz-Signature={}&x=1",
    "postgres://app:{}@db.internal/shop", "amqps://u:{}@mq:5671/", "redis://:{}@cache:6379/0",
    "DB_PASSWORD={}", "PGPASSWORD={}", "MYSQL_PWD={}", "SECRET_KEY={}", "SECRET_KEY_BASE={}",
    "AWS_SECRET_ACCESS_KEY={}", "aws_session_token: {}", "clientSecret: {}",
    '{{"dbPassword":"{}"}}',
    '{{"accessToken": "{}"}}', '{{\\"password\\": \\"{}\\"}}', "password: '{}'",
    "mysql --password={} -h db", "deploy --token {} --now", "tool --db-password {}",
    "GET /x?access_token={}&y=1", "https://maps.example/x?api_key={}", "passphrase: {}",
    ':password => "{}"', "<password>{}</password>", "password   =   {}", "x?password%3D{}%26y",
    "Server=db;User Id=sa;Password={};Encrypt=1", '"auth": "{}"', "//registry/:_authToken={}",
    "machine db login app password {}", "curl -u admin:{} https://x", "sshpass -p {} ssh x",
    "private_key: {}", "api-key={}", "credentials: {}", "signing_key={}", "SharedAccessKey={};",
)  # fmt: skip
BEGIN, END = "-----BEGIN {}PRIVATE KEY{}-----", "-----END {}PRIVATE KEY{}-----"
PEMS = (
    ("RSA ", ""),
    ("EC ", ""),
    ("OPENSSH ", ""),
    ("", ""),
    ("ENCRYPTED ", ""),
    ("PGP ", " BLOCK"),
)


def planted(chance: random.Random) -> Iterator[Planted]:
    """One text for each form, each with another secret at each call."""
    for form in TOKENS:
        token = _filled(form, chance)
        yield Planted(f"it said {token} to us", token)
    for place in PLACES:
        secret = _some(LETTERS, 23, chance) + "7"
        yield Planted(place.format(secret), secret)
    for kind, block in PEMS:
        for newline in ("\n", "\\n"):
            key = _some(LETTERS, 64, chance)
            lines = (BEGIN.format(kind, block), key, END.format(kind, block))
            yield Planted(newline.join(lines), key)
            yield Planted(newline.join(lines[:2]), key)


def _filled(form: str, chance: random.Random) -> str:
    kinds = {"a": LETTERS, "h": HEX, "u": UPPER, "d": DIGITS}
    first, *rest = form.split("%")
    made = [first]
    for one in rest:
        count = one[1:3] if one[1:3].isdigit() and one[2:3] else one[1:2]
        tail = one[1 + len(count) :]
        made.append(_some(kinds[one[0]], int(count), chance) + tail)
    return "".join(made)


def _some(signs: str, count: int, chance: random.Random) -> str:
    return "".join(chance.choice(signs) for _ in range(count))
