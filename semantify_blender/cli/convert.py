"""`semantify convert`: any morphable model's own file to a local model file; needs NumPy alone."""

import argparse
from pathlib import Path
from typing import Any

from ..core.errors import SemantifyError
from ..core.families import Conversion, convert
from ..core.families.axes import DIRECTIONS
from ..core.families.open_kinds import OPEN
from ..core.families.research_model import KINDS, licence_line
from ..core.families.smal import ANIMALS, MEANS_FILE
from ..core.model.morphable_model import SUFFIX
from .options import real, whole


def add_convert(verbs: argparse._SubParsersAction, plain: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    text = "convert a model that you have (SMPL, FLAME, STAR, GNM, MHR, your own, …) to a model file"
    parser = verbs.add_parser(
        "convert", parents=[plain], help=text, description=f"{text[0].upper()}{text[1:]}; nothing in it is executed."
    )
    parser.set_defaults(run=run)
    parser.add_argument("file", type=Path, metavar="FILE", help="its .pkl, .npz, .npy or .pt, or its folder")
    parser.add_argument("--out", required=True, type=Path, help=f"NAME{SUFFIX}")
    parser.add_argument("--family", choices=("auto", *KINDS, *OPEN), default="auto", help="default: told by the file")
    parser.add_argument(
        "--components",
        type=whole(1, 1000),
        help="coefficients to keep (default: 10, as the paper, and all of single shapes)",
    )
    parser.add_argument(
        "--scale", type=real(0, 1e6, above=True), metavar="METRES", help="of one unit of the file: 0.01 for centimetres"
    )
    axes = {"choices": DIRECTIONS, "metavar": "AXIS"}
    parser.add_argument("--up", **axes, help=f"the file's upward axis: {', '.join(DIRECTIONS)}")  # type: ignore
    parser.add_argument("--front", **axes, help="where its face looks (default: z of y up, -y of z up)")  # type: ignore
    parser.add_argument("--neutral", type=Path, metavar="FILE", help="of a folder of meshes: the one at rest")
    parser.add_argument("--licence", metavar="TEXT", help="in place of what is known of the family's")
    parser.add_argument("--pose", choices=("a", "t"), help="of bodies: A-pose (default, as the paper) or T-pose")
    parser.add_argument("--jaw", action="store_true", help="FLAME expression: a last component that opens the jaw")
    parser.add_argument("--animal", metavar="NAME", help=f"SMAL: start from a mean, {', '.join(ANIMALS)}")
    parser.add_argument("--means", type=Path, metavar="FILE", help=f"SMAL: default {MEANS_FILE} beside the model")
    parser.add_argument("--masks", type=Path, metavar="FILE", help="FLAME: FLAME_masks.pkl, which knows the lips")
    parser.add_argument("--uv", type=Path, nargs="+", default=[], metavar="FILE", help=".obj, .npz, or vt and ft .npy")
    parser.add_argument("--texture", type=Path, metavar="FILE", help=".png, .jpg, or FLAME_texture.npz")
    parser.add_argument("--name", help="name of the model (default: family and variant)")
    parser.add_argument("--gender", choices=("neutral", "female", "male"), help="default: told by the file's name")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Convert, write and say what was made. Raises SemantifyError for a file or options that do not go."""
    out = options.out
    if not out.name.endswith(SUFFIX):
        out = out.with_name(out.name.removesuffix(".npz").removesuffix(".model") + SUFFIX)
    if len(options.uv) > 2:
        raise SemantifyError("--uv takes one file, or two .npy files, vt and ft")
    wanted = Conversion(
        family=options.family,
        components=options.components,
        pose=options.pose,
        jaw=options.jaw,
        animal=options.animal,
        means=options.means,
        uv=tuple(options.uv),
        texture=options.texture,
        masks=options.masks,
        name=options.name,
        variant=options.gender,
        scale=options.scale,
        up=options.up,
        front=options.front,
        neutral=options.neutral,
        licence=options.licence,
    )
    model = convert(options.file, wanted)
    model.save(out)
    if not options.json:
        print(f"{out}: {model.name}, {model.vertex_count} vertices, {model.component_count} components")
        print(licence_line(model) or f"licence: {model.metadata['licence']}")
    return {
        "model": str(out),
        "name": model.name,
        "family": model.metadata["family"],
        "vertices": model.vertex_count,
        "components": model.component_count,
        "licence": model.metadata["licence"],
        "checksum": model.checksum,
    }
