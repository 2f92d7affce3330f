"""Migrations: one transaction after a backup; a new database equals a migrated one."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from shelves import a_line, all_of

from earmark.library import Library, schema, tables
from earmark.library.store import engine_on

ONE_MORE = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    with op.batch_alter_table("sessions") as batch:
        batch.add_column(sa.Column("language", sa.Text(), nullable=False, server_default="en"))
        batch.alter_column("place", new_column_name="venue")
    {then}
"""


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A library of today's version, and a program that is one version further."""
    folder = tmp_path / "library"
    with Library.open(folder) as library:
        session = library.create_session("Talk").id
        library.save_notes(session, all_of(a_line("one"), a_line("two")))
        library.flush_session_files()

    def program(then: str = "") -> Path:
        scripts = tmp_path / "migrations"
        (scripts / "versions").mkdir(parents=True)
        (scripts / "env.py").write_text((schema.MIGRATIONS / "env.py").read_text())
        for script in (schema.MIGRATIONS / "versions").glob("*.py"):
            (scripts / "versions" / script.name).write_text(script.read_text())
        (scripts / "versions" / "v0005.py").write_text(ONE_MORE.format(then=then))
        monkeypatch.setattr(schema, "MIGRATIONS", scripts)
        monkeypatch.setattr(tables, "SCHEMA", "0005")
        monkeypatch.setattr(tables, "KNOWN_SCHEMAS", ("0001", "0002", "0003", "0004", "0005"))
        return folder

    return program


def stored(database: Path, query: str) -> list:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def shape(database: Path) -> set[str]:
    found = stored(database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {re.sub(r"[\s\"]", "", sql) for (sql,) in found}


def columns(database: Path) -> dict[str, list]:
    names = stored(database, "SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: [
            stored(database, f"SELECT * FROM {what}('{name}')")  # in their order
            for what in ("pragma_table_info", "pragma_foreign_key_list")
        ]
        for (name,) in names
    }


def test_a_new_database_equals_a_migrated_one(tmp_path: Path) -> None:
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with Library.open(tmp_path / "library"):
        pass
    (tmp_path / "migrated.db").touch()
    engine = engine_on(tmp_path / "migrated.db")
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == tables.SCHEMA
    with engine.connect() as connection:
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        # SQLAlchemy knows no virtual tables: the index's are compared below, by their SQL.
        options = {
            "compare_type": True,
            "include_name": lambda name, *_of: not str(name).startswith("search_words"),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.Base.metadata) == []
    engine.dispose()
    new, migrated = tmp_path / "library" / "library.db", tmp_path / "migrated.db"
    assert columns(new) == columns(migrated)
    assert shape(new) == shape(migrated)
    query = "SELECT * FROM state ORDER BY key"
    assert stored(new, query) == stored(migrated, query)


def test_an_older_library_is_migrated_after_a_backup(older) -> None:
    folder = older()
    (session,) = stored(folder / "library.db", "SELECT id FROM sessions")[0]
    with Library.open(folder) as library, pytest.raises(Exception, match="place"):
        library.session(session)  # this program does not know the new name
    database = folder / "library.db"
    assert stored(database, "SELECT version_num FROM alembic_version") == [("0005",)]
    assert stored(database, "SELECT title, language, venue FROM sessions") == [("Talk", "en", "")]
    assert stored(database, "SELECT text FROM lines ORDER BY position") == [("one",), ("two",)]
    (backup,) = (folder / "backups").glob("*.db")
    assert "before-migration" in backup.name
    assert stored(backup, "SELECT version_num FROM alembic_version") == [("0004",)]
    assert stored(backup, "SELECT text FROM lines ORDER BY position") == [("one",), ("two",)]


def test_a_failing_migration_leaves_the_library_as_it_was(older) -> None:
    folder = older(then='op.execute("DELETE FROM lines"); op.execute("SELECT 1 FROM nowhere")')
    before = stored(folder / "library.db", "SELECT * FROM sessions")
    with pytest.raises(Exception, match="nowhere"):
        Library.open(folder)
    database = folder / "library.db"
    assert stored(database, "SELECT version_num FROM alembic_version") == [("0004",)]
    assert stored(database, "SELECT * FROM sessions") == before
    assert len(stored(database, "SELECT * FROM lines")) == 2
    assert len(list((folder / "backups").glob("*.db"))) == 1


def test_a_backup_holds_what_was_just_saved(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        session = library.create_session("Talk").id
        library.save_notes(session, all_of(a_line("just now")))
        backup = library.backup("Before / something?")
        assert backup.parent == library.folder / "backups"
        assert "before-something" in backup.name
        assert stored(backup, "SELECT text FROM lines") == [("just now",)]
        assert [p.name for p in backup.parent.iterdir()] == [backup.name]


def test_alembic_is_not_loaded_for_a_current_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import earmark.library as library\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "library.glance(Path(sys.argv[1]))\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "library.Library.open(Path(sys.argv[1])).close()\n"
        "library.Library.open(Path(sys.argv[1])).close()\n"
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "library"], check=True)
