# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ten modules on three hosts are one transaction: whatever goes wrong, all are on one server, or the message names
those that are not, and running again finishes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .ward import Run, Ward

WRITE = "end of Write the new server into the files on app2"
LOOK = "end of Stop before the first file is written where one is not fit on app1"
#: Both servers are asked within the transaction already; once more afterwards is not what these tests are about.
QUICK = ("--skip-tags", "prove")
OTHER = {"production": "failover", "failover": "production"}

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


def here(ward: Ward) -> str:
    """The server that all modules are on."""
    (role,) = set(ward.named().values())
    return role


def there(ward: Ward) -> str:
    return OTHER[here(ward)]


def server(ward: Ward, role: str) -> str:
    return str(ward.site["servers"][role]["name"])


def finish(ward: Ward, target: str, *arguments: str) -> None:
    run = ward.run(target, *arguments)
    assert run.code == 0, run.text
    assert ward.everything_on(target), (ward.named(), ward.working())
    assert not ward.leftovers()


def all_stayed(ward: Ward, role: str, run: Run, *words: str) -> None:
    assert run.code != 0
    assert run.says(*words, "HINT:"), run.text
    assert ward.everything_on(role), (ward.named(), ward.working(), run.text)


@pytest.mark.slow
def test_killed_while_it_writes_and_run_again(ward: Ward) -> None:
    target = there(ward)
    killed = ward.killed_at_write(target, "app3", 7)
    assert killed.code == -9
    assert len(set(ward.named().values())) == 2, "killed in the middle: other hosts went on"
    found = ward.find_applications()
    assert found.code == 0 and found.says("THE MODULES ARE NOT ON ONE SERVER"), found.text
    for name, role in ward.named().items():
        assert found.says(f"{name} on {ward.site['modules'][name]['host']}: its files name {server(ward, role)}")
    finish(ward, target)
    found = ward.find_applications()
    assert found.says(f"All 10 modules are on {server(ward, target)}.", "Every program has its entry."), found.text


@pytest.mark.long
def test_one_that_does_not_come_back_puts_all_back(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    ward.sql(target, "ALTER LOGIN [myhospital_surgery] DISABLE")
    run = ward.run(target)
    ward.sql(target, "ALTER LOGIN [myhospital_surgery] ENABLE")
    all_stayed(ward, role, run, "surgery: 8 s after its restart", "what this run wrote was put back")


@pytest.mark.long
def test_sessions_that_the_new_server_does_not_see_put_all_back(ward: Ward) -> None:
    """Every health check is well, and still one module does not show under its name."""
    role, target = here(ward), there(ward)
    ward.describe(billing={"sessions": [{"program": "MyHospital Kasir"}]})
    run = ward.run(target)
    ward.describe()
    all_stayed(ward, role, run, "MyHospital Kasir", "what this run wrote was put back")


@pytest.mark.long
def test_one_that_may_stay_behind_stays_alone(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    ward.describe(reporting={"required": False}, emergency={"required": False})
    ward.sql(target, "ALTER LOGIN [myhospital_reporting] DISABLE")
    run = ward.run(target)
    ward.sql(target, "ALTER LOGIN [myhospital_reporting] ENABLE")
    assert run.code != 0 and run.says("Every other module works on", "reporting: 8 s after", "HINT:"), run.text
    assert ward.named() == {name: role if name == "reporting" else target for name in ward.site["modules"]}
    assert ward.working() == ward.named(), "it works where it was"
    ward.describe()
    finish(ward, target)


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("chattr"), reason="no chattr here")
def test_a_file_that_nobody_may_write(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    config = ward.config("inpatient")
    frozen = subprocess.run(["chattr", "+i", str(config)], check=False, capture_output=True)
    if frozen.returncode:
        pytest.skip("this file system or user cannot make a file immutable")
    try:
        run = ward.run(target)
    finally:
        subprocess.run(["chattr", "-i", str(config)], check=True)
    all_stayed(ward, role, run, str(config))
    finish(ward, target)


@root
@pytest.mark.long
def test_a_file_on_a_disk_that_is_read_only(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    with small_disk(ward, "nutrition") as folder:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        run = ward.run(target)
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    all_stayed(ward, role, run, "No module was moved, and no file was changed", "is read-only")
    finish(ward, target)


@root
@pytest.mark.long
@pytest.mark.parametrize("where", ["", LOOK])
def test_a_disk_that_is_full(ward: Ward, where: str) -> None:
    """Found out while looking; and where it fills up after that, everything of the run is taken back."""
    role, target = here(ward), there(ward)
    with small_disk(ward, "nutrition") as folder:
        fill = f"cat /dev/zero > {folder}/filler 2>/dev/null; true"
        if not where:
            subprocess.run(["/bin/sh", "-c", fill], check=True)
        run = ward.disturbed(target, where or "never", fill)
        assert run.code != 0 and run.says(f"{folder}: 0 bytes"), run.text
        assert ward.everything_on(role), (ward.named(), ward.working(), run.text)
        (folder / "filler").unlink()
        finish(ward, target)
    assert run.says("No module was moved" if not where else "what this run wrote was put back"), run.text


@contextmanager
def small_disk(ward: Ward, module: str) -> Iterator[Path]:
    """A module's folder on a disk of its own, of two megabytes; what the module writes for itself lies elsewhere."""
    folder = ward.config(module).parent
    journal, elsewhere = folder / "written.jsonl", folder.with_name(f"{module}-written.jsonl")
    ward.simulator("app", "stop", module)
    if not journal.is_symlink():
        journal.rename(elsewhere)
        journal.symlink_to(elsewhere)
    _moved(folder, journal, ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)])
    ward.simulator("app", "start", module)
    try:
        yield folder
    finally:
        ward.simulator("app", "stop", module)
        _moved(folder, journal, ["umount", "-l", str(folder)])
        ward.simulator("app", "start", module)


def _moved(folder: Path, journal: Path, command: list[str]) -> None:
    """What lies in the folder lies there again after the command."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.is_symlink()}
    target = journal.readlink()
    subprocess.run(command, check=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if not journal.is_symlink():
        journal.symlink_to(target)


@pytest.mark.long
def test_a_file_changed_between_looking_and_writing(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    config = ward.config("billing")
    run = ward.disturbed(target, LOOK, f"echo '# edited' >> {config}")
    all_stayed(ward, role, run, str(config), "is not the file that was validated")
    assert config.read_text("iso-8859-1").endswith("# edited\n")
    finish(ward, target)


@pytest.mark.long
def test_a_file_changed_after_it_was_written_is_not_put_back(ward: Ward) -> None:
    role, target = here(ward), there(ward)
    config = ward.config("billing")
    ward.sql(target, "ALTER LOGIN [myhospital_surgery] DISABLE")
    run = ward.disturbed(target, WRITE, f"echo '# edited' >> {config}")
    ward.sql(target, "ALTER LOGIN [myhospital_surgery] ENABLE")
    assert run.code != 0 and run.says(str(config), "was changed after it was repointed"), run.text
    others = {name: target if name == "billing" else role for name in ward.site["modules"]}
    assert ward.named() == others, "what somebody edited is theirs; everything else went back"
    finish(ward, target)


@pytest.mark.long
def test_killed_at_every_beginning_and_end_of_a_task(ward: Ward) -> None:
    counted = ward.run(there(ward), *QUICK, **ward.counting())
    assert counted.code == 0, counted.text
    for number in range(1, len(ward.events()) + 1):
        target = there(ward)
        killed = ward.killed_at_event(target, number)
        assert killed.code == -9, killed.text
        assert set(ward.named().values()) <= {"production", "failover"}, "every file is whole"
        finish(ward, target, *QUICK)


@pytest.mark.long
@pytest.mark.parametrize("host", ["app2", "app3"])
def test_killed_at_every_write_of_a_host(ward: Ward, host: str) -> None:
    for number in range(1, 200):
        target = there(ward)
        killed = ward.killed_at_write(target, host, number)
        if killed.code == 0:
            assert number > 12, "it was killed at none"
            return
        assert set(ward.named().values()) <= {"production", "failover"}, "every file is whole"
        finish(ward, target, *QUICK)
