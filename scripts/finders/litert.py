"""The same networks in LiteRT, and pictures for both to look at: what the finders' arithmetic is held to.

python scripts/finders/litert.py [BODY.png FACE.png]      # writes tests/core/networks/references.npz again

The pictures are two renders of the embedded models (`semantify render --look wild --size 256`, seed 5, sample 1 of
anny-body-female, and seed 3, sample 1 of anny-face-shape) before a backdrop; those in the file are kept unless others
are given. Needs npm, ai-edge-litert and, for other pictures, pillow.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.finders.packages import SOURCES, content_of
from scripts.repository import REPOSITORY
from semantify_blender.core.pictures.resize import average

PACKAGES = REPOSITORY / "out" / "packages"
"""Where npm puts what it fetches."""
REFERENCES = REPOSITORY / "tests" / "core" / "networks" / "references.npz"
MOST = 64
"""Of a detector's boxes so many are kept, those with the highest scores."""
_LOOKS = {
    "person": ("body", (0, 0, 256, 256), 224, (-1.0, 1.0)),
    "pose": ("body", (40, 56, 228, 244), 256, (0.0, 1.0)),
    "selfie": ("body", (30, 50, 240, 260), 256, (0.0, 1.0)),
    "face": ("face", (0, 0, 256, 256), 128, (-1.0, 1.0)),
    "mesh": ("face", (40, 30, 180, 170), 192, (0.0, 1.0)),
}
"""Network -> picture, the part of it that is looked at, side of the network's pictures, range of their numbers."""


def seen(name: str, pictures: Mapping[str, np.ndarray]) -> np.ndarray:
    """(side, side, 3) float32: what a network is shown. pictures: "body" and "face", (256, 256, 3) uint8."""
    picture, box, side, (low, high) = _LOOKS[name]
    values, _ = average(pictures[picture], box, (side, side))
    return values * np.float32((high - low) / 255) + np.float32(low)


class LiteRT:
    """One of the networks, run by LiteRT on one thread."""

    def __init__(self, name: str) -> None:
        """Raises OSError or subprocess.SubprocessError where the package cannot be fetched."""
        from ai_edge_litert.interpreter import Interpreter

        PACKAGES.mkdir(parents=True, exist_ok=True)
        self._interpreter = Interpreter(model_content=content_of(SOURCES[name], PACKAGES), num_threads=1)
        self._interpreter.allocate_tensors()
        self._source = self._interpreter.get_input_details()[0]["index"]
        indices = {one["name"]: one["index"] for one in self._interpreter.get_output_details()}
        self._outputs = {ours: indices[theirs] for ours, theirs in SOURCES[name].outputs.items()}

    def run(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """As `Runner.run`; outputs have a batch of one in front."""
        self._interpreter.set_tensor(self._source, pixels[None])
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}


def told(name: str, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a network says, in the units that it is judged in: masks 0..1, places in pixels, the surest boxes only."""
    found = {key: array.astype(np.float64) for key, array in outputs.items()}
    if name == "pose":
        points = found["points"].reshape(-1, 5)
        found = {
            "mask": _sigmoid(found["mask"]).reshape(256, 256),
            "points": points[:, :3],
            "seen": _sigmoid(points[:, 3:]),
            "presence": found["presence"].ravel(),
            "world": found["world"].reshape(-1, 3),
        }
    elif name == "mesh":
        found = {"points": found["points"].reshape(-1, 3), "presence": _sigmoid(found["presence"]).ravel()}
    elif name == "selfie":
        found = {"mask": found["mask"].reshape(256, 256)}
    else:
        scores = found["scores"].ravel()
        best = np.sort(np.argsort(-scores, kind="stable")[:MOST])
        found = {"scores": _sigmoid(scores[best]), "boxes": found["boxes"].reshape(len(scores), -1)[best]}
    return found


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values.clip(-80, 80))))


def main() -> None:
    """Run all of them and keep what they say: masks in steps of 1/65535, other numbers as float32."""
    if len(sys.argv) > 1:
        from PIL import Image

        pictures = {
            name: np.array(Image.open(path).convert("RGB"))
            for name, path in zip(("body", "face"), sys.argv[1:], strict=True)
        }
    else:
        with np.load(REFERENCES) as file:
            pictures = {name: file[name] for name in ("body", "face")}
    arrays = dict(pictures)
    for name in SOURCES:
        for key, array in told(name, LiteRT(name).run(seen(name, pictures))).items():
            kept = (array * 65535).round().astype(np.uint16) if key == "mask" else array.astype(np.float32)
            arrays[f"{name}/{key}"] = kept
    np.savez_compressed(REFERENCES, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
