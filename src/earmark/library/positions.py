"""Where lines stand among each other: as few as possible move when the order changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise

STEP = 1024.0
"""Room left between neighbours when lines are numbered afresh or added at the end."""
_NEAR = 1.0
"""A line put between two stands this close below the upper: lines typed after it have room."""


def renumbered(order: Sequence[str]) -> dict[str, float]:
    """Every line's position from scratch."""
    return {line: STEP * (index + 1) for index, line in enumerate(order)}


def moved(order: Sequence[str], positions: Mapping[str, float]) -> dict[str, float]:
    """The new positions that bring the lines into `order`, given the ones they have.

    Lines without a position are new. All others of `order` keep theirs where they can; where there
    is no room left between two neighbours, every line is numbered afresh.
    """
    first, last = _unordered(order, positions)
    if first == last:
        return {}
    staying = _longest_ascending(order, first, last, positions)
    below = positions[order[last]] if last < len(order) else None
    result: dict[str, float] = {}
    at = first
    while at < last:
        if at in staying:
            at += 1
            continue
        end = at
        while end < last and end not in staying:
            end += 1
        lower = positions[order[at - 1]] if at else None
        upper = positions[order[end]] if end < last else below
        places = _between(lower, upper, end - at)
        if places is None:
            return renumbered(order)
        result.update(zip(order[at:end], places, strict=True))
        at = end
    return result


def _unordered(order: Sequence[str], positions: Mapping[str, float]) -> tuple[int, int]:
    """The stretch `[first, last)` outside of which the order is what it was."""
    old = sorted(positions, key=positions.__getitem__)
    most = min(len(order), len(old))
    first = 0
    while first < most and order[first] == old[first]:
        first += 1
    if first == len(order):
        return first, first
    tail = 0
    while tail < most - first and order[-1 - tail] == old[-1 - tail]:
        tail += 1
    return first, len(order) - tail


def _longest_ascending(
    order: Sequence[str], first: int, last: int, positions: Mapping[str, float]
) -> set[int]:
    """Indices in `[first, last)` of a longest ascending run of positions, inside the borders."""
    low = positions[order[first - 1]] if first else float("-inf")
    high = positions[order[last]] if last < len(order) else float("inf")
    tails: list[float] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for index in range(first, last):
        place = positions.get(order[index])
        if place is None or not low < place < high:
            continue
        at = bisect_left(tails, place)
        if at == len(tails):
            tails.append(place)
            ends.append(index)
        else:
            tails[at] = place
            ends[at] = index
        before[index] = ends[at - 1] if at else -1
    staying: set[int] = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        staying.add(index)
        index = before[index]
    return staying


def _between(lower: float | None, upper: float | None, count: int) -> list[float] | None:
    """`count` ascending places strictly between the two, or None where there is no room."""
    if upper is None:
        start = 0.0 if lower is None else lower
        places = [start + STEP * (i + 1) for i in range(count)]
    elif lower is None:
        places = [upper - STEP * (count - i) for i in range(count)]
    else:
        step = min((upper - lower) / (count + 1), _NEAR)
        places = [lower + step * (i + 1) for i in range(count)]
    whole = [lower, *places, upper]
    ascending = all(a < b for a, b in pairwise(p for p in whole if p is not None))
    return places if ascending else None
