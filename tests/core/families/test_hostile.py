"""Malformed and hostile model files: each refused in one clear sentence, nothing executed, memory under 1 GB."""

import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.families import convert
from tests import licensed_files as files

ROOT = Path(__file__).resolve().parents[3]
GIGABYTE = 10**9
TEN_GB = 10 * 2**30

READER = """
import re, resource, sys
from pathlib import Path
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.families import convert
def most():
    if Path("/proc/self/status").exists():
        # this program's own; what getrusage gives begins with that of the process it was forked from
        return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        convert(path)
        print("ACCEPTED", end=" ")
    except SemantifyError as error:
        print("REFUSED", end=" ")
    print(most())
"""


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function: Callable, *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple:
        return self.function, self.arguments


def tiny() -> dict[str, Any]:
    """The right keys and number of vertices, so that a file gets as far as its poison."""
    rng = np.random.default_rng(0)
    template = rng.normal(0, 0.3, (6890, 3)).astype(np.float32)
    faces = np.stack([np.arange(6888), np.arange(1, 6889), np.arange(2, 6890)], 1).astype(np.uint32)
    return {
        "v_template": template,
        "f": faces,
        "shapedirs": rng.normal(0, 0.01, (6890, 3, 10)).astype(np.float32),
        "posedirs": np.zeros((6890, 3, 207), np.float32),
        "weights": np.full((6890, 24), 1 / 24, np.float32),
        "J_regressor": np.full((24, 6890), 1 / 6890, np.float32),
        "kintree_table": np.array([[2**32 - 1, *range(23)], range(24)], np.uint32),
    }


def pickled(change: dict[str, Any], protocol: int = 2) -> bytes:
    content = {key: value for key, value in (tiny() | change).items() if value is not None}
    return pickle.dumps(content, protocol)


def with_canary(function: Callable, *arguments: object, protocol: int = 2) -> Callable[[Path], bytes]:
    return lambda canary: pickled({"v_template": Call(function, *arguments)}, protocol)


def by_hand(*parts: bytes) -> Callable[[Path], bytes]:
    return lambda canary: b"".join(parts)


def system(canary: Path) -> bytes:
    return pickled({"v_template": Call(os.system, f"touch {canary}")})


def old_instance(canary: Path) -> bytes:
    return b"(S'touch " + str(canary).encode() + b"'\nios\nsystem\n."


def getattr_chain(canary: Path) -> bytes:
    return pickled({"v_template": Call(getattr, Call(__import__, "os"), "system")})


def npy_header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (64 - (len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def npz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return buffer.getvalue()


def zip_bomb(canary: Path) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("v_template.npy", "w", force_zip64=True) as member,
    ):
        member.write(npy_header(f"({600 * 2**20 // 24}, 3)"))
        for _ in range(600):
            member.write(bytes(2**20))
    return buffer.getvalue()


def object_npz(canary: Path) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Call(os.system, f"touch {canary}")], object), allow_pickle=True)
    return npz({"v_template": buffer.getvalue()})


def array_state(shape: tuple[int, ...], raw: bytes) -> bytes:
    """A pickled array that declares any shape whatever bytes it has."""
    honest = pickle.dumps(np.frombuffer(raw, np.uint8), 2)
    declared = pickle.dumps(shape, 2)[2:-1]
    true = pickle.dumps((len(raw),), 2)[2:-1]
    forged = honest.replace(true.split(b"q")[0], declared.split(b"q")[0], 1)
    assert forged != honest
    return forged


def cut(share: float, layout: str = "pkl") -> Callable[[Path], bytes]:
    def make(canary: Path) -> bytes:
        if layout == "pkl":
            data = pickled({})
        else:
            buffer = io.BytesIO()
            np.savez(buffer, **tiny())
            data = buffer.getvalue()
        return data[: int(share * len(data))]

    return make


def changed(**change: Any) -> Callable[[Path], bytes]:
    return lambda canary: pickled(change)


def spoilt(name: str, value: float) -> Callable[[Path], bytes]:
    array = tiny()[name].copy()
    array.flat[17] = value
    return changed(**{name: array})


def sparse(**state: Any) -> Callable[[Path], bytes]:
    import scipy.sparse

    matrix = scipy.sparse.csc_matrix(tiny()["J_regressor"][:, :50])
    matrix.__dict__.update(state)
    return changed(J_regressor=matrix)


HOSTILE: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "os.system": (system, r"posix\.system|nt\.system"),
    "builtins.eval": (with_canary(eval, "__import__('os').system('touch canary')"), r"__builtin__\.eval"),
    "builtins.exec, protocol 4": (with_canary(exec, "open('canary','w')", protocol=4), r"builtins\.exec"),
    "subprocess": (with_canary(subprocess.call, ["touch", "canary"], protocol=4), r"subprocess\.call"),
    "getattr chain": (getattr_chain, r"__builtin__\.(getattr|__import__)"),
    "numpy.fromfile": (with_canary(np.fromfile, "/etc/hostname"), r"fromfile"),
    "numpy.load": (with_canary(np.load, "evil.npy", None, True), r"numpy\S*\.load"),
    "numpy.save": (with_canary(np.save, "canary", 1), r"numpy\S*\.save"),
    "numpy.ndarray called": (with_canary(np.ndarray, (TEN_GB,)), r"not a function"),
    "numpy.zeros": (with_canary(np.zeros, (TEN_GB,)), r"zeros"),
    "bytearray of 10 GB": (with_canary(bytearray, TEN_GB, protocol=2), r"bytearray"),
    "old-style instance": (old_instance, r"os\.system"),
    "dotted name": (by_hand(b"\x80\x04\x8c\x05numpy\x8c\x16ndarray.tofile.__doc__\x93."), r"numpy\.ndarray\.tofile"),
    "persistent id": (by_hand(b"\x80\x02X\x04\x00\x00\x00evilQ."), r"not admitted"),
    "extension code": (by_hand(b"\x80\x02\x82\x01."), r"not admitted"),
    "bytes of 10 GB": (by_hand(b"\x80\x04\x8e", struct.pack("<Q", TEN_GB), b"abc."), r"declares 10737418240 bytes"),
    "text of 10 GB": (by_hand(b"\x80\x04\x8d", struct.pack("<Q", TEN_GB), b"abc."), r"declares 10737418240 bytes"),
    "bytearray8 of 10 GB": (by_hand(b"\x80\x05\x96", struct.pack("<Q", TEN_GB), b"abc."), r"declares 10737418240"),
    "whole number of 2 GB": (by_hand(b"\x80\x02\x8b", struct.pack("<i", 2**31 - 1), b"\1."), r"declares 2147483647"),
    "frame of 10 GB": (by_hand(b"\x80\x04\x95", struct.pack("<Q", TEN_GB), b"}."), r"missing; the file has no named"),
    "array of 10 GB in 64 bytes": (
        lambda c: array_state((TEN_GB,), bytes(64)),
        r"declares an array of 10737418240 bytes but 64 are there",
    ),
    "array of negative length": (lambda c: array_state((-64,), bytes(64)), r"shape is not whole numbers"),
    "memo of 4 billion": (by_hand(b"\x80\x02}r\xff\xff\xff\xff", b"0" * 3, b"."), r"not a whole pickle"),
    "a million lists": (by_hand(b"\x80\x02", b"]" * 1_500_000, b"."), r"more than 1000000 operations"),
    "deep recursion": (by_hand(b"\x80\x02", b"(" * 200_000, b"l" * 200_000, b"."), r"missing; the file has no named"),
    "deep key": (by_hand(b"\x80\x02})", b"\x85" * 300_000, b"Ns."), r"keys are not plain"),
    "copies of copies": (
        by_hand(
            b"\x80\x02cnumpy\ndtype\nq\x00cnumpy.core.multiarray\nscalar\nq\x01c_codecs\nencode\nq\x02X",
            struct.pack("<I", 10**6), b"a" * 10**6, b"q\x03X\x06\x00\x00\x00latin1q\x04(",
            b"h\x02h\x03h\x04\x86R" * 20_000, b"t.",
        ),
        r"again and again",
    ),
    "chumpy expression": (
        by_hand(b"\x80\x02}U\x0av_templatecchumpy.ch_ops\nadd\n)\x81}bs."), r"v_template: holds the chumpy .* add"),
    "huge sparse matrix": (sparse(_shape=(10**6, 10**6)), r"J_regressor: holds a sparse matrix of 1000000 x 1000000"),
    "sparse index beyond": (sparse(_shape=(3, 50)), r"J_regressor: holds a sparse matrix whose parts do not fit"),
    "zip bomb": (zip_bomb, r"v_template: declares \d+ MiB of data; refused"),
    "npz header of 10 GB": (
        lambda c: npz({"v_template": npy_header(f"({TEN_GB // 24}, 3)") + bytes(64)}),
        r"v_template: declares \d+ bytes but holds",
    ),
    "npz with a pickled call": (object_npz, r"v_template: asks for \w+\.system"),
    "npz cut in half": (cut(0.5, "npz"), r"file: is damaged"),
    "zip of something else": (lambda c: npz({"hello": npy_header("(1,)") + bytes(8)}), r"missing; .* hello"),
    "pickle cut at the start": (cut(0.00001), r"not a (whole|readable) pickle|declares"),
    "pickle cut in half": (cut(0.5), r"declares \d+ bytes where \d+ are left"),
    "pickle without its end": (lambda c: pickled({})[:-1], r"not a whole pickle|declares 1 bytes"),
    "empty file": (by_hand(b""), r"file: is empty"),
    "text file": (by_hand(b"Dear user, please register first.\n"), r"is neither a pickle nor a \.npz"),
    "web page": (by_hand(b"<!DOCTYPE html><html><body>Log in</body></html>"), r"is neither a pickle nor a \.npz"),
    "a list": (lambda c: pickle.dumps([1, 2, 3], 2), r"v_template: missing"),
    "missing shapedirs": (changed(shapedirs=None), r"shapedirs: missing; the file has J_regressor, f"),
    "missing weights": (changed(weights=None), r"weights: missing"),
    "v_template of text": (changed(v_template="hello"), r"v_template: is not an array"),
    "v_template of the wrong shape": (changed(v_template=np.zeros((6890, 4))), r"v_template: has shape \(6890, 4\)"),
    "another number of vertices": (changed(v_template=np.zeros((778, 3))), r"has 778 vertices, which no known"),
    "shapedirs of the wrong shape": (changed(shapedirs=np.zeros((100, 3, 10))), r"shapedirs: has shape \(100, 3, 10\)"),
    "shapedirs of complex numbers": (changed(shapedirs=np.zeros((6890, 3, 10), complex)), r"plain numbers|dtype"),
    "NaN in v_template": (spoilt("v_template", np.nan), r"v_template: holds NaN, infinite"),
    "inf in shapedirs": (spoilt("shapedirs", np.inf), r"shapedirs: holds NaN, infinite"),
    "a face out of range": (spoilt("f", 6890), r"f: expected triangles of vertex numbers in 0\.\.6889"),
    "a parent after its child": (spoilt("kintree_table", 22), r"kintree_table: expected each joint's parent before"),
    "a pose beyond all bounds": (changed(posedirs=np.full((6890, 3, 207), 1e30)), r"posedirs: moves vertices beyond"),
    "an array that holds itself": (by_hand(b"\x80\x02}U\x0av_template]q\x00h\x00as."), r"v_template: is damaged"),
    "chumpy that holds itself": (
        by_hand(b"\x80\x02}U\x0av_templatecchumpy.ch\nCh\n)\x81q\x00}U\x01xh\x00sbs."),
        r"v_template: is damaged",
    ),
    "kilometres": (changed(v_template=tiny()["v_template"] * 1e5), r"v_template: reaches beyond 1000 metres"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_is_refused_in_one_sentence_and_runs_nothing(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, message = HOSTILE[case]
    canary = tmp_path / "canary"
    path = tmp_path / "model.pkl"
    path.write_bytes(make(canary))
    with pytest.raises(FileFormatError, match=message) as caught:
        convert(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert len(text) < len(str(path)) + 300
    assert [p.name for p in tmp_path.iterdir()] == ["model.pkl"]


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is POSIX")
def test_none_costs_a_gigabyte(tmp_path: Path) -> None:
    for number, (make, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number:03d}.pkl").write_bytes(make(tmp_path / "canary"))
    done = subprocess.run(
        [sys.executable, "-c", READER, tmp_path], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = dict(zip(HOSTILE, (line.split() for line in done.stdout.splitlines()), strict=True))
    assert {answer for answer, _ in answers.values()} == {"REFUSED"}
    # the largest so far after each file, so that the first beyond the limit is the one to blame
    assert [case for case, (_, most) in answers.items() if int(most) > GIGABYTE] == []
    assert not (tmp_path / "canary").exists()


def test_a_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="is a folder"):
        convert(tmp_path)
    with pytest.raises(FileFormatError, match="does not exist"):
        convert(tmp_path / "none.pkl")


def test_the_poisoned_files_are_sound_but_for_their_poison(tmp_path: Path) -> None:
    for protocol in range(6):
        (tmp_path / "model.pkl").write_bytes(pickled({}, protocol))
        assert convert(tmp_path / "model.pkl").vertex_count == files.VERTICES["smpl"]


def test_random_damage_never_does_anything_but_refuse_or_load(tmp_path: Path) -> None:
    content = {"v_template": np.zeros((3, 3)), "names": ["a", b"b", None, True, 1, 2**70, 1.5, (1,)], "f": np.arange(3)}
    rng = np.random.default_rng(0)
    path = tmp_path / "model.pkl"
    for protocol in (0, 2, 4, 5):
        whole = pickle.dumps(content, protocol)
        for _ in range(400):
            damaged = bytearray(whole)
            for _ in range(rng.integers(1, 4)):
                damaged[rng.integers(len(whole))] = rng.integers(256)
            path.write_bytes(damaged)
            with pytest.raises(FileFormatError):
                convert(path)
