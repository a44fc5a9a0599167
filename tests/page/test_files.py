"""The shape as a file: GLB and OBJ hold what is seen."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from scipy.spatial import cKDTree

from .browser import opened
from .tier import CHROMIUM

assert CHROMIUM


def downloaded(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def drawn(page: Page) -> np.ndarray:
    """(n, 3) vertices that are drawn, standing on the floor, Y up; each once."""
    points, triangles, lowest = page.evaluate("""() => {
        const { shape, drawn } = semantify.app.place.display;
        return [[...shape.positions], [...drawn.triangles], shape.lowest];
    }""")
    x, y, z = np.array(points).reshape(-1, 3)[np.unique(triangles)].T
    return np.stack([x, z - lowest, -y], 1)


def same_places(one: np.ndarray, other: np.ndarray) -> None:
    """Each of one is at one of the other, and the other way round."""
    for points, near in ((one, other), (other, one)):
        assert cKDTree(near).query(points)[0].max() < 2e-6


@pytest.mark.parametrize("model", ["anny-body-neutral", "quadruped"])
def test_glb_holds_the_shape(browser: Browser, everything: Path, tmp_path: Path, model: str):
    with opened(browser, everything, f"model={model}") as page:
        page.evaluate("semantify.app.place.desk.set(0, 0.8)")
        path, wanted = downloaded(page, "GLB", tmp_path), drawn(page)
        triangles = page.evaluate("semantify.app.place.display.drawn.triangles.length / 3")
    data = path.read_bytes()
    magic, version, length, json_length, kind = struct.unpack_from("<4sIIII", data)
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), 0x4E4F534A)
    gltf = json.loads(data[20 : 20 + json_length])
    binary = data[28 + json_length :]

    def values(number: int, dtype: type, width: int) -> np.ndarray:
        accessor = gltf["accessors"][number]
        view = gltf["bufferViews"][accessor["bufferView"]]
        return np.frombuffer(binary, dtype, width * accessor["count"], view["byteOffset"]).reshape(-1, width)

    primitives = gltf["meshes"][0]["primitives"]
    found = values(primitives[0]["attributes"]["POSITION"], np.float32, 3)
    same_places(found, wanted)
    assert found[:, 1].min() == pytest.approx(0, abs=1e-6)
    normals = values(primitives[0]["attributes"]["NORMAL"], np.float32, 3)
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=1e-4)
    indices = [values(primitive["indices"], np.uint32, 1) for primitive in primitives]
    assert sum(map(len, indices)) == 3 * triangles
    assert max(int(index.max()) for index in indices) < len(found)
    assert len({material["name"] for material in gltf["materials"]}) == len(primitives)
    for image in gltf.get("images", []):
        view = gltf["bufferViews"][image["bufferView"]]
        assert binary[view["byteOffset"] :].startswith(b"\x89PNG")
    assert ("images" in gltf) == (model == "anny-body-neutral")


def test_obj_holds_the_shape_in_quads(browser: Browser, everything: Path, tmp_path: Path):
    with opened(browser, everything, "model=anny-face-expression&smiling=1") as page:
        path, wanted = downloaded(page, "OBJ", tmp_path), drawn(page)
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    points = np.array([list(map(float, line[1:])) for line in lines if line[0] == "v"])
    same_places(points, wanted)
    faces = [list(map(int, line[1:])) for line in lines if line[0] == "f"]
    assert np.mean([len(face) == 4 for face in faces]) > 0.9
    assert 1 <= min(map(min, faces)) <= max(map(max, faces)) <= len(points)
    assert "skin" in {line[1] for line in lines if line[0] == "usemtl"}
