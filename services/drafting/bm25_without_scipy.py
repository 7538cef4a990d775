"""Imports bm25s without SciPy: it loads that wherever it is installed, 14 MB, and has no use for it with numpy's backend."""

import sys

_hidden = "scipy" not in sys.modules
if _hidden:
    sys.modules["scipy"] = None  # type: ignore[assignment]  # Python's own way of saying that there is no such module
try:
    from bm25s import BM25, stopwords
finally:
    if _hidden:
        del sys.modules["scipy"]

__all__ = ["BM25", "stopwords"]
