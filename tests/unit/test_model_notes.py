"""Time runs in normal form, and reading the moment of a character."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from earmark.model import Anchor, Frames, LineId, NoteLine, TakeId, TimeRun, anchor_at, tidy_runs

anchors = st.one_of(
    st.none(),
    st.builds(
        Anchor,
        st.sampled_from([TakeId("a"), TakeId("b")]),
        st.integers(0, 1 << 40).map(Frames),
    ),
)
run_lists = st.lists(st.builds(TimeRun, st.integers(-3, 30), anchors), max_size=12)


def per_character(text: str, runs: tuple[TimeRun, ...]) -> list[Anchor | None]:
    line = NoteLine(LineId("x"), text, runs=runs)
    return [anchor_at(line, offset) for offset in range(len(text))]


@given(st.text(max_size=20), run_lists)
def test_tidy_runs_are_in_normal_form_and_stay_so(text, runs):
    tidy = tidy_runs(text, tuple(runs))
    offsets = [run.offset for run in tidy]
    assert offsets == sorted(set(offsets))
    assert all(0 <= offset < len(text) for offset in offsets)
    assert bool(tidy) == bool(text)
    assert not tidy or tidy[0].offset == 0
    assert all(a.anchor != b.anchor for a, b in itertools.pairwise(tidy))
    assert tidy_runs(text, tidy) == tidy


@given(st.lists(anchors, min_size=1, max_size=20))
def test_tidying_keeps_each_characters_moment(moments):
    text = "x" * len(moments)
    runs = tuple(TimeRun(offset, anchor) for offset, anchor in enumerate(moments))
    assert per_character(text, tidy_runs(text, runs)) == moments


def test_a_line_without_runs_has_no_moments():
    assert anchor_at(NoteLine(LineId("x"), "abc"), 1) is None
