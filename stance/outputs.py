"""Files that are written whole or not at all: what stood there stays until all of the new is on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident


@contextmanager
def replaced(*paths: str | Path) -> Iterator[tuple[Path, ...]]:
    """Paths to write to, with the same endings; they take the places of `paths` once all within has gone well.

    They lie beside what they replace and bear the numbers of the process and the thread, so that two that write the
    same file do not mix. Where something fails they are removed, and an error of a file names the path asked for.
    A path that is no plain file, like /dev/stdout, is written to directly, since nothing can replace it.
    """
    pairs = [(_partial(Path(path)), path) for path in paths]
    try:
        yield tuple(partial or Path(path) for partial, path in pairs)
        for partial, path in pairs:
            if partial:
                partial.replace(Path(path).resolve())
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, _asked_for(error, pairs)) from None
    finally:
        for partial, _ in pairs:
            if partial:
                partial.unlink(missing_ok=True)


def _partial(path: Path) -> Path | None:
    if path.exists() and not path.is_file():
        return None
    whole = path.resolve()  # what a link points at is replaced, not the link
    return whole.with_name(f".{whole.stem[:100]}.{os.getpid()}-{get_ident()}.part{whole.suffix}")


def _asked_for(error: OSError, pairs: list[tuple[Path | None, str | Path]]) -> str | None:
    """The path that was asked for where an error names its partial file, or none."""
    named = str(error.filename or "")
    return next((str(path) for partial, path in pairs if str(partial) == named or not named), named)
