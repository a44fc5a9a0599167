"""A learned score function S: ξ → Ω, so that training can ask what a shape would score without rendering it.

Scores are almost a function of the coefficients (R² above .99 on held-out renders), so a small MLP is enough.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .network import one_thread

WIDTH = 256


@dataclass(frozen=True, eq=False)
class Surrogate:
    """network: (B, K) coefficients -> (B, d) standardised scores. r2: (d,) on held-out samples."""

    network: nn.Module
    mean: np.ndarray
    deviation: np.ndarray
    r2: np.ndarray

    @torch.inference_mode()
    def scores(self, coefficients: np.ndarray) -> np.ndarray:
        """Predicted Ω. coefficients: (N, K). Returns (N, d) float32 in score units."""
        inputs = torch.as_tensor(np.asarray(coefficients, np.float32))
        return self.network(inputs).numpy() * self.deviation + self.mean


def train_surrogate(
    coefficients: np.ndarray,
    scores: np.ndarray,
    held_out: np.ndarray,
    seed: int = 0,
    epochs: int = 60,
    test: np.ndarray | None = None,
) -> Surrogate:
    """Train S on the samples that are not held out; the best epoch on the held-out ones is kept.

    coefficients: (N, K); scores: (N, d); held_out: (N,) bool. test: (N,) bool, held-out samples that do not choose the
    epoch, and that R² is measured on; None for all. Seeded; CPU, a few seconds for thousands of samples.
    """
    chooses = held_out if test is None else held_out & ~test
    measured = torch.as_tensor(np.flatnonzero(test if test is not None and test.any() else held_out))
    mean, deviation = scores[~held_out].mean(0), np.maximum(scores[~held_out].std(0), 1e-6)
    inputs = torch.as_tensor(np.asarray(coefficients, np.float32))
    targets = torch.as_tensor(((scores - mean) / deviation).astype(np.float32))
    seen, unseen = torch.as_tensor(np.flatnonzero(~held_out)), torch.as_tensor(np.flatnonzero(chooses))
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(inputs.shape[1], WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(),
            nn.Linear(WIDTH, targets.shape[1]),
        )  # fmt: skip
        optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
        steps = epochs * -(-len(seen) // 128)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        best, best_error = network.state_dict(), float("inf")
        for _ in range(epochs):
            for rows in seen[torch.randperm(len(seen))].split(128):
                loss = nn.functional.mse_loss(network(inputs[rows]), targets[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
            with torch.inference_mode():
                error = float(nn.functional.mse_loss(network(inputs[unseen]), targets[unseen]))
            if error < best_error:
                best, best_error = {name: value.clone() for name, value in network.state_dict().items()}, error
    network.load_state_dict(best)
    network.requires_grad_(False).eval()
    with torch.inference_mode():
        residual = (network(inputs[measured]) - targets[measured]).numpy()
    spread = np.maximum(targets[measured].numpy().var(0), 1e-12)
    return Surrogate(network, mean.astype(np.float32), deviation.astype(np.float32), 1 - (residual**2).mean(0) / spread)
