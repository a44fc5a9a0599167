"""Makes a Python environment with torch and open_clip; run by itself in some Python, standard library only.

    python -I environment_child.py FOLDER MARK [PACKAGE …]

Says one JSON object a line: progress, error, result. Ends when its standard input closes. MARK is a file in FOLDER
that is written last; a folder without it was left half made and is made anew.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import venv
from pathlib import Path

PACKAGES = (
    *("torch", "torchvision", "open_clip_torch", "pillow", "numpy", "safetensors"),
    *("scikit-learn", "scipy", "jinja2", "markupsafe", "tqdm"),
)
"""For looking at pictures with a full CLIP, and for training."""
STEPS = 60
"""Roughly how many packages and downloads pip names on the way."""


def say(event: str, **values: object) -> None:
    """One object to whoever started this."""
    print(json.dumps({"event": event, **values}), flush=True)


def watch() -> None:
    """End with the program that started this, and pip with it."""
    # not through sys.stdin, whose lock would abort Python while it shuts down
    os.read(0, 1)
    if os.name != "nt" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def install(python: Path, packages: list[str]) -> None:
    """pip install, told line by line. Raises RuntimeError with pip's last complaint."""
    command = [str(python), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", *packages]
    pip = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    complaint, seen = "", 0
    for line in pip.stdout or ():
        print(line, end="", file=sys.stderr, flush=True)
        if line.startswith("ERROR:"):
            complaint = line.removeprefix("ERROR:").strip()
        named = re.match(r"\s*(Collecting|Downloading|Using cached|Installing collected packages)\b:?\s*(\S*)", line)
        if named:
            seen = min(seen + 1, STEPS - 2) if "Installing" not in named[1] else STEPS - 2
            words = "Installing packages" if "Installing" in named[1] else f"{named[1]} {Path(named[2]).name}"
            say("progress", done=1 + seen, total=STEPS, text=words)
    if pip.wait():
        raise RuntimeError(complaint or f"pip ended with status {pip.returncode}")


def main() -> int:
    """Make the environment. Returns the exit status."""
    folder, mark = Path(sys.argv[1]), sys.argv[2]
    packages = sys.argv[3:] or list(PACKAGES)
    python = folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"
    try:
        if not (folder / mark).is_file():
            say("progress", done=0, total=STEPS, text="Making an environment")
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True, symlinks=os.name != "nt")
        install(python, packages)
        (folder / mark).write_text(" ".join(packages), encoding="utf-8")
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        say("error", message=f"setting up failed: {error}")
        return 1
    say("result", python=str(python))
    return 0


if __name__ == "__main__":
    threading.Thread(target=watch, daemon=True).start()
    sys.exit(main())
