"""Kinds of task: what each shows about a modality, by its own definition."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from towers import Late, batch, plain

from rhoscope import Balance
from rhoscope.errors import InvalidInput
from rhoscope.torch.task import tasks


class Towers(nn.Module):
    """Two encoders into one space."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.image, self.text = nn.Linear(6, 4), nn.Linear(3, 4)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return 10 * normalize(self.image(x), dim=1) @ normalize(self.text(y), dim=1).T


def contrasted(net: Towers, steps: int = 1, **options: object) -> tuple[Balance, Tensor, Tensor]:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    encoders = {"image": net.image, "text": net.text}
    balance = Balance(encoders, optimizer=optimizer, task="contrastive", **options)
    for step in range(steps):
        x, y, _ = batch(16, seed=step)
        optimizer.zero_grad()
        alike = net(x, y)
        balance.observe()
        own = torch.arange(16)
        (cross_entropy(alike, own) + cross_entropy(alike.T, own)).backward()
        with torch.no_grad():
            images, texts = normalize(net.image(x), dim=1), normalize(net.text(y), dim=1)
        optimizer.step()
    return balance, images, texts


def test_a_contrastive_task_has_recall_gap_and_uniformity_and_no_ratio() -> None:
    balance, images, texts = contrasted(Towers())
    row = plain(balance.values())
    alike, own = images @ texts.T, torch.arange(16)
    assert row["recall.image"] == pytest.approx((alike.argmax(1) == own).float().mean().item())
    assert row["recall.text"] == pytest.approx((alike.argmax(0) == own).float().mean().item())
    assert row["modality_gap"] == pytest.approx((images.mean(0) - texts.mean(0)).norm().item(), rel=1e-5)
    uniformity = torch.pdist(images).square().mul(-2).exp().mean().log().item()
    assert row["uniformity.image"] == pytest.approx(uniformity, rel=1e-4)
    assert not [name for name in row if name.startswith("rho")]
    assert row["k.image"] == row["k.text"] == 1


def test_samples_of_one_group_are_partners() -> None:
    balance = Balance({"a": [torch.zeros(1)], "b": [torch.zeros(1)]}, task="contrastive")
    features = {"a": torch.eye(4), "b": torch.eye(4)[[1, 0, 3, 2]]}
    balance.observe(torch.tensor([0, 0, 1, 1]), features=features)
    balance.step()
    assert balance.values()["recall.a"].item() == 1
    balance.observe(features=features)
    balance.step()
    assert balance.values()["recall.a"].item() == 0


def test_learning_speed_is_the_gradients_square_over_the_weights_and_its_ratio_is_rho_where_asked_for() -> (
    None
):
    net = Towers()
    before = torch.cat([p.detach().flatten() for p in net.image.parameters()]).norm().item()
    balance, *_ = contrasted(net, strategy="ogm", alpha=0.5)
    row = plain(balance.values())
    assert row["learning_speed.image"] == pytest.approx((row["grad_norm.image"] / before) ** 2, rel=1e-5)
    assert row["rho.image"] == pytest.approx(
        row["learning_speed.image"] / row["learning_speed.text"], rel=1e-5
    )
    assert sorted(row[f"k.{m}"] < 1 for m in ("image", "text")) == [False, True]


def test_features_of_different_widths_are_no_contrastive_task(caplog: pytest.LogCaptureFixture) -> None:
    balance = Balance({"a": [torch.zeros(1)], "b": [torch.zeros(1)]}, task="contrastive")
    for _ in range(2):
        balance.observe(features={"a": torch.zeros(4, 2), "b": torch.zeros(4, 3)})
    assert balance.step() is None
    assert [record for record in caplog.records if "one shape" in record.message] == caplog.records[:1]


class Captioner(nn.Module):
    """Pictures [N, 6] and tokens [N, T] to logits [N, 1 + T, 11]: the picture is the first place."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.tower, self.words, self.out = nn.Linear(6, 8), nn.Embedding(11, 8), nn.Linear(8, 11)
        self.mix, self.drop = nn.GRU(8, 8, batch_first=True), nn.Dropout(0.5)
        self.rows: list[int] = []
        self.mixed: list[bool] = []

    def forward(self, picture: Tensor, tokens: Tensor) -> Tensor:
        self.rows.append(len(picture))
        self.mixed.append(torch.is_autocast_enabled("cpu"))
        places = torch.cat([self.tower(picture)[:, None], self.words(tokens)], 1)
        logits: Tensor = self.out(self.drop(self.mix(places)[0]))
        return logits


def test_tokens_gain_from_the_image_what_they_lose_without_it_on_a_few_rows_now_and_then() -> None:
    net = Captioner()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    encoders = {"image": net.tower, "text": net.words}
    balance = Balance(encoders, optimizer=optimizer, task="tokens", model=net)
    picture = torch.eye(6).repeat(4, 1)
    tokens = picture.argmax(1)[:, None].expand(-1, 3) + torch.arange(3)
    labels = tokens.clone()
    labels[:, 0] = -100
    rows = []
    for _ in range(51):
        optimizer.zero_grad()
        logits = net(picture, tokens)[:, 1:]
        state = torch.get_rng_state()
        balance.observe(labels)
        assert torch.equal(torch.get_rng_state(), state)
        cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten()).backward()
        optimizer.step()
        rows.append(plain(balance.values()))
    assert net.drop.training
    assert [rows[0][n] == 1 for n in ("k.image", "k.text")] == [True, True]
    assert [step for step, row in enumerate(rows) if "token_gain.image" in row] == [0, 50]
    assert all({"grad_norm.image", "grad_norm.text", "effective_step.image"} <= row.keys() for row in rows)
    last = rows[50]
    gain = last["token_log_prob"] - last["token_log_prob_without.image"]
    assert last["token_gain.image"] == pytest.approx(gain, rel=1e-5)
    assert sorted(set(net.rows)) == [8, 24]
    assert net.rows.count(8) == 4


def test_the_gain_is_the_log_probability_over_labeled_tokens() -> None:
    net = Captioner().eval()
    balance = Balance({"image": net.tower}, task="tokens", model=net.train(), shifted=False)
    picture, tokens = torch.randn(3, 6), torch.randint(0, 11, (3, 4))
    labels = torch.where(torch.arange(4) < 2, -100, tokens)
    net(picture, tokens)
    balance.observe(labels)
    balance.step()
    net.eval()
    log_p = net(picture, tokens)[:, 1:].log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    assert balance.values()["token_log_prob"].item() == pytest.approx(log_p[:, 2:].mean().item(), rel=1e-5)


def test_a_model_in_mixed_precision_is_asked_again_in_it() -> None:
    net = Captioner()
    balance = Balance({"image": net.tower}, task="tokens", model=net)
    with torch.autocast("cpu", torch.bfloat16):
        net(torch.randn(3, 6), torch.zeros(3, 4, dtype=torch.long))
    balance.observe(torch.ones(3, 4, dtype=torch.long))
    balance.step()
    assert net.mixed == [True] * 3
    assert "token_gain.image" in balance.values()


def test_tokens_are_recognized_and_their_model_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    balance = Balance({"image": [nn.Parameter(torch.zeros(2))]})
    balance.observe(torch.tensor([[3, 7], [5, -100]]))
    assert "give Balance model=" in caplog.text


def row_of(rows: slice | Tensor, **seen: object) -> dict[str, float]:
    net = Late()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    x, y, target = batch()
    loss = cross_entropy(net(x[rows], y[rows]), target[rows])
    balance.observe(target[rows], loss=loss, **seen)
    loss.backward()
    balance.step()
    return plain(balance.values())


def test_a_sample_of_weight_two_counts_as_two_and_one_of_weight_zero_not_at_all() -> None:
    weight = torch.tensor([2.0, 1.0] + [0.0] * 30)
    weighted, repeated = row_of(slice(None), weight=weight), row_of(torch.tensor([0, 0, 1]))
    for name in ("rho.a", "score.a", "loss.b", "accuracy.b"):
        assert weighted[name] == pytest.approx(repeated[name], rel=1e-6), name
    assert weighted["present.a"] == 3


def test_a_batch_whose_weights_are_all_zero_has_no_value() -> None:
    row = row_of(slice(None), weight=torch.zeros(32))
    assert (row["rho.a"], row["score.a"]) == (-1, -1)  # which the run leaves out


def test_the_networks_own_loss_is_averaged_over_micro_batches() -> None:
    net = Late()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    x, y, target = batch()
    losses = []
    for rows in torch.arange(32).chunk(4):
        losses.append(cross_entropy(net(x[rows], y[rows]), target[rows]))
        balance.observe(target[rows], loss=losses[-1])
    torch.stack(losses).mean().backward()
    balance.step()
    assert balance.values()["loss"].item() == pytest.approx(torch.stack(losses).mean().item(), rel=1e-6)


def test_every_third_step_is_looked_at_and_the_ratios_hold_in_between() -> None:
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy="ogm", every=3)
    rows = []
    for step in range(6):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        loss.backward()
        optimizer.step()
        rows.append(plain(balance.values()))
    assert [step for step, row in enumerate(rows) if "rho.a" in row] == [0, 3]
    assert rows[0]["k.a"] == rows[1]["k.a"] == rows[2]["k.a"]
    assert min(rows[0]["k.a"], rows[0]["k.b"]) < 1


def test_what_is_no_way_to_look_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="expected one of auto, tokens, classes"):
        Balance({"a": [torch.zeros(1)]}, task="captions")
    with pytest.raises(InvalidInput, match="expected one of auto, ablate"):
        Balance({"a": [torch.zeros(1)]}, alone="zeros")
    with pytest.raises(InvalidInput, match="whole number of at least 1"):
        Balance({"a": [torch.zeros(1)]}, every=0)
    with pytest.raises(InvalidInput, match="at most 4 modalities, here are 5"):
        Balance({m: [torch.zeros(1)] for m in "abcde"}, alone="shapley")
    with pytest.raises(InvalidInput, match="no such option"):
        Balance({"a": [torch.zeros(1)]}, allone="probe")
    assert list(tasks()) == ["tokens", "classes", "labels", "contrastive", "regression"]
