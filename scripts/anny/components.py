"""The components of a body model: the leading ten, then those in which muscles, fat and breasts show."""

from collections.abc import Iterable

import numpy as np
import torch

LEADING = 10
"""Principal components as the paper has them; variance alone decides on them."""
WEIGHTS = {"muscle": 1.0, "fat": 1.0, "breast": 3.0}
"""How much Anny's own motions count beside the bodies, where the further components are chosen."""


def principal_axes(offsets: torch.Tensor, count: int, seed: int) -> torch.Tensor:
    """Leading principal axes of rows that are centred already. offsets: (N, D). Returns (D, count) orthonormal."""
    torch.manual_seed(seed)
    # twice the components and four power iterations: the leading ones are then exact to float32
    return torch.pca_lowrank(offsets, q=2 * count + 10, center=False, niter=4)[2][:, :count]


def components(offsets: torch.Tensor, motions: Iterable[tuple[str, np.ndarray]], count: int, seed: int) -> torch.Tensor:
    """Axes of which the first so many are the best to have, for any number beyond ten.

    offsets: (N, 3V) bodies less their mean. motions: name, (n, V, 3): Anny's own motions on some bodies.
    Beyond the leading ten, variance is the wrong measure: muscles hardly have any. The others are the principal axes of
    what the ten leave over of bodies and motions together. Returns (3V, count) orthonormal float32.
    """
    leading = principal_axes(offsets, min(LEADING, count), seed)
    if count <= LEADING:
        return leading
    rows = [offsets]
    rows += [WEIGHTS[name] * torch.from_numpy(moved.reshape(len(moved), -1)) for name, moved in motions]
    left = torch.cat([row - (row @ leading) @ leading.T for row in rows])
    return torch.cat([leading, principal_axes(left, count - LEADING, seed)], 1)


def uncorrelated(offsets: torch.Tensor, axes: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The same components, those beyond the leading ten turned so that no coefficient tells of another.

    offsets: (N, 3V). axes: (3V, K). Returns (3V, K) float32 and the standard deviations along them (K,), metres.
    """
    if axes.shape[1] > LEADING:
        further = axes[:, LEADING:]
        along = offsets @ further
        axes = torch.cat([axes[:, :LEADING], further @ torch.linalg.eigh(along.T @ along)[1].flip(1)], 1)
    found = axes.numpy()
    # the sign of a component is arbitrary; make its largest entry positive so that a rebuild gives the same file
    found = found * np.sign(found[np.abs(found).argmax(0), np.arange(found.shape[1])])
    deviations = np.sqrt(((offsets @ torch.from_numpy(found)) ** 2).mean(0).numpy())
    return found.astype(np.float32), deviations.astype(np.float32)
