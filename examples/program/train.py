"""A program that rhoscope launches: its settings are arguments, and it goes on from its own checkpoints."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

import rhoscope

sys.path.append(str(Path(__file__).parents[1] / "guests"))
from digits import load
from late_fusion import Net

CHECKPOINTS = Path(os.environ.get("RHOSCOPE_CHECKPOINTS", "checkpoints"))


def order(seed: int, epoch: int, size: int) -> torch.Tensor:
    """The samples of an epoch in their order, the same also for a program that goes on there."""
    return torch.randperm(size, generator=torch.Generator().manual_seed(1000 * seed + epoch))


def main() -> None:
    """Train; a checkpoint after each epoch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--alpha", type=float, default=0.8)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    audio, visual, target = load()
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)

    run = rhoscope.init(project="digits", config=vars(args))
    lr = run.knob("lr", args.lr, ge=0, le=1, help="Learning rate.")
    encoders = {"audio": net.audio, "visual": net.visual}
    balance = rhoscope.Balance(
        encoders, head=net.head, optimizer=optimizer, strategy="ogm-ge", alpha=args.alpha
    )
    parts: dict[str, Any] = {"net": net, "optimizer": optimizer, "balance": balance}
    first = 0
    if run.resume_from:
        state = torch.load(run.resume_from)
        first = state["epoch"]
        for name, part in parts.items():
            part.load_state_dict(state[name])
        balance.alpha.turn(args.alpha)  # what it is launched with counts, not what was saved
    for epoch in range(first, args.epochs):
        batches = order(args.seed, epoch, len(target)).split(64)
        for place, index in enumerate(batches):
            for group in optimizer.param_groups:
                group["lr"] = lr()
            loss = cross_entropy(net(audio[index], visual[index]), target[index])
            balance.observe(target[index])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            run.log({"loss": loss}, step=epoch * len(batches) + place)
            if run.should_stop:
                return
        CHECKPOINTS.mkdir(parents=True, exist_ok=True)
        path = CHECKPOINTS / f"epoch-{epoch + 1}.pt"
        torch.save({"epoch": epoch + 1, **{n: part.state_dict() for n, part in parts.items()}}, path)
        run.checkpoint(path)


if __name__ == "__main__":
    main()
