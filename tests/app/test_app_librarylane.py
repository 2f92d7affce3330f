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
    assert [news.changes.titles for news in desk.of(Changed)[before:]] == [True]
    desk.lane.tick()
    assert len(desk.of(Changed)) == before + 1
