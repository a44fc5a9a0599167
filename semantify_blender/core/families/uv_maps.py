"""UV coordinates and textures that the authors of the families offer beside their models."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import FileFormatError, is_file
from ..pictures.header import UnreadableError
from ..pictures.jpeg import FRAMES, RARE_FRAMES, START, frame_size, segments
from ..pictures.png import SIGNATURE, png_bytes
from .source import Source

MAXIMUM_OBJ, MAXIMUM_PICTURE = 16 << 20, 128 << 20
"""Largest .obj (real ones have 2 MB) and largest picture file accepted, bytes."""
MAXIMUM_SIDE = 8192
"""Largest width or height of a texture, pixels."""


def read_uv(paths: Sequence[str | Path], faces: np.ndarray) -> np.ndarray:
    """UV of every corner of the faces.

    paths: an .obj with `vt` and `f v/vt` lines (smpl_uv.obj, smplx_uv.obj); a .npz, .pkl or .npy with `vt` and `ft`
    (FLAME_texture.npz, texture_data_*.npy); two .npy, vt and ft; or one .npy with a UV per vertex (V, 2).
    faces: (F, 3) of the model's file. Returns (F, 3, 2) float32, v upwards.
    Raises FileFormatError when a file is none of these or belongs to another mesh.
    """
    path = Path(paths[0])
    if path.suffix.lower() == ".obj":
        return _from_obj(path, faces)
    sources = [Source(each) for each in paths]
    if len(sources) == 1 and {"vt", "ft"} <= sources[0].names:
        return pick(sources[0].array("vt", "f", (None, 2)), sources[0].array("ft", "iuf", (None, 3)), faces, path)
    unnamed = [source.array("", "f") for source in sources if "" in source.names]
    if len(sources) == len(unnamed) == 1 and unnamed[0].shape == (int(faces.max()) + 1, 2):
        return unnamed[0].astype(np.float32)[faces]
    pairs = [array for array in unnamed if array.ndim == 2 and array.shape[1] == 2]
    triples = [array for array in unnamed if array.ndim == 2 and array.shape[1] == 3]
    if len(pairs) == len(triples) == 1:
        return pick(pairs[0], triples[0], faces, path)
    raise FileFormatError(path, "vt", "no UV found: give an .obj, a file with vt and ft, or two .npy files, vt and ft")


def pick(vt: np.ndarray, ft: np.ndarray, faces: np.ndarray, path: Path) -> np.ndarray:
    """vt (T, 2) by the corner numbers ft (F, 3). Returns (F, 3, 2) float32. Raises FileFormatError unless they fit."""
    numbers = ft.astype(np.int64)
    if len(numbers) != len(faces):
        raise FileFormatError(path, "ft", f"has {len(numbers)} faces, but the model has {len(faces)}")
    if (numbers != ft).any() or numbers.min() < 0 or numbers.max() >= len(vt):
        raise FileFormatError(path, "ft", f"expected whole numbers in 0..{len(vt) - 1}")
    return vt.astype(np.float32)[numbers]


def _from_obj(path: Path, faces: np.ndarray) -> np.ndarray:
    vt, corners = [], []
    try:
        if path.stat().st_size > MAXIMUM_OBJ:
            raise FileFormatError(path, "file", f"is larger than {MAXIMUM_OBJ >> 20} MiB; refused")
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                words = line.split()
                if words[:1] == ["vt"]:
                    vt.append((float(words[1]), float(words[2])))
                elif words[:1] == ["f"]:
                    if len(words) != 4:
                        raise FileFormatError(path, "f", "has a face that is no triangle, as the model's are")
                    corners.append([[int(number) for number in word.split("/")[:2]] for word in words[1:]])
        found = np.array(corners, np.int64)
        coordinates = np.array(vt, np.float32)
    except OSError as error:
        raise FileFormatError(path, "file", f"cannot be read ({error.strerror})") from error
    except (ValueError, IndexError, OverflowError) as error:
        raise FileFormatError(path, "vt", f"expected lines 'vt u v' and 'f v/vt v/vt v/vt' ({error})") from error
    if found.ndim != 3 or found.shape[2] != 2 or not len(coordinates) or not np.isfinite(coordinates).all():
        raise FileFormatError(path, "vt", "expected lines 'vt u v' and 'f v/vt v/vt v/vt'")
    vertices, numbers = found[..., 0] - 1, found[..., 1] - 1
    if numbers.min() < 0 or numbers.max() >= len(coordinates):
        raise FileFormatError(path, "f", f"expected texture numbers in 1..{len(coordinates)}")
    rows = {tuple(sorted(face)): i for i, face in enumerate(vertices.tolist())}
    at = [rows.get(tuple(sorted(face)), -1) for face in faces.tolist()]
    if min(at) < 0:
        raise FileFormatError(path, "f", f"lacks {sum(i < 0 for i in at)} of the model's faces; it is another mesh's")
    # the same face may begin with another of its corners
    order = (vertices[at][:, None, :] == faces[:, :, None]).argmax(2)
    return coordinates[np.take_along_axis(numbers[at], order, 1)]


def read_texture(path: str | Path) -> np.ndarray:
    """A texture as the bytes of a picture file, which Blender decodes: PNG and JPEG as they are, arrays as PNG.

    path: a .png or .jpg; FLAME's texture space (.npz with `mean`, blue first, 0..255); or a .npy (H, W, 3), red first.
    Returns (n,) uint8. Raises FileFormatError for anything else.
    """
    path = Path(path)
    if is_file(path):
        with open(path, "rb") as file:
            start = file.read(8)
        if start == SIGNATURE or start.startswith(START):
            if path.stat().st_size > MAXIMUM_PICTURE:
                raise FileFormatError(path, "file", f"is larger than {MAXIMUM_PICTURE >> 20} MiB; make it smaller")
            data = path.read_bytes()
            width, height = _size(path, data)
            if not (0 < width <= MAXIMUM_SIDE and 0 < height <= MAXIMUM_SIDE):
                raise FileFormatError(path, "size", f"is {width} x {height} pixels; {MAXIMUM_SIDE} is the limit")
            return np.frombuffer(data, np.uint8)
    source = Source(path)
    space = "mean" in source.names
    values = source.array("mean" if space else "", "f")
    if space and values.ndim == 1:
        side = round((values.size / 3) ** 0.5)
        values = values.reshape(side, side, 3) if side * side * 3 == values.size else values
    if values.ndim != 3 or values.shape[2] != 3 or not 0 < max(values.shape) <= MAXIMUM_SIDE:
        raise FileFormatError(path, "array", f"has shape {values.shape}, expected (height, width, 3)")
    if values.dtype.kind == "f" and values.max() <= 1.0:
        values = values * 255.0
    pixels = np.clip(np.round(values), 0, 255).astype(np.uint8)
    return np.frombuffer(png_bytes(pixels[:, :, ::-1] if space else pixels), np.uint8)


def _size(path: Path, data: bytes) -> tuple[int, int]:
    """Width and height that a PNG or JPEG declares."""
    try:
        if data.startswith(SIGNATURE):
            width, height = struct.unpack(">II", data[16:24])
            return width, height
        return next(frame_size(part.body) for part in segments(data) if part.marker in (*FRAMES, *RARE_FRAMES))
    except (struct.error, UnreadableError, StopIteration) as error:
        raise FileFormatError(path, "file", "is a damaged picture; export it again") from error
