"""The Share sheet in the real window: what it shows, refuses, offers and makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from sessions_to_share import line, session, take, write_sound
from waiting import wait_until
from window_desk import Desk

from earmark.app.settings import Settings
from earmark.app.sharing import Only, ShareForm
from earmark.model import Mark, NotesEdit, SessionId, TakeState
from earmark.ui.share.sheet import Stage

SECONDS = 48_000


class Sharing:
    """A window whose library holds one session, and the sheet opened on it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.window = desk.window

    def keep(self, made) -> SessionId:
        """Puts a session and its sound into the library and on the page."""
        earmark = self.desk.earmark
        assert earmark is not None

        def enter(library):
            own = library.create_session(made.title)
            for one in made.takes:
                library.put_take(own.id, one)
            order = tuple(each.id for each in made.lines)
            library.save_notes(own.id, NotesEdit(order, made.lines))
            return own.id

        id = earmark.library.run(enter).result(60)  # noqa: A001
        write_sound(self.desk.folder, made.takes)
        self.window.desk.open(id)
        self.wait(lambda: self.window.desk.id == id)
        return id

    def wait(self, condition, what: str = ""):
        def look():
            QApplication.processEvents()
            return condition()

        return wait_until(look, 120, what)

    @property
    def sheet(self):
        return self.window.sharing.sharer.sheet

    def open(self, action: str = "share"):
        self.window.actions_[action].trigger()
        self.wait(lambda: self.window.sharing.sharer and self.sheet.isVisible(), "the sheet")
        self.looked()
        return self.sheet

    def looked(self) -> None:
        looking = self.window.sharing.sharer._looking
        self.wait(lambda: not looking._busy, "the look at what it comes to")

    def choose(self, button) -> None:
        button.click()
        self.looked()

    def notice(self, words: str):
        """The button of the notice with these words."""
        return next(b for b in self.sheet.notice.buttons if b.text() == words)


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    settings = Settings(asked_microphone=True)
    desk = Desk(tmp_path / "library", monkeypatch, settings)
    desk.open()
    desk.window.choices.set(share_folder=str(folder))
    yield desk
    desk.close()


@pytest.fixture
def sharing(desk: Desk):
    return Sharing(desk)


def talk(**more):
    lines = [
        line("one", "Portable cloud services", (1, 1 * SECONDS)),
        line("two", "Leave relational?", (1, 3 * SECONDS), marks=(Mark.STAR,)),
        line("secret", "ask for a raise", (1, 5 * SECONDS), private=True),
    ]
    return session([take(1, 12 * SECONDS)], lines, title="Cloud <b>architecture</b>/2", **more)


def test_it_says_what_will_be_inside_and_what_stays(sharing: Sharing):
    sharing.keep(talk())
    sheet = sharing.open()
    assert sheet._inside.text() == "2 lines · 00:12 of sound. 1 private line stays here."
    assert sheet.title == "Share “Cloud <b>architecture</b>/2”"
    assert sheet._title.textFormat() == Qt.TextFormat.PlainText
    assert sheet.chooser.form.form is ShareForm.HTML
    assert not sheet.chooser.transcript.isVisible()
    assert sheet._size.text().startswith("About ")
    assert sheet.share.isEnabled()


def test_the_file_is_named_by_the_title_and_made(sharing: Sharing, tmp_path: Path):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.share.click()
    assert sheet.stage is Stage.MAKING
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    made = tmp_path / "shared" / "Cloud b architecture b 2.html"
    text = made.read_text(encoding="utf-8")
    assert "Leave relational?" in text and "raise" not in text
    assert sheet.done.size_text.endswith("2 lines · 00:12 of sound. 1 private line stays here.")
    assert sharing.desk.window.parts.strips.keys() == ()


def test_marked_lines_alone_are_fewer_and_named_so(sharing: Sharing):
    sharing.keep(talk())
    sheet = sharing.open()
    assert sheet.chooser.marked.text() == "The 1 marked line"
    sharing.choose(sheet.chooser.marked)
    assert sheet._inside.text().startswith("1 line · ")
    assert sheet.chooser.name.text().endswith("– marked lines")


def test_a_name_the_person_gave_stays(sharing: Sharing, qtbot):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.chooser.name.selectAll()
    qtbot.keyClicks(sheet.chooser.name, "mine")
    sharing.choose(sheet.chooser.marked)
    assert sheet.chooser.target.path.name == "mine.html"


def test_the_line_with_the_caret_can_be_shared_alone(sharing: Sharing, tmp_path: Path):
    sharing.keep(talk())
    sheet = sharing.open("share_line")
    assert sheet.chooser.line.isChecked()
    assert sheet.chooser.choice.only is Only.LINE
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    (made,) = (tmp_path / "shared").iterdir()
    assert made.name == "Cloud b architecture b 2 – Portable cloud services.html"
    assert "relational" not in made.read_text(encoding="utf-8")


def test_what_is_there_is_replaced_or_kept_only_on_the_persons_word(
    sharing: Sharing, tmp_path: Path
):
    there = tmp_path / "shared" / "Cloud b architecture b 2.html"
    there.write_text("mine")
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.share.click()
    sharing.wait(lambda: sheet.notice.sentence, "the question")
    assert sheet.notice.sentence == "“Cloud b architecture b 2.html” is there already."
    assert there.read_text() == "mine"
    sharing.notice("Keep both").click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    assert there.read_text() == "mine"
    assert (tmp_path / "shared" / "Cloud b architecture b 2 2.html").is_file()
    sheet.again.click()
    sheet.chooser.show_target(sheet.chooser.target.given(there))
    sheet.share.click()
    sharing.wait(lambda: sheet.notice.sentence, "the question")
    sharing.notice("Replace it").click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    assert there.read_text(encoding="utf-8") != "mine"


def test_a_session_being_recorded_is_refused_with_why(sharing: Sharing):
    running = take(1, 5 * SECONDS, state=TakeState.RECORDING)
    sharing.keep(session([running], [line("one", "typed meanwhile", (1, 0))]))
    sheet = sharing.open()
    assert sheet.notice.sentence == (
        "This session is being recorded. Stop the recording, then share it."
    )
    assert not sheet.share.isEnabled()


def test_a_missing_sound_file_is_named_and_the_notes_are_offered(sharing: Sharing, tmp_path: Path):
    made = talk()
    sharing.keep(made)
    (sharing.desk.folder / made.takes[0].file).unlink()
    sheet = sharing.open()
    assert "take1.flac" in sheet.notice.sentence
    assert not sheet.share.isEnabled()
    sharing.notice("Share the notes alone").click()
    sharing.looked()
    assert sheet._inside.text().startswith("2 lines · no sound")
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_notes_without_a_recording_are_shared_alone(sharing: Sharing, tmp_path: Path):
    sharing.keep(session([], [line("one", "only words")]))
    sheet = sharing.open()
    assert not sheet.chooser.sound.isVisible() and not sheet.chooser.smaller.isVisible()
    assert not sheet.chooser.form.allowed(ShareForm.AUDIO)
    assert sheet.chooser.form.allowed(ShareForm.MARKDOWN)
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    (made,) = (tmp_path / "shared").iterdir()
    assert "only words" in made.read_text(encoding="utf-8")


def test_too_big_for_mail_offers_the_better_form_as_one_click(sharing: Sharing, monkeypatch):
    sharing.keep(talk())
    sizes = {False: 40_000_000, True: 15_000_000}
    monkeypatch.setattr(
        type(sharing.desk.earmark.sharing),
        "estimate",
        lambda _self, _session, _form, _options, write: sizes[write.form.name == "OPUS"],
    )
    sheet = sharing.open()
    assert "most mail services take no more than 18.0 MB" in sheet.notice.sentence
    assert [b.text() for b in sheet.notice.buttons] == ["Make it smaller", "Marked lines only"]
    sharing.notice("Make it smaller").click()
    sharing.looked()
    assert sheet.chooser.smaller.isChecked()
    assert sheet.notice.sentence == ""
    assert sheet._size.text() == "About 15.0 MB"


def test_cancel_leaves_nothing_and_comes_back_to_the_choices(
    sharing: Sharing, tmp_path: Path, monkeypatch
):
    sharing.keep(talk())
    sheet = sharing.open()
    begun = []
    whole = sharing.desk.earmark.sharing._share

    def slow(job, request):
        begun.append(job)
        assert job.cancelled.wait(60)
        return whole(job, request)

    monkeypatch.setattr(sharing.desk.earmark.sharing, "_share", slow)
    sheet.share.click()
    sharing.wait(lambda: begun, "the job")
    sheet.cancel.click()
    sharing.wait(lambda: sheet.stage is Stage.CHOOSE, "the choices")
    assert list((tmp_path / "shared").iterdir()) == []
    assert sheet.notice.sentence == ""


def test_esc_while_it_is_made_hides_it_and_a_strip_goes_on(
    sharing: Sharing, qtbot, monkeypatch, tmp_path: Path
):
    import threading

    sharing.keep(talk())
    sheet = sharing.open()
    go = threading.Event()
    whole = sharing.desk.earmark.sharing._share

    def slow(job, request):
        job.progress(0.5)
        assert go.wait(60)
        return whole(job, request)

    monkeypatch.setattr(sharing.desk.earmark.sharing, "_share", slow)
    sheet.share.click()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    strips = sharing.desk.window.parts.strips
    assert strips.said("share").startswith("Sharing “Cloud")
    go.set()
    sharing.wait(lambda: "is ready" in (strips.said("share") or ""), "the strip")
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_tab_goes_round_inside_and_every_stop_has_a_name(sharing: Sharing, qtbot):
    sharing.keep(talk())
    sheet = sharing.open()
    stops = sheet._stops()
    assert sheet.chooser.everything in stops and sheet.share in stops and sheet.cross in stops
    assert sheet.chooser.marked not in stops
    assert all(stop.accessibleName() for stop in stops)
    stops[0].setFocus()
    seen = []
    for _stop in stops:
        seen.append(sharing.window.focusWidget())
        qtbot.keyClick(sharing.window.focusWidget(), Qt.Key.Key_Tab)
    assert seen == stops
    assert sharing.window.focusWidget() is stops[0]


def test_return_shares_and_esc_gives_the_caret_back(sharing: Sharing, qtbot):
    sharing.keep(talk())
    sharing.desk.editor.setFocus()
    sheet = sharing.open()
    assert sharing.window.focusWidget() is sheet.chooser.everything
    qtbot.keyClick(sheet.chooser.everything, Qt.Key.Key_Return)
    assert sheet.stage is Stage.MAKING
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    assert sharing.window.focusWidget() is sheet.reveal
    qtbot.keyClick(sheet.reveal, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    assert sharing.window.focusWidget() is sharing.desk.editor


def test_form_and_folder_are_remembered(sharing: Sharing, tmp_path: Path):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.chooser.form.show_form(ShareForm.MARKDOWN)
    sheet.chooser.form.chosen.emit()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    sheet.chooser.show_target(sheet.chooser.target.given(elsewhere / "x.md"))
    sharing.looked()
    sheet.share.click()
    sharing.wait(lambda: not sharing.window.sharing.sharer.making.running, "the share")
    sheet.leave()
    assert sharing.window.choices.value.share_form == "markdown"
    sheet = sharing.open()
    assert sheet.chooser.form.form is ShareForm.MARKDOWN
    assert sheet.chooser.target.folder == elsewhere


def test_the_text_is_copied(sharing: Sharing):
    sharing.keep(talk())
    sheet = sharing.open()
    QApplication.clipboard().clear()
    sheet.copy.click()
    sharing.wait(lambda: QApplication.clipboard().text(), "the text")
    text = QApplication.clipboard().text()
    assert "Leave relational?" in text and "raise" not in text


def test_nothing_on_the_page_is_said(sharing: Sharing):
    sharing.window.actions_["share"].trigger()
    assert sharing.window.parts.strips.said("share").startswith("There is nothing to share yet")


def test_the_smallest_window_holds_it(sharing: Sharing):
    sharing.window.resize(900, 560)
    sharing.keep(talk())
    sheet = sharing.open()
    ground = sheet.parentWidget()
    assert ground.rect().contains(sheet.geometry())
    foot = sheet.share.mapTo(sheet, sheet.share.rect().bottomRight())
    assert sheet.rect().contains(foot)


def test_an_event_becomes_a_folder_with_its_report(sharing: Sharing, tmp_path: Path):
    from earmark.app import sessions as intents

    id = sharing.keep(talk())  # noqa: A001
    library = sharing.desk.earmark.library
    event = intents.create_event(library, "Cloud & Camp").result(60)
    intents.move(library, id, event.id).result(60)
    sharing.wait(lambda: sharing.window.desk.session.event is not None, "the event")
    sheet = sharing.open("share_event")
    assert sheet.title == "Share the event “Cloud & Camp”"
    assert sheet._inside.text() == "1 session · 2 lines · 00:12 of sound"
    assert not sheet.chooser.everything.isVisible() and not sheet.copy.isVisible()
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the report")
    assert (tmp_path / "shared" / "Cloud & Camp" / "index.html").is_file()


@pytest.mark.parametrize("form", list(ShareForm))
def test_every_form_is_made_from_the_sheet(sharing: Sharing, tmp_path: Path, form: ShareForm):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.chooser.form.show_form(form)
    sheet.chooser.form.chosen.emit()
    sharing.looked()
    guessed = sheet._size.text()
    target = sheet.chooser.target.path
    sheet.share.click()
    sharing.wait(lambda: not sharing.window.sharing.sharer.making.running, "the share")
    assert sheet.notice.sentence == ""
    assert sheet.stage is Stage.DONE
    assert target.exists() and guessed.startswith("About ")
    assert target.parent == tmp_path / "shared"
    assert not [left for left in target.parent.iterdir() if left.name.endswith(".part")]


def test_every_form_says_in_a_sentence_what_it_is_for(sharing: Sharing):
    sharing.keep(talk())
    sheet = sharing.open()
    form = sheet.chooser.form
    for at in range(form.count()):
        assert form.itemData(at, Qt.ItemDataRole.AccessibleDescriptionRole)
        assert len(form.itemData(at, Qt.ItemDataRole.AccessibleDescriptionRole)) < 80


def test_alarms_stay_in_sight_above_the_sheet(sharing: Sharing):
    from earmark.app.news import Alarm

    sharing.keep(talk())
    sheet = sharing.open()
    alarms = sharing.window.parts.alarms
    alarms.show_alarm(Alarm("quiet", True, "The microphone is very quiet.", "Move it closer."))
    ground = sheet.parentWidget()

    def clear() -> bool:
        return sheet.y() > alarms.mapTo(ground, alarms.rect().bottomLeft()).y()

    sharing.wait(clear, "the sheet below the alarm")


def test_a_fault_of_ours_brings_the_choices_back(sharing: Sharing, monkeypatch):
    sharing.keep(talk())
    sheet = sharing.open()

    def broken(_job, _request):
        raise ZeroDivisionError

    monkeypatch.setattr(sharing.desk.earmark.sharing, "_share", broken)
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.CHOOSE, "the choices")
    assert sheet.notice.sentence == "It could not be shared. Nothing was left behind."
    assert sharing.window.parts.strips.said("bug")


def test_the_recording_of_another_session_is_no_hindrance(sharing: Sharing, tmp_path: Path):
    id = sharing.keep(talk())  # noqa: A001
    window = sharing.window
    window.actions_["new_session"].trigger()
    window.actions_["record"].trigger()
    sharing.wait(lambda: sharing.desk.earmark.recording.state.live, "the recording")
    window.sharing.share_session(id)
    sharing.wait(lambda: window.sharing.sharer and sharing.sheet.isVisible(), "the sheet")
    sharing.looked()
    sharing.sheet.share.click()
    sharing.wait(lambda: sharing.sheet.stage is Stage.DONE, "the share")
    assert sharing.desk.earmark.recording.state.live
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_a_private_line_is_not_shared_alone(sharing: Sharing):
    sharing.keep(talk())
    secret = next(each for each in sharing.desk.session().lines if each.private)
    sharing.window.sharing.share_line(secret.id)
    strips = sharing.window.parts.strips
    sharing.wait(lambda: strips.said("share"), "the strip")
    assert strips.said("share") == "An empty or a private line cannot be shared alone."
    assert sharing.sheet.isHidden()


def test_the_dialog_chooses_the_place_and_never_overwrites_by_itself(
    sharing: Sharing, tmp_path: Path
):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.chooser.browse.click()
    dialog = sharing.window.findChild(QFileDialog)
    assert not dialog.isModal()
    assert dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    place = tmp_path / "elsewhere"
    place.mkdir()
    dialog.fileSelected.emit(str(place / "given.html"))
    dialog.reject()
    sharing.looked()
    assert sheet.chooser.target.path == place / "given.html"
    assert sharing.window.focusWidget() is sheet.share
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    assert (place / "given.html").is_file()


def test_the_context_menu_of_a_line_shares_it(sharing: Sharing):
    from earmark.ui.notes.menu import context_menu
    from earmark.ui.notes.pointer import Part, Target

    sharing.keep(talk())
    lines = sharing.desk.session().lines
    menu = context_menu(sharing.desk.editor, Target(Part.TEXT, lines[1].id))
    item = next(a for a in menu.actions() if a.text() == "Share this line…")
    item.trigger()
    sharing.wait(lambda: sharing.window.sharing.sharer and sharing.sheet.isVisible(), "the sheet")
    sharing.looked()
    assert sharing.sheet.chooser.choice.chosen == (lines[1].id,)
    assert sharing.sheet.chooser.name.text().endswith("– Leave relational")
    private = context_menu(sharing.desk.editor, Target(Part.TEXT, lines[2].id))
    item = next(a for a in private.actions() if a.text() == "Share this line…")
    assert not item.isEnabled()


def select(sharing: Sharing, first: int, last: int) -> None:
    """Selects from within one line into another."""
    cursor = sharing.desk.editor.textCursor()
    document = sharing.desk.editor.document()
    cursor.setPosition(document.findBlockByNumber(first).position() + 1)
    end = document.findBlockByNumber(last).position() + 2
    cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
    sharing.desk.editor.setTextCursor(cursor)


def test_several_selected_lines_are_shared_without_the_private_ones(
    sharing: Sharing, tmp_path: Path
):
    from earmark.ui.notes.menu import context_menu
    from earmark.ui.notes.pointer import Part, Target

    takes = [take(1, 60 * SECONDS)]
    lines = [
        line("zero", "Not chosen", (1, 1 * SECONDS)),
        line("one", "Portable", (1, 20 * SECONDS)),
        line("secret", "ask for a raise", (1, 22 * SECONDS), private=True),
        line("two", "Leave relational?", (1, 24 * SECONDS)),
    ]
    sharing.keep(session(takes, lines, title="Talk"))
    select(sharing, 1, 3)
    menu = context_menu(sharing.desk.editor, Target(Part.TEXT, lines[3].id))
    next(a for a in menu.actions() if a.text() == "Share the selected lines…").trigger()
    sharing.wait(lambda: sharing.window.sharing.sharer and sharing.sheet.isVisible(), "the sheet")
    sharing.looked()
    sheet = sharing.sheet
    assert sheet.chooser.line.text() == "The 2 selected lines" and sheet.chooser.line.isChecked()
    assert sheet.chooser.line.accessibleName() == "The 2 selected lines: Portable"
    assert sheet._inside.text() == "2 lines · 00:43 of sound. 1 private line stays here."
    assert sheet.chooser.name.text() == "Talk – Portable"
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the share")
    text = (tmp_path / "shared" / "Talk – Portable.html").read_text(encoding="utf-8")
    assert "Leave relational?" in text and "raise" not in text and "Not chosen" not in text
    # a line beside the selection stands for itself
    other = context_menu(sharing.desk.editor, Target(Part.TEXT, lines[0].id))
    next(a for a in other.actions() if a.text() == "Share this line…").trigger()
    sharing.wait(lambda: sheet.chooser.choice.chosen == ("zero",), "that line alone")


def test_the_selection_becomes_one_clip_of_sound(sharing: Sharing, tmp_path: Path):
    import soundfile

    sharing.keep(talk())
    select(sharing, 0, 1)
    sheet = sharing.open("share_line")
    sheet.chooser.form.show_form(ShareForm.AUDIO)
    sheet.chooser.form.chosen.emit()
    sheet.chooser.smaller.click()
    sharing.looked()
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the clip")
    (made,) = (tmp_path / "shared").iterdir()
    assert made.name == "Cloud b architecture b 2 – Portable cloud services.opus"
    info = soundfile.info(made)
    assert 11 < info.duration < 13


def all_pages(folder: Path) -> str:
    return "".join(page.read_text(encoding="utf-8") for page in folder.glob("*.html"))


def test_a_report_is_made_with_or_without_its_transcripts(sharing: Sharing, tmp_path: Path):
    from sessions_to_share import segment

    from earmark.app import sessions as intents
    from earmark.model import Transcript

    id = sharing.keep(talk())  # noqa: A001
    library = sharing.desk.earmark.library
    event = intents.create_event(library, "Camp").result(60)
    intents.move(library, id, event.id).result(60)
    sharing.wait(lambda: sharing.window.desk.session.event is not None, "the event")
    sheet = sharing.open("share_event")
    assert not sheet.chooser.transcript.isVisible()
    sheet.leave()
    said = segment(1, SECONDS, 3 * SECONDS, "relational databases")
    library.run(lambda lib: lib.put_transcript(id, Transcript("e", "m", "en", (said,)))).result(60)
    sheet = sharing.open("share_event")
    assert sheet.chooser.transcript.isVisible() and sheet.chooser.transcript.isChecked()
    assert sheet._inside.text() == "1 session · 2 lines · 00:12 of sound · transcript"
    assert sheet.chooser.transcript in sheet._stops()
    sharing.choose(sheet.chooser.transcript)
    assert sheet._inside.text() == "1 session · 2 lines · 00:12 of sound"
    sheet.share.click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the report")
    assert "databases" not in all_pages(tmp_path / "shared" / "Camp")
    sheet.again.click()
    sharing.choose(sheet.chooser.transcript)
    sheet.share.click()
    sharing.wait(lambda: sheet.notice.sentence, "the question")
    sharing.notice("Replace it").click()
    sharing.wait(lambda: sheet.stage is Stage.DONE, "the report")
    assert "databases" in all_pages(tmp_path / "shared" / "Camp")


def test_closing_while_sharing_asks_once_and_then_leaves_nothing(
    sharing: Sharing, tmp_path: Path, monkeypatch
):
    sharing.keep(talk())
    sheet = sharing.open()
    begun = []
    whole = sharing.desk.earmark.sharing._share

    def slow(job, request):
        begun.append(job)
        assert job.cancelled.wait(60)
        return whole(job, request)

    monkeypatch.setattr(sharing.desk.earmark.sharing, "_share", slow)
    left = []
    sharing.window.exit.ready.connect(lambda: left.append(True))
    sheet.share.click()
    sharing.wait(lambda: begun, "the job")
    sharing.window.close()
    strips = sharing.window.parts.strips
    assert strips.said("still-recording") == (
        "Still sharing “Cloud b architecture b 2.html”: close again to cancel it"
    )
    assert not left
    sheet.cancel.click()
    sharing.wait(lambda: sheet.stage is Stage.CHOOSE, "the choices")
    assert strips.said("still-recording") is None
    sheet.share.click()
    sharing.wait(lambda: len(begun) == 2, "the second job")
    sharing.window.close()
    sharing.window.close()
    assert left
    sharing.window.detach()
    sharing.desk.earmark.sharing.close()
    assert begun[1].future.done()
    assert list((tmp_path / "shared").iterdir()) == []


def test_the_windows_chords_work_in_its_fields(sharing: Sharing, qtbot):
    sharing.keep(talk())
    sheet = sharing.open()
    sheet.chooser.name.setFocus()
    qtbot.keyClick(sheet.chooser.name, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert sharing.window.parts.sheet.isVisible()
    assert sheet.chooser.name.text() == "Cloud b architecture b 2"
