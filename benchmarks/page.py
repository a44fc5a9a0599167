"""How long a page takes to show its first picture, and what a slider's change costs in it, drawn in software.

    python benchmarks/page.py [--mapper NAME_OR_FILE …] [--opened 3] [--changes 300]

A page of each mapper is made and opened in Chromium ($CHROMIUM, or the system's). Shown: seconds from the start of the
page's loading to its first picture, the quickest of several. Change: milliseconds of script from a slider to the arrays
that are sent to be drawn, mapper, basis and normals; of clothes that are on, too.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import semantify_blender as sb
from scripts.chromium import chromium, launched

CHANGES = """async count => {
    const { desk, display } = semantify.app.place, took = [];
    for (let i = 0; i < count; i++) {
        desk.set(i % desk.words.length, Math.sin(i));
        took.push(display.took);
        if (i % 20 === 0) await new Promise(requestAnimationFrame);
    }
    return { took, vertices: display.drawn.ranges.reduce((sum, [, count]) => sum + count, 0) };
}"""
SHOWN = "async () => { await semantify.ready; await new Promise(requestAnimationFrame); "
SHOWN += "return performance.getEntriesByName('shown')[0].startTime / 1000; }"


def measured(browser: Any, path: Path, times: int, changes: int) -> tuple[float, dict[str, Any]]:
    """Seconds to the first picture, the least; and what `CHANGES` gives."""
    least = float("inf")
    for _ in range(times):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(path.as_uri())
        least = min(least, page.evaluate(SHOWN))
        found = page.evaluate(CHANGES, changes)
        page.context.close()
    return least, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mapper", nargs="+", default=["anny-body-neutral", "anny-face-expression", "quadruped"])
    parser.add_argument("--opened", type=int, default=3)
    parser.add_argument("--changes", type=int, default=300)
    arguments = parser.parse_args()
    if not chromium():
        sys.exit("no Chromium to open a page with: install it, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launched(playwright)
        for name in arguments.mapper:
            path = Path(folder) / "page.html"
            made = sb.page(name, path)
            shown, found = measured(browser, path, arguments.opened, arguments.changes)
            took = sorted(found["took"][len(found["took"]) // 5 :])
            print(
                f"{name}: {made.size / 1e6:.2f} MB, shown {shown:.2f} s, change of {found['vertices']} vertices "
                f"{statistics.median(took):.2f} ms (least {took[0]:.2f}, nine of ten {took[int(0.9 * len(took))]:.2f})"
            )
        browser.close()


if __name__ == "__main__":
    main()
