"""A training of the small CLIPs or encoders that was ended goes on as if nothing had been."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.small_clip.kept import Kept, Single, digest


def train(path: Path | None, epochs: int, stop_after: int | None = None, rate: float = 0.1) -> list[float]:
    """A small training that draws from every kind of generator; its numbers after the last epoch."""
    torch.manual_seed(3)
    drawn, rng = torch.Generator().manual_seed(4), np.random.default_rng(5)
    network, factor = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.3), torch.nn.Linear(4, 1)), None
    factor = torch.nn.Parameter(torch.tensor(2.0))
    optimiser = torch.optim.AdamW([*network.parameters(), factor], lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs)
    parts = {"network": network, "factor": Single(factor), "optimiser": optimiser, "schedule": schedule}
    kept = Kept(path, parts, (drawn, rng), {"epochs": epochs, "rate": rate})
    for epoch in range(kept.resume(), epochs):
        x = torch.randn(8, 3, generator=drawn) + torch.from_numpy(rng.standard_normal((8, 3)).astype(np.float32))
        loss = (factor * network(x) - x.sum(1, keepdim=True)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        kept.keep(epoch + 1)
        if epoch + 1 == stop_after:
            break
    return [*torch.nn.utils.parameters_to_vector(network.parameters()).tolist(), factor.item()]


@pytest.mark.parametrize("stop_after", [1, 3, 6])
def test_an_ended_training_goes_on(tmp_path: Path, stop_after: int) -> None:
    whole = train(None, 6)
    path = tmp_path / "state.pt"
    ended = train(path, 6, stop_after)
    assert (ended == whole) == (stop_after == 6)
    assert train(path, 6) == whole


def test_a_state_of_other_settings_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    train(path, 6, stop_after=3)
    assert train(path, 6, rate=0.05) == train(None, 6, rate=0.05)


def test_a_digest_is_of_the_numbers() -> None:
    numbers = np.arange(6.0)
    assert digest(numbers) == digest(numbers.copy()) != digest(numbers + 1e-12)
    assert digest(np.arange(12.0)[::2]) == digest(np.arange(0.0, 12.0, 2.0))
