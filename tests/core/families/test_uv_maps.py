"""UV and textures in the forms in which the families' authors offer them, and what is refused."""

import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.families.uv_maps import read_texture, read_uv
from semantify_blender.core.pictures.png import png_bytes
from tests.licensed_files import write_uv_obj

TEMPLATE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0], [0.5, 0.5, 1]])
FACES = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
VT = np.linspace(0, 1, 14).reshape(7, 2)
FT = np.array([[0, 1, 4], [1, 2, 5], [2, 3, 6], [3, 0, 4]])


def test_every_form_gives_the_same_corners(tmp_path: Path) -> None:
    np.savez(tmp_path / "FLAME_texture.npz", vt=VT, ft=FT, mean=np.zeros((4, 4, 3)))
    np.save(tmp_path / "texture_data_256.npy", np.array({"vt": VT, "ft": FT}, object), allow_pickle=True)
    (tmp_path / "uv.pkl").write_bytes(pickle.dumps({"vt": VT, "ft": FT}, 2))
    np.save(tmp_path / "vt.npy", VT)
    np.save(tmp_path / "ft.npy", FT)
    for names in (
        ["FLAME_texture.npz"],
        ["texture_data_256.npy"],
        ["uv.pkl"],
        ["vt.npy", "ft.npy"],
        ["ft.npy", "vt.npy"],
    ):
        found = read_uv([tmp_path / name for name in names], FACES)
        assert np.abs(found - VT[FT]).max() < 1e-6, names


def test_one_uv_a_vertex(tmp_path: Path) -> None:
    np.save(tmp_path / "smpl_uv_map.npy", VT[:5])
    assert np.abs(read_uv([tmp_path / "smpl_uv_map.npy"], FACES) - VT[FACES]).max() < 1e-6


def test_an_obj_is_matched_by_its_vertices_whatever_its_order(tmp_path: Path) -> None:
    for seed in range(5):
        vt, ft = write_uv_obj(tmp_path / "a.obj", TEMPLATE, FACES, seed)
        assert np.abs(read_uv([tmp_path / "a.obj"], FACES) - vt[ft]).max() < 1e-6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f 1/1 2/2 5/3\n", "expected lines"),
        ("vt 0 0\nf 1 2 5\n", "expected lines"),
        ("vt 0 zero\n", "expected lines"),
        ("vt 0 nan\nf 1/1 2/1 5/1\n", "expected lines"),
        ("vt 0 0\nf 1/1 2/1 5/2\n", r"texture numbers in 1\.\.1"),
        ("vt 0 0\nf 1/1 2/1 5/1\n", "lacks 3 of the model's faces"),
        ("vt 0 0\nf 1/1 2/1 3/1 4/1\n", "no triangle"),
        (f"vt 0 0\nf 1/1 2/1 {10**30}/1\n", "expected lines"),
    ],
)
def test_a_bad_obj_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.obj").write_text(text)
    with pytest.raises(FileFormatError, match=message):
        read_uv([tmp_path / "a.obj"], FACES)


def test_uv_of_another_mesh_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", vt=VT, ft=FT[:2])
    with pytest.raises(FileFormatError, match="ft: has 2 faces, but the model has 4"):
        read_uv([tmp_path / "a.npz"], FACES)
    np.savez(tmp_path / "a.npz", vt=VT, ft=FT + 3)
    with pytest.raises(FileFormatError, match=r"ft: expected whole numbers in 0\.\.6"):
        read_uv([tmp_path / "a.npz"], FACES)
    np.savez(tmp_path / "a.npz", mean=VT)
    with pytest.raises(FileFormatError, match="no UV found"):
        read_uv([tmp_path / "a.npz"], FACES)


def test_pictures_are_kept_as_they_are_and_arrays_become_png(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(png_bytes(pixels))
    assert read_texture(tmp_path / "a.png").tobytes() == (tmp_path / "a.png").read_bytes()
    np.save(tmp_path / "a.npy", pixels)
    assert read_texture(tmp_path / "a.npy").tobytes() == png_bytes(pixels)
    np.save(tmp_path / "b.npy", pixels / 255)
    assert read_texture(tmp_path / "b.npy").tobytes() == png_bytes(pixels)
    np.savez(tmp_path / "c.npz", mean=pixels[:5, :5, ::-1].astype(float).ravel())
    assert read_texture(tmp_path / "c.npz").tobytes() == png_bytes(pixels[:5, :5])


def test_pictures_that_are_none_are_told(tmp_path: Path) -> None:
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 10**6, 10**6) + zlib.compress(b"")
    for content, message in (
        (huge, r"size: is 1000000 x 1000000 pixels"),
        (b"\xff\xd8\xff\xe0", "damaged picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged picture"),
        (b"GIF89a", "neither a pickle nor"),
    ):
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(FileFormatError, match=message):
            read_texture(tmp_path / "a.png")
    np.save(tmp_path / "a.npy", np.zeros((4, 4)))
    with pytest.raises(FileFormatError, match=r"has shape \(4, 4\), expected \(height, width, 3\)"):
        read_texture(tmp_path / "a.npy")
    with pytest.raises(FileFormatError, match="does not exist"):
        read_texture(tmp_path / "none.png")
