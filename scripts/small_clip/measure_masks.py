"""How finders' masks differ from the truth: what `training/fitter/variation.py` makes of exact outlines.

    python scripts/small_clip/measure_masks.py anny-body-neutral --rendered out/models/renders/body-1 --count 60

Renders of look wild before busy backdrops are cut as a fit cuts them; along each true outline it looks for where the
mask ends, in pixels of 128. Prints how far that is, what of figures is lost and what is added.
"""

import argparse
import io
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.finders.subjects import finder_for
from semantify_blender.core.library import load_model
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.core.pictures.resize import average
from semantify_blender.training.fitter.unseen_pictures import before

SIZE = 128
REACH = np.arange(-8, 8.25, 0.25)
"""Pixels across the outline in which the mask's end is looked for."""


def main() -> None:
    """Cut, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--rendered", type=Path, required=True, help="a dataset of look wild or unseen")
    parser.add_argument("--count", type=int, default=60, help="pictures")
    options = parser.parse_args()
    finder = finder_for(load_model(options.model))
    if finder is None:
        parser.error(f"there is no finder for {options.model}")
    rng = np.random.default_rng(5)
    offsets, lost, added, refused, looked = [], [], [], 0, 0
    for _, _, data in Dataset.open(options.rendered).images():
        if looked == options.count:
            break
        looked += 1
        figure = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        try:
            cut = cut_figure(Picture(before(figure, "busy", rng), "render"), SIZE, None, finder)
        except SemantifyError:
            refused += 1
            continue
        if cut.source != "finder" or cut.mask is None:
            refused += 1
            continue
        truth = average(figure, cut.crop.box, (SIZE, SIZE), premultiply=True)[0][..., 3] > 127
        found = cut.mask > 0.5
        offsets.append(ends(truth, cut.mask))
        lost.append((truth & ~found).sum() / truth.sum())
        added.append((found & ~truth).sum() / truth.sum())
    if not offsets:
        parser.error(f"the finder saw nobody in {options.rendered}")
    all_ends = np.concatenate(offsets)
    means = np.array([np.nanmean(one) for one in offsets])
    print(f"{looked} pictures, {refused} refused")
    print(f"the mask ends {np.nanmean(all_ends):+.2f} ± {np.nanstd(all_ends):.2f} pixels outside of the outline")
    print(f"pictures' own means ± {means.std():.2f}; no end within 8 pixels: {100 * np.isnan(all_ends).mean():.1f} %")
    for name, shares in (("lost", lost), ("added", added)):
        print(
            f"{name}: {100 * np.mean(shares):.1f} % of a figure, one in twenty {100 * np.quantile(shares, 0.95):.1f} %"
        )


def ends(truth: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """For each pixel of an outline, how far outside of it a mask ends; NaN where it does not. Both (S, S)."""
    inside, outside = (ndimage.distance_transform_edt(part) for part in (truth, ~truth))
    signed = np.where(truth, inside - 0.5, 0.5 - outside)
    slope = np.stack(np.gradient(ndimage.gaussian_filter(signed, 1.0)), -1)
    length = np.linalg.norm(slope, axis=-1)
    rows, columns = np.nonzero((np.abs(signed) <= 0.5) & (length > 0.6))
    along = slope[rows, columns] / length[rows, columns][:, None]
    at = [place[:, None] - part[:, None] * REACH for place, part in zip((rows, columns), along.T, strict=True)]
    across = ndimage.map_coordinates(mask, at, order=1) > 0.5
    falls = across[:, :-1] & ~across[:, 1:]
    distance = np.where(falls, np.abs(REACH[:-1]), np.inf)
    nearest = distance.argmin(1)
    return np.where(np.isfinite(distance.min(1)), REACH[nearest], np.nan)


if __name__ == "__main__":
    try:
        main()
    except SemantifyError as error:
        sys.exit(f"error: {error}")
