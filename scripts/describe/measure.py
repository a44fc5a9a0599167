"""How much of written phrases is understood: signs that are right, and sliders moved that no phrase speaks of.

    python scripts/describe/measure.py            (--misses names what is wrong in the first set)
    python scripts/describe/measure.py --clip small     (by a CLIP instead: phrases that it knows all words of)

tests/core/describe/phrases.json is what the lexicon was made by; the second set, phrases_apart.json, was never looked
at for that, so its misses are not told. A sign is right when the slider moves that way from where it is, or comes to
rest where 0 is expected.
"""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.repository import REPOSITORY
from semantify_blender.core.describe.describing import Description, describe
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import load_mapper
from semantify_blender.core.mapper import Mapper

SETS = {name: REPOSITORY / "tests" / "core" / "describe" / f"{name}.json" for name in ("phrases", "phrases_apart")}
NEAR_REST = 0.05


@dataclass(frozen=True)
class Result:
    """right of asked signs; misses: what is wrong, a line each; stray: sliders moved that no phrase speaks of."""

    phrases: int
    asked: int
    right: int
    misses: list[str]
    stray: list[str]
    unnamed: list[str]


def measure_by_clip(phrases: list[dict[str, Any]], clip: str) -> Result:
    """The same by a CLIP, on phrases of words that it knows, without those that count from where sliders are."""
    from semantify_blender.training.described import describe as describe_by

    mappers = {name: load_mapper(name) for name in {phrase["mapper"] for phrase in phrases}}
    known, said = [], {}
    for phrase in phrases:
        with suppress(SemantifyError):
            if not phrase.get("now"):
                key = (phrase["mapper"], phrase["text"])
                said[key] = describe_by(mappers[key[0]], key[1], clip=clip)
                known.append({**phrase, "unknown": []})
    names = {id(mapper): name for name, mapper in mappers.items()}
    return measure(known, lambda mapper, text, _: said[names[id(mapper)], text], mappers)


def measure(
    phrases: list[dict[str, Any]],
    describe: Callable[[Mapper, str, list[float]], Description] = describe,
    mappers: dict[str, Mapper] | None = None,
) -> Result:
    """Try phrases: {"text", "mapper", "signs": {word: −1, 0, 1}, "may": {word: signs}, "now", "unknown"}."""
    asked, right, misses, stray, unnamed = 0, 0, [], [], []
    mappers = mappers or {name: load_mapper(name) for name in {phrase["mapper"] for phrase in phrases}}
    for phrase in phrases:
        mapper = mappers[phrase["mapper"]]
        now = [phrase.get("now", {}).get(word, 0.0) for word in mapper.descriptors]
        said = describe(mapper, phrase["text"], now)
        moved = {mapper.descriptors[i]: (value, value - now[i]) for i, value in said.sliders.items()}
        for word, sign in phrase["signs"].items():
            asked += 1
            if word in moved and _is(sign, *moved[word]):
                right += 1
            else:
                misses.append(f"{phrase['text']!r}: {word} {sign:+d}, got {moved.get(word, 'nothing')}")
        may = phrase.get("may", {})
        for word in moved.keys() - phrase["signs"].keys():
            if not any(_is(sign, *moved[word]) or abs(moved[word][1]) < NEAR_REST for sign in may.get(word, ())):
                stray.append(f"{phrase['text']!r}: {word} {moved[word][0]:+.2f}")
        if sorted(said.unknown) != phrase.get("unknown", []):
            unnamed.append(f"{phrase['text']!r}: {', '.join(said.unknown)}")
    return Result(len(phrases), asked, right, misses, stray, unnamed)


def _is(sign: int, value: float, change: float) -> bool:
    return abs(value) < NEAR_REST if sign == 0 else change * sign > NEAR_REST / 2


def main() -> int:
    """Print both sets' figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="name what is wrong in the first set")
    parser.add_argument("--clip", help="measure what this CLIP makes of the phrases, as --clip of semantify run")
    arguments = parser.parse_args()
    for name, path in SETS.items():
        phrases = json.loads(path.read_text(encoding="utf-8"))
        found = measure_by_clip(phrases, arguments.clip) if arguments.clip else measure(phrases)
        share = f"{100 * found.right / max(found.asked, 1):.1f} %"
        print(
            f"{name}: {found.phrases} phrases, {found.right} of {found.asked} signs right ({share}), "
            f"{len(found.stray)} sliders moved that were not spoken of, "
            f"{len(found.unnamed)} phrases in which other words are unknown than expected"
        )
        if arguments.misses and name == "phrases":
            print(*found.misses, "-- stray", *found.stray, "-- unknown", *found.unnamed, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
