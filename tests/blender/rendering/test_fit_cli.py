"""`fit`: what its command line takes, tells and refuses, and how it ends; `test_fit_files.py` has what it writes."""

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from semantify_blender.cli import fit as fit_cli
from semantify_blender.cli.blender import for_blender
from semantify_blender.cli.rendering import main
from semantify_blender.core.fitting import choose
from semantify_blender.core.mapper import Mapper
from tests.blender.render_helpers import ROOT
from tests.blender.rendering.small_fit import draw, events_of, fits_of, run_fit
from tests.blender.tier import bpy


def test_one_bad_picture_alone_is_its_own_sentence(here: Path, capfd) -> None:
    (here / "empty.png").write_bytes(b"")
    status, _, err = run_fit(capfd, here / "empty.png", "--out", here / "out")
    assert status == 2
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "0 bytes" in err


def test_events_are_all_that_a_window_needs(here: Path, capfd) -> None:
    status, said, _ = run_fit(capfd, draw(here / "one.png"), "--out", here / "out", "--no-sheet", "--progress", "json")
    assert status == 0
    events = events_of(said)
    event = next(event for event in events if event["event"] == "fit")
    assert len(event["coefficients"]) == len(event["offset"]) == len(event["deviations"]) == 4
    assert set(event["sliders"]) == {"tall", "fat", "muscular"}
    assert set(event["view"]) == {"yaw", "pitch", "roll"}
    assert event["measure"] is None
    assert event["images"][0]["crop"]["size"] > 100
    assert {"event": "progress", "done": 1, "total": 1}.items() <= next(
        e for e in events if e["event"] == "progress"
    ).items()
    assert events[-1]["event"] == "result"
    assert [Path(path).name for path in events[-1]["files"]] == ["fits.json", "fits.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lock", "hippo=1"], "no such slider: give one of tall, fat, muscular"),
        (["--lock", "tall=2"], "--lock is 'tall=2'"),
        (["--lock", "tall"], "--lock is 'tall'"),
        (["--crop", "1,2,3"], "--crop is '1,2,3'"),
        (["--crop", "50,0,10,90"], "--crop is '50,0,10,90'"),
        (["--crop", "whole", "--crop", "0,0,9,9"], "--crop was given 2 times for 1 pictures"),
        (["--height", "17"], "height is 17 m"),
        (["--mapper", "nobody"], "no mapper 'nobody'"),
        (["--clip", "x", "--python", "/no/such/python"], "/no/such/python: cannot be started"),
    ],
)
def test_wrong_wishes_are_one_sentence(here: Path, capfd, arguments: list[str], message: str) -> None:
    status = main(["fit", str(draw(here / "one.png")), "--out", str(here / "o"), "--mapper", "synthetic", *arguments])
    err = capfd.readouterr().err
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_folder_that_cannot_be_is_told(here: Path, capfd) -> None:
    (here / "file").write_text("in the way")
    status, _, err = run_fit(capfd, draw(here / "one.png"), "--out", here / "file" / "out")
    assert status == 2
    assert "choose another --out" in err


def test_interrupted_what_is_finished_is_kept(here: Path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def cut(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    real = choose.cut_figure
    monkeypatch.setattr(choose, "cut_figure", cut)
    pictures = [draw(here / f"{i}.png", 60 + 20 * i) for i in range(3)]
    status, _, err = run_fit(capfd, *pictures, "--out", here / "out")
    assert status == 130
    assert "interrupted" in err
    assert [item["name"] for item in fits_of(here / "out")["fits"]] == ["0"]


@pytest.mark.skipif(importlib.util.find_spec("open_clip") is None, reason="this bpy test environment has no torch")
def test_a_full_clip_answers_from_its_own_process(here: Path, data: Path, capfd, tmp_path: Path) -> None:
    from semantify_blender.training.scoring.clip import load_clip
    from tests.training.helpers import tiny_clip_folder

    spec = f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}"
    full = ("--clip", spec, "--python", sys.executable, "--out", here / "out", "--no-sheet")
    status, _, err = run_fit(capfd, draw(here / "one.png"), *full)
    assert status == 2
    assert "this mapper was trained with CLIP 'small' (weights cccccccc…)" in err
    assert err.rstrip().endswith("give --clip small")
    mapper = Mapper.load(data / "mappers" / "synthetic.mapper.npz")
    clip = load_clip(spec, "cpu")
    mapper = replace(mapper, provenance={"clip": clip.name, "clip_checksum": clip.checksum})
    mapper.save(here / "own.mapper.npz")
    status, said, err = run_fit(capfd, draw(here / "one.png"), *full, "--mapper", here / "own.mapper.npz")
    assert status == 0, err
    assert "importing torch" in said
    found = fits_of(here / "out")
    assert found["encoder"]["checksum"] == clip.checksum
    assert found["fits"][0]["method"] == "scores"


def test_refine_tells_its_steps_and_its_measure(here: Path, capfd) -> None:
    arguments = (draw(here / "one.png"), "--out", here / "out", "--refine", "--progress", "json", "--lock", "fat=0.25")
    status, said, err = run_fit(capfd, *arguments)
    assert status == 0, err
    steps = [event for event in events_of(said) if event["event"] == "step"]
    assert steps[-1]["done"] == steps[-1]["total"] >= 10
    assert {event["name"] for event in steps} == {"one"}
    (item,) = fits_of(here / "out")["fits"]
    before, after = item["measure"]
    assert after <= before
    assert item["sliders"]["fat"] == 0.25
    assert fits_of(here / "out")["refined"] is True
    assert (here / "out" / "sheet.png").is_file()


def test_headless_script_in_a_process_of_its_own(here: Path, data: Path) -> None:
    script = [sys.executable, str(ROOT / "headless" / "fit_image.py"), "--", str(draw(here / "one.png"))]
    done = subprocess.run(
        [*script, "--mapper", "synthetic", "--out", str(here / "out"), "--no-sheet"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SEMANTIFY_DATA": str(data)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(here / "out")
    assert len(fits_of(here / "out")["fits"]) == 1


@pytest.mark.parametrize(("program", "status"), [("semantify_blender.rendering", 1), ("semantify_blender", 130)])
def test_it_ends_when_whoever_started_it_is_gone(here: Path, data: Path, program: str, status: int) -> None:
    words = [sys.executable, "-m", program, "fit", str(draw(here / "one.png")), "--mapper", "synthetic"]
    words += ["--out", str(here / "o"), "--end-with-stdin"]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "SEMANTIFY_DATA": str(data)}
    ) as child:
        child.stdin.close()
        assert child.wait(60) == status
    assert not (here / "o" / "sheet.png").exists()


def test_the_semantify_command_names_its_own_python_for_a_full_clip() -> None:
    assert for_blender(["fit", "a.png"]) == ("fit", ["a.png", "--python", sys.executable])
    assert for_blender(["fit", "a.png", "--python", "mine"]) == ("fit", ["a.png", "--python", "mine"])
    assert for_blender(["fit", "a.png", "--python=mine"]) == ("fit", ["a.png", "--python=mine"])
    assert for_blender(["render", "--model", "m"]) == ("dataset", ["--model", "m"])


def test_locks_and_crops_are_read() -> None:
    assert fit_cli._lock("broad shoulders=-0.5") == ("broad shoulders", -0.5)
    assert fit_cli._box("1,2.5,30,40") == (1.0, 2.5, 30.0, 40.0)
    assert bpy.app.version >= (4, 2, 0)
