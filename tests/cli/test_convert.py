"""`semantify convert` on the command line: what it writes and says, and that it needs NumPy alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.library import load_model
from tests import free_model_files
from tests import licensed_files as files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def smpl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("licensed") / "basicmodel_f_lbs_10_207_0_v1.1.0.pkl"
    files.write_smpl(path)
    return path


def test_converts_and_says_what_may_be_passed_on(
    smpl: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    out = tmp_path / "models" / "mine.model.npz"
    assert main(["convert", str(smpl), "--out", str(out), "--pose", "t", "--components", "6"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{out}: smpl-female, 6890 vertices, 6 components"
    assert lines[1].startswith("research only, SMPL body model licence")
    assert lines[1].endswith("a mapper holds none of its geometry")
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    model = load_model("mine")
    assert (model.metadata["pose"], model.metadata["source"]) == ("t", smpl.name)


def test_json_and_a_name_without_suffix(smpl: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["convert", str(smpl), "--out", str(tmp_path / "a.npz"), "--name", "ann", "--gender", "neutral", "--json"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["model"] == str(tmp_path / "a.model.npz")
    model = load_model(said["model"])
    assert (said["name"], said["checksum"], said["components"]) == ("ann", model.checksum, 10)
    assert model.metadata["variant"] == "neutral"


def test_errors_are_one_line_and_status_two(smpl: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.pkl").write_text("please register first")
    for words in (
        [str(tmp_path / "text.pkl")],
        [str(tmp_path)],
        [str(smpl), "--jaw"],
        [str(smpl), "--components", "11"],
        [str(smpl), "--uv", "a", "b", "c"],
    ):
        assert main(["convert", *words, "--out", str(tmp_path / "a.model.npz")]) == 2
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        assert said.count("\n") == 1
    assert not (tmp_path / "a.model.npz").exists()


def test_needs_neither_torch_nor_bpy_nor_pillow(smpl: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "for name in ('torch', 'bpy', 'PIL', 'scipy', 'open_clip', 'smplx', 'chumpy'): sys.modules[name] = None\n"
        "from semantify_blender.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "convert", str(smpl), "--out", str(tmp_path / "a.model.npz")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unit_axes_and_licence_of_ones_own_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "mine.npz", tmp_path / "a.model.npz"
    free_model_files.write_generic(path, units=None, up=None, front=None)
    words = ["convert", str(path), "--out", str(out)]
    assert main(words) == 2
    assert "is 1,700 m long, as hardly anything is: say how many metres a unit is" in capsys.readouterr().err
    assert main([*words, "--scale", "0.001"]) == 2
    assert "lies down, 1.7 m long" in capsys.readouterr().err
    assert main([*words, "--scale", "0.001", "--up", "x", "--front", "y", "--licence", "CC0-1.0"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "licence: CC0-1.0"
    assert main([*words, "--scale", "0.001", "--up=-x"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "licence: CC-BY-4.0"
