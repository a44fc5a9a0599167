"""The extension's zip: built by Blender's own builder, and holding the add-on and nothing else."""

import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from scripts.build_extension import build_zip, builder, extension
from scripts.repository import REPOSITORY

pytestmark = pytest.mark.skipif(
    builder() is None, reason="TIER MISSING extension zip: set $BLENDER or install the bpy wheel"
)
AT_THE_ROOT = {"blender_manifest.toml", "README.md", "LICENSE", "__init__.py"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_zip(tmp_path_factory.mktemp("zip"))


def test_zip_holds_the_add_on_and_nothing_else(built: Path):
    with zipfile.ZipFile(built) as archive:
        names = {PurePosixPath(info.filename) for info in archive.infolist() if not info.is_dir()}
        folders = {info.filename.strip("/").split("/")[0] for info in archive.infolist() if info.is_dir()}
    stray = {str(name) for name in names if name.parts[0] != "semantify_blender" and str(name) not in AT_THE_ROOT}
    assert stray == set()
    assert folders <= {"semantify_blender"}
    assert not [name for name in names if "__pycache__" in name.parts or name.name.startswith(".")]
    assert {PurePosixPath(name) for name in ("blender_manifest.toml", "__init__.py", "LICENSE")} <= names


def test_zip_holds_every_source_and_data_file_of_the_package(built: Path):
    package = REPOSITORY / "semantify_blender"
    wanted = {
        path.relative_to(REPOSITORY).as_posix()
        for path in package.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix != ".pyc"
        and not any(part.startswith(".") for part in path.relative_to(REPOSITORY).parts)
    }
    with zipfile.ZipFile(built) as archive:
        assert wanted == {name for name in archive.namelist() if name.startswith("semantify_blender/")} - {
            info.filename for info in archive.infolist() if info.is_dir()
        }


def test_zip_holds_the_finders_and_their_licence_in_11_megabytes(built: Path):
    folder = "semantify_blender/data/finders/"
    with zipfile.ZipFile(built) as archive:
        sizes = {info.filename: info.compress_size for info in archive.infolist() if info.filename.startswith(folder)}
    names = {f"{name}.finder.npz" for name in ("person", "pose", "selfie", "face", "mesh")}
    assert {folder + name for name in (*names, "LICENSE-APACHE.txt", "LICENSE.md")} <= set(sizes)
    assert sum(sizes.values()) <= 11_000_000


def test_built_zip_validates(built: Path):
    assert "success" in extension("validate", str(built)).lower()


def test_manifest_and_package_agree_on_the_version():
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert manifest["id"] == project["project"]["name"] == "semantify_blender"
    assert manifest["version"] == project["project"]["version"]
    assert manifest["blender_version_min"] == "4.2.0"
