"""Four micro-batches per step in half precision, a scaler, and clipping: the explicit form."""

import torch
from digits import load
from late_fusion import Net
from torch.nn.functional import cross_entropy

import rhoscope


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    audio, visual, target = (tensor.to(device) for tensor in load())
    net = Net().to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    scaler = torch.amp.GradScaler(device)
    run = rhoscope.init(project="precision")
    encoders = {"audio": net.audio, "visual": net.visual}
    balance = rhoscope.Balance(encoders, head=net.head, scaler=scaler, strategy="ogm", alpha=0.8)
    for _epoch in range(3):
        for batch in torch.randperm(len(target)).to(device).split(128):
            for index in batch.chunk(4):
                with torch.autocast(device, torch.float16):
                    loss = cross_entropy(net(audio[index], visual[index]), target[index])
                balance.observe(target[index], loss=loss)
                scaler.scale(loss / 4).backward()
            scaler.unscale_(optimizer)
            balance.step()  # k acts before the gradient is clipped
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    balance.close()
    run.finish()


if __name__ == "__main__":
    main()
