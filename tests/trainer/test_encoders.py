"""The larger encoders: sizes as published, clips as pictures, weights from a file."""

from pathlib import Path

import pytest
import torch
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.encoder import Encoder, stage_widths
from trainer.encoders.resnet18 import ResNet18, ResNet18Settings
from trainer.encoders.transformer import Transformer, TransformerSettings


def parameters(encoder: Encoder) -> int:
    return sum(p.numel() for p in encoder.parameters())


@pytest.mark.parametrize(("channels", "published"), [(3, 11_176_512), (1, 11_170_240)])
def test_a_resnet18_has_the_published_number_of_parameters(channels: int, published: int) -> None:
    """11,689,512 of the whole network, less the 513,000 of its last layer; one channel has fewer weights."""
    encoder = ResNet18((channels, 64, 64), ResNet18Settings())
    assert parameters(encoder) == published
    assert stage_widths(encoder) == [64, 64, 128, 256, 512]


def test_its_stages_halve_the_picture_as_published() -> None:
    state = torch.zeros(1, 3, 224, 224)
    edges = []
    for stage in ResNet18((3, 224, 224), ResNet18Settings()).eval().stages:
        state = stage(state)
        edges.append(state.shape[-1])
    assert edges == [56, 56, 28, 14, 7]


def test_frames_go_through_alone_and_their_features_are_averaged() -> None:
    clips = torch.randn(2, 3, 4, 32, 32, generator=torch.Generator().manual_seed(0))
    encoder = ResNet18((3, 4, 32, 32), ResNet18Settings()).eval()
    with torch.no_grad():
        apart = torch.stack([encoder(clips[:, :, frame]) for frame in range(4)]).mean(0)
        assert torch.allclose(encoder(clips), apart, atol=1e-5)


def torchvision_names(encoder: ResNet18) -> dict[str, torch.Tensor]:
    """The encoder's weights as torchvision would save them, with a last layer."""
    result = {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}
    for name, value in encoder.state_dict().items():
        _, stage, _, rest = name.split(".", 3)
        stem = {"0": "conv1", "1": "bn1"}
        theirs = f"{stem[rest[0]]}{rest[1:]}" if stage == "0" else f"layer{stage}.{rest}"
        result[theirs] = value
    return result


def test_it_starts_from_torchvisions_weights_also_with_one_channel(tmp_path: Path) -> None:
    source = ResNet18((3, 32, 32), ResNet18Settings())
    file = tmp_path / "resnet18.pth"
    torch.save(torchvision_names(source), file)
    colored = ResNet18((3, 32, 32), ResNet18Settings(resnet_weights=str(file)))
    assert all(torch.equal(a, b) for a, b in zip(source.parameters(), colored.parameters(), strict=True))
    gray = ResNet18((1, 32, 32), ResNet18Settings(resnet_weights=str(file)))
    first = next(iter(source.parameters())).sum(1, keepdim=True)
    assert torch.equal(next(iter(gray.parameters())), first)


@pytest.mark.parametrize("content", [b"nothing", None])
def test_a_file_that_holds_no_such_weights_is_refused_by_name(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    if content is None:
        torch.save({"conv1.weight": torch.zeros(1)}, file)
    else:
        file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"resnet_weights.*does not hold a ResNet-18's weights"):
        ResNet18((3, 32, 32), ResNet18Settings(resnet_weights=str(file)))


@pytest.mark.parametrize(("shape", "tokens"), [((1, 16, 16), 16), ((3, 10, 13), 12), ((50, 7), 13)])
def test_a_transformer_sees_all_of_its_input_in_patches(shape: tuple[int, ...], tokens: int) -> None:
    encoder = Transformer(shape, TransformerSettings())
    x = torch.randn(2, *shape, requires_grad=True)
    assert encoder.stages[0](x).shape == (2, 64, tokens)
    encoder(x).sum().backward()
    assert x.grad is not None
    assert (x.grad != 0).all()


def test_a_width_that_the_heads_can_not_share_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a multiple of the 4 heads"):
        Transformer((1, 16, 16), TransformerSettings(transformer_width=66))


def test_a_run_may_give_each_modality_an_encoder_of_its_own() -> None:
    trained = Trained(
        {
            "strategy": "ogm-ge",
            "encoders": {"visual": "transformer"},
            "epochs": 1,
            "batch_size": 256,
            "device": "cpu",
        }
    )
    assert trained.outcome.state == "completed"
    assert (trained.sink.series("k.visual") <= 1).all()
