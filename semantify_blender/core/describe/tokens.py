"""A line of text as words and breaks, and the words as the lexicon has them."""

import re
import unicodedata

LONGEST = 2000
"""Characters of a text that are read: a line, no book."""
BREAK, END = ",", "."
"""What commas, and what full stops, semicolons and the like become."""
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?![^\W\d_])|[^\W_]+(?:'[^\W_]+)?|[,;.!?:()/&\n]")
_APOSTROPHES = str.maketrans("’‘´`", "''''")
_MARKS = {",": BREAK, "(": BREAK, ")": BREAK, "/": "or", "&": "and"}


def tokens_of(text: str) -> list[str]:
    """Words in lower case and breaks; hyphens part words, "isn't" is "is", "not", and "'s" goes."""
    plain = unicodedata.normalize("NFC", text[:LONGEST]).translate(_APOSTROPHES).casefold()
    found: list[str] = []
    for token in _TOKEN.findall(plain):
        if not token[0].isalnum():
            found.append(_MARKS.get(token, END))
        elif token.endswith("n't"):
            found += ["can" if token == "can't" else token[:-3], "not"]
        else:
            found.append(token.partition("'")[0])
    return found


def key_of(word: str) -> str:
    """A word or phrase as the lexicon knows it: lower case, its parts between single blanks."""
    return " ".join(token for token in tokens_of(word) if token not in (BREAK, END))


def bases(word: str, ending: str) -> list[str]:
    """What a comparative ("er") or superlative ("est") may be of: "bigger" of "bigg", "bigge" and "big"."""
    if not word.endswith(ending) or len(word) < len(ending) + 3:
        return []
    stem = word[: -len(ending)]
    found = [stem, stem + "e"]
    if stem[-1] == "i":
        found.append(f"{stem[:-1]}y")
    if stem[-1] == stem[-2]:
        found.append(stem[:-1])
    return found


def singulars(word: str) -> list[str]:
    """What a plural may be of."""
    found = [f"{word[:-3]}y"] if word.endswith("ies") else []
    found += [word[:-2]] if word.endswith("es") else []
    return found + ([word[:-1]] if word.endswith("s") and len(word) > 3 else [])
