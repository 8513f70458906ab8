"""Data and a template in, a paper out."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Typesetter:
    """One template, ready to be filled. The same data and day give the same bytes.

    Data reaches the template as JSON in `sys.inputs.data` and is never read as typst code. No
    text makes it fail: a letter that no font has is printed as an empty box. The fonts are
    those inside typst and those in `font_dirs`; the machine's are left alone, so that every
    machine prints the same. Safe to share among threads.
    """

    def __init__(self, template: Path, *, font_dirs: Sequence[Path] = ()) -> None:
        self._lock = threading.Lock()  # a typst compiler takes one document at a time
        self._compiler = typst.Compiler(
            template, font_paths=list(font_dirs), ignore_system_fonts=True
        )

    def pdf(self, data: DataclassInstance, *, on: date) -> bytes:
        """A PDF that says it was made `on` this day."""
        with self._lock:
            made = self._compiler.compile(
                format="pdf",
                sys_inputs=_inputs(data),
                timestamp=datetime.combine(on, time(), UTC),
                pdf_tags=False,
            )
        assert isinstance(made, bytes)
        return made

    def archivable(self, data: DataclassInstance, *, on: date) -> bytes:
        """A PDF/A-3b, which may carry files and reads the same in thirty years."""
        with self._lock:
            made = self._compiler.compile(
                format="pdf",
                sys_inputs=_inputs(data),
                timestamp=datetime.combine(on, time(), UTC),
                pdf_standards=["a-3b"],
                pdf_tags=False,
            )
        assert isinstance(made, bytes)
        return made

    def png(self, data: DataclassInstance, *, dots_per_inch: int) -> list[bytes]:
        """One picture per page, for screens and for printers that take no PDF."""
        with self._lock:
            made = self._compiler.compile(format="png", sys_inputs=_inputs(data), ppi=dots_per_inch)
        assert made is not None
        return [made] if isinstance(made, bytes) else made


def _inputs(data: DataclassInstance) -> dict[str, str]:
    text = json.dumps(asdict(data), ensure_ascii=False)
    return {"data": text.encode("utf-8", "replace").decode()}  # half a surrogate pair is no text
