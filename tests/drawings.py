"""Pictures with the figures they were made of, for tests that look at both."""

import io
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture


@contextmanager
def watched() -> Iterator[list[Figure]]:
    """Give the figures themselves, as they were just before they became pictures."""
    finish, seen = theme.finish, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme, "finish", lambda figure, *words: seen.append(figure) or finish(figure, *words))
        yield seen


def drawings(makers: Mapping[str, Callable[[], Picture]]) -> dict[str, tuple[Picture, Figure]]:
    """Draw every picture once; a warning, such as a glyph that the font lacks, is an error."""
    with warnings.catch_warnings(), watched() as seen:
        warnings.simplefilter("error")
        pictures = {name: make() for name, make in makers.items()}
    return {name: (picture, figure) for (name, picture), figure in zip(pictures.items(), seen, strict=True)}


def words_on(figure: Figure) -> list[str]:
    """Return the words on a picture that has one axes without ticks."""
    return [text.get_text() for text in figure.axes[0].texts if text.get_text().strip()]


def crowded(figure: Figure) -> list[tuple[str, str]]:
    """Return the words that cover one another, and those that leave the picture."""
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].texts if text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    found = [
        (one, other)
        for (one, here), (other, there) in itertools.combinations(boxes, 2)
        if (shared := Bbox.intersection(here, there)) is not None and min(shared.width, shared.height) >= 1
    ]
    inside = figure.bbox
    return found + [
        (word, "the edge")
        for word, box in boxes
        if box.x0 < inside.x0 or box.x1 > inside.x1 or box.y0 < inside.y0 or box.y1 > inside.y1
    ]


def is_whole(picture: Picture) -> bool:
    """Tell whether something is drawn, and nothing of it is cut off: the outermost pixels are paper."""
    shown = np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), dtype=int)
    edges = (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:])
    return bool((shown < 200).any()) and all(side.min() > 245 for side in edges)
