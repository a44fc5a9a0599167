"""nearest_version.py WANTED LISTING: the version that stands in for one that is no longer to be had.

LISTING is what pip says when it finds no WANTED: "(from versions: 4.2.0, 4.2.21, …)". Printed: the nearest patch of the
same series, else the nearest version of all. Ends with 1, printing nothing, when there is none.
"""

import re
import sys


def numbers(version: str) -> tuple[int, ...]:
    """(4, 2, 23) of "4.2.23"; raises ValueError for what is no plain release."""
    return tuple(map(int, version.split(".")))


def nearest(wanted: str, listing: str) -> str | None:
    """The version of pip's listing that is nearest to `wanted`; None when it lists none."""
    found = re.search(r"from versions: ([^)]*)\)", listing)
    listed = re.split(r"[,\s]+", found[1]) if found else []
    released = [version for version in listed if re.fullmatch(r"\d+(\.\d+)+", version)]
    aim = numbers(wanted)

    def distance(version: str) -> tuple[bool, list[int]]:
        have = numbers(version)
        return have[:2] != aim[:2], [abs(a - b) for a, b in zip(have, aim, strict=False)]

    # the newer one of two that are equally near
    return min(sorted(released, key=numbers, reverse=True), key=distance, default=None)


if __name__ == "__main__":
    chosen = nearest(*sys.argv[1:])
    if chosen is None:
        sys.exit(1)
    print(chosen)
