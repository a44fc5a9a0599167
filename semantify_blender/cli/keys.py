"""The `keys` verb's options; what it does is in `rendering.keys`."""

import argparse
from pathlib import Path

from ..rendering.keys import open_blend, save_keys_model
from .progress import JsonProgress, TextProgress


def add_keys(verbs: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    keys = verbs.add_parser(
        "keys", prog="semantify keys", parents=[common], help="a mesh's own shape keys as a morphable model"
    )
    keys.set_defaults(run=_run)
    keys.add_argument("blend", nargs="?", type=Path, help=".blend file (default: the file that Blender has open)")
    keys.add_argument("--object", help="name of the mesh object (default: the only one that has shape keys)")
    keys.add_argument(
        "--include", nargs="+", default=[], metavar="NAME", help="only these keys: names, or patterns such as 'eye*'"
    )
    keys.add_argument(
        "--exclude", nargs="+", default=[], metavar="NAME", help="keys never to be touched: names or patterns"
    )
    keys.add_argument(
        "--include-driven", action="store_true", help="also keys with drivers or keyframes, which sliders leave alone"
    )
    keys.add_argument("--out", required=True, type=Path, help="NAME.model.npz")


def _run(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    if options.blend is not None:
        open_blend(options.blend)
    wanted = (options.include, options.exclude, options.include_driven)
    return {"file": str(save_keys_model(options.out, options.object, *wanted, progress))}
