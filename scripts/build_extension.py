"""Building the extension's zip with Blender's own builder, from $BLENDER or from the bpy wheel."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.repository import REPOSITORY

PATIENCE = 900
"""Seconds; the builder packs at zlib's highest level, half a minute of one core, and the machine may be busy."""


def builder() -> list[str] | None:
    """Command that takes `build --source-dir … --output-dir …`; None where there is no Blender of any kind."""
    if os.environ.get("BLENDER"):
        return [os.environ["BLENDER"], "--factory-startup", "--command", "extension"]
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        return None
    # the wheel carries the same builder as a stand-alone script
    scripts = sorted(Path(spec.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    return [sys.executable, str(scripts[-1])] if scripts else None


def blender_environment() -> dict[str, str]:
    """Environment for $BLENDER: where it is a wrapper that sees only some folders, the repository is one of them."""
    binds = [part for part in os.environ.get("BLENDER_BIND", "").split(":") if part]
    return {**os.environ, "BLENDER_BIND": ":".join([*binds, str(REPOSITORY)])}


def extension(*arguments: str) -> str:
    """Run the builder; returns its output, raises AssertionError with it when it fails."""
    command = builder()
    assert command is not None
    done = subprocess.run(
        [*command, *arguments],
        cwd=REPOSITORY,
        env=blender_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_zip(folder: Path) -> Path:
    """The built zip, inside `folder`; one that an earlier build left there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("semantify_blender-*.zip"):
        old.unlink()
    extension("build", "--source-dir", str(REPOSITORY), "--output-dir", str(folder))
    (built,) = folder.glob("semantify_blender-*.zip")
    return built


def main() -> None:
    """Build into the folder given as the only argument, check the zip with Blender's validator, print its path."""
    if builder() is None:
        sys.exit("no Blender to build with: set BLENDER, or pip install bpy")
    built = build_zip(Path(sys.argv[1]).resolve())
    extension("validate", str(built))
    print(f"{built} ({built.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
