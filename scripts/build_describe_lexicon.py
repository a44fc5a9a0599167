"""Make `describe.json`, what English words say about shapes, of the hand-written list and of WordNet.

Beside it `describe_related.json`: words that it does not know, and what to suggest for them (scripts/describe/related).

    python scripts/build_describe_lexicon.py --wordnet /usr/share/wordnet     (Debian: apt-get install wordnet-base)

WordNet completes what scripts/describe/words.toml says. A word has many senses, so a synset counts only where two words
of the list agree in it, by more than their sign, and none disagrees: its other words mean what those two mean on
average. From there come adverbs, nouns derived from adjectives, and the antonyms of their lemmas with all weights
turned. What was read and found to be nonsense is in the list's "refused".
"""

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.build_lexicon import ANTONYM, DERIVED, SIMILAR, WordNet
from scripts.describe.related import related
from scripts.repository import DATA, REPOSITORY
from semantify_blender.core.describe.items import Reader
from semantify_blender.core.describe.lexicon import NO_SHAPE, Lexicon
from semantify_blender.core.describe.tokens import bases, key_of
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.files.writing import write_json, write_text

SOURCE = REPOSITORY / "scripts" / "describe" / "words.toml"
OF_ADJECTIVE = "\\"
"""WordNet's pointer from an adverb to its adjective."""
AGREE = 0.8
"""Least cosine between the meanings of two words that are of one sense."""
VAGUE = {"bmi"}
"""What WordNet's clusters of "big" and "small" say, which are about anything but bodies."""
Meaning = dict[str, float]


def weights(text: str) -> Meaning:
    """A text like "height 1, fat -0.3" as a dictionary."""
    pairs = (part.strip().rpartition(" ") for part in text.split(","))
    return {name: float(weight) for name, _, weight in pairs}


def words_of(text: str) -> list[str]:
    """The words of a comma-separated list, as they are looked up."""
    return [key_of(word) for word in text.split(",") if key_of(word)]


def spread(table: dict[str, Any]) -> dict[str, Any]:
    """A table of "a, b" = value with a and b each. Raises SemantifyError for a word that is there twice."""
    found: dict[str, Any] = {}
    for text, value in table.items():
        for word in dict.fromkeys(words_of(text)):
            if word in found:
                raise SemantifyError(f"{SOURCE.name}: {word!r} is there twice")
            found[word] = value
    return found


def meanings(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Word -> {"kind", "means"} as they were written by hand. Raises SemantifyError for one that is there twice."""
    found: dict[str, dict[str, Any]] = {}
    for kind in ("adjectives", "nouns"):
        for group in source[kind]:
            for word in dict.fromkeys(words_of(group["words"])):
                if word in found:
                    raise SemantifyError(f"{SOURCE.name}: {word!r} means {found[word]['means']} and {group['means']}")
                found[word] = {"kind": kind[0], "means": weights(group["means"])}
    return found


def cosine(a: Meaning, b: Meaning) -> float:
    """How far two meanings are one."""
    norm = (sum(w * w for w in a.values()) * sum(w * w for w in b.values())) ** 0.5
    return sum(weight * b.get(name, 0.0) for name, weight in a.items()) / norm if norm else 0.0


def mean(of: list[Meaning]) -> Meaning:
    """The average of meanings, of two decimals; what is nearly nothing is left out."""
    names = {name for meaning in of for name in meaning}
    found = {name: round(sum(meaning.get(name, 0.0) for meaning in of) / len(of), 2) for name in sorted(names)}
    return {name: weight for name, weight in found.items() if abs(weight) >= 0.2}


class Completion:
    """What WordNet adds to the list."""

    def __init__(self, wordnet: WordNet, known: dict[str, dict[str, Any]], taken: set[str]) -> None:
        self.wordnet, self.known, self.taken = wordnet, known, taken
        self.added: dict[str, dict[str, Any]] = {}

    def run(self) -> dict[str, dict[str, Any]]:
        """Word -> {"kind", "means"} of all that is added."""
        for name, keys in sorted(self._senses().items()):
            meaning = self._agreed(keys)
            if meaning:
                self._sense(name, meaning)
        return self.added

    def _senses(self) -> dict[tuple[str, int], set[str]]:
        """Synset -> words of the list that are in it or, of adjectives, right beside it in its cluster."""
        found: dict[tuple[str, int], set[str]] = {}
        for word, entry in self.known.items():
            for key in self.wordnet.index.get(word.replace(" ", "_"), []):
                if (key[0] == "n") != (entry["kind"] == "n") or key[0] == "v":
                    continue
                found.setdefault(key, set()).add(word)
                for symbol, target, _, _ in self.wordnet.synset(key).pointers:
                    if symbol == SIMILAR:
                        found.setdefault(target, set()).add(word)
        return found

    def _agreed(self, words: set[str]) -> Meaning | None:
        """What the words of a sense mean together; None where they are one only, or not of one mind."""
        means = [self.known[word]["means"] for word in sorted(words)]
        if len(means) < 2 or any(cosine(means[0], other) < AGREE for other in means[1:]):
            return None
        return mean(means)

    def _sense(self, key: tuple[str, int], meaning: Meaning) -> None:
        synset = self.wordnet.synset(key)
        for lemma in synset.lemmas:
            self._add(lemma, key[0], meaning)
        for symbol, target, source, goal in synset.pointers:
            other = self.wordnet.synset(target)
            if symbol == ANTONYM and source:
                turned = {name: -weight for name, weight in meaning.items()}
                self._add(other.lemmas[goal - 1], target[0], turned)
            elif symbol == DERIVED and key[0] == "a" and target[0] == "n" and other.lemmas[goal - 1].endswith("ness"):
                self._add(other.lemmas[goal - 1], "n", meaning)

    def adverbs(self) -> None:
        """Those of adjectives that are known by now, where all of their senses are."""
        for adverb, keys in self.wordnet.index.items():
            sources = [
                self.wordnet.synset(target).lemmas[goal - 1].replace("_", " ")
                for key in keys
                if key[0] == "r"
                for symbol, target, _, goal in self.wordnet.synset(key).pointers
                if symbol == OF_ADJECTIVE
            ]
            known = self.known | self.added
            means: list[Meaning] = [known[word]["means"] for word in sources if word in known]
            if means and len(means) == len(sources) and all(cosine(means[0], other) >= AGREE for other in means):
                self._add(adverb, "a", means[0])

    def _add(self, lemma: str, part: str, meaning: Meaning) -> None:
        word = key_of(lemma.replace("_", " "))
        compared = any(base in self.known for ending in ("er", "est") for base in bases(word, ending))
        if word and not compared and word not in self.known and word not in self.taken and not VAGUE & set(meaning):
            self.added.setdefault(word, {"kind": "n" if part == "n" else "a", "means": meaning})


def parts_of(source: dict[str, Any]) -> list[dict[str, Any]]:
    """Each with its words and, by dimension, weights."""
    return [
        {
            "words": words_of(part["words"]),
            "whole": part.get("whole", False),
            "says": {name: weights(text) for name, text in part.items() if name not in ("words", "whole")},
        }
        for part in source["parts"]
    ]


def grouped(words: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Words of one kind and meaning together: [{"kind", "means", "words"}]."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for word, entry in sorted(words.items()):
        found.setdefault((entry["kind"], *sorted(entry["means"].items())), []).append(word)
    return [{"kind": kind, "means": dict(means), "words": words} for (kind, *means), words in sorted(found.items())]


def build(source: dict[str, Any], wordnet: WordNet) -> dict[str, Any]:
    """All that `describe.json` holds."""
    known, parts = meanings(source), parts_of(source)
    grammar = {
        name: spread(source[name])
        for name in ("degrees", "comparatives", "superlatives", "steps", "negations", "strengthened")
    }
    ignored = sorted(set(words_of(source["ignored"]["words"].replace("\n", " "))))
    taken = (
        {word for part in parts for word in part["words"]}
        | set(ignored)
        | set(words_of(source["wordnet"]["refused"].replace("\n", " ")))
    )
    for table in grammar.values():
        taken |= set(table)
    modifiers = spread(source["modifiers"])
    completion = Completion(wordnet, known, taken | set(modifiers))
    completion.run()
    completion.adverbs()
    return {
        "source": "written by hand, completed with WordNet 3.0, whose licence is in lexicon.LICENSE",
        "written": grouped(known),
        "completed": grouped(completion.added),
        "parts": parts,
        "modifiers": {word: list(weights(text).items()) for word, text in sorted(modifiers.items())},
        "instead": {name: weights(text) for name, text in source["instead"].items()},
        **grammar,
        "ignored": ignored,
    }


def suggested(source: dict[str, Any], wordnet: WordNet, lexicon: Lexicon) -> dict[str, Any]:
    """All that `describe_related.json` holds. lexicon: the one that was just made."""
    reader = Reader(lexicon, {})
    taken = {word for word in wordnet.index if "_" not in word and all(item.known for item in reader.read(word))}
    taken |= set(words_of(source["wordnet"]["refused"].replace("\n", " ")))
    known = {key: "n" if word.noun else "a" for key, word in lexicon.words.items() if NO_SHAPE not in word.means}
    words = {word: ", ".join(others) for word, others in related(wordnet, known, taken).items()}
    return {"source": "WordNet 3.0, whose licence is in lexicon.LICENSE", "words": words}


def main() -> int:
    """Write `describe.json`, `describe_related.json`, and WordNet's licence beside them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with WordNet's index.* and data.* files")
    parser.add_argument("--out", type=Path, default=DATA / "describe.json")
    parser.add_argument("--show", action="store_true", help="print what WordNet adds, to be read")
    arguments = parser.parse_args()
    try:
        wordnet = WordNet(arguments.wordnet)
        source = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
        lexicon = build(source, wordnet)
    except SemantifyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    write_json(arguments.out, lexicon)
    beside = suggested(source, wordnet, Lexicon.load(arguments.out))
    write_json(arguments.out.with_name("describe_related.json"), beside)
    write_text(arguments.out.with_name("lexicon.LICENSE"), wordnet.licence)
    if arguments.show:
        for group in lexicon["completed"]:
            print(group["means"], ", ".join(group["words"]))
    written, completed = (sum(len(group["words"]) for group in lexicon[name]) for name in ("written", "completed"))
    print(f"{arguments.out}: {written} words and phrases by hand, {completed} by WordNet")
    print(f"{len(beside['words'])} more to be suggested for")
    return 0


if __name__ == "__main__":
    sys.exit(main())
