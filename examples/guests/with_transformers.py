"""Transformers' Trainer: a tiny vision transformer for pictures, beside a small encoder of sounds."""

import tempfile

import torch
from digits import load
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import Trainer, TrainingArguments, ViTConfig, ViTModel

import rhoscope


class Net(nn.Module):
    """Sound [N, 26] and picture [N, 1, 8, 8] to ten digits; all weights begin at random."""

    def __init__(self) -> None:
        super().__init__()
        size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
        self.vision = ViTModel(ViTConfig(image_size=8, patch_size=4, num_channels=1, **size))
        self.sound = nn.Sequential(nn.Linear(26, 32), nn.ReLU())
        self.head = nn.Linear(64, 10)

    def forward(self, sound: Tensor, picture: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Loss and logits, as the Trainer expects them."""
        seen = self.vision(pixel_values=picture).pooler_output
        logits = self.head(torch.cat([self.sound(sound), seen], 1))
        return {"loss": cross_entropy(logits, labels), "logits": logits}


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    sound, picture, digit = load()
    samples = [
        {"sound": s, "picture": p.view(1, 8, 8), "labels": d}
        for s, p, d in zip(sound, picture, digit, strict=True)
    ]
    balance = rhoscope.transformers.Balance(
        {"sound": "sound", "vision": "vision"}, head="head", strategy="ogm", project="digits"
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            num_train_epochs=2,
            per_device_train_batch_size=64,
            learning_rate=2e-3,
            logging_steps=10,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        Trainer(Net(), arguments, train_dataset=samples, callbacks=[balance]).train()


if __name__ == "__main__":
    main()
