"""
What a secret looks like: the forms of known vendors, and the names that secrets stand under.

Whoever writes an alert chooses the text that is searched here, so every pattern is linear: it
begins at a place that it cannot try again, and what it repeats is bounded.
"""

from __future__ import annotations

import re

_WORD = (
    r"(?:pass(?:word|wd|phrase)|pwd|credentials?|token"
    r"|secret(?:[_-]?key(?:[_-]?base)?)?"
    r"|(?:api|access|account|private|auth|signing|encryption|application)[_-]?key)"
)
_VALUE = r"(?:(\\{0,8}[\"'])[^\"'\\\n]{1,500}|[^\s\"',;&<>\\]{4,})"
"""What stands under a secret's name: in quotes to their end, else one word."""

TOKENS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bxox[abeoprs](?:\.xox[abeoprs])?-[A-Za-z0-9-]{8,}",
        r"\bxapp-[A-Za-z0-9-]{8,}",
        r"\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"\bgl(?:pat|rt|dt|ptt)-[A-Za-z0-9_-]{16,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}",
        r"\b1//0[A-Za-z0-9_-]{30,}",
        r"\bsk-[A-Za-z0-9_-]{20,}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/=]{20,}",
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"\b(?:hf|npm|r8)_[A-Za-z0-9]{30,}|\brubygems_[a-f0-9]{40,}|\bpypi-[A-Za-z0-9_-]{30,}",
        r"\bdckr_[op]at_[A-Za-z0-9_-]{20,}|\bdo[opr]_v1_[a-f0-9]{40,}|\bdapi[a-f0-9]{32}",
        r"\bhv[bs]\.[A-Za-z0-9_-]{20,}|\.atlasv1\.[A-Za-z0-9_-]{40,}",
        r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|\bsq0(?:atp|csp)-[A-Za-z0-9_-]{20,}",
        r"\bgl(?:sa|c)_[A-Za-z0-9_=+/]{30,}|\bNRA[A-Z]-[A-Z0-9]{20,}|\bdt0[a-z]\d\d\.[A-Z0-9.]{20,}",
        r"\bsntry[su]_[A-Za-z0-9_=+/]{30,}|\bAT[AB]TT[A-Za-z0-9_=-]{30,}",
        r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}|\bkey-[a-f0-9]{32}|\b[a-f0-9]{32}-us\d\d?\b",
        r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{30,}|\bAGE-SECRET-KEY-1[A-Z0-9]{40,}",
        r"\$(?:apr1|1|2[aby]|5|6|y)\$[A-Za-z0-9./$=]{16,200}",
        (
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
            r"[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    )
)
"""Secrets that are known by themselves."""

AFTER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b((?:Bearer|Basic|Token token=|GenieKey)\s?)[A-Za-z0-9._~+/=-]{8,}",
        (
            r"(authorization[\"'\\]{0,9}\s{0,3}[:=]\s{0,3}[\"'\\]{0,9}(?:[a-z][\w-]{1,20}\s{1,3})?)"
            r"(?=[^\s\"',;]{0,40}\d)[^\s\"',;\\]{9,}"
        ),
        r"(cookie[\"']?\s{0,3}:\s{0,3})[^\r\n]+",
        r"(hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/)[^\s\"'<>|]+",
        r"(discord(?:app)?\.com/api/webhooks/\d{1,30}/)[^\s\"'<>|]+",
        r"(webhook\.office\.com/webhookb2/)[^\s\"'<>|]+",
        r"([?&;](?:sig|(?:x-(?:amz|goog)-)?signature|x-amz-security-token)=)[^\s\"'&]{8,}",
        rf"((?:\s|^)--?[\w-]{{0,40}}{_WORD}\s{{1,3}}[\"']?)(?![-\"'])[^\s\"']{{4,}}",
        r"(\s(?:-u|--user)[\s=]{1,3}[^\s:]{1,100}:)[^\s]{1,200}",
        r"(\bsshpass\s{1,3}-p\s{0,3})[^\s]{1,200}",
        r"(\blogin\s{1,3}[^\s]{1,100}\s{1,3}password\s{1,3})[^\s]{1,200}",
        rf"(<[\w:.-]{{0,40}}{_WORD}>)[^<]{{1,500}}",
        r"([\"']auth\\{0,8}[\"']\s{0,3}:\s{0,3}\\{0,8}[\"'])[^\"'\\]{8,}",
    )
)
"""Each begins with what stays to be read; the secret follows it."""

IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@]{0,100}:)[^\s/]{1,200}(@)", re.IGNORECASE)
NAMED = re.compile(
    rf"({_WORD}\\{{0,8}}[\"']?\s{{0,4}}(?:=>|[=:]|%3D|%3A)\s{{0,4}}){_VALUE}", re.IGNORECASE
)
KEY = re.compile(rf"{_WORD}$|(?:^|[_-])authorization$|(?:^|[_-])cookie$", re.IGNORECASE)
"""The names under which a text is a secret, whatever it looks like."""

HINTS = (
    "xox", "xapp-", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "glrt-",
    "gldt-", "glptt-", "akia", "asia", "aiza", "ya29.", "gocspx-", "1//0", "sk-", "k_live_",
    "k_test_", "whsec_", "eyj", "hf_", "npm_", "r8_", "rubygems_", "pypi-", "dckr_", "_v1_",
    "dapi", "hvb.", "hvs.", "atlasv1", "shp", "sq0", "glsa_", "glc_", "nra", "dt0", "sntry",
    "atatt", "atbtt", "sg.", "key", "-us", ":aa", "$", "bearer", "basic", "token", "auth",
    "cookie", "hooks", "webhookb2", "sig=", "ature=", "@", "pass", "pwd", "secret", "credential",
    "-u",
)  # fmt: skip
"""Every pattern here needs one of these, in some case: what holds none is not searched."""
