"""A small synthetic shop with known answers."""

from horetsu_utils.demo.export import write
from horetsu_utils.demo.shop import build
from horetsu_utils.demo.truths import Demo, StageRules, Truths

__all__ = ["Demo", "StageRules", "Truths", "build", "write"]
