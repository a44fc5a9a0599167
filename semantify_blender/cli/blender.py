"""Verbs that a Blender process answers: their words go there as they are, less what is about the process itself."""

import sys
from collections.abc import Sequence

from ..core.errors import SemantifyError
from ..processes.blender import pass_on

BLENDER_VERBS = {
    "render": ("dataset", "render a dataset with Blender"),
    "keys": ("keys", "make a morphable model of a .blend mesh's own shape keys"),
    "fit": ("fit", "fit shapes to pictures"),
}
"""Name -> (its verb of `cli.rendering`, help)."""
_WITH_STDIN = "--end-with-stdin"


def hand_over(words: Sequence[str]) -> int:
    """`semantify render …`, `keys …`, `fit …`: have a Blender process do it. Returns its exit status.

    Raises SemantifyError when it cannot be started, and for --blender without a program.
    """
    if words[0] == "render":
        from .render import render

        return render(words[1:])
    verb, arguments = for_blender(words)
    blender = None
    if "--blender" in arguments:
        at = arguments.index("--blender")
        if at + 1 == len(arguments):
            raise SemantifyError("--blender: give the Blender program after it")
        blender = arguments[at + 1]
        del arguments[at : at + 2]
    # the child ends with its own standard input, whether this is asked or not
    left = [word for word in arguments if word != _WITH_STDIN]
    return pass_on(verb, left, blender, end_with_stdin=len(left) < len(arguments))


def for_blender(words: Sequence[str]) -> tuple[str, list[str]]:
    """The verb and the arguments of a Blender process. A full CLIP runs in this Python, unless another one is named."""
    verb, arguments = BLENDER_VERBS[words[0]][0], list(words[1:])
    if verb == "fit" and not any(word.split("=")[0] == "--python" for word in arguments):
        arguments += ["--python", sys.executable]
    return verb, arguments
