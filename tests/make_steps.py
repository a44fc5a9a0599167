"""The steps that `make` would take, for tests: scripts and verbs, without their environment and their clock."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.repository import REPOSITORY

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
CLI = "\n".join(file.read_text(encoding="utf-8") for file in (REPOSITORY / "semantify_blender" / "cli").glob("*.py"))
TIMED = ["sh", "scripts/timed.sh"]


def steps(target: str, build: Path, *arguments: str) -> list[list[str]]:
    """The commands that would run, in order."""
    command = ["make", "-n", target, f"BUILD={build}", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    lines = done.stdout.replace("\\\n", " ").splitlines()
    found = [shlex.split(line) for line in lines if line.startswith("SEMANTIFY_DATA=")]
    assert all(words[1:3] == TIMED for words in found), "every step is timed"
    return [words[5:] for words in found]


def unknown(words: list[str]) -> list[str]:
    """What a step names that is not there: its script or verb, or options of it."""
    options = {re.sub("=.*", "", word) for word in words if word.startswith("--")}
    if words[1] == "-m":
        return [] if words[2] == "pytest" and (REPOSITORY / words[-1]).is_dir() else words
    if words[0].endswith("python"):
        script = REPOSITORY / words[1]
        if not script.is_file():
            return [words[1]]
        known = script.read_text(encoding="utf-8")
    elif not words[0].endswith("semantify") or f'"{words[1]}"' not in CLI:
        return [words[1]]
    else:
        known = CLI
    return [option for option in sorted(options) if f'"{option}"' not in known]
