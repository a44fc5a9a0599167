"""Derive the compact synonym and antonym lexicon from WordNet's dictionary files.

    python scripts/build_lexicon.py --wordnet /usr/share/wordnet     (Debian: apt-get install wordnet-base)

For a two-word descriptor the first word is looked up (paper section 3.3), so entries are single words. Relations are
one step long. Synonyms: the lemmas of a word's synsets, the heads and satellites of its adjective clusters ("similar
to") and words derived from it. Antonyms: those of its synsets and of its clusters' heads.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.repository import DATA
from semantify_blender.core.descriptors import BODY_EXTRA, VOCABULARIES
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.files.writing import write_json, write_text

PARTS_OF_SPEECH = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
SIMILAR, ANTONYM, DERIVED = "&", "!", "+"


@dataclass(frozen=True)
class Synset:
    """kind: n, v, a, s (satellite adjective) or r. pointers: (relation, target key, source and target lemma from 1)."""

    kind: str
    lemmas: tuple[str, ...]
    pointers: tuple[tuple[str, tuple[str, int], int, int], ...]


class WordNet:
    """WordNet's `index.*` and `data.*` files (format: wndb(5WN))."""

    def __init__(self, folder: Path) -> None:
        self.data: dict[str, bytes] = {}
        self.index: dict[str, list[tuple[str, int]]] = {}
        for part, name in PARTS_OF_SPEECH.items():
            for kind in ("index", "data"):
                if not (folder / f"{kind}.{name}").is_file():
                    raise SemantifyError(f"{folder}: {kind}.{name} not found; give WordNet's dictionary folder")
            self.data[part] = (folder / f"data.{name}").read_bytes()
            for line in (folder / f"index.{name}").read_text(encoding="utf-8").splitlines():
                if not line.startswith(" "):
                    fields = line.split()
                    offsets = fields[6 + int(fields[3]) :]
                    self.index.setdefault(fields[0], []).extend((part, int(offset)) for offset in offsets)

    @property
    def licence(self) -> str:
        """The licence text at the head of every dictionary file, without its line numbers."""
        head = [line for line in self.data["a"].decode().splitlines()[:40] if line.startswith("  ")]
        return "\n".join(line.strip().partition(" ")[2].rstrip() for line in head) + "\n"

    def synset(self, key: tuple[str, int]) -> Synset:
        """Parse one line of a data file."""
        part, offset = key
        data = self.data[part]
        fields = data[offset : data.index(b"\n", offset)].decode().split(" | ")[0].split()
        count = int(fields[3], 16)
        lemmas = tuple(fields[4 + 2 * i].split("(")[0].lower() for i in range(count))
        at = 4 + 2 * count
        pointers = []
        for i in range(int(fields[at])):
            symbol, target, target_part, ends = fields[at + 1 + 4 * i : at + 5 + 4 * i]
            pointers.append((symbol, (target_part, int(target)), int(ends[:2], 16), int(ends[2:], 16)))
        return Synset(fields[2], lemmas, tuple(pointers))

    def relations(self, word: str) -> tuple[set[str], set[str]]:
        """Synonyms and antonyms of a word, one step away."""
        synonyms: set[str] = set()
        antonyms: set[str] = set()
        for key in self.index.get(word, []):
            synset = self.synset(key)
            synonyms.update(synset.lemmas)
            for symbol, target, source, goal in synset.pointers:
                if symbol not in (ANTONYM, DERIVED, SIMILAR):
                    continue
                other = self.synset(target)
                if symbol == ANTONYM:
                    # WordNet ties "narrow" to "wide" only; "broad", of the same synset, means its opposite too
                    antonyms.add(other.lemmas[goal - 1])
                elif symbol == DERIVED and synset.lemmas[source - 1] == word:
                    synonyms.add(other.lemmas[goal - 1])
                elif symbol == SIMILAR:
                    synonyms.update(other.lemmas)
                    if synset.kind == "s":  # the antonym of the cluster's head is the satellite's indirect antonym
                        for relation, opposite, _, lemma in other.pointers:
                            if relation == ANTONYM:
                                antonyms.add(self.synset(opposite).lemmas[lemma - 1])
        synonyms.discard(word)
        return synonyms - antonyms, antonyms - {word}


def plain(words: set[str]) -> list[str]:
    """Sorted, with WordNet's underscores as spaces."""
    return sorted(word.replace("_", " ") for word in words)


def build(wordnet: WordNet, descriptors: list[str]) -> dict[str, dict[str, list[str]]]:
    """First word of each descriptor -> {"synonyms", "antonyms"}."""
    heads = {descriptor.lower().split()[0] for descriptor in descriptors}
    heads |= {descriptor.lower() for descriptor in descriptors if " " not in descriptor}
    lexicon = {}
    for head in sorted(heads):
        synonyms, antonyms = wordnet.relations(head)
        lexicon[head] = {"synonyms": plain(synonyms), "antonyms": plain(antonyms)}
    return lexicon


def main() -> int:
    """Write `lexicon.json` and its licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with WordNet's index.* and data.* files")
    parser.add_argument("--words", nargs="*", default=[], help="further descriptors to include")
    parser.add_argument("--out", type=Path, default=DATA / "lexicon.json")
    arguments = parser.parse_args()
    vocabulary = [word for words in VOCABULARIES.values() for word in words] + list(BODY_EXTRA) + arguments.words
    try:
        wordnet = WordNet(arguments.wordnet)
        lexicon = build(wordnet, vocabulary)
    except SemantifyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    write_json(arguments.out, {"source": "WordNet 3.0", "words": lexicon})
    write_text(arguments.out.with_suffix(".LICENSE"), wordnet.licence)
    print(f"{arguments.out}: {len(lexicon)} words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
