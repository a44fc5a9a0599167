"""Meshes of .obj and .ply files: vertices, faces, UV and the groups of faces; nothing else of them is read."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import FileFormatError, is_file, reason_of
from ..files.bounds import CORNERS, LARGEST, VERTICES
from ..foreign_errors import FOREIGN

SUFFIXES = (".obj", ".ply")
MAXIMUM_MESH = 256 << 20
"""Largest file accepted, bytes; ICT-FaceKit's meshes have 3 MB."""
_PLY_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_ELEMENT = re.compile(r"element (\w{1,40}) (\d{1,12})")
_PROPERTY = re.compile(r"property (?:list (\w{1,12}) )?(\w{1,12}) (\w{1,60})")


@dataclass(frozen=True)
class MeshFile:
    """A mesh as its file has it.

    vertices: (V, 3) float64. faces: (L,) int64 vertex numbers, face after face. sizes: (F,) corners of each face.
    uv: (L, 2) float32, or None. groups: the names of the groups (.obj); group: (F,) int, which one each face is in.
    """

    path: Path
    vertices: np.ndarray
    faces: np.ndarray
    sizes: np.ndarray
    uv: np.ndarray | None = None
    groups: tuple[str, ...] = ()
    group: np.ndarray | None = None


def read_mesh(path: Path, faces: bool = True) -> MeshFile:
    """Read an .obj or .ply. faces: False reads vertices alone, as is enough for a shape of a known mesh.

    Raises FileFormatError naming file and field when it is missing, damaged, too large, or holds no mesh.
    """
    if not is_file(path):
        raise FileFormatError(path, "file", "does not exist; check the path")
    try:
        size = path.stat().st_size
        if size > MAXIMUM_MESH:
            raise FileFormatError(path, "file", f"is larger than {MAXIMUM_MESH >> 20} MiB; refused")
        mesh = _read_ply(path, faces) if path.suffix.lower() == ".ply" else _read_obj(path, faces)
    except FOREIGN as error:
        raise FileFormatError(path, "file", f"is no readable mesh ({reason_of(error)}); export it again") from error
    if not len(mesh.vertices):
        raise FileFormatError(path, "v", "holds no vertices; export the mesh again")
    if not len(mesh.vertices) <= VERTICES or not len(mesh.faces) <= CORNERS:
        raise FileFormatError(path, "v", f"has {len(mesh.vertices)} vertices; {VERTICES} are the limit")
    # of any unit: 1000 times as much as the metres that are left after it
    if not np.abs(mesh.vertices).max() < 1000 * LARGEST:
        raise FileFormatError(path, "v", f"holds NaN or numbers beyond {1000 * LARGEST:g}")
    return mesh


def _read_obj(path: Path, faces: bool) -> MeshFile:
    vertices: list[list[str]] = []
    texture: list[list[str]] = []
    rows: list[list[str]] = []
    group: list[int] = []
    so_far: list[tuple[int, int]] = []
    names = {"": 0}
    now = 0
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("v "):
                vertices.append(line.split()[1:4])
            elif not faces:
                continue
            elif line.startswith("f "):
                rows.append(line.split()[1:])
                group.append(now)
                so_far.append((len(vertices), len(texture)))
            elif line.startswith("vt "):
                texture.append(line.split()[1:3])
            elif line.startswith(("g ", "o ")):
                now = names.setdefault(line[2:].strip()[:60], len(names))
    found = np.array(vertices, np.float64).reshape(-1, 3)
    if not rows:
        return MeshFile(path, found, np.zeros(0, np.int64), np.zeros(0, np.int64))
    words = [word.split("/") for row in rows for word in row]
    sizes = np.array([len(row) for row in rows])
    # a number below zero counts backwards from the vertices so far
    before = np.repeat(np.array(so_far, np.int64), sizes, axis=0)
    numbers = np.array([int(word[0]) for word in words], np.int64)
    numbers = np.where(numbers < 0, before[:, 0] + numbers, numbers - 1)
    uv = None
    if texture and all(len(word) > 1 and word[1] for word in words):
        places = np.array(texture, np.float64)
        which = np.array([int(word[1]) for word in words], np.int64)
        which = np.where(which < 0, before[:, 1] + which, which - 1)
        if which.min() < 0 or which.max() >= len(places) or not np.abs(places).max() < LARGEST:
            raise FileFormatError(path, "vt", f"expected texture numbers in 1..{len(places)} of finite places")
        uv = places[which].astype(np.float32)
    return MeshFile(path, found, numbers, sizes, uv, tuple(names), np.array(group))


@dataclass(frozen=True)
class _Element:
    """A part of a .ply: its name, how many there are, and properties (name, type, type of a list's length or None)."""

    name: str
    count: int
    properties: list[tuple[str, str, str | None]]


def _read_ply(path: Path, faces: bool) -> MeshFile:
    data = path.read_bytes()
    order, elements, at = _ply_header(path, data)
    if order:
        values, _ = _binary(data, at, order, elements)
    else:
        values = _ascii(data[at:].split(), elements)
    if "vertex" not in values or not {"x", "y", "z"} <= set(values["vertex"]):
        raise FileFormatError(path, "vertex", "has no x, y and z; export the mesh again")
    vertices = np.stack([values["vertex"][name] for name in "xyz"], 1).astype(np.float64)
    none = np.zeros(0, np.int64)
    face = values.get("face", {})
    lists = face.get("vertex_indices", face.get("vertex_index"))
    if not faces or lists is None:
        return MeshFile(path, vertices, none, none)
    numbers, sizes = lists
    return MeshFile(path, vertices, numbers.astype(np.int64), sizes)


def _ply_header(path: Path, data: bytes) -> tuple[str, list[_Element], int]:
    """Byte order ("" of text), elements, where the data begins."""
    end = data.find(b"end_header", 0, 16384)
    close = data.find(b"\n", end)
    if not data.startswith(b"ply") or end < 0 or close < 0:
        raise FileFormatError(path, "header", "is no header of a .ply file; export the mesh again")
    order, elements = None, []
    for line in data[:end].decode("latin1").splitlines()[1:]:
        words = line.split()
        if words[:1] == ["format"] and len(words) > 1:
            order = _ORDERS.get(words[1])
        elif element := _ELEMENT.fullmatch(line.strip()):
            elements.append(_Element(element[1], int(element[2]), []))
        elif (entry := _PROPERTY.fullmatch(line.strip())) and elements:
            elements[-1].properties.append((entry[3], _PLY_TYPES[entry[2]], _PLY_TYPES[entry[1]] if entry[1] else None))
    if order is None or sum(element.count for element in elements) > len(data):
        raise FileFormatError(path, "header", "declares more than the file holds, or no known format")
    return order, elements, close + 1


def _binary(data: bytes, at: int, order: str, elements: list[_Element]) -> tuple[dict[str, dict], int]:
    found: dict[str, dict] = {}
    for element in elements:
        if all(length is None for _, _, length in element.properties):
            dtype = np.dtype([(f"{i}", order + kind) for i, (_, kind, _) in enumerate(element.properties)])
            rows = np.frombuffer(data, dtype, element.count, at)
            at += rows.nbytes
            found[element.name] = {name: rows[f"{i}"] for i, (name, _, _) in enumerate(element.properties)}
            continue
        lists: dict[str, tuple[list, list]] = {name: ([], []) for name, _, length in element.properties if length}
        for _ in range(element.count):
            for name, kind, length in element.properties:
                count = 1
                if length:
                    count = int(np.frombuffer(data, order + length, 1, at)[0])
                    at += np.dtype(length).itemsize
                if not 0 <= count <= len(data):
                    raise ValueError("a list that is longer than the file")
                if length:
                    lists[name][0].append(np.frombuffer(data, order + kind, count, at))
                    lists[name][1].append(count)
                at += count * np.dtype(kind).itemsize
        found[element.name] = {
            name: (np.concatenate(parts) if parts else np.zeros(0), np.array(sizes, np.int64))
            for name, (parts, sizes) in lists.items()
        }
    return found, at


def _ascii(words: list[bytes], elements: list[_Element]) -> dict[str, dict]:
    found: dict[str, dict] = {}
    at = 0
    for element in elements:
        width = len(element.properties)
        if all(length is None for _, _, length in element.properties):
            rows = np.array(words[at : at + element.count * width], np.float64).reshape(element.count, width)
            at += rows.size
            found[element.name] = {name: rows[:, i] for i, (name, _, _) in enumerate(element.properties)}
            continue
        lists: dict[str, tuple[list, list]] = {name: ([], []) for name, _, length in element.properties if length}
        for _ in range(element.count):
            for name, _, length in element.properties:
                count = int(words[at]) if length else 1
                at += 1 if length else 0
                if not 0 <= count <= len(words) - at:
                    raise ValueError("a list that is longer than the file")
                if length:
                    lists[name][0].extend(words[at : at + count])
                    lists[name][1].append(count)
                at += count
        found[element.name] = {
            name: (np.array([int(word) for word in parts], np.int64), np.array(sizes, np.int64))
            for name, (parts, sizes) in lists.items()
        }
    return found
