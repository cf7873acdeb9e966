"""Files as people have them: every kind of picture, sound and text comes in as it should look and sound."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import media
import numpy as np
import pytest
import torch
from folders import floats, pets, recording
from PIL import Image
from recorded import Trained

from trainer.datasets.folder import Folder, FolderSettings


def loaded(folder: Path, **settings: object) -> Folder:
    return Folder(FolderSettings.model_validate({"folder": str(folder), "seconds": 0.5, **settings}))


RAMP = np.tile(np.linspace(0, 1, 64), (64, 1))
"""From black at the left to white at the right."""


def arrow(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """White at the top left, else black."""
    picture = Image.new("RGB", size)
    picture.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    return picture


def turned(path: Path, orientation: int) -> None:
    """The arrow stored in one of the eight ways of EXIF, so that a viewer shows it upright."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = arrow() if orientation == 1 else arrow().transpose(undo[orientation])
    stored.save(path, quality=95, exif=exif)


def shown(folder: Path, path: Path, **settings: object) -> tuple[np.ndarray, str]:
    """What a data set makes of one picture [3, 64, 64] from -1 to 1, and what it says of it."""
    dataset = loaded(folder, **settings)
    splits = dataset.load()
    seen = torch.cat([split.inputs["visual"] for split in splits.values()])  # type: ignore[attr-defined]
    assert len(seen) == 14, dataset.remarks()
    odd = [one for one in seen.numpy() if abs(one[0].mean() - one[2].mean()) < 0.05]
    assert len(odd) == 1
    assert path.exists()
    return odd[0], " ".join(dataset.remarks())


def tiff(path: Path, values: np.ndarray, form: str, kind: int, black: int = 1) -> None:
    """Numbers [H, W], with the tags that say of which kind they are, and whether 0 is black."""
    body = values.round().astype(form).tobytes()
    bits, (rows, columns) = 8 * np.dtype(form).itemsize, values.shape
    tags = {256: columns, 257: rows, 258: bits, 259: 1, 262: black, 273: 8, 277: 1, 278: rows}
    tags |= {279: len(body), 339: kind}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    folder = struct.pack("<H", len(tags)) + entries + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(body)) + body + folder)


DEEP: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "PNG of 16 bits": (
        "e0.png",
        lambda p: Image.fromarray((RAMP * 65535).astype(np.uint16)).save(p),
        "65535",
    ),
    "TIFF of 16 bits": (
        "e0.tif",
        lambda p: Image.fromarray((RAMP * 65535).astype(np.uint16)).save(p),
        "65535",
    ),
    "PGM of 16 bits": (
        "e0.pgm",
        lambda p: Image.fromarray((RAMP * 65535).astype(np.uint16)).save(p),
        "65535",
    ),
    "TIFF of 32 bits": (
        "e0.tiff",
        lambda p: Image.fromarray((RAMP * 65535).astype(np.int32)).save(p),
        "65535",
    ),
    "TIFF of 32 bits, wide": (
        "e0.tif",
        lambda p: Image.fromarray((RAMP * 2**31 - 2**30).astype(np.int32)).save(p),
        "their own smallest and largest",
    ),
    "TIFF of floats": ("e0.tif", lambda p: Image.fromarray(RAMP.astype(np.float32)).save(p), "scaled by 1 "),
    "TIFF of large floats": (
        "e0.tif",
        lambda p: Image.fromarray((RAMP * 255).astype(np.float32)).save(p),
        "scaled by 255",
    ),
    "a float TIFF named .jpg": (
        "e0.jpg",
        lambda p: Image.fromarray(RAMP.astype(np.float32)).save(p, "TIFF"),
        "scaled by 1 ",
    ),
    "TIFF of floats that resampling made": (
        "e0.tif",
        lambda p: Image.fromarray((RAMP * 1.02 - 0.01).astype(np.float32)).save(p),
        "scaled by 1 ",
    ),
    "TIFF of 12 bits in 32": (
        "e0.tif",
        lambda p: Image.fromarray((RAMP * 4095).astype(np.int32)).save(p),
        "scaled by 4095",
    ),
    "TIFF of signed 8 bits": (
        "e0.tif",
        lambda p: tiff(p, RAMP * 254 - 127, "i1", kind=2),
        "their own smallest and largest",
    ),
    "TIFF of unsigned 32 bits": (
        "e0.tif",
        lambda p: tiff(p, RAMP * (2**32 - 1), "<u4", kind=1),
        "their own smallest and largest",
    ),
    "TIFF of 16 bits with white at 0": (
        "e0.tif",
        lambda p: tiff(p, 65535 - RAMP * 65535, "<u2", kind=1, black=0),
        "65535",
    ),
    "JPEG 2000 of 16 bits": (
        "e0.jp2",
        lambda p: Image.fromarray((RAMP * 65535).astype(np.uint16)).save(p, irreversible=False),
        "65535",
    ),
}


def put(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """A picture in place of cat/e0.jpg."""
    pets(folder)
    (folder / "cat" / "e0.jpg").unlink()
    make(folder / "cat" / name)
    return folder / "cat" / name


@pytest.mark.parametrize("case", DEEP)
def test_numbers_of_any_depth_show_the_same_picture(tmp_path: Path, case: str) -> None:
    name, make, said = DEEP[case]
    picture, remarks = shown(tmp_path, put(tmp_path, name, make))
    for channel in picture:
        np.testing.assert_allclose(channel, RAMP * 2 - 1, atol=0.02)
    assert f"numbers of more than eight bits, scaled by {said}".replace("by scaled by", "by") in remarks + " "
    assert f"(cat/{name})" in remarks


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_camera_was_held(tmp_path: Path, orientation: int) -> None:
    picture, remarks = shown(tmp_path, put(tmp_path, "e0.jpg", lambda p: turned(p, orientation)))
    corners = picture[0, 8, 8], picture[0, 8, -8], picture[0, -8, 8], picture[0, -8, -8]
    assert [corner > 0.5 for corner in corners] == [True, False, False, False]
    assert ("turned as their EXIF data say (cat/e0.jpg)" in remarks) == (orientation > 1)


def test_broken_exif_leaves_the_picture_as_it_is(tmp_path: Path) -> None:
    path = put(tmp_path, "e0.jpg", lambda p: arrow().save(p, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f"))
    picture, _ = shown(tmp_path, path)
    assert picture[0, 8, 8] > 0.5


def hollow(mode: str) -> Callable[[Path], None]:
    """Black, and transparent at the right."""

    def make(path: Path) -> None:
        picture = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
        picture.paste((0, 0, 0, 0), (32, 0, 64, 64))
        if path.suffix != ".gif":
            picture = picture.quantize() if mode == "P" else picture.convert(mode)
        picture.save(path, lossless=True) if path.suffix == ".webp" else picture.save(path)

    return make


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("e0.png", "RGBA"),
        ("e0.png", "LA"),
        ("e0.png", "P"),
        ("e0.webp", "RGBA"),
        ("e0.gif", "P"),
        ("e0.tga", "RGBA"),
    ],
)
def test_what_is_transparent_becomes_white(tmp_path: Path, name: str, mode: str) -> None:
    picture, remarks = shown(tmp_path, put(tmp_path, name, hollow(mode)))
    assert picture[:, :, :30].max() < -0.9
    assert picture[:, :, 34:].min() > 0.9
    assert f"with transparent places, which become white (cat/{name})" in remarks


def test_a_deep_picture_is_transparent_too(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + struct.pack(">64H", *[0] * 32, *[1000] * 32) for _ in range(64))
    path = put(tmp_path, "e0.png", lambda p: png(p, 0, rows, chunk(b"tRNS", struct.pack(">H", 1000))))
    picture, remarks = shown(tmp_path, path)
    assert picture[:, :, :30].max() < -0.9
    assert picture[:, :, 34:].min() > 0.9
    assert "with transparent places, which become white (cat/e0.png)" in remarks


@pytest.mark.parametrize("name", ["e0.png", "e0.pgm"])
def test_a_deep_picture_that_is_nearly_black_is_said_to_be(tmp_path: Path, name: str) -> None:
    def make(path: Path) -> None:
        Image.fromarray((RAMP * 4000).astype(np.uint16)).save(path)

    _, remarks = shown(tmp_path, put(tmp_path, name, make))
    assert (
        f"scaled by 65535, of which they reach less than a 16th, so that it is dark (cat/{name})" in remarks
    )


@pytest.mark.parametrize("ending", [".tif", ".png", ".webp", ".avif"])
def test_every_kind_of_picture_is_turned_and_said_to_be(tmp_path: Path, ending: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    path = put(tmp_path, f"e0{ending}", lambda p: arrow().rotate(180).save(p, exif=exif))
    picture, remarks = shown(tmp_path, path)
    assert picture[0, 8, 8] > 0.5 > picture[0, -8, -8]
    assert f"turned as their EXIF data say (cat/e0{ending})" in remarks


def animated(path: Path) -> None:
    first, second = arrow(), Image.new("RGB", (64, 64), "white")
    first.save(path, save_all=True, append_images=[second])


@pytest.mark.parametrize("name", ["e0.gif", "e0.webp", "e0.apng", "e0.tiff", "e0.avif"])
def test_of_many_pictures_the_first_is_read(tmp_path: Path, name: str) -> None:
    picture, remarks = shown(tmp_path, put(tmp_path, name, animated))
    assert picture[0, -8, -8] < -0.5
    assert f"with more than one picture, of which the first is read (cat/{name})" in remarks


KINDS = (".bmp", ".dib", ".ico", ".jp2", ".avif", ".jfif", ".pcx", ".pbm", ".sgi", ".tga", ".dds", ".qoi")


@pytest.mark.parametrize("ending", [*KINDS, ".JPEG"])
def test_every_kind_of_picture_that_pillow_writes_is_read(tmp_path: Path, ending: str) -> None:
    def make(path: Path) -> None:
        (arrow().convert("1") if ending == ".pbm" else arrow()).save(path)

    picture, _ = shown(tmp_path, put(tmp_path, f"e0{ending}", make))
    assert picture[0, 8, 8] > 0.5 > picture[0, -8, -8]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB"])
def test_every_mode_is_shown_in_its_colors(tmp_path: Path, mode: str) -> None:
    def make(path: Path) -> None:
        picture = arrow() if mode != "LAB" else Image.new("LAB", (64, 64), (0, 128, 128))
        if mode == "LAB":
            picture.paste((255, 128, 128), (0, 0, 32, 32))
        picture.convert(mode).save(path)

    picture, _ = shown(tmp_path, put(tmp_path, "e0.tif", make))
    assert picture[0, 8, 8] > 0.5 > picture[0, -8, -8]


def test_a_picture_of_no_numbers_is_left_out_by_name(tmp_path: Path) -> None:
    values = RAMP.astype(np.float32)
    values[3, 3] = np.nan
    put(tmp_path, "e0.tif", lambda p: Image.fromarray(values).save(p))
    dataset = loaded(tmp_path)
    dataset.load()
    assert "unreadable: numbers that are not finite (cat/e0.tif)" in dataset.remarks()[0]


SOUNDS = {
    "e0.ogg": "libopus",
    "e0.oga": "flac",
    "e0.opus": "libopus",
    "e0.flac": "flac",
    "e0.mp3": "libmp3lame",
    "e0.m4a": "aac",
    "e0.aac": "aac",
    "e0.aiff": "pcm_s16be",
    "e0.au": "pcm_s16be",
    "e0.caf": "pcm_s16le",
    "e0.w64": "pcm_s16le",
    "e0.wv": "wavpack",
    "e0.mka": "flac",
    "e0.tta": "tta",
    "e0.WAV": "pcm_s24le",
}


@pytest.mark.parametrize("name", SOUNDS)
def test_every_kind_of_sound_is_heard(tmp_path: Path, name: str) -> None:
    pets(tmp_path)
    (tmp_path / "cat" / "e0.wav").unlink()
    recording(tmp_path / "cat" / name, SOUNDS[name])
    dataset = loaded(tmp_path)
    assert sum(len(split) for split in dataset.load().values()) == 14, dataset.remarks()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_named_by_file(tmp_path: Path, value: float) -> None:
    pets(tmp_path)
    samples = media.tone(0.5, 16_000, 300.0)
    samples[4000] = value
    floats(tmp_path / "cat" / "e0.wav", samples)
    dataset = loaded(tmp_path)
    dataset.load()
    assert "samples that are not finite numbers (cat/e0.wav)" in dataset.remarks()[0]


CAPTIONS = {
    "en": ("a cat sleeps on the sofa and purrs", "a dog barks in the garden at night"),
    "zh": ("一只猫在沙发上睡觉并发出咕噜声", "一条狗夜里在花园里大声地叫"),
    "ja": ("ねこがソファの上でゴロゴロと寝ています", "いぬが夜に庭でワンワンと吠えました"),
    "th": ("แมวนอนหลับอยู่บนโซฟา", "สุนัขเห่าในสวนตอนกลางคืน"),
    "lo": ("ແມວນອນຢູ່ເທິງໂຊຟາ", "ໝາເຫົ່າໃນສວນຕອນກາງຄືນ"),
    "km": ("ឆ្មាដេកលើសាឡុង", "ឆ្កែព្រុសក្នុងសួនពេលយប់"),
    "my": ("ကြောင်က ဆိုဖာပေါ်မှာ အိပ်နေတယ်", "ခွေးက ညမှာ ဥယျာဉ်ထဲမှာ ဟောင်တယ်"),
    "hi": ("बिल्ली सोफे पर सो रही है", "कुत्ता रात में बगीचे में भौंकता है"),
    "ar": ("القطة تنام على الأريكة", "الكلب ينبح في الحديقة ليلا"),
}


def captioned(folder: Path, language: str) -> Path:
    """Two classes of captions that are all different: each begins with another of the words."""
    for label, caption in zip(("cat", "dog"), CAPTIONS[language], strict=True):
        space = " " if " " in caption else ""
        parts = caption.split(" ") if space else list(caption)
        for example in range(12):
            media.wav(folder / label / f"e{example}.wav", 0.1)
            start = example % len(parts)
            text = space.join([*parts[start:], *parts[:start], *parts[start : start + example // len(parts)]])
            (folder / label / f"e{example}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", CAPTIONS)
def test_captions_of_any_script_train_as_english_ones(tmp_path: Path, language: str) -> None:
    folder = captioned(tmp_path, language)
    given = {"dataset": "folder", "folder": str(folder), "epochs": 10, "batch_size": 4, "device": "cpu"}
    trained = Trained({**given, "seconds": 0.1, "only": "text", "lr": 0.1})
    assert trained.outcome.state == "completed", trained.outcome.reason
    assert trained.sink.sparse()["test.accuracy"][-1] == 1.0


ENCODINGS = {
    "utf-8-sig": ("miaut für sich", "bellt für sich", ""),
    "utf-16": ("miaut für sich", "bellt für sich", ""),
    "utf-16-le": ("miaut für sich", "bellt für sich", "utf-16-le"),
    "utf-16-be": ("一只猫在沙发上睡觉 ok", "狗在院子里大声叫 ok", "utf-16-be"),
    "utf-32": ("miaut für sich", "bellt für sich", ""),
    "cp1252": ("miaut für sich", "bellt für die Tür", "cp1252"),
    "cp1250": ("Kočka leží na střeše a mňouká", "Příliš žluťoučký pes štěká", "cp1250"),
    "cp1251": ("Кошка спит на диване", "Собака лает во дворе", "cp1251"),
    "koi8_r": ("Кошка спит на диване", "Собака лает во дворе", "koi8_r"),
    "cp1253": ("Η γάτα κοιμάται στον καναπέ", "Ο σκύλος γαβγίζει", "cp1253"),
    "shift_jis": ("ねこがソファで寝ています", "犬が庭で吠えている", "cp932"),
    "euc_jp": ("ねこがソファで寝ています", "犬が庭で吠えている", "euc_jp"),
    "iso2022_jp": ("ねこがソファで寝ています", "犬が庭で吠えている", "iso2022_jp"),
    "gb18030": ("一只猫在沙发上睡觉", "狗在院子里大声叫", "gb18030"),
    "big5": ("一隻貓在沙發上睡覺", "狗在院子裡大聲叫", "big5"),
    "euc_kr": ("고양이가 소파에서 잔다", "개가 마당에서 짖는다", "cp949"),
    "cp874": ("แมวนอนหลับอยู่บนโซฟา", "สุนัขเห่าในสวน", "cp874"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_texts_of_any_encoding_are_the_same_texts(tmp_path: Path, encoding: str) -> None:
    *captions, said = ENCODINGS[encoding]
    read = {}
    for name in ("utf-8", encoding):
        folder = pets(tmp_path / name, text=True)
        for label, caption in zip(("cat", "dog"), captions, strict=True):
            for path in (folder / label).glob("*.txt"):
                path.write_bytes(caption.encode(name))
        dataset = loaded(folder)
        read[name] = [split.inputs["text"] for split in dataset.load().values()]  # type: ignore[attr-defined]
    for one, other in zip(*read.values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    remarks = " ".join(dataset.remarks())
    assert f"taken for a text in {said}" in remarks if said else not remarks


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path: Path, colors: int, rows: bytes, more: bytes = b"") -> None:
    """A picture of 64 x 64 and 16 bits, which Pillow does not write of every kind of color."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 16, colors, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + more + body)


def test_a_png_of_16_bits_and_three_colors(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + struct.pack(">HHH", *[int(v * 65535)] * 3) * 64 for v in np.linspace(0, 1, 64))
    picture, _ = shown(tmp_path, put(tmp_path, "e0.png", lambda p: png(p, 2, rows)))
    np.testing.assert_allclose(picture[0], RAMP.T * 2 - 1, atol=0.02)


UNHEARD = {
    "silence": (np.zeros(8000), "nothing to hear"),
    "samples in the range of 16 bits": (media.tone(0.5, 16_000, 300.0) * 20_000, "far beyond -1 to 1"),
}


@pytest.mark.parametrize("case", UNHEARD)
def test_a_recording_of_which_nothing_is_left_is_said_to_be(tmp_path: Path, case: str) -> None:
    pets(tmp_path)
    samples, said = UNHEARD[case]
    floats(tmp_path / "cat" / "e0.wav", samples)
    dataset = loaded(tmp_path)
    dataset.load()
    (remark,) = dataset.remarks()
    assert said in remark
    assert remark.endswith("(cat/e0.wav).")


def test_a_glance_tells_what_a_run_would_leave_out(tmp_path: Path) -> None:
    pets(tmp_path, text=True)
    samples = media.tone(0.5, 16_000, 300.0)
    samples[7] = np.nan
    floats(tmp_path / "cat" / "e0.wav", samples)
    glanced, run = loaded(tmp_path), loaded(tmp_path)
    assert glanced.glance(30.0) == 14
    run.load()
    assert glanced.remarks() == run.remarks() != ()
