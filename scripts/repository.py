"""Where the scripts read and write: the checkout, and the data that the package ships."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY / "semantify_blender" / "data"
MODELS = DATA / "models"
