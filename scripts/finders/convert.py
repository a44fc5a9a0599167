"""Make `data/finders/*.finder.npz` from the networks that MediaPipe's packages for the web carry.

python scripts/finders/convert.py [FOLDER]      # default: the embedded data; needs npm and the package ai-edge-litert

Which they are: `packages.py`. The licence's text and a card lie beside the files.
"""

import hashlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.finders.packages import SOURCES, content_of
from scripts.finders.tflite import to_graph
from semantify_blender.core.library import DATA


def main() -> None:
    """Fetch, convert, write."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "finders"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, source in SOURCES.items():
            content = content_of(source, Path(folder))
            provenance = {
                "package": source.package,
                "version": source.version,
                "file": source.file,
                "sha256": hashlib.sha256(content).hexdigest(),
                "licence": "Apache-2.0",
            }
            graph = to_graph(content, name, source.outputs, provenance)
            path = target / f"{name}.finder.npz"
            graph.save(path)
            print(f"{path.name}: {len(graph.nodes)} operators, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
