"""Sound and picture that attend to each other: no fusion by parts, so linear probes score each."""

import argparse

import torch
from digits import load
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import rhoscope


class Tower(nn.Module):
    """Cuts an input [N, places · size] into tokens [N, places, 32], which attend to each other."""

    def __init__(self, places: int, size: int) -> None:
        super().__init__()
        self.cut = nn.Unflatten(1, (places, size))
        self.embed = nn.Linear(size, 32)
        self.place = nn.Parameter(0.1 * torch.randn(places, 32))
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        tokens: Tensor = self.layer(self.embed(self.cut(x)) + self.place)
        return tokens


class Fusion(nn.Module):
    """Each modality's tokens ask the other's; ten logits."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_asks = nn.MultiheadAttention(32, 4, batch_first=True)
        self.visual_asks = nn.MultiheadAttention(32, 4, batch_first=True)
        self.out = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 10))

    def forward(self, audio: Tensor, visual: Tensor) -> Tensor:
        heard, _ = self.audio_asks(audio, visual, visual)
        seen, _ = self.visual_asks(visual, audio, audio)
        logits: Tensor = self.out(torch.cat([heard.mean(1), seen.mean(1)], 1))
        return logits


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--alone", default="probe", help="or ablate, or shapley, which ask the fusion again")
    args = parser.parse_args()
    torch.manual_seed(0)
    audio, visual, target = load()
    encoders = nn.ModuleDict({"audio": Tower(13, 2), "visual": Tower(8, 8)})
    fusion = Fusion()
    optimizer = torch.optim.AdamW([*encoders.parameters(), *fusion.parameters()], lr=3e-3)
    run = rhoscope.init(project="attention", config=vars(args))
    balance = rhoscope.Balance(
        dict(encoders), head=fusion, optimizer=optimizer, alone=args.alone, classes=10, every=2
    )
    for _epoch in range(2):
        for index in torch.randperm(len(target)).split(64):
            logits = fusion(encoders["audio"](audio[index]), encoders["visual"](visual[index]))
            loss = cross_entropy(logits, target[index])
            balance.observe(target[index], loss=loss)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    run.finish()


if __name__ == "__main__":
    main()
