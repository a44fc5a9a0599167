"""What all command lines of this project share: options with limits, errors of one sentence, helps that tell defaults.

Standard library only, for Blender's process and the training side.
"""

import argparse
import contextlib
import copy
import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from ..core.errors import SemantifyError

SAMPLER_HELP = "default: population where the model has one, sparse for a mesh's shape keys, else uniform"
RECIPE_NAMES = ("default", "paper", "authors")
"""As `training.mapper.recipe.RECIPES` has them."""
LARGEST_SEED = 2**31 - 1
"""scikit-learn takes no seed of more than 32 bits, and some steps add to it."""


class HelpFormatter(argparse.HelpFormatter):
    """Adds a default where there is one to tell, and the help does not speak of it already."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help
        default = action.default
        nothing = default is None or isinstance(default, bool) or default == [] or default == argparse.SUPPRESS
        if nothing or not text or not action.option_strings or "default" in text:
            return text
        shown = " ".join(map(str, default)) if isinstance(default, list | tuple) else str(default)
        return f"{text} (default: {shown.replace('%', '%%')})"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are SemantifyErrors that name the way out."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("formatter_class", HelpFormatter)
        super().__init__(*arguments, **options)

    def error(self, message: str) -> NoReturn:
        """Raise SemantifyError instead of ending the process."""
        message = re.sub(r"^argument ([^:]+): is ", r"\1 is ", message).removeprefix("argument ")
        raise SemantifyError(f"{message} ({self.prog} --help lists what there is)")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it, but a wrong option is answered with the nearest right one."""
        options, left = self.parse_known_args(args, namespace)
        if left:
            parser = _parser_of(self, options)
            known = [name for action in parser._actions for name in action.option_strings]
            option = left[0].split("=")[0]
            parser.error(f"{option}: there is no such option or argument{nearest(option, known)}")
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        choices = action.choices
        if choices is not None and value not in choices:
            known = list(map(str, choices))
            text = f"{value!r} is none of {', '.join(known)}{nearest(str(value), known)}"
            raise argparse.ArgumentError(action, text)


def nearest(text: str, known: Iterable[str]) -> str:
    """ "; did you mean 'train'?" for "trian", or nothing."""
    close = difflib.get_close_matches(text, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def given_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> frozenset[str]:
    """Destinations of the options that a command line really names, whatever values it gives them.

    words: a command line that `parser` has parsed without an error.
    """
    bare = copy.deepcopy(parser)
    _forget_defaults(bare)
    return frozenset(vars(bare.parse_args(words)))


def _forget_defaults(parser: argparse.ArgumentParser) -> None:
    parser._defaults.clear()
    for action in parser._actions:
        action.default = argparse.SUPPRESS
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                _forget_defaults(verb)


def _parser_of(parser: argparse.ArgumentParser, options: argparse.Namespace) -> argparse.ArgumentParser:
    """The parser of the chosen verb, or the parser itself."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and action.dest != argparse.SUPPRESS:
            return action.choices.get(str(getattr(options, action.dest, None)), parser)
    return parser


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """An argparse type: whole numbers from lowest to highest."""

    def parse(text: str) -> int:
        with contextlib.suppress(ValueError):
            # int() refuses thousands of digits with a ValueError of its own
            if lowest <= (value := int(text)) <= highest:
                return value
        raise argparse.ArgumentTypeError(f"is {text[:40]}: give a whole number from {lowest:,} to {highest:,}")

    return parse


def real(lowest: float, highest: float, above: bool = False) -> Callable[[str], float]:
    """An argparse type: finite numbers from lowest to highest. above: not lowest itself."""

    def parse(text: str) -> float:
        value = math.nan
        with contextlib.suppress(ValueError):
            value = float(text)
        if (lowest < value if above else lowest <= value) and value <= highest:
            return value
        span = f"above {lowest:g} and up to {highest:,g}" if above else f"from {lowest:g} to {highest:,g}"
        raise argparse.ArgumentTypeError(f"is {text[:40]}: give a number {span}")

    return parse


def word_ends(text: str) -> tuple[str, float, float]:
    """An argparse type: WORD=LOW:HIGH, percentiles."""
    word, _, ends = text.rpartition("=")
    low, _, high = ends.partition(":")
    with contextlib.suppress(ValueError):
        if word and 0 <= float(low) < 50 < float(high) <= 100:
            return word, float(low), float(high)
    raise argparse.ArgumentTypeError(f"is {text[:40]}: give a word and two percentiles, such as fat=5:98")


def word_scores(text: str) -> tuple[str, float, float, float | None]:
    """An argparse type: WORD=LOW:HIGH or WORD=LOW:HIGH:REST, scores."""
    word, _, ends = text.rpartition("=")
    with contextlib.suppress(ValueError):
        low, high, *rest = map(float, ends.split(":"))
        rising = [low, *rest, high]
        if word and len(rest) <= 1 and all(map(math.isfinite, rising)) and sorted({*rising}) == rising:
            return word, low, high, rest[0] if rest else None
    raise argparse.ArgumentTypeError(
        f"is {text[:40]}: give a word and scores of its ends, and of its rest if you like, such as small=0:50:20"
    )


SEED = whole(0, LARGEST_SEED)
"""An argparse type: seeds that every step takes."""
