"""Lightning: one callback, here with OGM-GE, accumulation, and clipping, before which k acts."""

import lightning
import torch
from digits import load
from late_fusion import Net
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import rhoscope


class Digits(lightning.LightningModule):
    """Sound and picture to ten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Net()

    def training_step(self, batch: list[Tensor]) -> Tensor:
        """A batch is sound, picture, and digit."""
        sound, picture, digit = batch
        return cross_entropy(self.net(sound, picture), digit)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """As in any LightningModule."""
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    lightning.seed_everything(0, verbose=False)
    balance = rhoscope.lightning.Balance(
        {"audio": "net.audio", "visual": "net.visual"}, head="net.head", strategy="ogm-ge", alpha=0.8
    )
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        accumulate_grad_batches=2,
        gradient_clip_val=1.0,
        callbacks=[balance],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )
    trainer.fit(Digits(), DataLoader(TensorDataset(*load()), batch_size=32, shuffle=True))


if __name__ == "__main__":
    main()
