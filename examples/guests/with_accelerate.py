"""accelerate: a tracker for what the loop logs, and a Balance as in any loop."""

import torch
from accelerate import Accelerator
from digits import load
from late_fusion import Net
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import rhoscope


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    accelerator = Accelerator(
        cpu=True, gradient_accumulation_steps=2, log_with=rhoscope.accelerate.Tracker("digits")
    )
    accelerator.init_trackers("digits", config={"lr": 0.05, "batch": 64})
    net = Net()
    encoders, head = {"audio": net.audio, "visual": net.visual}, net.head
    loader = DataLoader(TensorDataset(*load()), batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    model, optimizer, loader = accelerator.prepare(net, optimizer, loader)
    balance = rhoscope.Balance(encoders, head=head, optimizer=optimizer, strategy="ogm")
    for _epoch in range(2):
        for sound, picture, digit in loader:
            with accelerator.accumulate(model):
                loss = cross_entropy(model(sound, picture), digit)
                balance.observe(digit)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                accelerator.log({"loss": loss.item()}, step=balance.number - 1)
    accelerator.end_training()


if __name__ == "__main__":
    main()
