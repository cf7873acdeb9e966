"""A target that is a number, the ink of a digit; four micro-batches make one step."""

import torch
from digits import load
from torch import nn
from torch.nn.functional import mse_loss

import rhoscope


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    audio, visual, _ = load()
    target = visual.mean(1, keepdim=True)
    target = (target - target.mean()) / target.std()
    encoders = nn.ModuleDict(
        {
            "audio": nn.Sequential(nn.Linear(26, 32), nn.ReLU()),
            "visual": nn.Sequential(nn.Linear(64, 32), nn.ReLU()),
        }
    )
    head = nn.Linear(64, 1)
    optimizer = torch.optim.Adam([*encoders.parameters(), *head.parameters()], lr=1e-3)
    run = rhoscope.init(project="ink")
    balance = rhoscope.Balance(dict(encoders), head=head, optimizer=optimizer)
    for _epoch in range(2):
        for batch in torch.randperm(len(target)).split(128):
            for index in batch.split(32):
                features = [encoders["audio"](audio[index]), encoders["visual"](visual[index])]
                loss = mse_loss(head(torch.cat(features, 1)), target[index])
                balance.observe(target[index])
                (loss / 4).backward()
            optimizer.step()
            optimizer.zero_grad()
            run.log({"loss": loss}, step=run.step)


if __name__ == "__main__":
    main()
