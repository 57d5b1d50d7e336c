"""The look a client gives its report: a name, a logo and a colour, made safe to show and easy to read."""

import base64
import colorsys
import io
import unicodedata
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from PIL import Image, ImageCms, ImageOps

from horetsu_utils.client import CONFIG_FILE, Client
from horetsu_utils.errors import ConfigError, shorten

ACCENT, ACCENT_DARK = "#1f5f8b", "#7db7de"
"""The house's own, as in templates/report/style.css."""
PAPERS = ("#ffffff", "#f4f7f9")
PAPERS_DARK = ("#161c22", "#1f2831")
"""What the accent's letters stand on, in light and in dark mode: the paper, and the tint of a box."""
LEAST_CONTRAST = 4.5
"""Source: WCAG 2.2, success criterion 1.4.3 (level AA)."""
LIGHTNESS_STEP = 0.005
"""Of HSL's 0 to 1: about one of the 256 values of a channel, so that a colour moves no further than it must."""

LARGEST_MEGABYTES = 20
MOST_PIXELS = 40_000_000
MOST_SCANS = 250
"""Of one JPEG, which has about ten: each costs the time of the whole picture, and only some fifty bytes."""
LARGEST_LOGO = (480, 160)
"""Pixels: twice what the page shows, for screens of double density."""
KINDS = (
    ("PNG", 0, b"\x89PNG\r\n\x1a\n"),
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("GIF", 0, b"GIF87a"),
    ("GIF", 0, b"GIF89a"),
    ("WEBP", 8, b"WEBP"),
)
"""What is known by its content: the format, and which bytes it has at which place."""
PRINTED = "CMYK"
_START_OF_SCAN = b"\xff\xda"


@dataclass(frozen=True)
class Letterhead:
    """What a report shows of the client's own look.

    `prepared_by` is plain text, which the page must escape. `logo` is a data URI, or empty. The accents, "#rrggbb", are
    for light and dark mode. `notes` tells in sentences what was done otherwise than client.yaml asks.
    """

    prepared_by: str = ""
    logo: str = ""
    accent: str = ACCENT
    accent_dark: str = ACCENT_DARK
    notes: tuple[str, ...] = ()


def letterhead(client: Client) -> Letterhead:
    """Return how a client's report looks: the logo drawn anew without metadata, the colour such that it can be read.

    Shape
        a client, with the `report` of its client.yaml -> one Letterhead
    Errors
        ConfigError for a logo that is missing, outside of the client's folder, no picture, too large, or broken
    Source
        WCAG 2.2, success criterion 1.4.3
    """
    told = client.config.report
    logo = _data_uri(_located(client.folder, told.logo)) if told.logo else ""
    if not told.colour:
        return Letterhead(told.prepared_by, logo)
    accent = _legible(told.colour, PAPERS, -LIGHTNESS_STEP)
    note = (
        f"ご指定の色({told.colour})のままでは文字が読みにくいため、読めるところまで濃くした色({accent})を使いました。"
    )
    notes = (note,) if accent != told.colour else ()
    return Letterhead(told.prepared_by, logo, accent, _legible(told.colour, PAPERS_DARK, LIGHTNESS_STEP), notes)


def contrast(one: str, other: str) -> float:
    """Return how well one colour can be told from another: 1 (the same) to 21 (black and white).

    Shape
        two colours "#rrggbb", in either order -> one ratio
    Errors
        none
    Source
        WCAG 2.2, definitions of "contrast ratio" and "relative luminance": https://www.w3.org/TR/WCAG22/
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Return a colour's relative luminance, 0 to 1; the figures are those of WCAG's definition."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in bytes.fromhex(colour.removeprefix("#")))
    return red, green, blue


def _legible(colour: str, papers: tuple[str, ...], step: float) -> str:
    """Move a colour's lightness by steps until it can be read on each paper; hue and saturation stay.

    Black can be read on every light paper and white on every dark one, so the steps have an end.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    while min(contrast(colour, paper) for paper in papers) < LEAST_CONTRAST:
        lightness = min(max(lightness + step, 0.0), 1.0)
        parts = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + bytes(round(part * 255) for part in parts).hex()
    return colour


def _located(folder: Path, name: str) -> Path:
    """Return where the logo lies: a file inside the client's folder, also where a link stands in its place."""
    path, leads_out, is_there = folder / name, _leads_out(name), False
    try:
        if not leads_out:
            path = _as_stored(path)
            leads_out = not path.resolve().is_relative_to(folder.resolve())
            is_there = path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name too long for the system, links that go round in a ring
        is_there = False
    if leads_out:
        raise ConfigError(
            "クライアントのフォルダの外にあるファイルは、ロゴに使えません。",
            where=f"{CONFIG_FILE} の logo: {shorten(name)}",
            next_step=f"画像を {folder} の中に置き、logo には「logo.png」のように、その名前だけを書いてください。",
        )
    if not is_there:
        raise ConfigError(
            "ロゴの画像が見つかりません。",
            where=str(path),
            next_step=f"ここに画像を置くか、{CONFIG_FILE} の logo の名前を直してください。",
        )
    return path


def _leads_out(name: str) -> bool:
    told = PureWindowsPath(name)  # reads / and \ alike, and a drive's letter
    return bool(told.anchor) or ".." in told.parts


def _as_stored(path: Path) -> Path:
    """Return a file's path as its name stands in the folder: some systems write a kana and its voicing mark apart."""
    if path.exists() or not path.parent.is_dir():
        return path
    stored = {unicodedata.normalize("NFC", each.name): each for each in sorted(path.parent.iterdir())}
    return stored.get(unicodedata.normalize("NFC", path.name), path)


def _data_uri(path: Path) -> str:
    drawn = io.BytesIO()
    _picture(_content(path), path).save(drawn, format="png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode('ascii')}"


def _content(path: Path) -> bytes:
    largest = LARGEST_MEGABYTES * 1024 * 1024
    try:
        with path.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise ConfigError(
            "ロゴの画像を開けません。",
            where=str(path),
            next_step="ほかのソフトで開いていれば閉じて、もう一度お試しください。",
        ) from error
    if len(data) > largest:
        raise _too_large(f"ファイルが {LARGEST_MEGABYTES}MB を超えています", path)
    return data


def _picture(data: bytes, path: Path) -> Image.Image:
    """Return the picture in a file's content, small and upright, with nothing but its pixels."""
    kind = next((kind for kind, place, mark in KINDS if data.startswith(mark, place)), "")
    if not kind:
        raise ConfigError(
            "ロゴに使える画像ではありません。使えるのは PNG・JPEG・GIF・WebP です。",
            where=str(path),
            next_step="SVG や PDF などのロゴは、PNG に書き出して、その名前を logo に書いてください。",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in English, and nothing a reader could mend
            return _drawn(data, kind, path)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path) from error
    except ConfigError:
        raise
    except Exception as error:  # each of Pillow's decoders raises what it likes
        raise ConfigError(
            "ロゴの画像が壊れているようで、読み取れませんでした。",
            where=str(path),
            next_step="画像を開いて確かめ、PNG で保存し直してください。",
        ) from error


def _drawn(data: bytes, kind: str, path: Path) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        if image.width * image.height > MOST_PIXELS:  # known from the header: nothing is decoded yet
            raise _too_many_pixels(path)
        if kind == "JPEG" and data.count(_START_OF_SCAN) > MOST_SCANS:
            raise _too_large("画像のつくりが複雑すぎます", path)
        mode = "RGBA" if image.has_transparency_data else "RGB"
        told, profile = _of_eight_bits(image), image.info.get("icc_profile", b"")
        picture = told if told.mode == mode or (profile and told.mode == PRINTED) else told.convert(mode)
        ImageOps.exif_transpose(picture, in_place=True)
        picture.thumbnail(LARGEST_LOGO, Image.Resampling.LANCZOS)
        picture = _on_screen(picture, profile, mode)
        return Image.frombytes(mode, picture.size, picture.tobytes())


def _on_screen(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """Return a picture in the colours that its own profile means; a profile that cannot be followed counts for none."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            own, screen = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, own, screen, outputMode=mode) or picture
    return picture if picture.mode == mode else picture.convert(mode)


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 16-bit greys in 8-bit ones, which Pillow would cut off instead; any other as it is."""
    image.load()
    if not image.mode.startswith("I"):
        return image
    picture = image.convert("I").point([grey // 256 for grey in range(65_536)], "L")
    if "transparency" in picture.info:
        picture.info["transparency"] //= 256
    return picture


def _too_many_pixels(path: Path) -> ConfigError:
    return _too_large(f"縦と横をかけて {MOST_PIXELS // 10_000:,}万画素を超えています", path)


def _too_large(why: str, path: Path) -> ConfigError:
    width, height = LARGEST_LOGO
    return ConfigError(
        f"ロゴの画像が大きすぎます。{why}。",
        where=str(path),
        next_step=f"横{width}・縦{height}ピクセルほどに小さくして、PNG で保存し直してください。",
    )
