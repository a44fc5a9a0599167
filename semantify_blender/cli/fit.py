"""The parser of the `fit` verb; what it does is in `rendering.fits.command`, imported when it is asked for."""

import argparse
from pathlib import Path

from ..core.library import SMALL
from ..rendering.progress import JsonProgress, TextProgress

FORMATS = ("json", "csv")
MESHES = ("obj", "ply", "glb")


def add_fit(verbs: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    text = "shapes from pictures: fits.json, fits.csv, meshes, and a sheet with each picture beside its shape"
    parser = verbs.add_parser(
        "fit", prog="semantify fit", parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    parser.set_defaults(run=run)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, WebP, TIFF or BMP files")
    parser.add_argument("--mapper", required=True, help="name or path of a mapper")
    parser.add_argument("--model", help="name or path of its morphable model (default: the one the mapper names)")
    parser.add_argument("--out", required=True, type=Path, help="folder for everything")
    parser.add_argument("--together", action="store_true", help="all pictures show one subject: one shape from them")
    parser.add_argument("--height", type=float, metavar="METRES", help="the subject's height, where it is known")
    parser.add_argument(
        "--lock",
        action="append",
        default=[],
        metavar="WORD=VALUE",
        help="a slider that stays, −1 to 1; repeat for more",
    )
    parser.add_argument(
        "--crop",
        action="append",
        default=[],
        metavar="L,T,R,B",
        help="part of the picture to look at, pixels from the upper left, or 'whole'; give it once, or once a picture",
    )
    parser.add_argument("--refine", action="store_true", help="render candidates and bring the shape nearer (slower)")
    parser.add_argument(
        "--clip",
        default=SMALL,
        help="small (default), or a full CLIP as NAME:TAG, NAME:FILE or local-dir:FOLDER; the one that the mapper was "
        "trained with, unless there is a fitter",
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="folder with encoders and fitters of your own, in front of $SEMANTIFY_DATA; repeat for more",
    )
    parser.add_argument("--python", help="the Python with torch and open_clip that runs a full CLIP")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="of a full CLIP (default: cuda when present)")
    parser.add_argument("--scores", action="store_true", help="the paper's way: only through the mapper's own words")
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=list(FORMATS), help="default: both")
    parser.add_argument("--mesh", choices=MESHES, help="also export each shape into OUT/meshes")
    parser.add_argument(
        "--end-with-stdin", action="store_true", help="end when standard input closes: whoever started this is gone"
    )
    parser.add_argument("--sheet", action=argparse.BooleanOptionalAction, default=True, help="default: draw it")
    parser.add_argument(
        "--sheet-pictures",
        type=int,
        default=20,
        metavar="N",
        help="how many of the pictures the sheet shows, from the first on (default: 20, which fill one sheet)",
    )


def run(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    """Do it."""
    from ..rendering.fits.command import run

    return run(options, progress)
