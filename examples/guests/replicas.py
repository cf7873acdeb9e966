"""Two processes with DistributedDataParallel.

Start it with `torchrun --nproc_per_node 2 replicas.py`. Scores are joined before k, so every copy takes the
same step; only the first process reports.
"""

import torch
from digits import load
from late_fusion import Net
from torch import distributed as dist
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

import rhoscope


def train() -> None:
    """Train 50 steps, and fail unless both copies are the same to the bit."""
    rank, size = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(0)
    audio, visual, target = load()
    net = Net()
    model = DistributedDataParallel(net)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run = rhoscope.init(project="replicas")
    encoders = {"audio": net.audio, "visual": net.visual}
    balance = rhoscope.Balance(
        encoders, head=net.head, optimizer=optimizer, strategy="ogm-ge", alpha=0.8, run=run
    )
    for step in range(50):
        index = torch.arange(64 * step + rank, 64 * (step + 1), size) % len(target)
        loss = cross_entropy(model(audio[index], visual[index]), target[index])
        balance.observe(target[index])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if balance.should_stop:  # in all processes at the same step
            break
    flat = torch.cat([p.detach().flatten() for p in net.parameters()])
    both = [torch.empty_like(flat) for _ in range(size)]
    dist.all_gather(both, flat)
    if not torch.equal(both[0], both[-1]):
        raise SystemExit("The copies differ.")
    run.finish()


def main() -> None:
    """Join the other process, and train."""
    dist.init_process_group("gloo")
    train()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
