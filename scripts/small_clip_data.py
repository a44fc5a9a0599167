"""The renders that the small CLIP learns from and is tested on; `python scripts/small_clip_data.py DIR` makes them all.

The wide model (60 components, made by scripts/build_anny_models.py --variants neutral --components 60 --suffix=-wide)
carries nearly all that an Anny body can be; the embedded models carry what the sliders move. Before the renders:

    python scripts/sample_anny_bodies.py DIR/anny-body-neutral-wide.model.npz DIR/test-anny --count 300 --seed 999
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SIZE = 128
ENGINE_SAMPLES = 4


@dataclass(frozen=True)
class Part:
    """One dataset: which model, how many shapes, how drawn, under which looks."""

    name: str
    model: str
    samples: int
    seed: int
    look: str = "random"
    sampler: str = "uniform"
    k: float = 2.0
    traits: bool = True
    """Whether muscle, gender … can be told from the coefficients. Not where the wide model's are drawn one by one:
    such shapes come from no setting of Anny."""


TRAINING = (
    Part("random-neutral", "anny-body-neutral", 3500, 101),
    Part("random-wide", "anny-body-neutral-wide", 2500, 102, sampler="normal", k=3.0, traits=False),
    Part("random-male", "anny-body-male", 800, 103),
    Part("random-female", "anny-body-female", 800, 104),
    Part("plain-neutral", "anny-body-neutral", 500, 105, look="plain"),
    Part("plain-male", "anny-body-male", 150, 106, look="plain"),
    Part("plain-female", "anny-body-female", 150, 107, look="plain"),
)
TEST = (
    # bodies drawn from Anny itself (scripts/sample_anny_bodies.py), not from any principal components
    Part("test-anny", "anny-body-neutral-wide", 300, 201, sampler="file"),
    Part("test-neutral", "anny-body-neutral", 300, 202),
)


def model_path(part: Part, folder: Path) -> Path:
    """The model's file: an embedded one, or the wide one beside the data."""
    embedded = REPOSITORY / "semantify_blender/data/models" / f"{part.model}.model.npz"
    return embedded if embedded.exists() else folder / f"{part.model}.model.npz"


def render(part: Part, folder: Path) -> None:
    """Render one part with the project's own command; a second run resumes."""
    command = [sys.executable, "-m", "semantify_blender.rendering", "dataset"]
    command += ["--model", str(model_path(part, folder)), "--out", str(folder / part.name)]
    command += ["--samples", str(part.samples), "--seed", str(part.seed), "--look", part.look]
    if part.sampler == "file":
        command += ["--coefficients", str(folder / f"{part.name}.coefficients.npy")]
    else:
        command += ["--sampler", part.sampler, "--k", str(part.k)]
    command += ["--size", str(SIZE), "--engine-samples", str(ENGINE_SAMPLES)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def main() -> None:
    """Render every part into the folder given as the only argument."""
    folder = Path(sys.argv[1])
    for part in (*TEST, *TRAINING):
        render(part, folder)


if __name__ == "__main__":
    main()
