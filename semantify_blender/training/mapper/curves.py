"""How a training went, epoch by epoch: as CSV, and for TensorBoard."""

from pathlib import Path

from ...core.errors import SemantifyError
from ...core.files.writing import make_folder, write_text
from .train import TrainedMapper

COLUMNS = ("epoch", "training_loss", "validation_mse", "kept")


def write_curves(trained: TrainedMapper, path: str | Path) -> None:
    """Write one row an epoch; `kept` is 1 at the epoch that the mapper is of.

    The loss has all terms of the recipe; the mean squared error is of the coefficients, on the samples that choose.
    """
    rows = [
        f"{epoch + 1},{loss:.6g},{error:.6g},{int(epoch == trained.kept)}"
        for epoch, (loss, error) in enumerate(trained.history)
    ]
    write_text(path, "\n".join([",".join(COLUMNS), *rows, ""]))


def write_tensorboard(trained: TrainedMapper, folder: str | Path) -> None:
    """Log the same to a folder that TensorBoard shows. Raises SemantifyError where that package is missing."""
    check_tensorboard()
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(make_folder(folder))) as writer:
        for epoch, (loss, error) in enumerate(trained.history, 1):
            writer.add_scalar("training/loss", loss, epoch)
            writer.add_scalar("validation/mse", error, epoch)
        for name, value in trained.mapper.figures["fit"].items():
            if isinstance(value, float):
                writer.add_scalar(f"test/{name}", value, trained.kept + 1)


def check_tensorboard() -> None:
    """Raise SemantifyError unless TensorBoard's package is here: told before the training, not after it."""
    try:
        import tensorboard  # noqa: F401
    except ModuleNotFoundError as error:
        raise SemantifyError(
            "--tensorboard needs the Python package 'tensorboard': pip install 'semantify_blender[tensorboard]'"
        ) from error
