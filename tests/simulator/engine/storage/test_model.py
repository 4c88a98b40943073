# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random commits, backups of all kinds and restores to random instants, against a plain list of rows."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.lsn import position
from tests.simulator.engine.storage.ward import Ward

STEPS = st.lists(
    st.sampled_from(
        ["commit"] * 8 + ["big", "delete", "ddl", "vacuum", "full", "differential", "log", "log", "copy", "reopen"]
    ),
    min_size=3,
    max_size=40,
)


class Model:
    """The rows after each commit, by the wall clock; and the backups, as a person would note them down."""

    def __init__(self, ward: Ward, random: Random) -> None:
        self.ward = ward
        self.random = random
        self.history: list[tuple[datetime, list[tuple[int, str]]]] = []
        self.backups: list[tuple[str, str, dict[str, object]]] = []

    def step(self, kind: str) -> None:
        action = getattr(self, f"do_{kind}", None)
        if action:
            action()
        else:
            self.do_backup(kind)

    def do_commit(self) -> None:
        self._write("INSERT INTO visit (note) VALUES (hex(randomblob(30)))")

    def do_big(self) -> None:
        self._write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * self.random.randint(20, 200))

    def do_delete(self) -> None:
        self._write(f"DELETE FROM visit WHERE id % 3 = {self.random.randint(0, 2)}")

    def do_ddl(self) -> None:
        name = f"t{self.random.getrandbits(30)}"
        self._write(f"CREATE TABLE {name} (a)", f"INSERT INTO {name} VALUES (randomblob(20000))")

    def do_vacuum(self) -> None:
        self.ward.source.vacuum()
        self._note()

    def do_reopen(self) -> None:
        """The instance restarts."""
        source = self.ward.source
        source.close()
        source.start()

    def do_backup(self, kind: str) -> None:
        name = f"{len(self.backups)}.bak"
        options: dict[str, object] = {"checksum": self.random.random() < 0.5}
        if kind == "copy":
            kind, options["copy_only"] = "full", True
        boot = self.ward.source.boot
        if (kind == "differential" and boot.base is None) or (kind == "log" and boot.last_log_backup is None):
            return
        names = [name, f"b{name}"] if self.random.random() < 0.2 else [name]
        result = self.ward.backup(kind, *names, **options)
        self.backups.append((kind, " ".join(names), dict(result.header)))

    def _write(self, *statements: str) -> None:
        self.ward.write(*statements)
        self._note()

    def _note(self) -> None:
        self.history.append((self.ward.clock.local(), self.ward.rows()))

    def rows_at(self, moment: datetime) -> list[tuple[int, str]]:
        return next((rows for when, rows in reversed(self.history) if when <= moment), [])

    def restore_to(self, moment: datetime | None, name: str) -> bool:
        """The newest full that ended before, the newest differential on it, the logs after it."""
        ended = [
            one for one in self.backups if moment is None or one[2]["BackupFinishDate"] < moment.replace(microsecond=0)
        ]
        fulls = [one for one in ended if one[0] == "full"]
        if not fulls:
            return False
        full = self.random.choice(fulls)
        self.ward.restore(name, *full[1].split())
        reached = full[2]["LastLSN"]
        on_it = [one for one in ended if one[2]["DifferentialBaseGUID"] == full[2]["BackupSetGUID"]]
        if on_it and self.random.random() < 0.7:
            differential = self.random.choice(on_it)
            self.ward.restore(name, *differential[1].split())
            reached = differential[2]["LastLSN"]
        for kind, files, header in self.backups:
            if kind != "log" or int(str(header["LastLSN"])) < int(str(reached)):
                continue
            if self.ward.restore_log(name, *files.split(), stop_at=moment).stop_reached:
                break
        return True


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_restored_rows_are_those_of_the_instant(steps: list[str], seed: int) -> None:
    live(steps, seed)


@pytest.mark.long
@settings(max_examples=500, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_restored_rows_are_those_of_the_instant_at_length(steps: list[str], seed: int) -> None:
    live(steps, seed)


def live(steps: list[str], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ward = Ward(Path(folder))
        try:
            _run(Model(ward, Random(seed)), ["full", *steps, "commit", "log"])
        finally:
            ward.close()


def _run(model: Model, steps: list[str]) -> None:
    ward = model.ward
    for step in steps:
        ward.clock.now = ward.clock.now.replace(microsecond=0)
        ward.clock.now += (model.random.randint(1, 4)) * (ward.clock.now.resolution * 1_000_000)
        model.step(step)
    moments = [when for when, _ in model.history]
    for number in range(3):
        moment = model.random.choice(moments)
        if model.restore_to(moment, f"at{number}"):
            ward.recover(f"at{number}")
            assert ward.rows(f"at{number}") == model.rows_at(moment)
            assert ward.restored[f"at{number}"].check() == []
    assert model.restore_to(None, "latest")
    reached = ward.restored["latest"].info.redo_start_lsn
    assert reached is not None
    last_log = [one for one in model.backups if one[0] == "log"][-1]
    assert position(reached) == position(int(str(last_log[2]["LastLSN"])))
    ward.recover("latest")
    assert ward.rows("latest") == model.history[-1][1]
    assert ward.source.check() == []
