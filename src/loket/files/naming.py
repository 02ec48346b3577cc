"""Names of files as people may safely see them and save them."""

import unicodedata

from loket.files.sniffing import EXTENSIONS

_LONGEST = 120
# Control, format (right-to-left overrides hide an extension), surrogate, private and unassigned characters,
# line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE = frozenset('<>:"|?*%;')


def safe_name(name: str, media_type: str) -> str:
    """`name` without folders or odd characters, short, and ending in an extension of its real type."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(
        "_" if letter in _UNSAFE else letter for letter in last if unicodedata.category(letter) not in _UNSEEN
    )
    stem = " ".join(seen.split()).strip(". ")
    extensions = EXTENSIONS[media_type]
    extension = next((known for known in extensions if stem.lower().endswith(known)), "")
    stem = stem[: len(stem) - len(extension)].rstrip(". ")
    return (stem[:_LONGEST] or "file") + (extension or extensions[0])
