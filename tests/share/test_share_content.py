"""What is in a share, and above all what is not."""

import dataclasses

import pytest
import sessions_to_share as made
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import Busy, EarmarkError, Frames, LineKind, Mark, NotFound, Span, TakeState
from earmark.share.content import BREATH_MS, Only, ShareOptions, share_content
from earmark.share.cuts import LEFT_OUT, Kept, joined, without

SECOND = 48_000


def texts(content):
    return [line.line.text for line in content.lines]


def test_takes_lie_end_to_end_and_lines_have_their_times():
    takes = (made.take(1, 10 * SECOND), made.take(2, 5 * 16_000, rate=16_000))
    content = share(
        takes,
        made.line(
            "a", "first words", (1, 2 * SECOND), runs=[(0, 1, 2 * SECOND), (6, 1, 3 * SECOND)]
        ),
        made.line("b", "second", (2, 16_000)),
        made.line("c", "untimed"),
    )
    assert content.duration_ms == 15_000
    assert [line.ms for line in content.lines] == [2_000, 11_000, None]
    assert [line.end_ms for line in content.lines] == [11_000, 15_000, None]
    assert [(run.text, run.ms) for run in content.lines[0].runs] == [
        ("first ", 2_000),
        ("words", 3_000),
    ]
    assert [(p.take, p.start, p.frames, p.sample_rate) for p in content.audio_plan] == [
        ("take1", 0, 10 * SECOND, SECOND),
        ("take2", 0, 80_000, 16_000),
    ]


def share(takes, *lines, options=None, **more):
    return share_content(made.session(takes, lines, **more), options)


def test_private_lines_are_nowhere():
    content = share(
        (made.take(1, SECOND),),
        made.line("a", "public"),
        made.line("b", "secret", (1, 5), private=True),
        made.line("c", "secret picture", kind=LineKind.PICTURE, private=True, picture="p"),
        pictures=[("p", "pictures/p.png"), ("orphan", "pictures/orphan.png")],
    )
    assert texts(content) == ["public"]
    assert content.pictures == () == content.session.pictures
    assert "secret" not in repr(content)


def test_paths_of_the_library_are_not_in_the_shared_session():
    content = share((made.take(1, SECOND),), made.line("a", "x", (1, 0)))
    assert "sessions/" not in repr(content.session)
    assert content.takes[0].file == "sessions/s/take1.flac"
    assert content.takes[0].whole


def test_what_is_off_the_record_is_cut_and_everything_after_it_moves_up():
    takes = (made.take(1, 10 * SECOND, off_record=[(2 * SECOND, 3 * SECOND)]), made.take(2, SECOND))
    content = share(
        takes,
        made.line("before", "a", (1, SECOND)),
        made.line("inside", "b", (1, 3 * SECOND)),
        made.line("after", "c", (1, 6 * SECOND)),
        made.line("next take", "d", (2, 0)),
        bookmarks=[(1, 3 * SECOND, "cut"), (1, 6 * SECOND, "kept")],
    )
    assert [line.ms for line in content.lines] == [1_000, 2_000, 3_000, 7_000]
    assert [(p.start, p.frames) for p in content.audio_plan] == [
        (0, 2 * SECOND),
        (5 * SECOND, 5 * SECOND),
        (0, SECOND),
    ]
    assert [(m.bookmark.label, m.ms) for m in content.bookmarks] == [("kept", 3_000)]
    assert not content.takes[0].whole
    assert content.session.takes[0].off_record == ()
    assert content.session.takes[0].frames == 7 * SECOND


def test_marked_lines_alone_take_only_the_sound_around_them_along():
    takes = (made.take(1, 600 * SECOND),)
    content = share(
        takes,
        made.line("a", "plain", (1, 10 * SECOND)),
        made.line("b", "starred", (1, 100 * SECOND), marks=(Mark.STAR,)),
        made.line("c", "plain", (1, 130 * SECOND)),
        made.line("d", "asked", (1, 500 * SECOND), marks=(Mark.QUESTION,)),
        options=ShareOptions(Only.MARKED),
    )
    assert texts(content) == ["starred", "asked"]
    assert [(p.file is None, p.start // SECOND, p.frames / SECOND) for p in content.audio_plan] == [
        (False, 97, 33),
        (True, 0, BREATH_MS / 1000),
        (False, 497, 63),
    ]
    assert [line.ms for line in content.lines] == [3_000, 33_000 + BREATH_MS + 3_000]
    assert [gap.cause for gap in content.session.takes[0].gaps] == [LEFT_OUT]


def test_marked_lines_where_none_is_marked_are_no_share():
    hidden = made.line("b", "aside", (1, 0), marks=(Mark.STAR,), private=True)
    lines = (made.line("a", "plain", (1, 0)), hidden)
    with pytest.raises(EarmarkError, match="marked"):
        share((made.take(1, SECOND),), *lines, options=ShareOptions(Only.MARKED))


def test_one_line_alone_and_the_ones_that_cannot_be():
    takes = (made.take(1, 60 * SECOND),)
    lines = (made.line("a", "this", (1, SECOND)), made.line("b", "private", private=True))
    only = share(takes, *lines, options=ShareOptions(Only.LINE, "a"))
    assert texts(only) == ["this"]
    with pytest.raises(NotFound):
        share(takes, *lines, options=ShareOptions(Only.LINE, "nowhere"))
    with pytest.raises(EarmarkError, match="private"):
        share(takes, *lines, options=ShareOptions(Only.LINE, "b"))


def test_a_line_of_another_session_has_no_time_and_its_take_no_file():
    foreign = made.take(9, 60 * SECOND, session="other")
    content = share(
        (made.take(1, SECOND), foreign, made.take(8, SECOND, session="unused")),
        made.line("a", "pasted", (9, SECOND)),
    )
    assert content.lines[0].ms is None
    assert content.lines[0].line.anchor.frame == SECOND
    assert [take.id for take in content.session.takes] == ["take1", "take9"]
    assert "take9.flac" not in repr(content)
    assert [piece.take for piece in content.audio_plan] == ["take1"]


def test_a_running_take_is_refused_and_an_unfinished_one_only_with_its_sound():
    running = (made.take(1, SECOND, state=TakeState.RECORDING),)
    for audio in (True, False):
        with pytest.raises(Busy):
            share(running, options=ShareOptions(audio=audio))
    sealed = (dataclasses.replace(made.take(1, SECOND, state=TakeState.SEALED), file=None),)
    with pytest.raises(Busy):
        share(sealed)
    assert not share(sealed, options=ShareOptions(audio=False)).has_audio


def test_nothing_recorded_and_nothing_written():
    assert share((), made.line("a", "words")).audio_plan == ()
    empty = share((made.take(1, SECOND),))
    assert empty.lines == () and empty.duration_ms == 1_000


spans = st.lists(
    st.builds(lambda at, n: Span(Frames(at), Frames(n)), st.integers(-20, 120), st.integers(0, 60)),
    max_size=6,
)


@given(spans, spans)
def test_cutting_keeps_exactly_the_frames_that_are_chosen_and_not_cut(chosen, cut):
    def frames(some):
        return {f for span in some for f in range(max(0, span.frame), min(span.end, 100))}

    left = without(chosen, cut, 100)
    assert frames(left) == frames(chosen) - frames(cut)
    assert left == joined(left, 100)
    kept = Kept(left)
    order = sorted(frames(left))
    assert kept.frames == len(order)
    assert [kept.moved(frame) for frame in order] == list(range(len(order)))
    for frame in range(101):
        assert 0 <= kept.moved(frame) <= kept.frames


@given(
    st.lists(st.integers(1, 400_000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400_000)), max_size=8),
    st.lists(st.tuples(st.integers(0, 399_000), st.integers(1, 90_000)), max_size=3),
    st.sampled_from([8_000, 16_000, 44_100, 48_000]),
)
def test_every_time_lies_in_what_is_shared_and_order_is_kept(lengths, moments, cuts, rate):
    takes = tuple(
        made.take(n, frames, rate=rate, off_record=cuts if n == 0 else ())
        for n, frames in enumerate(lengths)
    )
    lines = [
        made.line(str(i), "text", (n % len(takes), frame)) for i, (n, frame) in enumerate(moments)
    ]
    session = made.session(takes, lines)
    content = share_content(session)
    planned = sum(p.frames for p in content.audio_plan)
    assert planned == sum(take.frames for take in content.session.takes)
    before = sorted(
        (session.timeline.to_ms(x.anchor), x.id)
        for x in lines
        if x.anchor.frame <= lengths[moments[int(x.id)][0] % len(takes)]
    )
    after = {x.id: x.ms for x in content.lines}
    for _ms, name in before:
        assert 0 <= after[name] <= content.duration_ms
    times = [after[name] for _ms, name in before]
    assert times == sorted(times)
