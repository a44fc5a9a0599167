"""Moving coefficients by what an image encoder sees: candidates are rendered as the picture was taken and compared."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .camera import Camera
from .picture_numbers import State
from .pictures_fit import PicturesFit
from .silhouette import blurred, silhouette

Colour = tuple[float, float, float]
Render = Callable[[np.ndarray, Camera, dict[str, Colour] | None], np.ndarray]
"""(V, 3) metres, a camera and a palette (None: the model's own colours) to (S, S, 3) uint8."""

ROUNDS = 2
STEP = 0.35
"""Of one coefficient for a finite difference, in the estimate's standard deviations: well above a render's noise."""
YAW_STEP = 4.0
SHARE = 0.5
"""How much of an embedding's difference from the picture a shape may explain; the rest is light and clothes."""
TRIES = (1.0, 0.5, 0.25)
"""Lengths of step tried in turn; the first one that improves the measure is taken."""
FEWEST = 6
"""Pixels of a region that must show for its colour to be taken from the picture."""


class LooksFit:
    """Pictures of one subject, and the renders that are compared with them."""

    def __init__(self, outlines: PicturesFit, pixels: Sequence[np.ndarray], encoder: Any, render: Render) -> None:
        """pixels: (S, S, 3) uint8 of each cut."""
        self._outlines, self._pixels, self._encoder, self._render = outlines, list(pixels), encoder, render
        self._wanted = np.asarray(encoder.embed(np.stack(self._pixels)), np.float64)
        self._palettes: list[dict[str, Colour] | None] = [None] * len(self._pixels)
        self._seen: dict[bytes, np.ndarray] = {}
        k = len(outlines.mean)
        self.renders = len(self._pixels) * (2 + ROUNDS * (k + 2))
        """About how many renders a run takes."""

    def disagreement(self, state: State) -> float:
        """1 − cosine between the embeddings of pictures and candidates, mean over the pictures."""
        return float(1 - (self._embed(state) * self._wanted).sum(1).mean())

    def colour(self, state: State) -> None:
        """Take the regions' colours from the pictures, as they are seen under the candidate's visible faces."""
        names = list(self._outlines.model.regions)
        for p, picture in enumerate(self._pixels):
            regions = self._regions(state, p, len(picture))
            wanted = _medians(picture, regions, names)
            skin = wanted.get("skin", np.median([*wanted.values()], axis=0) if wanted else None)
            if skin is None:
                continue
            palette = {"skin": skin} | wanted
            # a render darkens colours by its light: correct by what one render made of them
            shown = _medians(self._picture(state, p, _colours(palette)), regions, names)
            for name in palette:
                if name in shown:
                    palette[name] = palette[name] * np.clip(palette[name] / np.maximum(shown[name], 0.02), 0.6, 1.8)
            self._palettes[p] = _colours(palette)
        self._seen.clear()

    def run(
        self,
        state: State,
        measured: Callable[[State], tuple[float, dict[str, float]]],
        stop: Callable[[], bool],
        step: Callable[[], None],
    ) -> State:
        """Ridge steps along finite differences; a step that does not lower the measure is not taken."""
        outlines = self._outlines
        k = len(outlines.mean)
        deviation = 1 / np.sqrt(np.diag(outlines.precision))
        best = measured(state)[0]
        for _ in range(ROUNDS):
            here = self._embed(state)
            slopes = []
            for i in range(k):
                if stop():
                    return state
                moved = state.coefficients.copy()
                moved[i] += STEP * deviation[i] * (-1 if moved[i] > 0 else 1)
                slopes.append(
                    (self._embed(replace(state, coefficients=moved)) - here) / (moved[i] - state.coefficients[i])
                )
                step()
            pictures = state.pictures.copy()
            pictures[:, 0] += YAW_STEP
            turning = (self._embed(replace(state, pictures=pictures)) - here) / YAW_STEP
            change, turn = self._ridge(state, here, np.stack(slopes), turning)
            for length in TRIES:
                if stop():
                    return state
                numbers = state.pictures.copy()
                numbers[:, 0] += length * turn
                moved = np.clip(state.coefficients + length * change, *outlines.limits.T)
                candidate = State(moved, numbers)
                measure = measured(candidate)[0]
                step()
                if measure < best:
                    state, best = candidate, measure
                    break
            else:
                break
        return state

    def _ridge(
        self, state: State, here: np.ndarray, slopes: np.ndarray, turning: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Steps of ξ (K,) and of the yaws (P,). slopes: (K, P, D); turning: (P, D)."""
        outlines = self._outlines
        k, count = len(outlines.mean), len(here)
        apart = self._wanted - here
        noise = (1 - SHARE) * (apart**2).sum() / max(1, count) / k + 1e-6
        matrix, right = np.zeros((k + count, k + count)), np.zeros(k + count)
        matrix[:k, :k] = outlines.precision
        right[:k] = -outlines.precision @ (state.coefficients - outlines.mean)
        for p, target in enumerate(outlines.targets):
            rows = np.concatenate([slopes[:, p], np.zeros((count, here.shape[1]))])
            rows[k + p] = turning[p]
            matrix += rows @ rows.T / noise
            right += rows @ apart[p] / noise
            spread = target.view.yaw_deviation**-2
            matrix[k + p, k + p] += spread
            right[k + p] -= spread * (state.pictures[p, 0] - target.view.yaw)
        found = np.linalg.solve(matrix, right)
        return np.clip(found[:k], -0.6, 0.6), np.clip(found[k:], -6, 6)

    def _embed(self, state: State) -> np.ndarray:
        """(P, D) embeddings of a state's candidates; a state is rendered once."""
        key = state.coefficients.tobytes() + state.pictures.tobytes()
        if key not in self._seen:
            shots = [self._picture(state, p, palette) for p, palette in enumerate(self._palettes)]
            self._seen[key] = np.asarray(self._encoder.embed(np.stack(shots)), np.float64)
        return self._seen[key]

    def _picture(self, state: State, picture: int, palette: dict[str, Colour] | None) -> np.ndarray:
        """A candidate on the picture's own background: (S, S, 3) uint8."""
        outlines, wanted = self._outlines, self._pixels[picture]
        vertices, camera = outlines.vertices(state, picture), outlines.camera(state, picture)
        shot = np.asarray(self._render(vertices, camera, palette), np.float32)
        size = len(wanted)
        covered = blurred(silhouette(outlines.model, camera.project(vertices, size), size, 3))
        # the render's pixels at the rim hold some of its own background: leave out the outermost
        inside = np.clip(2 * covered - 1, 0, 1)[..., None]
        outline = outlines.targets[picture].outline
        mask = None if outline is None else outline.mask
        around = np.concatenate([wanted[0], wanted[-1], wanted[:, 0], wanted[:, -1]])
        ground = np.median(around, axis=0) if mask is None else np.full(3, 128.0)
        return (shot * inside + ground * (1 - inside) + 0.5).clip(0, 255).astype(np.uint8)

    def _regions(self, state: State, picture: int, size: int) -> np.ndarray:
        """(S, S) name number of the model's region seen in each pixel, −1 where none is."""
        outlines = self._outlines
        model, camera = outlines.model, outlines.camera(state, picture)
        vertices = outlines.vertices(state, picture)
        middle = vertices[model.corner_vertices[model.face_offsets[:-1]]] * 0.5
        middle += vertices[model.corner_vertices[model.face_offsets[:-1] + 2]] * 0.5
        far = np.argsort(-camera.depth(middle), kind="stable")  # the nearest is written last
        column, row = np.floor(camera.project(middle, size)).astype(np.int64).T
        shown = far[(column[far] >= 0) & (column[far] < size) & (row[far] >= 0) & (row[far] < size)]
        seen = np.full((size, size), -1, np.int64)
        seen[row[shown], column[shown]] = model.face_regions[shown]
        outline = outlines.targets[picture].outline
        mask = None if outline is None else outline.mask
        return seen if mask is None else np.where(mask > 0.9, seen, -1)


def _medians(picture: np.ndarray, regions: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """Region -> median sRGB (3,) 0..1 of a picture (S, S, 3) uint8 where the region (S, S) is seen."""
    found = {}
    for i, name in enumerate(names):
        where = regions == i
        if where.sum() >= FEWEST:
            found[name] = np.median(picture[where], axis=0) / 255
    return found


def _colours(palette: dict[str, np.ndarray]) -> dict[str, Colour]:
    """Colours as plain numbers."""
    found = {}
    for name, colour in palette.items():
        red, green, blue = np.clip(colour, 0.02, 0.98).tolist()
        found[name] = (red, green, blue)
    return found
