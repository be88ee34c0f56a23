"""Rounds in which engines take turns, so that a noisy minute meets all of them alike."""

import statistics
import sys
from dataclasses import dataclass, field
from typing import Callable

from harness.processes import Unavailable


@dataclass
class Contestant:
    name: str
    measure: Callable[[], float]
    """One measurement in a process of its own."""
    detail: str = ""
    values: list[float] = field(default_factory=list)
    reason: str | None = None
    """Why it is not available."""

    def turn(self) -> None:
        if self.reason:
            return
        try:
            self.values.append(self.measure())
        except Unavailable as failure:
            self.reason = str(failure)
            say(f"  {self.name}: not available: {failure}")

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    def best(self, smaller: bool = False) -> float | None:
        return (min if smaller else max)(self.values) if self.values else None


def play(ours: Contestant, peers: list[Contestant], rounds: int) -> None:
    """Peer, ours, next peer, ours, …"""
    for index in range(rounds):
        for peer in peers:
            peer.turn()
            ours.turn()
        if not peers:
            ours.turn()
        shown = ", ".join(f"{one.name} {one.values[-1]:,.4g}" for one in [ours, *peers] if one.values)
        say(f"  round {index + 1}: {shown}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
