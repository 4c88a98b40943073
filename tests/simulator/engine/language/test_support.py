# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every statement of simulator/support.py does what it says there, and docs/simulator.md says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import support
from simulator.support import Form

from .conftest import Client, start

PAGE = Path(__file__).parents[4] / "docs/simulator.md"


class Ward:
    """The databases and media that the list speaks of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = start(folder / "prod")
        self.client = Client(self.instance)
        (folder / "text.bak").write_text("hello " * 1000)
        for name in ("Hospital", "Fresh", "Plain", "Lost"):
            self.client.run(f"CREATE DATABASE {name}; CREATE TABLE {name}.dbo.T (x int)")
        for name in ("Hospital", "Lost"):
            self.client.run(f"BACKUP DATABASE {name} TO DISK = '{folder}/{name}.first'")
        self.client.run(
            f"ALTER DATABASE Plain SET RECOVERY SIMPLE; BACKUP DATABASE Plain TO DISK = '{folder}/fresh.bak'"
        )
        self.write_media()

    def write_media(self) -> None:
        self.backup("DATABASE", "full.bak WITH CHECKSUM")
        for number in (1, 2, 3):
            mark = "Closing" if number == 2 else f"mark{number}"
            self.client.run(f"BEGIN TRAN {mark} WITH MARK; INSERT Hospital.dbo.T VALUES ({number}); COMMIT")
            self.backup("LOG", f"log{number}.trn")
            if number == 1:
                self.backup("DATABASE", "diff.bak WITH DIFFERENTIAL")
        for _ in range(2):
            self.backup("DATABASE", "two.bak WITH COPY_ONLY")

    def backup(self, kind: str, rest: str) -> None:
        name, _, options = rest.partition(" ")
        self.client.run(f"BACKUP {kind} Hospital TO DISK = '{self.folder}/{name}' {options}")

    def statement(self, form: Form) -> str:
        name = next((name for name in ("Copy", "Plain") if f"DATABASE {name}" in form.statement), "x")
        move = f"MOVE 'Hospital' TO '{name}_new.mdf', MOVE 'Hospital_log' TO '{name}_new.ldf'"
        return form.statement.format(d=self.folder, move=move)

    def prepare(self, state: str) -> list[Client]:
        """Clients that stand in the way, to be closed afterwards."""
        if state == "in use":
            return [Client(self.instance, database="Hospital")]
        if state == "transaction":
            self.client.run("BEGIN TRANSACTION")
        if state in {"restoring", "rolled forward"}:
            self.client.run(
                f"DROP DATABASE IF EXISTS Target; RESTORE DATABASE Target FROM DISK = '{self.folder}/full.bak' WITH"
                " NORECOVERY, MOVE 'Hospital' TO 't.mdf', MOVE 'Hospital_log' TO 't.ldf'"
            )
        if state == "rolled forward":
            for number in (1, 2):
                self.client.run(f"RESTORE LOG Target FROM DISK = '{self.folder}/log{number}.trn' WITH NORECOVERY")
        return []

    def numbers(self, form: Form) -> tuple[int, ...]:
        present = self.prepare(form.state)
        try:
            return tuple(error.number for error in self.client.ask(self.statement(form)).errors)
        finally:
            for other in present:
                other.close()
            self.client.ask("IF @@TRANCOUNT > 0 ROLLBACK")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    made = Ward(tmp_path_factory.mktemp("support"))
    yield made
    made.instance.stop()


@pytest.mark.parametrize("section", support.SECTIONS)
def test_every_form_does_what_the_list_says(ward: Ward, section: str) -> None:
    """In the order of the list: later statements need what earlier ones left."""
    found = []
    for form in support.SECTIONS[section]:
        found.append((form.statement, ward.numbers(form)))
        if "NORECOVERY" in form.statement and "BACKUP LOG Lost" in form.statement:
            ward.client.run("RESTORE DATABASE Lost WITH RECOVERY")
    assert found == [(form.statement, form.numbers) for form in support.SECTIONS[section]]


def test_every_option_of_the_grammar_is_listed() -> None:
    """An option that the engine learns and nobody lists would be tried by nobody."""
    from simulator.engine.tsql import media

    listed = " ".join(form.statement for forms in support.SECTIONS.values() for form in forms)
    words = set(listed.replace(",", " ").replace("=", " ").split())
    assert set(media._BACKUP_FORM) | set(media._RESTORE_FORM) <= words | {"MOVE"}


def test_the_page_shows_the_list() -> None:
    """Write it anew with `python -m simulator.support`."""
    assert PAGE.exists() and support.page() in PAGE.read_text("utf-8")
