"""Reading what was printed: PNG pictures and the Code 128 symbols in them.

*Source:* PNG (ISO/IEC 15948) clauses 7 to 9; Code 128 (ISO/IEC 15417) by the tables of
python-barcode.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from barcode.charsets import code128


@dataclass(frozen=True)
class Picture:
    """Rows of dots; True is dark."""

    dark: np.ndarray[tuple[int, int], np.dtype[np.bool_]]

    @property
    def size(self) -> tuple[int, int]:
        return self.dark.shape[1], self.dark.shape[0]


def picture(png: bytes) -> Picture:
    """A picture of eight bits per colour, with or without an alpha channel."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    assert colour in (2, 6)
    channels = 3 if colour == 2 else 4
    rows = _unfiltered(zlib.decompress(chunks[b"IDAT"]), width * channels, height, channels)
    return Picture(rows.reshape(height, width, channels)[:, :, :3].mean(axis=2) < 128)


def _unfiltered(raw: bytes, stride: int, height: int, step: int) -> np.ndarray:
    lines = np.frombuffer(raw, np.uint8).reshape(height, stride + 1)
    out = np.zeros((height + 1, stride), np.uint8)
    for y in range(height):
        kind, line, above = lines[y, 0], lines[y, 1:], out[y]
        match kind:
            case 0:
                out[y + 1] = line
            case 1:
                columns = line.reshape(-1, step).cumsum(axis=0, dtype=np.uint8)
                out[y + 1] = columns.reshape(-1)
            case 2:
                out[y + 1] = line + above
            case _:
                out[y + 1] = _predicted(kind, line.tolist(), above.tolist(), step)
    return out[1:]


def _predicted(kind: int, line: list[int], above: list[int], step: int) -> list[int]:
    row = [0] * len(line)
    for x, value in enumerate(line):
        left = row[x - step] if x >= step else 0
        up, corner = above[x], above[x - step] if x >= step else 0
        if kind == 3:
            guess = (left + up) // 2
        else:
            far = left + up - corner
            guess = min((left, up, corner), key=lambda near: abs(far - near))
        row[x] = value + guess & 255
    return row


def code_128(row: np.ndarray, dots_per_module: float) -> str:
    """The text of the one symbol in a row of dots. Fails if its check digit is wrong."""
    dark = row.nonzero()[0]
    first, last = int(dark[0]), int(dark[-1]) + 1
    count = 11 * round(((last - first) / dots_per_module - 2) / 11) + 2
    middles = first + (np.arange(count) + 0.5) * (last - first) / count
    modules = "".join("01"[bool(row[int(x)])] for x in middles)
    stop = code128.STOP + "11"
    assert modules.endswith(stop)
    body = modules.removesuffix(stop)
    values = [code128.CODES.index(body[i : i + 11]) for i in range(0, len(body), 11)]
    *symbols, check = values
    assert check == (symbols[0] + sum(n * v for n, v in enumerate(symbols[1:], 1))) % 103
    return _text(symbols)


def _text(symbols: list[int]) -> str:
    letters = {value: letter for letter, value in code128.B.items()}
    charset, *rest = symbols
    text = ""
    for value in rest:
        match charset, value:
            case (_, 99) if charset != 105:
                charset = 105
            case (_, 100) if charset != 104:
                charset = 104
            case 105, _:
                text += f"{value:02d}"
            case _:
                text += letters[value]
    return text
