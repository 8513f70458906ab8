"""Structured log lines on stderr, with card numbers and secrets blacked out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from baton.values import card_numbers

_SECRET = re.compile(r"\b(b[kstw]_\d+_)[0-9a-z]{8,}")
_DIGITS = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def configure(level: str, form: str) -> None:
    """Set the process's log once; later calls replace the first."""
    render: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            blacked_out,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def blacked_out(_log: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """The same line without handles' secrets and without anything that may be a card number."""
    return {k: hidden(v) if isinstance(v, str) else v for k, v in event.items()}


def hidden(text: str) -> str:
    """`text` with secrets of handles and Luhn-valid numbers replaced by dots."""
    text = _SECRET.sub(r"\1…", text)
    return _DIGITS.sub(lambda found: "…" if card_numbers.luhn(found[0]) else found[0], text)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The log of one part of the program."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(part=name)
    return logger
