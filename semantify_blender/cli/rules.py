"""Options that would silently win over each other: naming both is an error, told before anything is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import SemantifyError


@dataclass(frozen=True)
class Rule:
    """`options` have nothing to do where `because` is given; not_given turns it round: where it is missing.

    verbs: where the rule holds. All names are destinations, as argparse has them. why: the rest of the sentence.
    """

    verbs: tuple[str, ...]
    because: str
    options: tuple[str, ...]
    why: str
    not_given: bool = False


RULES = (
    Rule(
        ("run",),
        "descriptors",
        ("preset", "count", "threshold", "add_back", "keep_non_directional", "lexicon", "signed_correlation"),
        "--descriptors names exactly the sliders, so nothing is chosen",
    ),
    Rule(("train",), "descriptors", ("selection",), "--descriptors names the words instead of a selection"),
    Rule(
        ("evaluate",),
        "image_to_shape",
        ("no_render", "no_save", "selection", "scores", "steps", "picture_width"),
        "--image-to-shape measures fits to pictures, not sliders",
    ),
    Rule(
        ("evaluate",),
        "photographs",
        (
            "dataset",
            "image_to_shape",
            "fitter",
            "shapes",
            "subjects",
            "picture_size",
            "engines",
            "outfit",
            "clip",
            "device",
            "batch",
            "no_render",
            "no_save",
            "selection",
            "scores",
            "steps",
            "picture_width",
            "picture_samples",
            "blender",
        ),
        "--photographs fits pictures that there are, with what is embedded",
    ),
    Rule(("evaluate",), "photographs", ("labels",), "it says what --photographs show", not_given=True),
    Rule(
        ("evaluate",),
        "image_to_shape",
        ("fitter", "shapes", "subjects", "picture_size", "engines", "outfit"),
        "it says how fits to pictures are measured, which --image-to-shape asks for",
        not_given=True,
    ),
    Rule(
        ("evaluate",),
        "no_render",
        ("steps", "picture_width", "picture_samples", "blender"),
        "--no-render leaves out what Blender does",
    ),
    Rule(
        ("evaluate", "report"),
        "selection",
        ("scores",),
        "its histograms belong to the choice of words, which --selection names",
        not_given=True,
    ),
    Rule(("report",), "mapper", ("model", "with_geometry"), "it is said of a --mapper", not_given=True),
    Rule(("report",), "selection", ("dataset",), "it shows the clusters of a --selection", not_given=True),
    Rule(("run", "train"), "low_score", ("low",), "--low-score says where the low end is"),
    Rule(("run", "train"), "high_score", ("high",), "--high-score says where the high end is"),
    Rule(
        ("study",),
        "data",
        ("training_seeds", "clip", "device", "batch"),
        "mappers are trained again on --data only",
        not_given=True,
    ),
    Rule(("table1",), "only", ("model",), "--only names all the models there are to be"),
)


def check_rules(values: Mapping[str, Any], given: frozenset[str]) -> None:
    """Raise SemantifyError for options that would be dropped without a word.

    values: destination -> value, of a whole command line. given: the destinations that it really names.
    """
    verb = values["verb"]
    for rule in RULES:
        if verb in rule.verbs and (rule.because in given) != rule.not_given:
            idle = [name for name in rule.options if name in given]
            if idle:
                raise SemantifyError(f"{_flags(idle)} cannot be used here: {rule.why}; leave {_one(idle)} out")
    if {"words", "vocabulary"} <= given and values["clip"] != "small":
        raise SemantifyError("--words and --vocabulary both say which words to try: give one of them")
    if verb in ("run", "train"):
        _check_cycle(values, given)
        idle = [name for name in ("low", "high") if name in given]
        if values["recipe"] == "authors" and idle:
            why = "--recipe authors has its ends as scores"
            raise SemantifyError(f"{_flags(idle)} cannot be used here: {why}; leave {_one(idle)} out")


def _check_cycle(values: Mapping[str, Any], given: frozenset[str]) -> None:
    """Options that weigh within the cycle term, or compare it, mean nothing where it is off."""
    cycle = values["cycle"]
    off = cycle == 0 or (cycle is None and values["recipe"] != "default")
    idle = [name for name in ("hold", "rest", "compare") if name in given]
    if off and idle:
        how = "--cycle 0" if cycle == 0 else f"--recipe {values['recipe']}"
        raise SemantifyError(f"{_flags(idle)} cannot be used here: {how} has no cycle term; leave {_one(idle)} out")


def _flags(names: Sequence[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _one(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
