"""What the command line says when something can't be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.values.errors import BatonError


class Problem(Exception):
    """A sentence for a person, with the field to mend, and the API's answer if there was one."""

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        code: str = "",
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.field, self.code, self.answer = message, field, code, answer


def as_document(error: Problem | BatonError) -> dict[str, Any]:
    """The error as `--json` shows it: the API's own document where there is one."""
    if isinstance(error, Problem) and error.answer is not None:
        return dict(error.answer)
    return {"code": error.code, "detail": error.message, "field": error.field or None}


def as_text(error: Problem | BatonError) -> str:
    """The error as a person reads it."""
    where = f" [{error.field}]" if error.field else ""
    return f"baton: {error.message}{where}"
