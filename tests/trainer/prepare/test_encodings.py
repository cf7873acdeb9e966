"""Texts from before Unicode: which encoding they are in, and what can't be told."""

import pytest

from trainer.prepare.encodings import EVIDENCE, decoded, legacy_of, unicode_of

CAPTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "French": (
        ("Un chat dort sur le canapé, très fatigué", "Élève à l'école"),
        ("cp1252", "cp850", "mac_roman"),
    ),
    "German": (("Die Katze schläft auf dem Sofa", "Der Hund läuft über die Straße"), ("cp1252", "cp850")),
    "Swedish": (("Katten sover på soffan, älgen är ute",), ("cp1252", "cp850")),
    "Icelandic": (("Kötturinn sefur í sófanum", "Það er þögn"), ("cp1252",)),
    "Turkish": (("Kedi ağaçta uyuyor", "Köpek bahçede havlıyor"), ("cp1254", "iso8859_9", "cp857")),
    "Polish": (("Kot śpi na kanapie", "żółw się śmieje"), ("cp1250", "iso8859_2", "cp852")),
    "Czech": (("Kočka leží na střeše a mňouká", "Pes štěká"), ("cp1250", "iso8859_2", "cp852")),
    "Hungarian": (("A macska a kanapén alszik", "fűzfa hűvös"), ("cp1250", "iso8859_2")),
    "Lithuanian": (("Katė miega ant sofos", "žąsis šaukia"), ("cp1257", "iso8859_13")),
    "Russian": (
        ("Кошка спит на диване", "Собака лает во дворе"),
        ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic"),
    ),
    "Ukrainian": (("Кіт спить на дивані", "Собака гавкає, її чути"), ("cp1251", "koi8_u")),
    "Greek": (("Η γάτα κοιμάται στον καναπέ",), ("cp1253", "iso8859_7", "cp737")),
    "Hebrew": (("החתול ישן על הספה",), ("cp1255", "iso8859_8", "cp862")),
    "Arabic": (("القطة تنام على الأريكة",), ("cp1256", "iso8859_6")),
    "Thai": (("แมวนอนหลับอยู่บนโซฟา",), ("cp874", "tis_620")),
    "Chinese": (
        ("一只猫在沙发上睡觉", "狗在院子里大声叫"),
        ("gb2312", "gb18030", "hz", "utf-16-le", "utf-16-be"),
    ),
    "traditional Chinese": (("一隻貓在沙發上睡覺", "狗在院子裡大聲叫"), ("big5", "big5hkscs")),
    "Japanese": (
        ("ねこがソファの上で寝ています", "犬が庭で吠えている"),
        ("cp932", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be"),
    ),
    "Korean": (
        ("고양이가 소파에서 잔다", "개가 마당에서 짖는다"),
        ("euc_kr", "cp949", "johab", "iso2022_kr"),
    ),
}


@pytest.mark.parametrize(
    ("language", "encoding"), [(one, e) for one, (_, es) in CAPTIONS.items() for e in es]
)
def test_a_few_captions_are_enough_to_tell_it(language: str, encoding: str) -> None:
    captions = CAPTIONS[language][0]
    contents = [caption.encode(encoding) for caption in captions]
    shared = legacy_of(content for content in contents if not unicode_of(content))
    assert [decoded(content, unicode_of(content) or shared) for content in contents] == list(captions)


@pytest.mark.parametrize(
    "content",
    [
        b"a cat\0",
        b"a cat\x07",
        b"\x1b[31mred",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"",
        "Kätzchen schläft überall ".encode() * 20 + b"\xe4",
    ],
    ids=["NUL", "bell", "colors of a terminal", "picture", "nothing", "UTF-8 with a wrong byte"],
)
def test_what_is_no_text_of_one_encoding_is_taken_for_none(content: bytes) -> None:
    assert legacy_of([content]) == ""


def test_a_long_text_is_told_by_its_first_part_wherever_that_ends() -> None:
    text = "私は猫です" * EVIDENCE
    for offset in range(2):
        content = b"a" * offset + text.encode("cp932")
        assert legacy_of([content]) == "cp932"
