"""Child processes that run this package: how each is started, and that it ends with whoever started it.

One way for all. A child's standard input is a pipe whose other end its parent alone holds. The parent closes it to ask
the child to end; the system closes it when the parent is gone, however that went: ended, crashed, killed, its terminal
closed. The child then gets GRACE seconds to finish its picture and write its files. It has a session of its own, so
that Ctrl-C reaches the parent alone. Nothing is imported from the folder that the user happens to work in.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .python import clean_environment, isolated, no_window
from .seats import ANYWHERE, Seat

if TYPE_CHECKING:  # it brings NumPy, and the add-on is enabled without it
    from .requests import Request

GRACE = 20.0
"""Seconds that a child may take to finish its picture and write its files once it is to end."""
_PATIENCE = 2.0
_holding = _asked = False
_PACKAGE = Path(__file__).resolve().parent.parent

# The package is loaded by its place: inside an extension nobody calls it semantify_blender, another one may be
# installed, and putting its parent folder on the path would offer everything else that lies there.
_LOAD = (
    "import importlib.util, sys; "
    "spec = importlib.util.spec_from_file_location('semantify_blender', {file!a}); "
    "package = sys.modules['semantify_blender'] = importlib.util.module_from_spec(spec); "
    "spec.loader.exec_module(package); "
)
_BEGIN = "from semantify_blender.processes.child import begin; begin()\n"
_VERB = "from semantify_blender.cli.rendering import leave, main\nleave(main(sys.argv[sys.argv.index('--') + 1 :]))\n"


def code_command(blender: str | None, code: str, *arguments: object) -> list[str]:
    """Command that runs Python code in a Blender of its own; it finds its arguments behind "--" in sys.argv.

    blender: the program; None for the bpy module of this Python.
    """
    code = _LOAD.format(file=str(_PACKAGE / "__init__.py")) + _BEGIN + code
    words = ["--", *map(str, arguments)]
    if blender:
        return [blender, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr", code, *words]
    # -P and a path without empty entries keep the working folder out; UTF-8 whatever the locale, as Blender has it
    path = f"import sys; sys.path[:0] = {_given_path()!a}\n"
    return [sys.executable, "-P", "-X", "utf8", "-c", path + code, *words]


def verb_command(blender: str | None, verb: str, arguments: Sequence[object]) -> list[str]:
    """Command of a verb of `cli.rendering` in a Blender of its own; `blender` as for `code_command`."""
    return code_command(blender, _VERB, verb, *arguments)


def rendering_command(blender: str | None, request: Request, seat: Seat = ANYWHERE) -> list[str]:
    """Command that does what is asked in a Blender of its own, and tells of it in JSON; see `core.files.json_lines`."""
    return verb_command(blender, request.verb, [*request.words(), *seat.words(), "--progress", "json"])


def training_command(python: str, folder: Path, task: str = "") -> list[str]:
    """Command that trains own words, `core.own_words`, in a Python that has torch.

    folder: that of the task. task: its text, to be put there; empty for the one that is there.
    """
    code = _LOAD.format(file=str(_PACKAGE / "__init__.py")) + _BEGIN
    code += "from semantify_blender.training.own_words import run\nrun(*sys.argv[1:])\n"
    return isolated(python, code, str(folder), task)


def start(command: Sequence[str], seat: Seat = ANYWHERE, **options: Any) -> subprocess.Popen:
    """Start a child; `options` are Popen's. Raises OSError when it cannot be started."""
    own_group = no_window() if os.name == "nt" else {"start_new_session": True}
    environment = clean_environment() | seat.environment()
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, **own_group, **options)


def end(child: subprocess.Popen, patience: float = 0.0) -> int:
    """End a child and all that it started, and wait until it is gone. Returns its exit status.

    patience: seconds that it gets to end by itself before it is told to, and after two more seconds made to.
    """
    try:
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        for number, seconds in ((None, patience), (signal.SIGTERM, _PATIENCE)):
            if number is not None:
                send(child, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(seconds)
    finally:
        # also when the user loses patience first; what the child started may have outlived it
        send(child, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()
    return child.returncode


def send(child: subprocess.Popen, number: int) -> None:
    """Signal a child that `start` started, and its own children."""
    if os.name == "nt":
        words = ["taskkill", "/F", "/T", "/PID", str(child.pid)]
        subprocess.run(words, capture_output=True, check=False, **no_window())
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)


def begin() -> None:
    """The first thing that a child does: from now on it ends when its standard input does.

    Until `interruptible` is called there is nothing to finish, and it ends at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_stdin, daemon=True).start()


def interruptible() -> None:
    """From now on SIGINT is a KeyboardInterrupt in the main thread, also where Blender has a handler of its own."""
    global _asked
    _asked = False
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Inside, an interrupt waits, and is raised at the end.

    Cycles, the exporters and handlers are Python that Blender calls: it prints an exception raised there and goes on.
    """
    global _holding
    _holding = True
    try:
        yield
    finally:
        _holding = False
        if _asked:
            raise KeyboardInterrupt


def _interrupted(number: int, frame: object) -> None:
    global _asked
    # remembered, should Blender swallow the exception all the same
    _asked = True
    if not _holding:
        raise KeyboardInterrupt


def until_stdin_ends() -> None:
    """Wait for the end of standard input: whoever started this process closes it, or is gone."""
    # not through sys.stdin, whose lock would abort Python while it shuts down
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass


def _end_with_stdin() -> None:
    until_stdin_ends()
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        os._exit(130)
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
    time.sleep(GRACE)
    os._exit(1)


def _given_path() -> list[str]:
    """What the user's PYTHONPATH gives, less what means the working folder."""
    here = Path.cwd()
    entries = filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return [entry for entry in entries if Path(entry).resolve() != here]
