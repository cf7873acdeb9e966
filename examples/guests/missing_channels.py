"""Accelerometer and gyroscope of a smartwatch, of which a third of the wearers' gyroscopes are missing."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import rhoscope

FILE = Path(__file__).parents[2] / "trainer" / "datasets" / "data" / "smartwatch.npz"
WINDOW = 100
"""Samples of 2 s."""


def load() -> tuple[Tensor, Tensor, Tensor]:
    """Windows [N, 6, WINDOW], the exercise [N], and the wearer [N]."""
    data = np.load(FILE)
    windows, exercises, wearers = [], [], []
    ends = np.cumsum(data["length"].astype(int))
    for series, exercise, wearer in zip(
        np.split(data["sample"], ends[:-1]), data["exercise"], data["subject"], strict=True
    ):
        count = len(series) // WINDOW
        windows.append(series[: count * WINDOW].reshape(count, WINDOW, 6))
        exercises.append(np.full(count, exercise))
        wearers.append(np.full(count, wearer))
    signal = np.concatenate(windows).astype(np.float32)
    signal = (signal - signal.mean((0, 1))) / signal.std((0, 1))
    labels = [torch.from_numpy(np.concatenate(each).astype(np.int64)) for each in (exercises, wearers)]
    return torch.from_numpy(signal).transpose(1, 2), labels[0], labels[1]


def sensor() -> nn.Module:
    """Three channels [N, 3, WINDOW] to features [N, 16]."""
    return nn.Sequential(
        nn.Conv1d(3, 16, 9, stride=4), nn.ReLU(), nn.Conv1d(16, 16, 5, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(),
    )  # fmt: skip


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    signal, exercise, wearer = load()
    worn = wearer % 3 != 0
    encoders = nn.ModuleDict({"accelerometer": sensor(), "gyroscope": sensor()})
    head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 7))
    optimizer = torch.optim.Adam([*encoders.parameters(), *head.parameters()], lr=3e-3)
    run = rhoscope.init(project="sensors")
    balance = rhoscope.Balance(
        dict(encoders), head=head, optimizer=optimizer, alone="shapley", strategy="ogm", apply_to="update"
    )
    for _epoch in range(2):
        for index in torch.randperm(len(exercise)).split(64):
            there = worn[index]
            features = {
                "accelerometer": encoders["accelerometer"](signal[index, :3]),
                "gyroscope": encoders["gyroscope"](signal[index, 3:]) * there[:, None],
            }
            loss = cross_entropy(head(torch.cat(list(features.values()), 1)), exercise[index])
            balance.observe(exercise[index], features=features, present={"gyroscope": there}, loss=loss)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    run.finish()


if __name__ == "__main__":
    main()
