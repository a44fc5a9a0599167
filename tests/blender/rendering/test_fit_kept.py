"""What a fit has done is kept, however it ends; the sheet costs no more than what it shows; memory does not grow."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from semantify_blender.core.pictures.crop import Cut
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.fits import run as fit_run
from semantify_blender.rendering.fits.kept import NAME, Kept
from semantify_blender.rendering.fits.subject import Result
from semantify_blender.rendering.sheets import fit_sheet
from tests.blender.render_helpers import ROOT, command
from tests.blender.rendering.small_fit import draw, events_of, fits_of, run_fit
from tests.blender.tier import bpy


def pictures(folder: Path, count: int) -> list[Path]:
    return [draw(folder / f"{i}.png", 60 + 8 * i, (90, 60 + 12 * i, 50)) for i in range(count)]


def fitted(out: Path) -> list[str]:
    return [item["name"] for item in fits_of(out)["fits"]]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_fit_that_is_killed_goes_on_where_it_was(here: Path, data: Path, capfd, number: int) -> None:
    files = pictures(here, 8)
    out, whole = here / "out", here / "whole"
    words = command("fit", *files, "--mapper", "synthetic", "--out", out, "--no-sheet", "--refine")
    environment = {**os.environ, "SEMANTIFY_DATA": str(data)}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment) as child:
        until = time.monotonic() + 120
        while child.poll() is None and time.monotonic() < until:
            if (out / NAME).is_file() and (out / NAME).read_bytes().count(b"\n") >= 4:
                break
            time.sleep(0.01)
        child.send_signal(number)
        assert child.wait(30) != 0
    lines = (out / NAME).read_bytes().splitlines()
    done = [json.loads(line)["name"] for line in lines[1:]]
    assert 3 <= len(done) < 8
    # the last line may be cut short by a full disk or a lost machine
    (out / NAME).write_bytes(b"\n".join(lines)[:-40])
    status, said, err = run_fit(capfd, *files, "--out", out, "--no-sheet", "--refine", "--progress", "json")
    assert status == 0, err
    assert [event["name"] for event in events_of(said) if event["event"] == "fit"] == [str(i) for i in range(8)]
    assert {event["name"] for event in events_of(said) if event["event"] == "step"} == {str(i) for i in range(8)} - set(
        done[:-1]
    )
    assert run_fit(capfd, *files, "--out", whole, "--no-sheet", "--refine")[0] == 0
    for name in ("fits.json", "fits.csv"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    assert not (out / NAME).exists()


def test_what_was_kept_is_used_for_the_same_only(here: Path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    files, out = pictures(here, 3), here / "out"
    cut, stops = [], [3]
    real = fit_run.fit_subject

    def interrupted(subject, *arguments):
        cut.append(subject.name)
        if stops and len(cut) == stops[0]:
            stops.clear()
            raise KeyboardInterrupt
        yield from real(subject, *arguments)

    monkeypatch.setattr(fit_run, "fit_subject", interrupted)
    assert run_fit(capfd, *files, "--out", out, "--no-sheet")[0] == 130
    assert fitted(out) == ["0", "1"]
    draw(files[1], 100)  # another picture under the same name
    kept = (out / NAME).read_bytes()
    assert run_fit(capfd, *files, "--out", out, "--no-sheet")[0] == 0
    assert cut == ["0", "1", "2", "1", "2"]
    assert fitted(out) == ["0", "1", "2"]
    (out / NAME).write_bytes(kept)
    cut.clear()
    assert run_fit(capfd, *files, "--out", out, "--no-sheet", "--height", 1.7)[0] == 0
    assert cut == ["0", "1", "2"], "another wish, other shapes"
    (out / NAME).write_bytes(b"\xff\x00 something else")
    assert run_fit(capfd, *files, "--out", out, "--no-sheet")[0] == 0
    assert fitted(out) == ["0", "1", "2"]
    assert bpy.app.version >= (4, 2, 0)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b'"coefficients": [', b'"coefficients": [9'),
        (b'"fit":', b'"fat":'),
        (b'"name": "0"', b'"name": {"0": 1}'),
        (b'{"subject"', b"[" * 100_000 + b'{"subject"'),
        (b'"height": ', b'"height": 1' + b"0" * 400),
    ],
)
def test_a_damaged_line_is_fitted_again(here: Path, capfd, monkeypatch, what: bytes, instead: bytes) -> None:
    files, out = pictures(here, 2), here / "out"
    monkeypatch.setattr(Kept, "close", lambda kept, whole: kept._file.close())
    assert run_fit(capfd, *files, "--out", out, "--no-sheet")[0] == 0
    whole, kept = (out / "fits.json").read_bytes(), (out / NAME).read_bytes()
    assert kept.count(what) >= 1
    (out / NAME).write_bytes(kept.replace(what, instead, 1))
    assert run_fit(capfd, *files, "--out", out, "--no-sheet")[0] == 0
    assert (out / "fits.json").read_bytes() == whole
    assert (out / NAME).read_bytes() == kept


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names there are Unicode")
def test_a_file_name_that_is_no_unicode_is_kept(here: Path, capfd) -> None:
    odd, out = here / os.fsdecode(b"odd\xff.png"), here / "out"
    os.rename(pictures(here, 1)[0], odd)
    status, _, err = run_fit(capfd, odd, "--out", out, "--mesh", "obj")
    assert status == 0, err
    assert Path(fits_of(out)["fits"][0]["images"][0]["path"]) == odd
    assert (out / "meshes" / "odd_.obj").is_file()
    assert r"odd\udcff.png" in (out / "fits.csv").read_text(encoding="utf-8")
    assert (out / "sheet.png").is_file()


def test_a_sheet_shows_so_many_and_says_so(here: Path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_sheet, "ROWS", 1)
    shown: list[Path] = []
    real = fit_sheet.read_picture
    monkeypatch.setattr(fit_sheet, "read_picture", lambda path: shown.append(Path(path).name) or real(path))
    files = pictures(here, 3)
    status, said, err = run_fit(capfd, *files, "--out", here / "out", "--sheet-pictures", 2)
    assert status == 0, err
    assert shown == ["0.png", "1.png"]
    assert sorted(path.name for path in (here / "out").glob("sheet*")) == ["sheet-2.png", "sheet.png"]
    assert "the sheet shows the first 2 pictures: --sheet-pictures shows more" in said
    status, _, err = run_fit(capfd, *files, "--out", here / "out", "--sheet-pictures", 0)
    assert status == 2
    assert "--sheet-pictures is 0" in err


def test_memory_does_not_grow_with_the_pictures(here: Path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture, cut or result is held when the next subject's turn comes (`benchmarks/fitting.py many` weighs it)."""
    alive: list[int] = []
    real = fit_run.fit_subject

    def counted(*arguments):
        gc.collect()
        alive.append(sum(isinstance(thing, Cut | Picture | Result) for thing in gc.get_objects()))
        return real(*arguments)

    monkeypatch.setattr(fit_run, "fit_subject", counted)
    assert run_fit(capfd, *([draw(here / "one.png")] * 6), "--out", here / "out", "--no-sheet")[0] == 0
    assert len(alive) == 6
    # the last one is still in the loop's own variables
    assert max(alive) - alive[0] <= 2
