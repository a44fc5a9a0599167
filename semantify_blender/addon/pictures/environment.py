"""The Python with torch and open_clip that a full CLIP runs in: finding it, and making one for the user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import bpy

from ..settings import setting, user_folder
from ..state import memory

READY = "semantify-ready"
"""File in the environment that Set Up made, written last: without it the environment is half made."""
VARIABLE = "SEMANTIFY_PYTHON"
SCRIPT = Path(__file__).with_name("environment_child.py")
_NAMES = ("python3.12", "python3.11", "python3.13", "python3.14", "python3", "python", "py")
_TRIAL = "import sys, venv, ensurepip; print(sys.version_info >= (3, 11))"


def own_folder(create: bool = False) -> Path:
    """Where Set Up makes an environment."""
    return user_folder("venv", create)


def program_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def find_python() -> tuple[str, str] | None:
    """(program, where it was found): the preference, $SEMANTIFY_PYTHON, or the environment that Set Up made."""
    for program, where in ((setting("python"), "the preferences"), (os.environ.get(VARIABLE, ""), f"${VARIABLE}")):
        if program:
            return bpy.path.abspath(program), where
    folder = own_folder()
    if (folder / READY).is_file():
        return str(program_of(folder)), "set up by this add-on"
    return None


def require_python() -> str:
    """The program. Raises SemantifyError that says what is missing and the ways out. Asks the program once."""
    from ...core.errors import SemantifyError
    from ...processes.python import check_python

    found = find_python()
    if found is None:
        raise SemantifyError(
            "a full CLIP needs a Python with torch and open_clip: press Set Up in the add-on's preferences, name one "
            f"there, or set ${VARIABLE}"
        )
    program = found[0]
    if program not in memory.sound_pythons:
        check = check_python(program)
        if not check.ok:
            raise SemantifyError(check.missing)
        memory.sound_pythons.add(program)
    return program


def base_python() -> str:
    """A Python that can make environments. Raises SemantifyError when this computer has none that is known."""
    from ...core.errors import SemantifyError

    # packages come late for a new Python: such a one, should Blender have it, is tried last
    own = [sys.executable]
    others = [shutil.which(name) for name in _NAMES]
    for path in dict.fromkeys(filter(None, own + others if sys.version_info < (3, 14) else others + own)):
        if path not in memory.environment_makers:
            memory.environment_makers[path] = _makes_environments(path)
        if memory.environment_makers[path]:
            return path
    raise SemantifyError(
        "no Python 3.11 or newer that can make environments (venv, ensurepip) was found: install one from python.org "
        "or your system's packages and try again"
    )


def check_online() -> None:
    """Raise SemantifyError when Blender is not to use the network, saying who can allow it."""
    from ...core.errors import SemantifyError

    if bpy.app.online_access:
        return
    if bpy.app.online_access_override:
        raise SemantifyError("Blender was started in offline mode: start it without --offline-mode to set up")
    raise SemantifyError(
        "setting up downloads Python packages: switch on Preferences > System > Network > Allow Online Access first"
    )


def set_up_command() -> list[str]:
    """The child that makes the environment. Raises SemantifyError when offline or without a Python."""
    check_online()
    return [base_python(), "-I", str(SCRIPT), str(own_folder(create=True)), READY]


def _makes_environments(program: str) -> bool:
    """Try it: some systems ship a Python without ensurepip."""
    from ...processes.python import clean_environment, no_window

    try:
        done = subprocess.run(
            [program, "-I", "-c", _TRIAL],
            capture_output=True,
            text=True,
            timeout=20,
            env=clean_environment(),
            **no_window(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == "True"
