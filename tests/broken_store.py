"""A store for fsspec that lives in memory and breaks when it is told to."""

from typing import Any, ClassVar

from fsspec.implementations.memory import MemoryFileSystem

PLENTY = 10_000


class Broken(MemoryFileSystem):
    """`left` more files are taken; the next is refused with a driver's own words, which hold a secret."""

    protocol = "broken"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    left = PLENTY

    def put_file(self, lpath: str, rpath: str, **how: Any) -> None:
        type(self).left -= 1
        if type(self).left < 0:
            raise OSError("key=very-secret")
        super().put_file(lpath, rpath, **how)
