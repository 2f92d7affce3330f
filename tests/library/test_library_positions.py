"""The order of lines survives any sequence of edits, and few lines are written for it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from earmark.library.positions import moved, renumbered


def placed(order: list[str], positions: dict[str, float]) -> dict[str, float]:
    kept = {line: positions[line] for line in order if line in positions}
    return kept | moved(order, kept)


def in_order(positions: dict[str, float]) -> list[str]:
    return sorted(positions, key=positions.__getitem__)


class Editing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []
        self.positions: dict[str, float] = {}
        self.made = 0

    def save(self) -> None:
        self.positions = placed(self.order, self.positions)

    @rule(at=st.integers(0, 50), count=st.integers(1, 60))
    def type_lines(self, at: int, count: int) -> None:
        """One after the other, each saved by itself, as typing does."""
        at = min(at, len(self.order))
        for step in range(count):
            self.made += 1
            self.order.insert(at + step, f"l{self.made}")
            self.save()

    @rule(at=st.integers(0, 50), count=st.integers(1, 60))
    def type_upwards(self, at: int, count: int) -> None:
        for _ in range(count):
            self.made += 1
            self.order.insert(min(at, len(self.order)), f"l{self.made}")
            self.save()

    @rule(data=st.data())
    def move_some(self, data: st.DataObject) -> None:
        if self.order:
            start = data.draw(st.integers(0, len(self.order) - 1))
            end = data.draw(st.integers(start, len(self.order)))
            piece = self.order[start:end]
            del self.order[start:end]
            at = data.draw(st.integers(0, len(self.order)))
            self.order[at:at] = piece
            self.save()

    @rule(data=st.data())
    def shuffle(self, data: st.DataObject) -> None:
        self.order = data.draw(st.permutations(self.order))
        self.save()

    @rule(data=st.data())
    def remove_some(self, data: st.DataObject) -> None:
        if self.order:
            gone = data.draw(st.sets(st.sampled_from(self.order)))
            self.order = [line for line in self.order if line not in gone]
            self.save()

    @invariant()
    def positions_say_the_order(self) -> None:
        assert in_order(self.positions) == self.order
        assert len(set(self.positions.values())) == len(self.order)


TestEditing = Editing.TestCase
TestEditing.settings = settings(stateful_step_count=20)


def test_one_line_moved_writes_one_line() -> None:
    order = [f"l{n}" for n in range(100)]
    positions = renumbered(order)
    for start, end in ((0, 99), (99, 0), (50, 51), (20, 70), (70, 20)):
        again = list(order)
        again.insert(end, again.pop(start))
        assert set(moved(again, positions)) <= {order[start], order[end]}
        assert len(moved(again, positions)) == 1


def test_typing_on_between_two_lines_hardly_ever_renumbers() -> None:
    order = ["top", "bottom"]
    positions = renumbered(order)
    for n in range(1000):
        order.insert(1 + n, f"l{n}")
        new = moved(order, positions)
        assert set(new) == {f"l{n}"}
        positions |= new


@given(st.permutations([f"l{n}" for n in range(12)]), st.sets(st.integers(0, 11)))
def test_any_order_can_be_reached(order: list[str], known: set[int]) -> None:
    positions = renumbered([f"l{n}" for n in sorted(known)])
    assert in_order(placed(order, positions)) == order
