"""Several labels per sample, and sound that a third of the samples lack."""

import torch
from digits import load
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

import rhoscope


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    audio, visual, digit = load()
    labels = torch.stack([digit % 2 == 0, digit > 4, digit % 3 == 0, digit == 7], 1).float()
    heard = torch.rand(len(digit)) < 2 / 3
    encoders = nn.ModuleDict(
        {
            "audio": nn.Sequential(nn.Linear(26, 32), nn.ReLU()),
            "visual": nn.Sequential(nn.Linear(64, 32), nn.ReLU()),
        }
    )
    head = nn.Linear(64, 4)
    optimizer = torch.optim.SGD([*encoders.parameters(), *head.parameters()], lr=0.1)
    run = rhoscope.init(project="labels")
    balance = rhoscope.Balance(dict(encoders), head=head, optimizer=optimizer, strategy="ogm")
    for _epoch in range(2):
        for index in torch.randperm(len(digit)).split(64):
            sound = audio[index] * heard[index, None]
            features = [encoders["audio"](sound), encoders["visual"](visual[index])]
            loss = binary_cross_entropy_with_logits(head(torch.cat(features, 1)), labels[index])
            balance.observe(labels[index], present={"audio": heard[index]})
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            run.log({"loss": loss}, step=run.step)


if __name__ == "__main__":
    main()
