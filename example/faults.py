"""What goes wrong on purpose, decided by seed, key and attempt: the same plan each time."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from dataclasses import dataclass

NAMES = ("drop_answer", "delay", "twice", "decline", "error")
_DELAY = re.compile(r"([0-9.]+):([0-9.]+)(ms|s)")


class FaultUnknown(ValueError):
    """The text of --fault names something else than NAMES, or no probability."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What goes wrong with one attempt. `error` answers 500: "before" the work or "after" it."""

    drop_answer: bool = False
    delay_s: float = 0
    twice: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Odds:
    """Probabilities from 0 to 1, and how long a delayed answer takes."""

    drop_answer: float = 0
    delay: float = 0
    delay_s: float = 0
    twice: float = 0
    decline: float = 0
    error: float = 0

    @classmethod
    def parse(cls, text: str) -> Odds:
        """The odds in `drop_answer=0.05,delay=0.1:0.5s,twice=0.02,decline=0.02,error=0.02`."""
        found: dict[str, float] = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.strip().partition("=")
            if name not in NAMES:
                raise FaultUnknown(f"{name!r} is none of {', '.join(NAMES)}")
            if name == "delay":
                value, found["delay_s"] = _delay(value)
            found[name] = _probability(name, value)
        return cls(**found)


def _delay(value: str) -> tuple[str, float]:
    match = _DELAY.fullmatch(value)
    if match is None:
        raise FaultUnknown(f"delay={value!r} is not like 0.1:0.5s or 0.1:200ms")
    return match[1], float(match[2]) / (1000 if match[3] == "ms" else 1)


def _probability(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise FaultUnknown(f"{name}={value!r} is no number") from error
    if not 0 <= number <= 1:
        raise FaultUnknown(f"{name}={value} is no probability")
    return number


class Plan:
    """Deals out fates. Which attempts fail depends on the seed and the key alone, not on the
    order in which threads ask, so that a run can be repeated.
    """

    def __init__(self, odds: Odds, seed: int) -> None:
        self._odds, self._seed = odds, seed
        self._attempts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def declines(self, key: str) -> bool:
        """Decided once per key: a repeat must hear the same."""
        return self._happens("decline", key, self._odds.decline)

    def fate(self, key: str) -> Fate:
        """What goes wrong with this attempt at `key`; the next one has a fate of its own."""
        with self._lock:
            self._attempts[key] += 1
            this = f"{key}#{self._attempts[key]}"
        failed = self._happens("error", this, self._odds.error)
        before = self._happens("before", this, 0.5)
        return Fate(
            drop_answer=self._happens("drop_answer", this, self._odds.drop_answer),
            delay_s=self._odds.delay_s if self._happens("delay", this, self._odds.delay) else 0,
            twice=self._happens("twice", this, self._odds.twice),
            error=("before" if before else "after") if failed else "",
        )

    def _happens(self, name: str, about: str, probability: float) -> bool:
        if not probability:
            return False
        return random.Random(f"{self._seed}:{name}:{about}").random() < probability
