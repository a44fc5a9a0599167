"""Which parts of which pages are written, and from what."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.figures import clothes, experiments, fits, photographs, pose, shipped, sliders, small_clips, times
from scripts.figures.measured import Measured

Write = Callable[[Measured], str | None]
"""The text of a part, or None where nothing was measured: the part is left as it is."""


@dataclass(frozen=True)
class Part:
    """page: from the repository's root. name: of the markers."""

    page: str
    name: str
    write: Write


def printed(name: str, measured: Measured) -> str | None:
    """What a model's script printed when `make models` built it."""
    path = measured.build / "tables" / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


PARTS = [
    Part("README.md", "shipped", shipped.shipped),
    Part("README.md", "bodies", sliders.bodies),
    Part("README.md", "faces and animals", sliders.faces_and_animals),
    Part("README.md", "small clips", small_clips.small_clips),
    Part("README.md", "fits", fits.summary),
    Part("README.md", "photographs", photographs.summary),
    Part("docs/anny_models.md", "anny models", partial(printed, "anny_models.md")),
    Part("docs/anny_models.md", "anny parts", partial(printed, "anny_parts.md")),
    Part("docs/anny_faces.md", "anny faces", partial(printed, "anny_faces.md")),
    Part("docs/quadruped.md", "quadruped", partial(printed, "quadruped.md")),
    Part("docs/image_to_shape.md", "photographs", photographs.photographs),
    Part("docs/image_to_shape.md", "photographed faces", photographs.faces),
    Part("docs/image_to_shape.md", "known", fits.known),
    Part("docs/image_to_shape.md", "sure", fits.sure),
    Part("docs/image_to_shape.md", "bodies", fits.bodies),
    Part("docs/image_to_shape.md", "faces", fits.faces),
    Part("docs/image_to_shape.md", "animals", fits.animals),
    Part("docs/image_to_shape.md", "pose", pose.pose),
    Part("docs/image_to_shape.md", "pairs", clothes.pairs),
    *(
        Part("docs/results.md", name, partial(experiments.part, name))
        for name in ("table1", "ablate", "study", "table1 others", "study others")
    ),
    Part("docs/benchmarks.md", "times", times.times),
]


def pictures(measured: Measured) -> dict[str, Path]:
    """Name in docs/images -> the file that was made for it, there or not."""
    file = measured.file
    sheets = {
        "slider_sheet.jpg": file("body", "anny-body-neutral", "slider_sheet.png"),
        "sheet_anny-face-expression.jpg": file("face", "anny-face-expression", "slider_sheet.png"),
        "sheet_anny-face-shape.jpg": file("face", "anny-face-shape", "slider_sheet.png"),
        "sheet_quadruped.jpg": file("animal", "quadruped", "slider_sheet.png"),
    }
    return {
        **sheets,
        "people.jpg": file("body", "people.png"),
        "quadruped.jpg": file("animal", "quadruped.png"),
        "fit_bodies.jpg": file("body", "fit_bodies.png"),
        "wild.jpg": file("wild.png"),
        "fit_panel.png": file("panel", "15-photograph.png"),
        **experiments.charts(measured),
    }
