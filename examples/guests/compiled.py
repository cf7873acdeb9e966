"""A network that torch compiles: the hooks break no graph, and nothing waits for the device."""

import argparse

import torch
from digits import load
from late_fusion import Net
from torch.nn.functional import cross_entropy

import rhoscope


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", default="aot_eager", help="inductor is faster, but needs a C++ compiler")
    args = parser.parse_args()
    torch.manual_seed(0)
    audio, visual, target = load()
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    run = rhoscope.init(project="compiled", config=vars(args))
    encoders = {"audio": net.audio, "visual": net.visual}
    balance = rhoscope.Balance(encoders, head=net.head, optimizer=optimizer, strategy="ogm", alpha=0.8)
    model = torch.compile(net, backend=args.backend, fullgraph=True)
    for _epoch in range(2):
        for index in torch.randperm(len(target)).split(64)[:-1]:
            loss = cross_entropy(model(audio[index], visual[index]), target[index])
            balance.observe(target[index], loss=loss)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    run.finish()


if __name__ == "__main__":
    main()
