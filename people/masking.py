"""How a name is shown to those who need not know it: the one masking function (design D12).

Invariant: what comes out never holds the whole name.
"""

from __future__ import annotations

MASK = "〇"


def masked(name: str) -> str:
    """A name that tells enough to its owner and little to a stranger: 王〇芳, 王〇, L〇 M〇."""
    words = name.split()
    if len(words) == 1 and not name.isascii():
        return _masked_word(words[0])
    return " ".join(word[:1] + MASK for word in words)


def _masked_word(word: str) -> str:
    if len(word) <= 2:
        return word[:-1] + MASK
    return word[0] + MASK * (len(word) - 2) + word[-1]
