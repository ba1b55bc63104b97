"""The parts of NLTK that read text here, imported without the heavy libraries that they do not need.

`import nltk` imports scikit-learn and SciPy wherever they are installed, for classifiers and statistics: 1.5 s against
0.3 s. NLTK itself works without the two. It is therefore imported as if they were missing, and that copy is kept out of
the way, so that a program's own `import nltk` gets all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import get_ident
from types import ModuleType

__all__ = ["PunktLanguageVars", "PunktParameters", "PunktSentenceTokenizer", "SnowballStemmer"]


class _Withheld(MetaPathFinder):
    """Says of some libraries that they are not installed, to the thread that made it and no other."""

    def __init__(self, libraries: Sequence[str]) -> None:
        self.libraries = libraries
        self.thread = get_ident()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.libraries and get_ident() == self.thread:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


@contextmanager
def _without(*libraries: str) -> Iterator[None]:
    """Imports of NLTK within find none of the libraries; a program that has imported NLTK before shares its copy."""
    if "nltk" in sys.modules:
        yield
        return
    withheld = _Withheld(libraries)
    sys.meta_path.insert(0, withheld)
    try:
        yield
    finally:
        sys.meta_path.remove(withheld)
        for name in [name for name in sys.modules if name.partition(".")[0] == "nltk"]:
            del sys.modules[name]


with _without("sklearn", "scipy"):
    from nltk.stem.snowball import SnowballStemmer
    from nltk.tokenize.punkt import PunktLanguageVars, PunktParameters, PunktSentenceTokenizer
