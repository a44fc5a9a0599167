"""Render the pictures that a small CLIP learns from and is tested on.

python scripts/small_clip/data.py SUBJECT FOLDER        # SUBJECT: body, face or animal
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.repository import REPOSITORY
from scripts.small_clip.subject import ENGINE_SAMPLES, SIZE, Part
from scripts.small_clip.subjects import SUBJECTS


def render(part: Part, folder: Path) -> None:
    """Render one part with the project's own command; a second run resumes."""
    command = [sys.executable, "-m", "semantify_blender.rendering", "dataset"]
    command += ["--model", str(part.model_path(folder)), "--out", str(folder / part.name)]
    command += ["--samples", str(part.samples), "--seed", str(part.seed), "--look", part.look]
    command += ["--views", *part.views]
    if part.sampler == "file":
        command += ["--coefficients", str(folder / f"{part.name}.coefficients.npy")]
    else:
        command += ["--sampler", part.sampler]
        if part.sampler != "population":
            command += ["--k", str(part.k)]
        if part.components is not None:
            command += ["--components", str(part.components)]
    command += ["--size", str(SIZE), "--engine-samples", str(ENGINE_SAMPLES)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def main() -> None:
    """Render every part of a subject into a folder."""
    subject, folder = SUBJECTS[sys.argv[1]], Path(sys.argv[2])
    if subject.prepare:
        subject.prepare(folder)
    for part in (*subject.test, *subject.training):
        render(part, folder)


if __name__ == "__main__":
    main()
