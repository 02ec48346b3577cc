"""How hard a text is to read: a rough and honest measure, not a judgement.

Counts words in sentences and letters in words. It knows nothing of meaning, so it only ever warns.
"""

import re
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[.!?;:]+(?:\s+|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

# A sentence beyond this many words is hard for most readers, whatever the language.
_LONGEST_SENTENCE = 25
# Words of this many letters are long for the language; Indonesian and Swahili join what English parts.
_LONG_WORD = {"en": 12, "id": 13, "sw": 13}
_USUAL_LONG_WORD = 14
# In a text with at least so many words, more than this share of long ones is heavy going.
_ENOUGH_WORDS = 10
_MOST_LONG_WORDS = 0.25


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What makes a text hard: the words of its longest sentence, where too many, and its long words."""

    longest_sentence: int = 0
    long_words: tuple[str, ...] = ()


def difficulty(text: str, language: str) -> Difficulty | None:
    """None where nothing speaks against the text."""
    longest = max((len(_WORD.findall(sentence)) for sentence in _SENTENCE_END.split(text)), default=0)
    words = _WORD.findall(text)
    limit = _LONG_WORD.get(language, _USUAL_LONG_WORD)
    long_words = tuple(word for word in words if len(word) >= limit)
    heavy = len(words) >= _ENOUGH_WORDS and len(long_words) > _MOST_LONG_WORDS * len(words)
    if longest <= _LONGEST_SENTENCE and not heavy:
        return None
    return Difficulty(longest if longest > _LONGEST_SENTENCE else 0, long_words if heavy else ())
