"""The library on its lane: what another program does to it is told."""

from __future__ import annotations

from desk import Desk

from earmark.app.news import Changed
from earmark.library import Library


def test_a_session_made_by_another_program_is_told(desk: Desk) -> None:
    desk.earmark.library.watch()
    desk.lane.tick()
    before = len(desk.of(Changed))
    other = Library.open(desk.earmark.library.folder)
    other.create_session("From the command line")
    other.close()
    desk.lane.tick()
    (news,) = desk.of(Changed)[before:]
    assert news.changes.titles
    assert news.changes.transcript
    assert news.changes.sessions == frozenset(), "any of them"
    desk.lane.tick()
    assert len(desk.of(Changed)) == before + 1
