"""When a recording was made, by its tags and by its file's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from earmark.audio.media.dates import recorded_at

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MODIFIED = datetime(2025, 2, 3, 4, 5, 6).astimezone()


def here(*parts: int) -> datetime:
    """A moment by this place's clock."""
    return datetime(*parts).astimezone()


@pytest.mark.parametrize(
    ("tags", "moment"),
    [
        ({}, MODIFIED),
        ({"creation_time": "2019-03-04T09:15:00.000000Z"}, datetime(2019, 3, 4, 9, 15, tzinfo=UTC)),
        # a broadcast WAV: its date and its time
        ({"date": "2019-03-04", "creation_time": "09:15:30"}, here(2019, 3, 4, 9, 15, 30)),
        ({"date": "2019:03:04", "creation_time": "09-15-30"}, here(2019, 3, 4, 9, 15, 30)),
        ({"DATE": "2019-03-04"}, here(2019, 3, 4)),
        ({"date": "20190304"}, here(2019, 3, 4)),
        ({"date": "2019"}, here(2019, 1, 1)),
        ({"date": "2019-03"}, here(2019, 3, 1)),
        ({"date": "2019-03-04 09:15"}, here(2019, 3, 4, 9, 15)),
        ({"date": "2025"}, MODIFIED),
        ({"date": "2025-02-03"}, MODIFIED),
        # the recording's own date counts, not a converter's
        ({"date": "2019-03-04", "creation_time": "2024-01-01T00:00:00Z"}, here(2019, 3, 4)),
        ({"DATE_RECORDED": "2018-07-08", "date": "2020"}, here(2018, 7, 8)),
        # what never was
        ({"creation_time": "1904-01-01T00:00:00.000000Z"}, MODIFIED),
        ({"creation_time": "1970-01-01T00:00:00.000000Z"}, MODIFIED),
        ({"creation_time": "2092-01-01T00:00:00Z"}, MODIFIED),
        ({"date": "0000"}, MODIFIED),
        ({"date": "2019-02-31"}, MODIFIED),
        ({"date": "9999-12-31"}, MODIFIED),
        ({"date": "last spring"}, MODIFIED),
        ({"date": ""}, MODIFIED),
    ],
)
def test_the_date_is_the_recordings_own(tags: dict[str, str], moment: datetime) -> None:
    found = recorded_at([tags], MODIFIED, NOW)
    assert found == moment
    assert found.tzinfo is not None


def test_a_day_and_a_moment_within_it_agree() -> None:
    noon = here(2019, 3, 4, 12, 30)
    utc = noon.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert recorded_at([{"date": "2019-03-04", "creation_time": utc}], MODIFIED, NOW) == noon


def test_a_phones_zone_is_kept() -> None:
    tags = {"com.apple.quicktime.creationdate": "2019-03-04T10:15:00+0130"}
    found = recorded_at([tags], MODIFIED, NOW)
    assert found.isoformat() == "2019-03-04T10:15:00+01:30"
    assert found.utcoffset() == timezone(timedelta(hours=1, minutes=30)).utcoffset(None)


def test_a_files_time_that_cannot_be_is_now() -> None:
    assert recorded_at([], NOW + timedelta(days=400), NOW) == NOW
    assert recorded_at([], datetime.fromtimestamp(0, UTC), NOW) == NOW
