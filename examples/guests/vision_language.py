"""A tiny vision-language model: a tower, a projector, and adapters in a language model that is frozen.

It writes the name of the digit it sees, letter by letter. How much the picture helps is asked now and then,
by writing the same letters without it.
"""

import torch
from digits import load
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import rhoscope

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
LETTERS = "\n " + "".join(sorted(set("".join(NAMES))))
LENGTH = 7
UNLABELED = -100


class Adapted(nn.Module):
    """A frozen linear layer, and a low-rank change of it that learns."""

    def __init__(self, layer: nn.Linear, rank: int = 4) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(requires_grad=False)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x) + self.up(self.down(x))
        return y


class Writer(nn.Module):
    """A language model over letters: embeddings [N, T, 32] to logits [N, T, letters]."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(LETTERS), 32)
        self.memory = nn.GRU(32, 32, batch_first=True)
        self.mix: nn.Module = nn.Linear(32, 32)
        self.out = nn.Linear(32, len(LETTERS))

    def forward(self, places: Tensor) -> Tensor:
        logits: Tensor = self.out(self.mix(self.memory(places)[0]).relu())
        return logits


class Model(nn.Module):
    """A picture [N, 64], then letters [N, T], to logits [N, 1 + T, letters]."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 48))
        self.projector = nn.Linear(48, 32)
        self.writer = writer

    def forward(self, picture: Tensor, letters: Tensor) -> Tensor:
        image = self.projector(self.tower(picture))[:, None]
        logits: Tensor = self.writer(torch.cat([image, self.writer.words(letters)], 1))
        return logits


def names() -> Tensor:
    """Letters of each digit's name, [10, T], a line's end before and after it."""
    lines = [f"\n{name}\n".ljust(LENGTH) for name in NAMES]
    return torch.tensor([[LETTERS.index(letter) for letter in line] for line in lines])


def pretrained(texts: Tensor) -> Writer:
    """The language model, after it has read the names for a while; frozen."""
    writer = Writer()
    optimizer = torch.optim.Adam(writer.parameters(), lr=1e-2)
    for _ in range(30):
        loss = cross_entropy(writer(writer.words(texts))[:, :-1].flatten(0, 1), texts[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return writer.requires_grad_(requires_grad=False)


def main() -> None:
    """Train, and report to RHOSCOPE_API_URL, or into a folder."""
    torch.manual_seed(0)
    _, picture, digit = load()
    texts = names()
    labels = texts.masked_fill(texts == LETTERS.index(" "), UNLABELED)
    writer = pretrained(texts)
    mix = writer.mix = Adapted(writer.mix)
    model = Model(writer)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    run = rhoscope.init(project="names")
    encoders = {"tower": model.tower, "projector": model.projector, "adapters": mix}
    balance = rhoscope.Balance(encoders, optimizer=optimizer, task="tokens", model=model, every=25)
    for _epoch in range(2):
        for index in torch.randperm(len(digit)).split(64):
            logits = model(picture[index], texts[digit[index]])
            wanted = labels[digit[index]]
            loss = cross_entropy(
                logits[:, 1:-1].flatten(0, 1), wanted[:, 1:].flatten(), ignore_index=UNLABELED
            )
            balance.observe(wanted, loss=loss)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    run.finish()


if __name__ == "__main__":
    main()
