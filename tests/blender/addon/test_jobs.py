"""Child processes: progress, result, errors, cancelling, and nothing left behind; Refine and Set Up on top of them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.processes import python
from tests.blender.addon_helpers import add, evaluated, slider_values
from tests.blender.fit_helpers import draw_figure, expected_mesh, save_encoder_and_fitter, state_of, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon", "logs")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon import jobs
    from semantify_blender.addon.pictures import environment

    def folder(name: str, create: bool = True) -> Path:
        path = tmp_path / name
        if create:
            path.mkdir(exist_ok=True)
        return path

    monkeypatch.setattr(jobs, "user_folder", folder)
    monkeypatch.setattr(environment, "user_folder", folder)


def child(script: str) -> list[str]:
    """A Python that prints events: `say(event, …)` is at hand."""
    start = "import json, os, subprocess, sys, time\ndef say(event, **values):\n"
    start += " print(json.dumps({'event': event, **values}), flush=True)\n"
    return [sys.executable, "-c", start + script]


def alive(pid: int) -> bool:
    """True while a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def until(condition, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_events_become_progress_notes_and_result_and_chatter_goes_to_the_log():
    from semantify_blender.addon import jobs

    job = jobs.start(
        "Try It",
        child(
            "say('progress', done=1, total=4, text='rendering')\nprint('Fra:1 Mem:9M')\nsay('note', message='a note')\n"
            "print('warned', file=sys.stderr)\nsay('fit', offset=[1])\nsay('result', file='x')"
        ),
    )
    seen = []
    while job.poll():
        seen.append((job.fraction, job.text))
        time.sleep(0.01)
    assert job.error == ""
    assert not jobs.running()
    assert job.result == {"event": "result", "file": "x"}
    assert job.events == [{"event": "fit", "offset": [1]}]
    assert job.notes == ["a note"]
    assert (job.fraction, job.text) == (1.0, "Done")
    log = job.log.read_text()
    assert "Fra:1" in log
    assert "warned" in log
    assert job.log.name == "try-it.log"


def test_malformed_events_and_a_grandchild_that_holds_the_pipe_break_nothing():
    from semantify_blender.addon import jobs

    said = ['{"event": "progress"}', '{"event": "step", "done": 1e999, "total": "many", "text": 3}', "[" * 100_000]
    said += ['{"event": "note", "message": null}', '{"event": {}}', '{"event": "result", "file": "x"}']
    holds = "import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    started = time.monotonic()
    job = jobs.Job("Odd", child("".join(f"print({text!r}, flush=True)\n" for text in said) + holds))
    job.wait()
    assert time.monotonic() - started < 20
    assert (job.error, job.notes, job.text) == ("", [""], "Done")
    assert job.result == {"event": "result", "file": "x"}


def test_failures_are_one_sentence():
    from semantify_blender.addon import jobs

    told = jobs.Job("Told", child("say('error', message='the picture is empty'); sys.exit(2)"))
    told.wait()
    assert told.error == "the picture is empty"
    died = jobs.Job("Died", child("sys.exit(3)"))
    died.wait()
    assert "status 3" in died.error
    assert str(died.log) in died.error
    silent = jobs.Job("Silent", child("pass"))
    silent.wait()
    assert "ended with status 0" in silent.error
    with pytest.raises(SemantifyError, match="cannot be started"):
        jobs.Job("None", ["/no/such/program"])


def test_one_at_a_time_and_cancel_leaves_no_process_behind():
    from semantify_blender.addon import jobs

    job = jobs.start(
        "Long",
        child(
            "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            "say('pids', pids=[os.getpid(), inner.pid])\ntime.sleep(600)"
        ),
    )
    assert until(lambda: job.poll() and job.events)
    pids = job.events[0]["pids"]
    assert all(alive(pid) for pid in pids)
    with pytest.raises(SemantifyError, match="Long is still running"):
        jobs.start("Second", child("pass"))
    assert bpy.ops.semantify.cancel_job() == {"FINISHED"}
    assert job.done
    assert job.cancelled
    assert until(lambda: not any(alive(pid) for pid in pids))
    assert not bpy.ops.semantify.cancel_job.poll()


def test_a_child_that_ignores_being_asked_is_killed():
    from semantify_blender.addon import jobs

    script = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsay('pid', pid=os.getpid())\ntime.sleep(600)"
    )
    job = jobs.Job("Stubborn", child(script))
    assert until(lambda: job.poll() and job.events)
    job.cancel()
    assert until(lambda: not alive(job.events[0]["pid"]))


def test_switching_the_add_on_off_ends_the_child():
    import semantify_blender
    from semantify_blender.addon import jobs
    from semantify_blender.addon.state import memory

    job = jobs.start("Long", child("say('pid', pid=os.getpid())\ntime.sleep(600)"))
    assert until(lambda: job.poll() and job.events)
    semantify_blender.unregister()
    try:
        assert until(lambda: not alive(job.events[0]["pid"]))
        assert memory.job is None
    finally:
        semantify_blender.register()


def test_a_child_ends_by_itself_when_its_blender_is_gone():
    from semantify_blender.processes import child

    command = child.code_command(None, "import time; print('on', flush=True); time.sleep(600)")
    process = child.start(command, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"on"
    process.stdin.close()
    assert process.wait(60) == 130
    process.stdout.close()


def test_children_do_not_inherit_this_pythons_settings(monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon import jobs

    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    script = "say('result', names=[name for name in os.environ if name.startswith('PYTHON')])"
    job = jobs.Job("Clean", child(script))
    job.wait()
    assert job.result["names"] == []


# Refine


@pytest.fixture
def fitted(synthetic_data: Path, tmp_path: Path) -> bpy.types.Object:
    """A character that was fitted to a picture."""
    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)
    obj = add()
    picture = write_picture(tmp_path / "subject.png", draw_figure())
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    return obj


ANSWER = {
    "sliders": {"tall": 0.1, "fat": 0.2, "muscular": -0.3},
    "offset": [0.1, 0.2, 0.3, 0.4],
    "measure": [0.5, 0.4],
    "notes": ["seen from the front"],
}


def refining_child(monkeypatch: pytest.MonkeyPatch, answer: dict, script: str = "") -> list[list[str]]:
    """A child that answers so instead of the real one. Returns what it is asked, filled when it starts."""
    from semantify_blender.addon import jobs
    from semantify_blender.processes.requests import FitRequest

    asked: list[list[str]] = []

    def command(request: FitRequest) -> list[str]:
        asked.append([request.verb, *request.words()])
        said = f"say('fit', **json.loads({json.dumps(answer)!r}))\nsay('result', folder='x')"
        return child(script + said)

    monkeypatch.setattr(jobs, "rendering_command", command)
    return asked


def test_refine_asks_for_the_last_fit_and_applies_the_answer(
    fitted: bpy.types.Object, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.core.fitting.solve import offset_coefficients
    from semantify_blender.core.mapper import Mapper

    fitted.data.semantify.sliders[1].lock = True
    fitted.data.semantify.sliders[1].value = 0.2
    asked = refining_child(monkeypatch, ANSWER)
    read: list[Mapper] = []
    real = Mapper.save

    def save(self: Mapper, path: Path) -> None:
        real(self, path)
        read.append(Mapper.load(path))

    monkeypatch.setattr(Mapper, "save", save)
    assert bpy.ops.semantify.refine_fit() == {"FINISHED"}
    words = asked[0]
    assert words[:2] == ["fit", str(tmp_path / "subject.png")]
    assert {"--together", "--refine"} <= set(words)
    assert words[words.index("--lock") + 1] == "fat=0.2"
    assert Path(words[words.index("--model") + 1]).name == "stored.model.npz"
    assert "--height" not in words
    assert not Path(words[words.index("--out") + 1]).parent.exists()
    mapper = read[0]
    assert slider_values(fitted) == pytest.approx([0.1, 0.2, -0.3])
    scores = mapper.scores_from_sliders(np.array([0.1, 0.2, -0.3]))
    wanted = offset_coefficients(mapper, scores, np.array(ANSWER["offset"]))
    assert np.abs(evaluated(fitted) - expected_mesh(synthetic_data, wanted)).max() < 1e-4
    assert "20 % smaller" in fitted.data.semantify.fit_notes
    assert "seen from the front" in fitted.data.semantify.fit_notes


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"offset": [1.0]}, "for another model"),
        ({"sliders": {}}, "makes no sense"),
        ({"offset": [float("nan")] * 4}, "for another model"),
        ({"measure": None}, "makes no sense"),
    ],
)
def test_an_answer_without_sense_changes_nothing(
    fitted: bpy.types.Object, wrong: dict, said: str, monkeypatch: pytest.MonkeyPatch
):
    before = state_of(fitted)
    refining_child(monkeypatch, {**ANSWER, **wrong})
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.semantify.refine_fit()
    assert state_of(fitted) == before


def test_a_child_that_fails_changes_nothing(fitted: bpy.types.Object, monkeypatch: pytest.MonkeyPatch):
    before = state_of(fitted)
    refining_child(monkeypatch, ANSWER, "say('error', message='no light'); sys.exit(2)\n")
    with pytest.raises(RuntimeError, match="No light"):
        bpy.ops.semantify.refine_fit()
    assert state_of(fitted) == before


def test_a_character_that_changed_meanwhile_is_left_alone(fitted: bpy.types.Object):
    from semantify_blender.addon.pictures import refining

    mesh = fitted.data
    was = refining.Character.of(mesh.semantify)
    assert was.find() == mesh.semantify
    mesh.semantify.fit_preview = "another"
    with pytest.raises(SemantifyError, match="fitted anew or reset meanwhile"):
        was.find()
    mesh.semantify.fit_preview = was.preview
    mesh.semantify.mapper_checksum = "0" * 64
    with pytest.raises(SemantifyError, match="another mapper meanwhile"):
        was.find()
    mesh.semantify.mapper_checksum = was.mapper
    mesh.semantify.baked = True
    with pytest.raises(SemantifyError, match="is baked now"):
        was.find()
    mesh.semantify.baked = False
    bpy.data.objects.remove(fitted)
    bpy.data.meshes.remove(mesh)
    with pytest.raises(SemantifyError, match="'Synthetic' was deleted meanwhile"):
        was.find()


# the Python of a full CLIP


def test_python_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.pictures import environment

    monkeypatch.delenv("SEMANTIFY_PYTHON", raising=False)
    assert environment.find_python() is None
    with pytest.raises(SemantifyError, match=r"press Set Up .* or set \$SEMANTIFY_PYTHON"):
        environment.require_python()
    folder = tmp_path / "venv"
    folder.mkdir()
    assert environment.find_python() is None
    (folder / environment.READY).write_text("torch")
    assert environment.find_python() == (str(python.program_of(folder)), "set up by this add-on")
    monkeypatch.setenv("SEMANTIFY_PYTHON", "/named/python")
    assert environment.find_python() == ("/named/python", "$SEMANTIFY_PYTHON")
    monkeypatch.setattr(environment, "setting", lambda name: "/chosen/python")
    assert environment.find_python() == ("/chosen/python", "the preferences")
    with pytest.raises(SemantifyError, match="/chosen/python"):
        environment.require_python()


def test_set_up_respects_online_access():
    if bpy.app.online_access:
        assert bpy.ops.semantify.set_up_clip.poll()
        return
    with pytest.raises(RuntimeError, match=r"Allow Online Access|offline mode"):
        bpy.ops.semantify.set_up_clip()


def test_set_up_makes_an_environment_and_marks_it_only_when_whole(tmp_path: Path):
    from semantify_blender.addon import jobs
    from semantify_blender.addon.pictures import environment

    try:
        base = python.base_python({})
    except SemantifyError as error:
        pytest.skip(f"TIER MISSING Python with venv: {error}")
    folder = environment.own_folder(create=True)
    command = [base, "-I", str(environment.SCRIPT), str(folder), environment.READY]
    (folder / "half").write_text("left by one that was cancelled")
    # nothing is downloaded: first a package that cannot be had, then one that every environment has
    failing = jobs.Job("Setting up Python", [*command, "--no-index", "no-such-package-for-semantify"])
    failing.wait()
    assert "setting up failed" in failing.error
    assert "no-such-package-for-semantify" in failing.error
    assert not (folder / "half").exists()
    assert environment.find_python() is None
    (folder / environment.READY).touch()
    again = jobs.Job("Setting up Python", [*command, "pip"])
    again.wait()
    assert again.error == ""
    assert (folder / environment.READY).read_text() == "pip"
    program = str(python.program_of(folder))
    assert environment.find_python() == (program, "set up by this add-on")
    assert again.result["python"] == program
