"""Put the results of `semantify table1`, `ablate` and `study` into docs/results.md, so that no number is typed by hand.

    python scripts/write_results.py out/experiments
    python scripts/write_results.py out/others --part others      # further models' table1, into its own part

Replaces what stands between `<!-- NAME -->` and `<!-- end NAME -->` for each experiment that the folder holds, and
copies its figure to docs/images/results_NAME.svg. The words around stay: read them again when numbers change.
"""

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.repository import REPOSITORY
from semantify_blender.core.files.writing import write_text
from semantify_blender.training.experiments.experiments import EXPERIMENTS, markdown, show


def with_results(page: str, name: str, text: str) -> str:
    """The page with one experiment's part replaced. Raises ValueError when the page has no place for it."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no <!-- {name} --> … <!-- end {name} --> in the page")
    return pattern.sub(lambda found: found[1] + text + found[2], page)


def main() -> None:
    """Write the page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the --out folder of the experiments")
    parser.add_argument("--part", default="", help="of the page: the markers are <!-- NAME PART -->")
    options = parser.parse_args()
    folder, part = options.folder, f" {options.part}" if options.part else ""
    path = REPOSITORY / "docs" / "results.md"
    page = path.read_text(encoding="utf-8")
    show(folder)
    for name in EXPERIMENTS:
        if not (folder / f"{name}.json").is_file():
            print(f"{name}: not in {folder}, left as it is")
            continue
        picture = f"images/results_{name}{part.replace(' ', '_')}.svg"
        write_text(path.parent / picture, (folder / f"{name}.svg").read_text(encoding="utf-8"))
        page = with_results(page, name + part, f"{markdown(folder, name)}\n![{EXPERIMENTS[name][1]}]({picture})\n")
    write_text(path, page)
    print(path)


if __name__ == "__main__":
    main()
