"""Put the results of `semantify table1`, `ablate` and `study` into docs/results.md, so that no number is typed by hand.

    python scripts/write_results.py out/experiments

Replaces what stands between `<!-- NAME -->` and `<!-- end NAME -->` for each experiment that the folder holds, and
copies its figure to docs/images/results_NAME.svg. The words around stay: read them again when numbers change.
"""

import argparse
import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from semantify_blender.core.files import write_text  # noqa: E402
from semantify_blender.training.experiments import EXPERIMENTS, markdown, show  # noqa: E402


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
    folder = parser.parse_args().folder
    path = REPOSITORY / "docs" / "results.md"
    page = path.read_text(encoding="utf-8")
    show(folder)
    for name in EXPERIMENTS:
        if not (folder / f"{name}.json").is_file():
            print(f"{name}: not in {folder}, left as it is")
            continue
        picture = f"images/results_{name}.svg"
        write_text(path.parent / picture, (folder / f"{name}.svg").read_text(encoding="utf-8"))
        page = with_results(page, name, f"{markdown(folder, name)}\n![{EXPERIMENTS[name][1]}]({picture})\n")
    write_text(path, page)
    print(path)


if __name__ == "__main__":
    main()
