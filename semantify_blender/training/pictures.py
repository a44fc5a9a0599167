"""Picture files decoded by Pillow, for the training side; `blender/pictures.py` is the same for Blender's."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from ..core.errors import SemantifyError
from ..core.pictures.picture import Picture, upright
from ..core.pictures.probe import PictureInfo, probe


def read_picture(path: str | Path) -> Picture:
    """The first picture of a file, turned upright. Raises SemantifyError when it cannot be read."""
    path = Path(path)
    info = probe(path)
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")  # about metadata that is not used here
            pixels = _pixels(image)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, MemoryError) as error:
        raise SemantifyError(
            f"{path}: the picture cannot be decoded ({str(error)[:120]}); save or export it again as PNG"
        ) from error
    if not info.alpha:
        pixels[..., 3] = 255
    return Picture(upright(pixels, _left_to_turn(info)), path.name)


def _left_to_turn(info: PictureInfo) -> int:
    # Pillow turns TIFF pictures by itself while it loads them, and no others
    return 1 if info.format == "tiff" else info.orientation


def _pixels(image: Image.Image) -> np.ndarray:
    """(H, W, 4) uint8 straight RGBA of any mode."""
    image.load()
    if image.mode.startswith("I"):
        # `convert` would clip 16-bit grey instead of scaling it
        grey = np.asarray(image).astype(np.uint32)
        grey = ((grey * 255 + 32767) // 65535).clip(0, 255).astype(np.uint8)
        return np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    return np.array(image.convert("RGBA"))
