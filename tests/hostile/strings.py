"""Strings that break careless programs: our own, and a well-known list where it lies beside the checkout."""

import json
from pathlib import Path

_LIST = Path(__file__).resolve().parents[3] / "shared/inputs/i18n/big-list-of-naughty-strings__blns.json"
# Each is also a mark: whoever finds it in a page knows that it was not escaped.
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><b>bold</b>",
    "javascript:alert(1)//<i>",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
)
TEMPLATES = (
    "{{ 7*7*1337 }}",
    "{% raw %}",
    "${7*7}",
    "#{7*7}",
    "%(name)s",
    "%s%n%x",
    "{0.__class__}",
    "<%= 1 %>",
)
DATABASES = ("'; DROP TABLE casework_case; --", "1 OR 1=1", "\\", "'", '"', "%_", "\\x00")
SHAPES = (
    "\x00",
    "a\x00b",
    "\x01\x02\x1f\x7f\x80\x9f",
    "\ufeffstart",
    "\u202egnip.exe",
    "\u200b\u200c\u200d\u2060",
    "e\u0301" * 30,
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇰🇪",
    "ﷺ" * 20,
    "ﬁﬂ ½ Ⅷ ㎏",
    "İstanbul ıI ß ẞ",
    "١٢٣٤ १२३ 𝟙𝟚𝟛 ²",
    "مرحبا‎ שלום",
    "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "\n\r\n\t\v\f\x85\u2028\u2029",
    "   ",
    "-0",
    "1e400",
    "NaN",
    "Infinity",
    "0x1F",
    "99999999999999999999999999",
    "-" * 4000,
    "9" * 5000,
    "a" * 100_000,
    "ก" * 20_000,
    "null",
    "None",
    "true",
    "../../../etc/passwd",
    "CON",
    "file:///etc/passwd",
    "2026-02-31",
    "+254 700 000000\r\nBcc: x@example.com",
    "a@b@c",
    "a@xn--\x80.example",
    "x@" + "a" * 300 + ".example",
    '"<script>"@example.com',
)
OURS = (*MARKUP, *TEMPLATES, *DATABASES, *SHAPES)


def listed() -> tuple[str, ...]:
    """The well-known list; empty where it does not lie beside the checkout."""
    return tuple(json.loads(_LIST.read_text(encoding="utf-8"))) if _LIST.exists() else ()
