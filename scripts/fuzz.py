"""Spoil small valid files of all kinds, load and use each: only plain refusals and finite results are right.

    python scripts/fuzz.py --cases 100000 --seed 0 --kinds model mapper

A finding is printed with its case; `--case N` runs that one alone and keeps its file.
"""

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fuzzing.hammer import Findings, content_of, hammer, one_case
from tests.fuzzing.kinds import core_kinds
from tests.fuzzing.training_kinds import training_kinds


def main() -> int:
    """The exit status: 0 when nothing was found."""
    parser = argparse.ArgumentParser(description="Spoil files of all kinds, and see that each is refused or works.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", help="only these")
    parser.add_argument("--case", type=int, help="only this one, of the one kind given")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="semantify-fuzz-") as name:
        folder = Path(name)
        kinds = [*core_kinds(folder), *training_kinds(folder)]
        unknown = set(options.kinds or ()) - {kind.name for kind in kinds}
        if unknown:
            parser.error(f"no kind {', '.join(unknown)}: choose from {', '.join(kind.name for kind in kinds)}")
        kinds = [kind for kind in kinds if not options.kinds or kind.name in options.kinds]
        start = time.monotonic()
        if options.case is not None:
            found = Findings()
            (Path.cwd() / f"case{kinds[0].suffix}").write_bytes(content_of(kinds[0], options.seed, options.case))
            one_case(kinds[0], options.case, options.seed, folder, found)
            options.cases = 1
        else:
            found = hammer(kinds, options.cases, options.seed, folder)
        took = time.monotonic() - start
    for name, case, what in found.failures:
        print(f"--- {name}, seed {options.seed}, case {case}\n{what}")
    for place, count in found.places.most_common():
        print(f"{count:6} x {place}")
    for kind in kinds:
        print(f"{kind.name:16} refused {found.refused[kind.name]:6}, accepted {found.accepted[kind.name]:6}")
    print(f"fuzz: {options.cases} cases, seed {options.seed}, {took:.0f} s: {len(found.failures) or 'no'} findings")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
