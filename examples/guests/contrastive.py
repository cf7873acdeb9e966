"""Pictures of digits and their names in one space, as CLIP is trained: no tower can do the task alone."""

from itertools import pairwise

import torch
from digits import load
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

import rhoscope

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PHRASES = ("{}", "a {}", "the digit {}", "number {}", "handwritten {}")


class Letters(nn.Module):
    """Texts as counts of letter pairs [N, 27 · 27], into the space [N, 16]."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(27 * 27, 64), nn.ReLU(), nn.Linear(64, 16))

    def forward(self, pairs: Tensor) -> Tensor:
        place: Tensor = self.layers(pairs)
        return place


def pairs_of(text: str) -> Tensor:
    """How often each pair of letters occurs, [27 · 27]; a space is the 27th letter."""
    letters = [26 if letter == " " else ord(letter) - ord("a") for letter in f" {text} "]
    numbers = torch.tensor([27 * one + two for one, two in pairwise(letters)])
    return torch.bincount(numbers, minlength=27 * 27).float()


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    _, picture, digit = load()
    texts = torch.stack([pairs_of(phrase.format(name)) for name in NAMES for phrase in PHRASES])
    image = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    text = Letters()
    temperature = nn.Parameter(torch.tensor(10.0))
    optimizer = torch.optim.Adam([*image.parameters(), *text.parameters(), temperature], lr=3e-3)
    run = rhoscope.init(project="names")
    balance = rhoscope.Balance({"image": image, "text": text}, optimizer=optimizer, task="contrastive")
    for _epoch in range(2):
        for index in torch.randperm(len(digit)).split(64):
            phrase = len(PHRASES) * digit[index] + torch.randint(len(PHRASES), (len(index),))
            places = normalize(image(picture[index]), dim=1), normalize(text(texts[phrase]), dim=1)
            alike = temperature * places[0] @ places[1].T
            partners = (digit[index][:, None] == digit[index]).float()
            partners = partners / partners.sum(1, keepdim=True)
            loss = (cross_entropy(alike, partners) + cross_entropy(alike.T, partners)) / 2
            balance.observe(digit[index], loss=loss)  # pictures of one digit go with any of its names
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    run.finish()


if __name__ == "__main__":
    main()
