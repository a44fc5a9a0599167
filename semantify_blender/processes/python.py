"""Finding Pythons: that with torch and open_clip, with one sentence on what another one lacks; one to make it with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import SemantifyError
from ..core.files.json_lines import object_of

PACKAGES = {"torch": (2, 4), "open_clip_torch": (3, 0), "torchvision": (), "pillow": (), "numpy": ()}
"""Distribution -> lowest version that the full CLIP needs."""
LOWEST_PYTHON = (3, 11)
VARIABLE = "SEMANTIFY_PYTHON"
"""Environment variable that names the Python with torch and open_clip."""
_SECONDS = 30.0

_NAMES = ("python3.12", "python3.11", "python3.13", "python3.14", "python3", "python", "py")
_TRIAL = f"import sys, venv, ensurepip; print(sys.version_info >= {LOWEST_PYTHON})"

# metadata only: importing torch would take seconds
_QUESTION = """
import json, sys
try:
    from importlib.metadata import version, PackageNotFoundError
except ImportError:
    version = None
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except Exception:
        found[name] = None
print("semantify:" + json.dumps({"python": sys.version.split()[0], "packages": found}))
"""


@dataclass(frozen=True)
class PythonCheck:
    """What a Python program has.

    python: the program. version: its own, "" when it does not run. packages: distribution -> version or None.
    missing: "" when a full CLIP can run there, else one sentence that says what is missing and the way out.
    """

    python: str
    version: str
    packages: dict[str, str | None]
    missing: str

    @property
    def ok(self) -> bool:
        """Whether a full CLIP can run there."""
        return not self.missing


def check_python(python: str | Path, timeout: float = _SECONDS) -> PythonCheck:
    """Ask a Python program what it has, in well under a second for one that is sound. Never raises.

    timeout: seconds for one that hangs.
    """
    program = str(python)
    try:
        done = subprocess.run(
            isolated(program, _QUESTION, *PACKAGES),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            env=clean_environment(),
            check=False,
            **no_window(),
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return PythonCheck(
            program, "", {}, f"{program}: cannot be started ({reason}); choose the Python that has torch and open_clip"
        )
    except subprocess.TimeoutExpired:
        return PythonCheck(
            program, "", {}, f"{program}: did not answer within {timeout:.0f} s; choose another Python program"
        )
    version, packages = _answer(done.stdout)
    if not version:
        return PythonCheck(
            program,
            "",
            {},
            f"{program}: is not a Python program that runs; choose the one that has torch and open_clip",
        )
    return PythonCheck(program, version, packages, _missing(program, version, packages))


def find_python(candidates: Iterable[str | Path | None], timeout: float = _SECONDS) -> PythonCheck:
    """The first candidate where a full CLIP can run; when there is none, the check of the one that lacks least.

    candidates: programs in order of preference; None and "" are passed over, and so is a repeated one.
    Raises SemantifyError when there is no candidate at all.
    """
    checks: list[PythonCheck] = []
    for program in dict.fromkeys(str(candidate) for candidate in candidates if candidate):
        check = check_python(program, timeout)
        if check.ok:
            return check
        checks.append(check)
    if not checks:
        raise SemantifyError("no Python to look at: choose the Python program that has torch and open_clip")
    # one that does not even run has told nothing about packages
    return min(checks, key=lambda check: (not check.version, sum(v is None for v in check.packages.values())))


def usual_candidates(first: str | Path | None = None) -> list[str]:
    """Where to look: the user's own choice, $SEMANTIFY_PYTHON, an activated environment, this Python, those on PATH."""
    folder = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    inside = ("Scripts/python.exe", "python.exe") if os.name == "nt" else ("bin/python3", "bin/python")
    active = [Path(folder) / name for name in inside if (Path(folder) / name).is_file()][:1] if folder else []
    # inside Blender sys.executable is a Python; in some embedded builds it is Blender itself, or empty
    own = sys.executable if "python" in Path(sys.executable or "").name.lower() else None
    found = [first, os.environ.get(VARIABLE), *active, own, shutil.which("python3"), shutil.which("python")]
    return list(dict.fromkeys(str(program) for program in found if program))


def program_of(environment: Path) -> Path:
    """The Python of an environment that venv makes, whether it is there or not."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def base_python(tried: dict[str, bool]) -> str:
    """A Python that can make environments. tried: whether a program can, of those that were looked at; added to.

    Raises SemantifyError when this computer has none that is known.
    """
    # packages come late for a new Python: such a one, should Blender have it, is tried last
    own: list[str | None] = [sys.executable]
    others = [shutil.which(name) for name in _NAMES]
    for program in dict.fromkeys(filter(None, own + others if sys.version_info < (3, 14) else others + own)):
        if program not in tried:
            tried[program] = makes_environments(program)
        if tried[program]:
            return program
    raise SemantifyError(
        "no Python 3.11 or newer that can make environments (venv, ensurepip) was found: install one from python.org "
        "or your system's packages and try again"
    )


def makes_environments(program: str) -> bool:
    """Try it: some systems ship a Python without ensurepip."""
    try:
        done = subprocess.run(
            [program, "-I", "-c", _TRIAL],
            capture_output=True,
            text=True,
            timeout=20,
            env=clean_environment(),
            check=False,
            **no_window(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == "True"


def isolated(python: str, code: str, *arguments: str) -> list[str]:
    """Command that runs code in another Python without what this process's environment would bring in.

    -E rather than -I, which would also hide packages that the user installed with `pip install --user`; the folder
    that the process runs in is kept out of the path by the code itself.
    """
    return [python, "-E", "-c", "import sys; sys.path[:] = list(filter(None, sys.path))\n" + code, *arguments]


def clean_environment() -> dict[str, str]:
    """This process's environment without what belongs to its own Python and Blender.

    PYTHON* variables, and OCIO: Blender 5.3 sets it to its own colours, which another Blender may not have.
    """
    own = ("PYTHON", "OCIO")
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(own)}


def no_window() -> dict[str, Any]:
    """Arguments of subprocess that keep a console window from opening on Windows."""
    flag = getattr(subprocess, "CREATE_NO_WINDOW", None)
    return {} if flag is None else {"creationflags": flag}


def _answer(output: bytes) -> tuple[str, dict[str, str | None]]:
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith("semantify:"):
            try:
                found = object_of(line.removeprefix("semantify:"))
                return str(found["python"]), dict(found["packages"])
            except (ValueError, KeyError, TypeError):
                break
    return "", {}


def _missing(program: str, version: str, packages: dict[str, str | None]) -> str:
    if _numbers(version) < LOWEST_PYTHON:
        lowest = ".".join(map(str, LOWEST_PYTHON))
        return f"{program}: is Python {version}, but {lowest} or newer is needed; choose another Python program"
    absent = [name for name in PACKAGES if packages.get(name) is None]
    old = [
        f"{name} {packages[name]} (needs {'.'.join(map(str, lowest))} or newer)"
        for name, lowest in PACKAGES.items()
        if name not in absent and _numbers(str(packages[name])) < lowest
    ]
    if not absent and not old:
        return ""
    parts = [f"has no {' and no '.join(absent)}"] * bool(absent) + [f"has {' and '.join(old)}"] * bool(old)
    install = " ".join([*absent, *(name.split()[0] for name in old)])
    return f"{program}: {', and '.join(parts)}; run: {program} -m pip install --upgrade {install}"


def _numbers(version: str) -> tuple[int, ...]:
    """(2, 4) of "2.4.1+cpu": the leading two numbers."""
    found = []
    for part in version.split(".")[:2]:
        digits = part[: next((i for i, c in enumerate(part) if not c.isdecimal()), len(part))]
        if not digits:
            break
        found.append(int(digits))
    return tuple(found)
