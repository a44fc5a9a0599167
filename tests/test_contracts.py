"""The contracts of the house in pyproject.toml: kept, complete, and each one notices what it forbids."""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = "semantify_blender"
PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
ROOMS = sorted(file.parent.name for file in (REPOSITORY / PACKAGE).glob("*/__init__.py"))
WITH_LIBRARIES = {"training", "cli"}
"""Rooms that may use more than NumPy."""
WITH_BLENDER = {"blender", "addon", "rendering", "cli"}


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    # as the command lint-imports does, but with this Python, wherever its commands are
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_house_keeps_its_contracts() -> None:
    done = linted(REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_has_its_place_in_the_contracts() -> None:
    layers = {room for layer in CONTRACTS["house"]["layers"] for room in layer.split(" | ")}
    assert layers == {*ROOMS, "__main__"}
    assert CONTRACTS["house"]["exhaustive"]
    assert CONTRACTS["circles"]["ancestors"] == [PACKAGE]

    def sources(contract: str) -> set[str]:
        rooms = (source.removeprefix(f"{PACKAGE}.") for source in CONTRACTS[contract]["source_modules"])
        return {room for room in rooms if "." not in room}

    assert sources("numpy-only") == set(ROOMS) - WITH_LIBRARIES
    assert sources("without-bpy") == set(ROOMS) - WITH_BLENDER


def test_every_library_of_the_training_line_is_kept_out_of_blender() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    distributions = {re.split(r"[<>=]", line)[0] for extra in ("train", "smpl", "build") for line in extras[extra]}

    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "_", name).lower()

    modules: dict[str, set[str]] = {}
    for module, owners in importlib.metadata.packages_distributions().items():
        for owner in owners:
            modules.setdefault(plain(owner), set()).add(module)
    # a package that is not installed here is called as what it installs
    wanted = {plain(name): modules.get(plain(name), {name}) for name in distributions}
    forbidden = set(CONTRACTS["numpy-only"]["forbidden_modules"])
    assert {name for name, owned in wanted.items() if not owned & forbidden} == set()


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with all its modules and nothing in them but the one import that is an exception."""
    house = tmp_path_factory.mktemp("house")
    shutil.copy(REPOSITORY / "pyproject.toml", house)
    for file in (REPOSITORY / PACKAGE).rglob("*.py"):
        copy = house / file.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    (house / PACKAGE / "rendering" / "__main__.py").write_text("from ..cli.rendering import main\n")
    return house


def test_an_empty_house_breaks_no_contract(empty_house: Path) -> None:
    done = linted(empty_house)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("core/mapper.py", "from ..processes import child", {"house"}),
        ("core/mapper.py", "import torch.nn", {"numpy-only"}),
        ("core/files/npz.py", "def late():\n    import bpy", {"without-bpy"}),
        ("processes/child.py", "from ..blender import pictures", {"house", "without-bpy"}),
        ("blender/pictures.py", "from ..processes import child", {"house"}),
        ("blender/pictures.py", "from ..addon import handlers", {"house"}),
        ("addon/handlers.py", "from ..training import step_memory", {"house", "two-sides", "numpy-only"}),
        ("addon/handlers.py", "from ..rendering import dataset", {"house"}),
        ("addon/character/shape.py", "import scipy.linalg", {"numpy-only"}),
        ("rendering/dataset.py", "from ..cli import main", {"house"}),
        ("rendering/dataset.py", "from PIL import Image", {"numpy-only"}),
        ("rendering/dataset.py", "from ..training import step_memory", {"house", "numpy-only"}),
        ("training/steps.py", "from ..addon import handlers", {"house", "two-sides"}),
        ("training/steps.py", "from ..rendering import dataset", {"house"}),
        ("training/steps.py", "from ..blender import pictures", {"without-bpy"}),
        ("training/steps.py", "from ..core import dataset\nfrom ..cli import main", {"house"}),
        ("cli/main.py", "from ..addon import handlers", {"command-line"}),
        ("cli/rendering.py", "from ..training import step_memory", {"numpy-only"}),
        ("new_room/__init__.py", "", {"house"}),
        ("core/files/npz.py", "from ..model import checks", {"circles"}),
    ],
)
def test_each_contract_notices_what_it_forbids(
    empty_house: Path, tmp_path: Path, file: str, line: str, broken: set[str]
):
    house = tmp_path / "house"
    shutil.copytree(empty_house, house)
    # a library in training, and one half of a circle
    (house / PACKAGE / "training" / "step_memory.py").write_text("import torch\n")
    (house / PACKAGE / "core" / "model" / "checks.py").write_text("from ..files import npz\n")
    module = house / PACKAGE / file
    module.parent.mkdir(exist_ok=True)
    module.write_text(line + "\n")
    done = linted(house)
    assert done.returncode == 1, done.stdout + done.stderr
    names = {CONTRACTS[contract]["name"] for contract in broken}
    assert set(re.findall(r"^(.*?) BROKEN", done.stdout, flags=re.M)) == names, done.stdout
