"""Write figures into README and docs, between their markers, so that no number is typed by hand.

    python scripts/figures/write.py out/models [--pages FOLDER]

The folder is that of `make models` and `make figures`. What was measured there is written, and what the shipped files
hold themselves; a part of which nothing was measured stays as it is, which is said. The words around the parts stay,
too: read them again when numbers change. Pictures go to docs/images.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.figures.measured import Measured
from scripts.figures.pages import parts_of, with_part
from scripts.figures.parts import PARTS, pictures
from scripts.figures.small_pictures import save_small
from scripts.repository import REPOSITORY
from semantify_blender.core.files.writing import write_text


def write(measured: Measured, pages: Path) -> list[str]:
    """Write all that was measured. pages: the folder of README.md and docs. Returns a line for each part."""
    told = []
    for part in PARTS:
        path = pages / part.page
        page, text = path.read_text(encoding="utf-8"), part.write(measured)
        name = f"{part.page}, {part.name}"
        if text is None:
            told.append(f"{name}: not measured, left as it is")
            continue
        same = parts_of(page).get(part.name) == text.rstrip()
        told.append(f"{name}: {'as it was' if same else 'written'}")
        write_text(path, with_part(page, part.name, text))
    for name, made in pictures(measured).items():
        if made.is_file():
            save_small(made, pages / "docs" / "images" / name)
            told.append(f"docs/images/{name}: written")
        else:
            told.append(f"docs/images/{name}: not made, left as it is")
    return told


def main() -> None:
    """Write, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the folder of make models and make figures")
    parser.add_argument("--pages", type=Path, default=REPOSITORY, help="where README.md and docs are")
    options = parser.parse_args()
    print("\n".join(write(Measured(options.build), options.pages)))


if __name__ == "__main__":
    main()
