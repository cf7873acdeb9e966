"""Spectrograms and filter banks are those of the libraries the official code uses."""

import kaldi_native_fbank
import media
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.datasets.cremad import CremaD
from trainer.datasets.kinetics_sounds import KineticsSounds
from trainer.datasets.vggsound import VGGSound
from trainer.prepare.sound import FilterBank, Spectrogram


@pytest.mark.parametrize("hearing", [CremaD.hearing, VGGSound.hearing])
def test_a_spectrogram_is_the_log_of_the_short_time_fourier_transform(hearing: Spectrogram) -> None:
    samples = media.tone(hearing.seconds, hearing.rate, 440)
    reference = torch.stft(
        torch.from_numpy(samples).double(),
        hearing.n_fft,
        hearing.hop,
        window=torch.hann_window(hearing.n_fft, dtype=torch.float64),
        pad_mode="constant",
        return_complex=True,
    )
    result = hearing(samples)
    assert result.shape == hearing.shape == tuple(reference.shape)
    np.testing.assert_allclose(result, torch.log(reference.abs() + 1e-7).numpy(), atol=1e-4)


def test_shapes_are_the_papers() -> None:
    assert CremaD.hearing.shape == (257, 188)
    assert KineticsSounds.hearing.shape == (1024, 128)
    assert VGGSound.hearing.shape == (129, 1251)
    assert VGGSound.heard == 626


def test_short_sound_is_repeated_long_sound_cut_and_loud_sound_clipped() -> None:
    hearing, samples = CremaD.hearing, media.tone(1.0, CremaD.hearing.rate, 300)
    np.testing.assert_array_equal(hearing(samples), hearing(np.tile(samples, 5)))
    np.testing.assert_array_equal(hearing(samples * 100), hearing(np.clip(samples * 100, -1, 1)))


@given(st.integers(1, 5000))
def test_any_number_of_samples_gives_the_shape_and_finite_numbers(count: int) -> None:
    samples = np.random.default_rng(count).normal(0, 0.1, count).astype(np.float32)
    for hearing in (Spectrogram(8000, 0.5, 128, 64), FilterBank(16_000, 32, 24)):
        result = hearing(samples)
        assert result.shape == hearing.shape
        assert np.isfinite(result).all()
        assert np.isfinite(hearing(np.zeros(count, np.float32))).all()


def test_a_filter_bank_is_kaldis() -> None:
    """Kaldi refuses 128 filters at 16 kHz, so we compare 64; the others come from the same formula."""
    samples = media.tone(2.0, 16_000, 440)
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = 16_000
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hanning"
    options.mel_opts.num_bins = 64
    options.htk_compat = True
    options.use_energy = False
    kaldi = kaldi_native_fbank.OnlineFbank(options)
    kaldi.accept_waveform(16_000, (samples - samples.mean()).tolist())
    kaldi.input_finished()
    expected = np.stack([kaldi.get_frame(n) for n in range(kaldi.num_frames_ready)])
    result = FilterBank(16_000, frames=len(expected), bins=64)(samples)
    np.testing.assert_allclose(result, expected, atol=5e-3)


def test_a_filter_bank_is_filled_up_with_zeros_then_normalized() -> None:
    result = KineticsSounds.hearing(media.tone(1.0, 16_000, 440))
    assert result[98:] == pytest.approx(4.503877 / (2 * 5.141276))
    assert not np.allclose(result[97], result[98])
