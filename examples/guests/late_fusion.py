"""Two encoders and a linear head, balanced by OGM-GE in a plain loop; lr is turned from the page."""

import argparse

import torch
from digits import load
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import rhoscope

HELD = 400
"""Examples that are not trained on."""


class Net(nn.Module):
    """Sound [N, 26] and picture [N, 64] to ten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.audio = nn.Sequential(nn.Linear(26, 32), nn.ReLU())
        self.visual = nn.Sequential(nn.Linear(64, 32), nn.ReLU())
        self.head = nn.Linear(64, 10)

    def forward(self, audio: Tensor, visual: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.cat([self.audio(audio), self.visual(visual)], 1))
        return logits


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--alpha", type=float, default=0.8)
    args = parser.parse_args()
    torch.manual_seed(0)
    audio, visual, target = load()
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

    run = rhoscope.init(project="digits", config=vars(args))
    lr = run.knob("lr", 0.05, ge=0, le=1, help="Learning rate.")
    encoders = {"audio": net.audio, "visual": net.visual}
    balance = rhoscope.Balance(
        encoders, head=net.head, optimizer=optimizer, strategy="ogm-ge", alpha=args.alpha
    )
    for _epoch in range(args.epochs):
        for index in torch.randperm(len(target) - HELD).split(64):
            for group in optimizer.param_groups:
                group["lr"] = lr()
            loss = cross_entropy(net(audio[index], visual[index]), target[index])
            balance.observe(target[index])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            run.log({"loss": loss}, step=run.step)
            if run.should_stop:
                return
        show(balance, net, audio[-HELD:], visual[-HELD:], target[-HELD:])


@torch.no_grad()
def show(balance: rhoscope.Balance, net: Net, audio: Tensor, visual: Tensor, target: Tensor) -> None:
    """Show what sound and picture alone, and both, know about each example that was held out."""
    of_sound, of_picture = net.head.weight.split(32, dim=1)
    balance.examples(
        names=range(len(target)),
        labels=target,
        target=target,
        alone={
            "audio": net.audio(audio) @ of_sound.mT + net.head.bias / 2,
            "visual": net.visual(visual) @ of_picture.mT + net.head.bias / 2,
        },
        together=net(audio, visual),
        preview=lambda name: {"audio": audio[int(name)], "visual": visual[int(name)].view(8, 8)},
    )


if __name__ == "__main__":
    main()
