"""Child processes: nothing of the working folder is executed, every alphabet works, and they end with their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from semantify_blender.processes import blender as blender_process
from semantify_blender.processes import child
from semantify_blender.processes import python as python_process
from semantify_blender.processes.requests import DatasetRequest, FitRequest
from tests.blender.render_helpers import ROOT
from tests.blender.tier import bpy

STANDARD = (
    "random",
    "token",
    "threading",
    "tempfile",
    "json",
    "subprocess",
    "signal",
    "numpy",
    "bpy",
    "semantify_blender",
)
PARENT = "import sys; sys.path.insert(0, {root!r}); sys.argv[0] = 'semantify'; "
VERB = PARENT + "{pauses}from semantify_blender.cli.start import main; sys.exit(main())"
PAUSES = (
    # a second, told by a file, while the command imports what it needs, and one after its child has begun
    "import time; "
    "pause = lambda name: (open({folder!r} + name, 'w').close(), time.sleep(1)); "
    "sys.addaudithook(lambda event, what: event == 'import' and what[0] == 'semantify_blender.cli.main' and "
    "pause('command imports')); "
    "from semantify_blender.processes import child; "
    "child._BEGIN += 'open(' + ascii({folder!r} + 'child imports') + ', \\'w\\').close(); ' "
    "'import time; time.sleep(1)\\n'; "
)


@pytest.fixture
def traps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: it holds modules of well-known names, and each says so in a file when it is executed."""
    folder = tmp_path / "working folder"
    folder.mkdir()
    for name in STANDARD:
        (folder / f"{name}.py").write_text(
            f"open({str(tmp_path / 'sprung')!r}, 'a').write('{name} ')\nraise SystemExit(7)\n"
        )
    monkeypatch.chdir(folder)
    # the Python or Blender that runs this test is meant, not another one that may see other folders
    monkeypatch.delenv("BLENDER", raising=False)
    # an empty entry of PYTHONPATH is the working folder too
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}{os.environ.get('PYTHONPATH', '')}{os.pathsep}.{os.pathsep}{folder}")
    return tmp_path / "sprung"


def test_traps_spring(traps: Path):
    """The test of the tests: an ordinary `python -m` would have executed them."""
    subprocess.run([sys.executable, "-c", "import token"], check=False, timeout=60)
    assert traps.read_text() == "token "


def test_rendering_children_execute_nothing_of_the_working_folder(traps: Path, synthetic_data: Path, tmp_path: Path):
    model = synthetic_data / "models" / "synthetic.model.npz"
    request = DatasetRequest(str(model), tmp_path / "set", samples=1, views=("front",), size=16, engine_samples=1)
    result = blender_process.render(request, bpy.app.binary_path or None)
    assert result["folder"] == str(tmp_path / "set")
    assert not traps.exists()


def test_trial_renders_execute_nothing_of_the_working_folder(traps: Path):
    from semantify_blender.rendering.stage import engines

    engines._opengl_failure.__wrapped__("workbench")
    assert not traps.exists()


@pytest.mark.usefixtures("addon")
def test_the_add_ons_children_execute_nothing_of_the_working_folder(traps: Path, tmp_path: Path):
    from semantify_blender.addon import jobs
    from semantify_blender.addon.pictures import environment

    request = FitRequest((Path("nothing.png"),), "no", tmp_path)
    job = jobs.Job("Fit", jobs.rendering_command(request), tmp_path / "log")
    job.wait()
    assert "mapper" in (tmp_path / "log").read_text()
    assert python_process.makes_environments(sys.executable)
    script = [sys.executable, "-I", str(environment.SCRIPT), str(tmp_path / "venv"), "mark"]
    with subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as making:
        assert b"Making an environment" in making.stdout.readline()
        making.stdin.close()
    assert not traps.exists()


def test_the_other_python_executes_nothing_of_the_working_folder(traps: Path):
    assert python_process.check_python(sys.executable).version
    code = "import random, token; print(random.__file__, token.__file__)"
    command = python_process.isolated(sys.executable, code)
    done = subprocess.run(
        command, capture_output=True, text=True, env=python_process.clean_environment(), timeout=60, check=True
    )
    assert "working folder" not in done.stdout
    assert not traps.exists()


def test_headless_scripts_execute_nothing_of_the_working_folder(traps: Path):
    done = headless("render_dataset.py", "--", "--help")
    assert done.returncode == 0, done.stderr
    assert "--shard-size" in done.stdout
    assert not traps.exists()


def headless(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A headless script by the program that we are inside of, else by this Python, as its users start it."""
    start = [bpy.app.binary_path, "-b", "-P"] if bpy.app.binary_path else [sys.executable]
    command = [*start, str(ROOT / "headless" / name), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.mark.parametrize("name", [path.name for path in sorted((ROOT / "headless").glob("*.py"))])
def test_a_headless_script_without_the_two_dashes_says_what_was_forgotten(name: str):
    done = headless(name)
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith("error: ")
    assert f"-P headless/{name} -- " in said


# Alphabets


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_paths_of_every_alphabet_under_every_locale(locale: dict[str, str], synthetic_data: Path, tmp_path: Path):
    """The command, and its child: a model and a folder whose names no ASCII has."""
    folder = tmp_path / "Größe 体型"
    folder.mkdir()
    model = folder / "körper.model.npz"
    model.write_bytes((synthetic_data / "models" / "synthetic.model.npz").read_bytes())
    words = ["render", "--model", str(model), "--out", str(folder / "наборы"), "--samples", "1", "--size", "16"]
    words += ["--engine-samples", "1", "--views", "front", "--log", str(folder / "журнал.log")]
    command = [sys.executable, "-c", VERB.format(root=str(ROOT), pauses=""), *words]
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, **locale}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert "наборы" in done.stdout.decode()
    assert (folder / "наборы" / "shard-000000.tar").is_file()
    command[5] = str(folder / "néant")
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, **locale}, check=False)
    assert done.returncode == 2
    assert "néant" in done.stderr.decode()


# Ends


def alive(pid: int) -> bool:
    """True while a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object], every: float = 0.02, seconds: float = 60.0) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def gone(pid: int) -> bool:
    return until(lambda: not alive(pid), seconds=15)


def children_of(pid: int) -> list[int]:
    return [
        int(word) for task in Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()
    ]


LONG = ["render", "--samples", "5000", "--size", "64", "--engine-samples", "1", "--views", "front", "--shard-size", "5"]


def long_render(synthetic_data: Path, out: Path, pauses: Path | None = None) -> subprocess.Popen[str]:
    """A `semantify render` that would take minutes, in a session of its own. pauses: folder that tells where it is."""
    words = [*LONG, "--model", str(synthetic_data / "models" / "synthetic.model.npz"), "--out", str(out)]
    code = VERB.format(root=str(ROOT), pauses=PAUSES.format(folder=f"{pauses}{os.sep}") if pauses else "")
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL", "SIGINT"])
def test_a_rendering_child_ends_with_its_parent(name: str, synthetic_data: Path, tmp_path: Path):
    out = tmp_path / "set"
    with long_render(synthetic_data, out) as parent:
        assert until(lambda: list(out.glob("shard-*.tar")))
        (pid,) = children_of(parent.pid)
        assert alive(pid)
        parent.send_signal(getattr(signal, name))
        assert gone(pid)
        said = parent.communicate(timeout=10)[1]
    assert parent.returncode == (130 if name == "SIGINT" else -getattr(signal, name))
    assert "Traceback" not in said
    assert (name != "SIGINT") or said == "error: interrupted; run the same command again to resume\n"
    assert not list(out.glob("*.part")), "half a shard was left"


@pytest.mark.parametrize("phase", ["command imports", "child begins", "child imports", "child has begun to render"])
def test_ctrl_c_at_any_time_ends_everything_without_a_traceback(phase: str, synthetic_data: Path, tmp_path: Path):
    with long_render(synthetic_data, tmp_path / "set", tmp_path) as parent:
        assert until((tmp_path / "command imports").exists)
        if phase != "command imports":
            assert until(lambda: children_of(parent.pid))
            (pid,) = children_of(parent.pid)
            assert phase == "child begins" or until((tmp_path / "child imports").exists)
            assert phase != "child has begun to render" or until((tmp_path / "set" / "dataset.json").exists)
        os.killpg(parent.pid, signal.SIGINT)
        said = parent.communicate(timeout=15)[1]
    assert parent.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in said
    assert phase == "command imports" or gone(pid)
    assert len(list((tmp_path / "set").glob("shard-*.tar"))) < 100


def test_what_a_child_started_ends_with_it():
    code = (
        "import subprocess; inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        "print(inner.pid, flush=True); import time; time.sleep(600)"
    )
    started = child.start(child.code_command(bpy.app.binary_path or None, code), stdout=subprocess.PIPE, text=True)
    with started:
        pid = next(int(line) for line in started.stdout if line.strip().isdecimal())
        assert alive(pid)
        child.end(started)
    assert gone(pid)
    assert started.returncode != 0


def test_setting_up_takes_pip_along_when_blender_is_killed():
    from semantify_blender.addon.pictures import environment

    code = (
        f"import sys; sys.path.insert(0, {str(environment.SCRIPT.parent)!r}); import subprocess, threading, time; "
        "import environment_child as setup; threading.Thread(target=setup.watch, daemon=True).start(); "
        "pip = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], stdin=subprocess.DEVNULL); "
        "print(pip.pid, flush=True); time.sleep(600)"
    )
    with child.start([sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, text=True) as started:
        pid = int(started.stdout.readline())
        assert alive(pid)
        started.stdin.close()  # what the system does when Blender is gone
        assert gone(pid)
