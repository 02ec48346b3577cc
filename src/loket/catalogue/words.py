"""Words as people type them into a search box."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

_MOST_WORDS = 8
_MOST_LETTERS = 40
_FUZZY_WORDS = 4
_LEAST_PREFIX = 3
# The least likeness (difflib's ratio) that still counts as the same word mistyped.
_LIKE = 0.74
_WORD = re.compile(r"\w+")

# PostgreSQL's text search configurations by language; it has none for Swahili.
CONFIGURATIONS: Mapping[str, str] = {"en": "english", "id": "indonesian"}
# Words too common to tell services apart, where PostgreSQL brings no list of its own.
_COMMON: Mapping[str, str] = {
    "id": "dan di ke dari yang untuk pada saya anda dengan ini itu",
    "sw": "ya wa na kwa la za cha vya ni katika yangu yako wangu wako kama au",
}


def configuration(language: str) -> str:
    return CONFIGURATIONS.get(language, "simple")


def words_of(text: str, language: str = "") -> tuple[str, ...]:
    """The distinct words that tell something, folded, in the order typed; few and short ones only.

    All of them where each is a common one.
    """
    folded = unicodedata.normalize("NFKC", text[:400]).casefold()
    words = tuple(dict.fromkeys(word[:_MOST_LETTERS] for word in _WORD.findall(folded)))[:_MOST_WORDS]
    common = _COMMON.get(language, "").split()
    telling = tuple(word for word in words if word not in common)
    return telling or words


def plain(word: str) -> str:
    """Without accents, so that a missing one is no mistake."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def raw_query(words: Iterable[str], operator: str) -> str:
    """A tsquery in which each word may go on, as in `'licen':* & 'renew':*`.

    A word of one or two letters stands for itself alone, or it would stand for everything. Words hold
    letters, digits and underscores, so that nothing needs quoting.
    """
    return f" {operator} ".join(f"'{word}'" + (":*" if len(word) >= _LEAST_PREFIX else "") for word in words)


def nearest(words: Iterable[str], vocabulary: Mapping[str, frozenset[int]]) -> tuple[int, ...]:
    """Whose words look most like `words`, best first, where every word of three letters or more does."""
    scores: dict[int, float] = {}
    telling = [word for word in words if len(word) >= _LEAST_PREFIX][:_FUZZY_WORDS]
    for number, word in enumerate(telling):
        found = _like(plain(word), vocabulary)
        if number == 0:
            scores = found
        else:
            scores = {owner: score + found[owner] for owner, score in scores.items() if owner in found}
    return tuple(sorted(scores, key=lambda owner: (-scores[owner], owner)))


def _like(word: str, vocabulary: Mapping[str, frozenset[int]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for near in difflib.get_close_matches(word, vocabulary, n=12, cutoff=_LIKE):
        likeness = difflib.SequenceMatcher(None, near, word).ratio()
        for owner in vocabulary[near]:
            found[owner] = max(found.get(owner, 0.0), likeness)
    return found
