"""A client's own look is shown safely: its logo holds nothing but pixels, and its colour can be read everywhere."""

import base64
import colorsys
import io
import re
import struct
import time
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from horetsu_utils import assets, client, letterhead
from horetsu_utils.charts import theme
from horetsu_utils.config import Config
from horetsu_utils.errors import ConfigError
from horetsu_utils.letterhead import ACCENT, ACCENT_DARK, PAPERS, PAPERS_DARK, Letterhead, contrast
from horetsu_utils.settings import load, load_yaml, validate

NO_PICTURE = (
    "ロゴに使える画像ではありません。使えるのは PNG・JPEG・GIF・WebP です。\n場所: …/logo.png\n"
    "次に: SVG や PDF などのロゴは、PNG に書き出して、その名前を logo に書いてください。"
)
BROKEN = (
    "ロゴの画像が壊れているようで、読み取れませんでした。\n場所: …/logo.png\n"
    "次に: 画像を開いて確かめ、PNG で保存し直してください。"
)
TOO_LARGE = (
    "ロゴの画像が大きすぎます。{}。\n場所: …/logo.png\n"
    "次に: 横480・縦160ピクセルほどに小さくして、PNG で保存し直してください。"
)
TOO_MANY_PIXELS = TOO_LARGE.format("縦と横をかけて 4,000万画素を超えています")
TOO_MANY_BYTES = TOO_LARGE.format("ファイルが 20MB を超えています")
MISSING = (
    "ロゴの画像が見つかりません。\n場所: …/{}\n次に: ここに画像を置くか、client.yaml の logo の名前を直してください。"
)
OUTSIDE = (
    "クライアントのフォルダの外にあるファイルは、ロゴに使えません。\n場所: client.yaml の logo: {}\n"
    "次に: 画像を … の中に置き、logo には「logo.png」のように、その名前だけを書いてください。"
)
RED, GREEN = (200, 30, 30), (30, 150, 60)
SECRET = b"TOKYO-35.68"
GPS, ORIENTATION = 0x8825, 0x0112

Make = Callable[..., Path]


@pytest.fixture
def folder(make_client: Make) -> Path:
    return make_client({}, "  orders: [{files: data/*.csv}]", "report: {logo: logo.png}")


def asking(folder: Path, report: str) -> client.Client:
    (folder / "client.yaml").write_text(f"name: 見本の店\nreport: {report}\n", encoding="utf-8")
    return client.find(str(folder))


def shown(folder: Path, content: bytes) -> Image.Image:
    """Return the logo as the page shows it."""
    (folder / "logo.png").write_bytes(content)
    return Image.open(io.BytesIO(png_of(letterhead.letterhead(client.find(str(folder))))))


def png_of(head: Letterhead) -> bytes:
    start, _, encoded = head.logo.partition(",")
    assert start == "data:image/png;base64"
    return base64.b64decode(encoded, validate=True)


def refusal(folder: Path, content: bytes | None = None) -> str:
    if content is not None:
        (folder / "logo.png").write_bytes(content)
    with pytest.raises(ConfigError) as error:
        letterhead.letterhead(client.find(str(folder)))
    return str(error.value).replace(str(folder), "…")


def drawn(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=kind, **options)
    return stream.getvalue()


def plain(width: int = 60, height: int = 20, colour: tuple[int, ...] = RED) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", (width, height), colour)


def halves(width: int, height: int) -> Image.Image:
    """Return a picture whose left half is red and whose right half is green."""
    image = plain(width, height, RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def chunk_names(png: bytes) -> set[bytes]:
    names, place = set(), 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        names.add(png[place + 4 : place + 8])
        place += length + 12
    return names


def near(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    return max(abs(one - other) for one, other in zip(pixel, colour, strict=True)) <= 6


# What the client asks for in client.yaml


def read(folder: Path, report: str) -> Config:
    path = folder / "client.yaml"
    path.write_text(f"name: 見本の店\nreport:{report}\n", encoding="utf-8")
    return load(path).validate(Config)


def unread(folder: Path, report: str) -> str:
    with pytest.raises(ConfigError) as error:
        read(folder, report)
    return "\n".join(line for line in str(error.value).splitlines() if line.startswith("・"))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (" {}", ("", "", "")),
        (' {prepared_by: " 惚れ通 花子 ", logo: ロゴ.png, colour: "#1F5f8B"}', ("惚れ通 花子", "ロゴ.png", "#1f5f8b")),
        ("\n  prepared_by:\n  logo:\n", ("", "", "")),
        ("\n  prepared_by: |\n    通販相談室\n", ("通販相談室", "", "")),
        (f" {{prepared_by: {'名' * 100}}}", ("名" * 100, "", "")),
    ],
)
def test_the_look_is_read_as_it_was_meant(tmp_path: Path, report: str, told: tuple[str, str, str]) -> None:
    look = read(tmp_path, report).report
    assert (look.prepared_by, look.logo, look.colour) == told


COLOUR = (
    '・{}行目: 「report.colour」: 色は "#1f5f8b" のように、引用符(")で囲んで書いてください'
    "(# のあとは、0〜9 と a〜f の6けたです)。"
)
EMPTY = (
    "・4行目: 「report.colour」: 色が空です(引用符のない # から後ろは、メモとして読みとばされます)。"
    '色は "#1f5f8b" のように、引用符(")で囲んで書いてください。使わないときは、この行を消してください。'
)
UNSEEN = "・2行目: 「report.{}」: 改行など、目に見えない文字は使えません。消して、1行で書いてください。"


@pytest.mark.parametrize(
    "colour", ["1f5f8b", "#1f5f8", "#1f5f8b0", "#1f5f8g", "red", "#１f5f8b", "#fff;}", "#1f5f8b\\nx"]
)
def test_what_is_no_colour_is_refused(tmp_path: Path, colour: str) -> None:
    assert unread(tmp_path, f' {{colour: "{colour}"}}') == COLOUR.format(2)


@pytest.mark.parametrize("colour", [" #1f5f8b", "", " #1f5f8b   # 青"])
def test_a_colour_without_quotes_is_a_comment_and_is_told(tmp_path: Path, colour: str) -> None:
    assert unread(tmp_path, f"\n  prepared_by: 相談室\n  colour:{colour}\n  logo: a.png") == EMPTY


@pytest.mark.parametrize(
    "name", ["a\\nb", "a\\0b", "a\\x1b[31m", "a\\u2028b", "a\\u202Eb", "a\\u2067b", "a\\ud800b", "a\\x85b"]
)
def test_signs_that_cannot_be_seen_are_refused(tmp_path: Path, name: str) -> None:
    assert unread(tmp_path, f' {{prepared_by: "{name}"}}') == UNSEEN.format("prepared_by")
    assert unread(tmp_path, f' {{logo: "{name}"}}') == UNSEEN.format("logo")


def test_what_is_too_long_is_refused_and_a_wrong_key_is_guessed(tmp_path: Path) -> None:
    report = f" {{prepared_by: {'名' * 101}, logo: {'a' * 201}, color: x}}"
    assert unread(tmp_path, report) == (
        "・2行目: 「report.prepared_by」: 長すぎます。100文字までで書いてください。\n"
        "・2行目: 「report.logo」: 長すぎます。200文字までで書いてください。\n"
        "・2行目: 「report.color」という項目はありません。「colour」の書き間違いではありませんか。"
    )


def test_the_block_in_the_template_can_be_used_as_it_stands(tmp_path: Path) -> None:
    text = (assets.CLIENT_TEMPLATE / "client.yaml").read_text(encoding="utf-8")
    assert validate(Config, load_yaml(assets.CLIENT_TEMPLATE / "client.yaml"), where="").report.colour == ""
    block = text[text.index("\n# report:\n") + 1 :].split("\n\n")[0]
    path = tmp_path / "client.yaml"
    path.write_text("name: 店\n" + re.sub("^# ", "", block, flags=re.MULTILINE), encoding="utf-8")
    look = validate(Config, load_yaml(path), where="").report
    assert (look.prepared_by, look.logo, look.colour) == ("通販相談室", "logo.png", "#1f5f8b")


# Colour


def test_black_and_white_are_as_far_apart_as_colours_can_be() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#5f7a1c", "#5f7a1c") == 1


@pytest.mark.parametrize(
    ("colour", "luminance"),
    [
        ("#0a0a0a", 10 / 255 / 12.92),  # 10/255 = 0.0392 lies under the definition's 0.04045: a straight line
        ("#0b0b0b", 0.0033465),  # 11/255 = 0.0431 lies above: ((0.0431 + 0.055) / 1.055) ^ 2.4
        ("#ff0000", 0.2126),
        ("#00ff00", 0.7152),
        ("#0000ff", 0.0722),
        ("#808080", 0.2158605),  # ((128/255 + 0.055) / 1.055) ^ 2.4
    ],
)
def test_contrast_follows_the_definition(colour: str, luminance: float) -> None:
    assert contrast(colour, "#ffffff") == pytest.approx(1.05 / (luminance + 0.05), rel=1e-5)
    assert contrast(colour, "#000000") == pytest.approx((luminance + 0.05) / 0.05, rel=1e-5)


def test_the_lightest_grey_that_can_be_read_on_white() -> None:
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "#" + bytes(parts).hex())


@pytest.fixture(scope="module")
def any_client(tmp_path_factory: pytest.TempPathFactory) -> client.Client:
    return asking(tmp_path_factory.mktemp("shop"), "{}")


def of_colour(shop: client.Client, colour: str) -> Letterhead:
    config = validate(Config, {"name": "店", "report": {"colour": colour}}, where="")
    return letterhead.letterhead(client.Client(shop.id, shop.folder, config))


@settings(max_examples=300, deadline=None)
@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#ffff00")
@example("#0000ff")
@example("#fffffe")
@example("#808080")
def test_every_colour_can_be_read_on_every_paper(any_client: client.Client, colour: str) -> None:
    head = of_colour(any_client, colour)
    assert min(contrast(head.accent, paper) for paper in PAPERS) >= 4.5
    assert min(contrast(head.accent_dark, paper) for paper in PAPERS_DARK) >= 4.5
    assert (head.accent == colour) == (min(contrast(colour, paper) for paper in PAPERS) >= 4.5)
    assert (head.accent_dark == colour) == (min(contrast(colour, paper) for paper in PAPERS_DARK) >= 4.5)
    assert len(head.notes) == (head.accent != colour)


@settings(max_examples=200, deadline=None)
@given(COLOURS)
def test_a_colour_keeps_its_hue_and_moves_no_further_than_it_must(any_client: client.Client, colour: str) -> None:
    head = of_colour(any_client, colour)
    told = colorsys.rgb_to_hls(*(part / 255 for part in bytes.fromhex(colour[1:])))
    for used, papers, back in ((head.accent, PAPERS, 0.012), (head.accent_dark, PAPERS_DARK, -0.012)):
        hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in bytes.fromhex(used[1:])))
        if used == colour:
            continue
        exact = colorsys.hls_to_rgb(told[0], lightness, told[2])
        got = (part / 255 for part in bytes.fromhex(used[1:]))
        assert max(abs(one - other) for one, other in zip(exact, got, strict=True)) < 0.012, (hue, saturation)
        before = colorsys.hls_to_rgb(told[0], lightness + back, told[2])
        less = "#" + bytes(min(max(round(part * 255), 0), 255) for part in before).hex()
        assert min(contrast(less, paper) for paper in papers) < 4.5


def test_a_corrected_colour_is_told(any_client: client.Client) -> None:
    head = of_colour(any_client, "#FFCC00")
    assert head.notes == (
        f"ご指定の色(#ffcc00)のままでは文字が読みにくいため、読めるところまで濃くした色({head.accent})を使いました。",
    )
    assert head.accent_dark == "#ffcc00"


def test_a_colour_corrected_for_dark_mode_only_is_not_told(any_client: client.Client) -> None:
    head = of_colour(any_client, "#000080")
    assert (head.accent, head.notes) == ("#000080", ())
    assert head.accent_dark != "#000080"


def test_without_a_look_the_report_has_the_house_s_own(any_client: client.Client) -> None:
    assert letterhead.letterhead(any_client) == Letterhead("", "", "#1f5f8b", "#7db7de", ())
    style = (assets.REPORT_TEMPLATE / "style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root\{([^}]*)\}", style)[:2]
    for root, accent, papers in ((light, ACCENT, PAPERS), (dark, ACCENT_DARK, PAPERS_DARK)):
        named = dict(re.findall(r"--(paper|tint|accent):(#[0-9a-f]+)", root))
        whole = {name: f"#{value[1:] * 2}" if len(value) == 4 else value for name, value in named.items()}
        assert whole == {"accent": accent, "paper": papers[0], "tint": papers[1]}
    assert theme.ACCENT == ACCENT


# Name


def test_a_name_is_handed_on_as_plain_text(folder: Path) -> None:
    name = "<script>alert(1)</script>&\\\"'"
    head = letterhead.letterhead(asking(folder, f'{{prepared_by: "{name}"}}'))
    assert head == Letterhead("<script>alert(1)</script>&\"'")


# Logo


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_known_by_its_content_whatever_its_name(folder: Path, kind: str) -> None:
    image = shown(folder, drawn(plain(), kind))
    assert (image.format, image.size, image.mode) == ("PNG", (60, 20), "RGB")
    assert near(image.getpixel((30, 10)), RED)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((480, 160), (480, 160)),
        ((4800, 1600), (480, 160)),
        ((1000, 100), (480, 48)),
        ((400, 800), (80, 160)),
        ((5000, 1), (480, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_a_large_logo_is_made_small_and_a_small_one_not_large(
    folder: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert shown(folder, drawn(plain(*size), "PNG")).size == expected


def test_what_is_transparent_stays_so_and_its_hidden_colour_does_not_bleed(folder: Path) -> None:
    image = plain(960, 320, (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 480, 320))
    small = shown(folder, drawn(image, "PNG"))
    assert (small.mode, small.size) == ("RGBA", (480, 160))
    assert small.getpixel((100, 80)) == (*RED, 255)
    assert small.getpixel((400, 80))[3] == 0
    edge = [small.getpixel((x, 80)) for x in range(480)]
    assert all(near(pixel[:3], RED) for pixel in edge if pixel[3] > 32)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_colour_of_the_palette_that_is_transparent_stays_so(folder: Path, kind: str) -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([255, 255, 255, *RED])
    image.paste(1, (0, 0, 20, 40))
    small = shown(folder, drawn(image, kind, transparency=0))
    assert small.getpixel((5, 20)) == (*RED, 255)
    assert small.getpixel((35, 20))[3] == 0


def test_a_grey_of_sixteen_bits_that_is_transparent_stays_so(folder: Path) -> None:
    greys = np.full((20, 60), 0x80FF, dtype=np.uint16)
    greys[:, 30:] = 0xFFFF
    small = shown(folder, drawn(Image.fromarray(greys), "PNG", transparency=0x80FF))
    assert small.getpixel((5, 10))[3] == 0
    assert small.getpixel((55, 10)) == (255, 255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_shown(folder: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((20, 60), 0x80FF, dtype=np.uint16))
    else:
        image = Image.new("L", (60, 20), 128).convert(mode, dither=Image.Dither.NONE)
    expected = 255 if mode == "1" else 128
    assert near(shown(folder, drawn(image, "PNG")).convert("RGB").getpixel((30, 10)), (expected,) * 3)


def test_a_picture_for_printing_is_shown_in_the_colours_of_a_screen(folder: Path) -> None:
    image = shown(folder, drawn(Image.new("CMYK", (60, 20), (0, 255, 255, 0)), "JPEG", quality=95))
    assert image.mode == "RGB"
    assert near(image.getpixel((30, 10)), (255, 0, 0))


def turned_profile() -> bytes:
    """Return the profile of a screen whose red lamp shines blue, and whose blue one red."""
    sound = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = sound.index(b"rXYZ"), sound.index(b"bXYZ")  # in the table of tags, which stands before their values
    sound[red : red + 4], sound[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(sound)


@pytest.mark.parametrize("colour", [RED, (*RED, 255)])
def test_a_picture_is_shown_in_the_colours_that_its_own_profile_means(folder: Path, colour: tuple[int, ...]) -> None:
    image = Image.new("RGB" if len(colour) == 3 else "RGBA", (60, 20), colour)
    image.putpixel((0, 0), (0, 255, 0, 0)[: len(colour)])
    told = shown(folder, drawn(image, "PNG", icc_profile=turned_profile()))
    red, _, blue = told.convert("RGB").getpixel((30, 10))
    plain_red, _, plain_blue = shown(folder, drawn(image, "PNG")).convert("RGB").getpixel((30, 10))
    assert red < 100 < plain_red
    assert blue > 150 > plain_blue
    assert "icc_profile" not in told.info
    if len(colour) == 4:
        assert told.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("profile", [b"x", turned_profile()[:200], b"\0" * 4_000])
def test_a_profile_that_is_broken_counts_for_none(folder: Path, profile: bytes) -> None:
    assert near(shown(folder, drawn(plain(), "PNG", icc_profile=profile)).convert("RGB").getpixel((30, 10)), RED)


def test_of_an_animation_the_first_picture_is_shown(folder: Path) -> None:
    for kind in ("GIF", "PNG", "WEBP"):
        moving = drawn(plain(colour=RED), kind, save_all=True, append_images=[plain(colour=GREEN)], duration=100)
        assert getattr(Image.open(io.BytesIO(moving)), "n_frames", 1) == 2
        image = shown(folder, moving)
        assert getattr(image, "n_frames", 1) == 1
        assert near(image.convert("RGB").getpixel((30, 10)), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_turned_photograph_stands_upright_and_the_place_it_was_taken_at_is_gone(folder: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned to the right: what is on the left comes to the top
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[29] = SECRET.decode()
    content = drawn(halves(200, 100), kind, exif=exif, **({} if kind == "PNG" else {"quality": 95}))
    assert SECRET in content
    small = shown(folder, content)
    assert small.size == (80, 160)
    assert near(small.getpixel((40, 20)), RED)
    assert near(small.getpixel((40, 140)), GREEN)
    assert not small.getexif()
    assert SECRET not in png_of(letterhead.letterhead(client.find(str(folder))))


def test_of_all_that_a_picture_carries_only_pixels_are_left(folder: Path) -> None:
    note = PngInfo()
    note.add_text("Author", SECRET.decode())
    note.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    image = plain(colour=(*RED, 128))
    content = drawn(image, "PNG", pnginfo=note, icc_profile=SECRET * 20, dpi=(300, 300)) + SECRET
    (folder / "logo.png").write_bytes(content)
    png = png_of(letterhead.letterhead(client.find(str(folder))))
    assert chunk_names(content) > chunk_names(png) == {b"IHDR", b"IDAT", b"IEND"}
    assert SECRET not in png
    assert Image.open(io.BytesIO(png)).getpixel((0, 0)) == (*RED, 128)


def test_the_same_logo_gives_the_same_bytes(folder: Path) -> None:
    content = drawn(halves(700, 300), "PNG")
    assert shown(folder, content).tobytes() == shown(folder, content).tobytes()
    shop = client.find(str(folder))
    assert letterhead.letterhead(shop) == letterhead.letterhead(shop)


def test_a_logo_may_lie_in_a_folder_of_the_client_s_own_and_behind_a_link_inside(folder: Path) -> None:
    (folder / "画像").mkdir()
    (folder / "画像" / "本物.png").write_bytes(drawn(plain(), "PNG"))
    (folder / "logo.png").symlink_to(folder / "画像" / "本物.png")
    one = letterhead.letterhead(asking(folder, "{logo: 画像/本物.png}"))
    assert one.logo
    assert one == letterhead.letterhead(asking(folder, "{logo: logo.png}"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_japanese_name_is_found_however_its_voicing_marks_are_stored(folder: Path, form: str) -> None:
    (folder / unicodedata.normalize(form, "ロゴ.png")).write_bytes(drawn(plain(), "PNG"))
    for asked in ("NFC", "NFD"):
        assert letterhead.letterhead(asking(folder, f"{{logo: {unicodedata.normalize(asked, 'ロゴ.png')}}}")).logo


# Refusals


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        drawn(plain(), "BMP"),
        drawn(plain(), "TIFF"),
        drawn(plain(), "ICO"),
        b" " + drawn(plain(), "PNG"),
    ],
)
def test_what_is_no_such_picture_is_refused_whatever_its_name(folder: Path, content: bytes) -> None:
    assert refusal(folder, content) == NO_PICTURE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_picture_cut_off_is_refused(folder: Path, kind: str, part: float) -> None:
    noise = Image.effect_noise((300, 100), 80).convert("RGB")
    content = drawn(noise, kind)
    assert shown(folder, content).size == (300, 100)
    assert refusal(folder, content[: int(len(content) * part)]) == BROKEN


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"RIFF\x24\x00\x00\x00WEBPVP8 ",
        b"P6\n#....WEBP\n1 1 255\n123",  # another format that says it is WebP
        png_header(0, 0),
        png_header(100, 100),
        drawn(plain(), "PNG").replace(b"IDAT", b"IDAX"),
    ],
)
def test_a_broken_picture_is_refused(folder: Path, content: bytes) -> None:
    assert refusal(folder, content) == BROKEN


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(12, 400), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_whatever_is_broken_in_a_picture_it_is_shown_or_refused_in_words(
    any_client: client.Client, kind: str, changes: list[tuple[int, int]]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = bytearray(drawn(halves(90, 30), kind, **({} if kind == "GIF" else {"exif": exif})))
    for place, value in changes:
        content[place % len(content)] = value
    (any_client.folder / "logo.png").write_bytes(content)
    config = validate(Config, {"name": "店", "report": {"logo": "logo.png"}}, where="")
    try:
        head = letterhead.letterhead(client.Client("shop", any_client.folder, config))
    except ConfigError as error:
        assert error.where == str(any_client.folder / "logo.png")
    else:
        assert chunk_names(png_of(head)) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize("size", [(50_000, 50_000), (10_000, 10_000), (8_000, 5_001), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(
    folder: Path, size: tuple[int, int], recwarn: pytest.WarningsRecorder
) -> None:
    assert refusal(folder, png_header(*size)) == TOO_MANY_PIXELS
    assert not recwarn.list


def test_the_largest_picture_allowed_is_shown(folder: Path) -> None:
    assert shown(folder, drawn(Image.new("1", (8_000, 5_000), 1), "PNG")).size == (256, 160)


def test_no_picture_is_larger_than_its_limit_in_another_format(folder: Path) -> None:
    gif = bytearray(drawn(plain().convert("P"), "GIF"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    assert refusal(folder, bytes(gif)) == TOO_MANY_PIXELS
    jpeg = bytearray(drawn(plain(), "JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65_500, 65_500)
    assert refusal(folder, bytes(jpeg)) == TOO_MANY_PIXELS


def test_a_file_of_more_than_twenty_megabytes_is_refused_and_one_of_twenty_is_not(folder: Path) -> None:
    picture = drawn(plain(), "PNG")
    size = 20 * 1024 * 1024
    assert shown(folder, picture + bytes(size - len(picture))).size == (60, 20)
    assert refusal(folder, picture + bytes(size - len(picture) + 1)) == TOO_MANY_BYTES


def test_a_picture_drawn_over_and_over_is_refused_before_it_takes_hours(folder: Path) -> None:
    picture = drawn(Image.new("L", (2_000, 2_000), 128), "JPEG", progressive=True)
    last = picture[picture.rindex(b"\xff\xda") : -2]
    content = picture[:-2] + last * 100_000 + picture[-2:]
    started = time.monotonic()
    assert refusal(folder, content) == TOO_LARGE.format("画像のつくりが複雑すぎます")
    assert time.monotonic() - started < 5
    assert shown(folder, picture).size == (160, 160)


@pytest.mark.parametrize("name", ["logo.png", "画像/logo.png", "data", ".", "長" * 200, "logo.png/a.png"])
def test_a_logo_that_is_not_there_says_where_it_was_looked_for(folder: Path, name: str) -> None:
    asking(folder, f"{{logo: {name}}}")
    assert refusal(folder) == MISSING.format(name if name != "." else "").replace("…/\n", "…\n")


def test_links_that_go_round_in_a_ring_lead_to_no_logo(folder: Path) -> None:
    (folder / "logo.png").symlink_to(folder / "b.png")
    (folder / "b.png").symlink_to(folder / "logo.png")
    assert refusal(folder) == MISSING.format("logo.png")


@pytest.mark.parametrize(
    "name", ["../logo.png", "data/../../logo.png", "..\\logo.png", "/etc/passwd", "C:\\logo.png", ".."]
)
def test_a_name_that_leads_out_of_the_client_s_folder_is_refused(folder: Path, name: str) -> None:
    (folder.parent / "logo.png").write_bytes(drawn(plain(), "PNG"))
    asking(folder, f"{{logo: '{name}'}}")
    assert refusal(folder) == OUTSIDE.format(name)


def test_an_absolute_path_is_refused_even_into_the_client_s_folder(folder: Path) -> None:
    (folder / "logo.png").write_bytes(drawn(plain(), "PNG"))
    asking(folder, f"{{logo: '{folder}/logo.png'}}")
    with pytest.raises(ConfigError) as error:
        letterhead.letterhead(client.find(str(folder)))
    assert error.value.what == "クライアントのフォルダの外にあるファイルは、ロゴに使えません。"


def test_links_that_lead_out_are_refused(folder: Path) -> None:
    outside = folder.parent / "other"
    outside.mkdir()
    (outside / "logo.png").write_bytes(drawn(plain(), "PNG"))
    (folder / "logo.png").symlink_to(outside / "logo.png")
    assert refusal(folder) == OUTSIDE.format("logo.png")
    (folder / "画像").symlink_to(outside)
    asking(folder, "{logo: 画像/logo.png}")
    assert refusal(folder) == OUTSIDE.format("画像/logo.png")


def test_a_file_that_cannot_be_opened_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "logo.png").write_bytes(drawn(plain(), "PNG"))
    shop = client.find(str(folder))

    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(ConfigError) as error:
        letterhead.letterhead(shop)
    assert str(error.value).replace(str(folder), "…") == (
        "ロゴの画像を開けません。\n場所: …/logo.png\n次に: ほかのソフトで開いていれば閉じて、もう一度お試しください。"
    )
