"""Ways to spoil a file: its bytes, the members of an archive, the headers and values of arrays, the values of JSON."""

import copy
import io
import json
import struct
import zipfile
from typing import Any

import numpy as np

from semantify_blender.core.files.npy import read_array

HEADERS = (
    "[" * 3000, "{'descr': " + "-" * 3000, "{", "", "{'descr': (), 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': True}", "\0" * 64, "{'descr': [('a', '<f8')], 'shape': (1,)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<U300000000', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}",
    f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**30},)}}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f8', 'fortran_order': True, 'shape': (0,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)}",
)  # fmt: skip
NUMBERS = (
    0.1, 1.0, 2.0, 3.0, 10.0, 100.0, 1e3, 1e-3,
    np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 1e-45, 1e-310, 1e-30, 1e-7, 1e30, 3.4e38, -3.4e38, 1e39, 1e300, 6e4,
    2.0**31, 2.0**53, 1e6, 1e9, 0.5, 255, -128,
)  # fmt: skip
TYPES = ("<f8", "<f4", "<f2", ">f4", "<i8", "<i4", "<i2", "|i1", "|u1", "<u4", "<u8", "|b1", "<U4", "|S4")
TEXTS = (
    "",
    " ",
    "\ud800",
    "a" * 3000,
    "../../x",
    "/abs/x",
    "a\nb",
    "a\0b",
    "nul",
    "\u202e",
    "<script>",
    "{}",
    "ξ",
    "NaN",
)
JSON_PIECES = (
    "1", "2", "0.5", "10", "100", "1e-3", '"x"', '"uniform"', '"png"', "[1]", '["x"]', '{"x": "y"}', "0.001", "1e6",
    "NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, "9" * 5000, "-1", "0", "1e300", "1e-320", "true", "false",
    "null", '""', '"\\ud800"', '"../../x"', '"/abs/x"', '"' + "a" * 3000 + '"', "[]", "{}", "[[]]", '{"a": 1}', "1.5",
    '"1"', "[" * 3000 + "]" * 3000, '{"a":' * 2000 + "1" + "}" * 2000, "[null]", "[1e300, -1e300]", "20000", "-20000",
    "18446744073709551615", '["a", "a"]', '"a\\u0000b"', "6000", '"front"', "[0, 1, 2]", "65536",
)  # fmt: skip
_WHERE = "\N{OBJECT REPLACEMENT CHARACTER}here"


def _few(rng: np.random.Generator) -> int:
    return int(rng.choice([1, 2, 3], p=[0.75, 0.15, 0.1]))


def spoil_bytes(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """One change anywhere, sometimes two or three. other: another valid file, to splice from."""
    out = bytearray(data)
    for _ in range(_few(rng)):
        if not out:
            return bytes(out)
        at = int(rng.integers(len(out)))
        length = int(min(rng.integers(1, 65), len(out) - at))
        match int(rng.integers(9)):
            case 0:
                out[at] ^= 1 << int(rng.integers(8))
            case 1:
                out[at] = int(rng.choice([0, 1, 127, 128, 254, 255, ord("["), ord("("), ord("-"), ord("9")]))
            case 2:
                del out[at : at + length]
            case 3:
                out[at:at] = rng.bytes(length)
            case 4:
                out[at:at] = out[at : at + length] * int(rng.integers(1, 40))
            case 5:
                del out[at:]
            case 6:
                out[at : at + length] = bytes(length)
            case 7:
                start = int(rng.integers(max(1, len(other))))
                out[at:at] = other[start : start + length]
            case _:
                out[at : at + 4] = struct.pack("<I", int(rng.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 65535])))
    return bytes(out)


def spoil_npz(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """The archive made again with a member or two changed, missing, doubled, added, or packed in another way."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = [(name, archive.read(name)) for name in archive.namelist()]
    members = list(whole)
    method = int(
        rng.choice([8, 8, 8, 8, 0, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], p=[0.23, 0.23, 0.23, 0.21, 0.06, 0.02, 0.02])
    )
    for _ in range(_few(rng)):
        at = int(rng.integers(len(members)))
        name, content = members[at]
        match int(rng.integers(20)):
            case 0:
                del members[at]
            case 1:
                members.append((name, content))
            case 2:
                members[at] = (members[int(rng.integers(len(members)))][0], content)
            case 3:
                members[at] = (str(rng.choice(["../x.npy", "/x.npy", "x", ".npy", "a" * 3000, "extra/x.npy"])), content)
            case 4:
                members += [(f"{number}.npy", b"") for number in range(int(rng.choice([3, 2000])))]
            case 5 | 6 | 7 | 8 if name == "metadata.npy" and content == dict(whole)[name]:
                members[at] = (name, _saved(np.array(spoil_json(rng, str(_loaded(content))))))
            case _:
                members[at] = (name, spoil_npy(rng, content, other))
        if not members:
            break
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def spoil_npy(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """An .npy file with another header, other values, another type or shape, or with bytes changed."""
    match int(rng.integers(16)):
        case 0:
            text = str(rng.choice(HEADERS)).encode("latin1")
            return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data[128:]
        case 1:
            return spoil_bytes(rng, data, other)
        case _:
            try:
                return _saved(spoil_array(rng, _loaded(data)))
            except (ValueError, TypeError, OverflowError, MemoryError):
                return spoil_bytes(rng, data, other)


def spoil_array(rng: np.random.Generator, array: np.ndarray) -> np.ndarray:
    """Other values, another type, or another shape."""
    array = np.array(array)
    kind = int(rng.integers(20)) - 10
    if kind < -4 and array.dtype.kind == "f":
        # of the right kind and shape, but of any size: what the limits of the loaders are for
        with np.errstate(all="ignore"):
            scale = 10.0 ** rng.choice([rng.uniform(-45, 45), rng.uniform(-8, 8), rng.uniform(-2, 2)])
            return (array.astype(np.float64) * scale * rng.choice([-1, 1], array.shape)).astype(array.dtype)
    if kind < 4 and array.dtype.kind in "fiub" and array.size:
        flat = array.ravel()
        chosen = rng.integers(array.size, size=array.size if kind == 0 else _few(rng))
        with np.errstate(all="ignore"):
            flat[chosen] = np.array(rng.choice(NUMBERS)).astype(array.dtype)
        return flat.reshape(array.shape)
    if kind < 4 and array.dtype.kind == "U" and array.size:
        texts = np.atleast_1d(array).astype("<U3000" if rng.random() < 0.3 else "<U16")
        texts.flat[int(rng.integers(texts.size))] = str(rng.choice(TEXTS))
        if rng.random() < 0.2:  # beyond Unicode, or the half of a character
            texts.view(np.uint32).flat[0] = int(rng.choice([0xD800, 0x110000, 0xFFFFFFFF]))
        return texts.reshape(array.shape)
    if kind < 6:
        with np.errstate(all="ignore"):
            return array.astype(str(rng.choice(TYPES)))
    if kind == 6 and array.ndim:
        return array[: int(rng.integers(0, len(array) + 1))]
    if kind == 7 and array.ndim:
        return np.concatenate([array] * int(rng.integers(2, 40)))
    if kind == 8:
        return array[None] if rng.random() < 0.5 else array.reshape(-1)
    if array.ndim >= 2 and rng.random() < 0.7:
        return array.swapaxes(0, 1)
    return np.zeros(tuple(rng.integers(0, 300, max(1, array.ndim))) if array.ndim < 3 else (0,), array.dtype)


def spoil_json(rng: np.random.Generator, text: str) -> str:
    """A value or two of a JSON text replaced, doubled or left out; sometimes its characters changed."""
    if rng.random() < 0.1:
        return spoil_bytes(rng, text.encode(), b'[{"a"').decode("latin1")
    value = json.loads(text)
    pieces = []
    for _ in range(_few(rng)):
        places = list(_places(value))
        if not places:
            break
        path = places[int(rng.integers(len(places)))]
        holder = value
        for part in path[:-1]:
            holder = holder[part]
        if not isinstance(holder, dict | list) or (isinstance(holder, str)):
            continue
        if rng.random() < 0.15:
            del holder[path[-1]]
        elif rng.random() < 0.1 and isinstance(holder, list):
            holder += copy.deepcopy(holder) * int(rng.choice([1, 50]))
        else:
            holder[path[-1]] = f"{_WHERE}{len(pieces)}"
            pieces.append(str(rng.choice(JSON_PIECES)))
    out = json.dumps(value)
    for number, piece in enumerate(pieces):
        out = out.replace(json.dumps(f"{_WHERE}{number}"), piece)
    if rng.random() < 0.03:
        out = str(rng.choice(["\ufeff", "\ufeff\ufeff", "[", ""])) + out
    return out


def spoil_json_bytes(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """The same for the bytes of a file."""
    return spoil_json(rng, data.decode()).encode("utf-8", "surrogatepass")


NPZ = (spoil_npz, spoil_npz, spoil_npz, spoil_bytes)
"""The ways for an archive of arrays."""


def spoil_lines(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A text file with a word of some lines replaced by an odd number or text, or with bytes changed."""
    if rng.random() < 0.2:
        return spoil_bytes(rng, data, other)
    lines = [line.split(b" ") for line in data.split(b"\n")]
    for _ in range(_few(rng)):
        line = lines[int(rng.integers(len(lines)))]
        at = int(rng.integers(len(line)))
        match int(rng.integers(6)):
            case 0:
                line[at] = b""
            case 1:
                line.insert(at, line[int(rng.integers(len(line)))])
            case 2:
                line[at] = str(rng.choice(TEXTS)).encode("utf-8", "surrogatepass")
            case 3:
                lines[int(rng.integers(len(lines)))] = [b""]
            case _:
                line[at] = (
                    repr(rng.choice([*NUMBERS, -7, 10**9, 2**63]))
                    .encode()
                    .removeprefix(b"np.float64(")
                    .removesuffix(b")")
                )
    return b"\n".join(b" ".join(line) for line in lines)


def spoil_archive(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A zip file of any members made again with the bytes of one or two changed, or one missing."""
    if rng.random() < 0.15:
        return spoil_bytes(rng, data, other)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(_few(rng)):
        name = str(rng.choice(sorted(members)))
        # what the others mean is in the pickle, so that is spoilt most often
        name = next((each for each in members if each.endswith("data.pkl")), name) if rng.random() < 0.6 else name
        if rng.random() < 0.1:
            del members[name]
        else:
            members[name] = spoil_bytes(rng, members[name], other)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", int(rng.choice([0, 0, 0, 8]))) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _places(value: Any, at: tuple = ()) -> Any:
    parts = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for name, part in parts:
        yield (*at, name)
        yield from _places(part, (*at, name))


def _loaded(data: bytes) -> np.ndarray:
    return read_array(data)  # NumPy's own reader stumbles over what was spoilt before


def _saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()
