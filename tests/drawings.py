"""Pictures with the figures they were made of, for tests that look at both."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from matplotlib.figure import Figure

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
