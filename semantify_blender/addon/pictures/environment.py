"""The Python with torch and open_clip that a full CLIP runs in: finding it, and making one for the user."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from ..settings import setting, user_folder
from ..state import memory

READY = "semantify-ready"
"""File in the environment that Set Up made, written last: without it the environment is half made."""
SCRIPT = Path(__file__).with_name("environment_child.py")


def own_folder(create: bool = False) -> Path:
    """Where Set Up makes an environment."""
    return user_folder("venv", create)


def find_python() -> tuple[str, str] | None:
    """(program, where it was found): the preference, $SEMANTIFY_PYTHON, or the environment that Set Up made."""
    from ...processes.python import VARIABLE, program_of

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
    from ...processes.python import VARIABLE, check_python

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
    from ...processes.python import base_python

    check_online()
    return [base_python(memory.environment_makers), "-I", str(SCRIPT), str(own_folder(create=True)), READY]
