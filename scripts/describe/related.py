"""Words that the lexicon of descriptions does not know, with those of it that WordNet relates them to.

Only to be suggested: a word has many senses, and whoever wrote it says by a click whether this one was meant. So one
relation is enough here, where the lexicon itself asks that two words agree.
"""

from scripts.build_lexicon import DERIVED, SIMILAR, WordNet
from semantify_blender.core.describe.tokens import key_of

HYPERNYM = "@"
LIVING = {5, 8, 18}
"""WordNet's lexicographer files of nouns about animals, bodies and persons."""
SAME, NEAR = 1.0, 0.6
"""How much a word of the same sense counts, and one beside it."""
MOST = 2
"""How many are kept."""
Known = dict[str, str]
"""Word -> "a" or "n"."""


def related(wordnet: WordNet, known: Known, taken: set[str]) -> dict[str, list[str]]:
    """Unknown word -> words to suggest, the likeliest first. known: what may be suggested. taken: what is known."""
    files = _files(wordnet)
    found: dict[str, list[str]] = {}
    for lemma, keys in sorted(wordnet.index.items()):
        word = key_of(lemma.replace("_", " "))
        if not word.isalpha() or len(word) < 3 or word in taken or word in found:
            continue
        votes: dict[str, float] = {}
        # of both words the first sense, which is the most usual one: the further ones are rarely meant
        for key in sorted((key for key in keys if key[0] in "an"), key=lambda key: key[0])[:1]:
            if key[0] == "n" and files[key] not in LIVING:
                continue
            for other, weight in _beside(wordnet, key, lemma):
                if known.get(other) == key[0] and other != word:
                    votes[other] = max(votes.get(other, 0.0), weight)
        if votes:
            found[word] = [other for _, other in sorted((-weight, other) for other, weight in votes.items())[:MOST]]
    return found


def _beside(wordnet: WordNet, key: tuple[str, int], lemma: str) -> list[tuple[str, float]]:
    """Words whose first sense is this one, or right beside it."""
    synset = wordnet.synset(key)
    found = [(other, key, SAME) for other in synset.lemmas]
    for symbol, target, source, goal in synset.pointers:
        lemmas = wordnet.synset(target).lemmas
        if symbol == SIMILAR or (symbol == HYPERNYM and key[0] == "n"):
            found += [(other, target, NEAR) for other in lemmas]
        elif symbol == DERIVED and source and synset.lemmas[source - 1] == lemma:
            found.append((lemmas[goal - 1], target, NEAR))
    first = [(other, weight) for other, sense, weight in found if _first(wordnet, other, sense[0]) == sense]
    return [(key_of(other.replace("_", " ")), weight) for other, weight in first]


def _first(wordnet: WordNet, lemma: str, part: str) -> tuple[str, int] | None:
    """A word's most usual sense as a part of speech."""
    return next((key for key in wordnet.index.get(lemma, ()) if key[0] == part), None)


def _files(wordnet: WordNet) -> dict[tuple[str, int], int]:
    """Noun's synset -> number of the lexicographer file that it is in."""
    lines = [line.split(maxsplit=2) for line in wordnet.data["n"].decode().splitlines() if line[:1] != " "]
    return {("n", int(fields[0])): int(fields[1]) for fields in lines}
