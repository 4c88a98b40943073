# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files themselves: what is kept, what is refused, and every moment at which the power may go."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import app_file, app_repointing, app_restoring
from ansible_collections.ics.deadpool.plugins.module_utils.clients.app_backup import BackupDirectory
from ansible_collections.ics.deadpool.plugins.module_utils.clients.app_repointing import FilePlan, Servers, Wish
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import FileForm
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import Endpoint, parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError

from simulator.apps import installed_files
from simulator.apps.configuration import read_configuration

SERVERS = Servers([Endpoint("OLD")], Endpoint("NEW"))
BEFORE = "Server=OLD;Database=h;Password=x"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "app").mkdir()
    paths = [tmp_path / "app" / f"{name}.env" for name in "abc"]
    for path in paths:
        path.write_text(f"CONNECTION={BEFORE}\n# {path.name}\n")
    return paths


def planned(paths: list[Path]) -> list[FilePlan]:
    return app_repointing.planned([Wish(FileForm(str(path))) for path in paths], SERVERS, {})


def copies(paths: list[Path]) -> BackupDirectory:
    return BackupDirectory(str(paths[0].parent.parent / "copies"))


def servers_in(paths: list[Path]) -> list[str]:
    return [path.read_text().split("Server=")[1].split(";")[0] for path in paths]


def test_a_file_changed_meanwhile_takes_all_back(files: list[Path]) -> None:
    plans = planned(files)
    files[2].write_text("CONNECTION=Server=OLD;Database=other\n")
    with pytest.raises(RecoveryError, match="was changed by another program meanwhile") as error:
        app_repointing.apply(plans, copies(files), SERVERS)
    assert servers_in(files) == ["OLD", "OLD", "OLD"]
    assert "Database=other" in files[2].read_text()
    assert "nothing of this run is left on this host" in error.value.msg
    assert [path.name for path in sorted(files[0].parent.iterdir())] == ["a.env", "b.env", "c.env"]


def test_a_full_disk_takes_all_back(files: list[Path]) -> None:
    files[2].write_text(files[2].read_text() + "#" * 100_000)
    plans = planned(files)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limit[1]))
    try:
        with pytest.raises(RecoveryError) as raised:
            app_repointing.apply(plans, copies(files), SERVERS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert raised.value.msg.startswith(f"{files[2]}: "), "the system does not say which file it was"
    assert servers_in(files) == ["OLD", "OLD", "OLD"]
    assert len(list(files[0].parent.iterdir())) == 3


def test_links_are_followed_and_stay(files: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(files[0])
    app_repointing.apply(planned([link]), copies(files), SERVERS)
    assert link.is_symlink()
    assert servers_in(files[:1]) == ["NEW"]


def test_mode_owner_and_attributes_stay(files: list[Path]) -> None:
    files[0].chmod(0o604)
    try:
        os.setxattr(files[0], "user.hospital", b"RS")
    except OSError:
        pytest.skip("this file system keeps no extended attributes")
    if os.geteuid() == 0:
        os.chown(files[0], 1234, 4321)
    before = files[0].stat()
    plans = planned(files[:1])
    app_repointing.apply(plans, copies(files), SERVERS)
    for path in (files[0], Path(plans[0].backup)):
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
        assert os.getxattr(path, "user.hospital") == b"RS"


@pytest.mark.skipif(not shutil.which("setfacl"), reason="no setfacl here")
def test_acls_stay(files: list[Path]) -> None:
    subprocess.run(["setfacl", "-m", "u:1234:r", str(files[0])], check=True)
    before = os.getxattr(files[0], "system.posix_acl_access")
    app_repointing.apply(planned(files[:1]), copies(files), SERVERS)
    assert os.getxattr(files[0], "system.posix_acl_access") == before


def test_hard_links_folders_and_relative_paths_are_refused(files: list[Path], tmp_path: Path) -> None:
    os.link(files[0], tmp_path / "second")
    for path, reason in [
        (str(files[0]), "hard links"),
        (str(tmp_path), "Is a directory|not a regular file"),
        ("a.env", "not an absolute path"),
        (str(tmp_path / "none"), "No such file"),
    ]:
        with pytest.raises(RecoveryError, match=reason):
            app_repointing.planned([Wish(FileForm(path, "env"))], SERVERS, {})


def test_the_same_file_twice_is_refused(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "link.env").symlink_to(files[0])
    with pytest.raises(InvalidInput, match="is the same file"):
        planned([files[0], tmp_path / "link.env"])


def test_copies_lie_outside_of_the_application(files: list[Path]) -> None:
    plans = planned(files)
    for folder in (files[0].parent, files[0].parent / "copies"):
        with pytest.raises(InvalidInput, match="the folder of"):
            BackupDirectory(str(folder)).require_usable([plan.file for plan in plans])
    open_to_all = files[0].parent.parent / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(RecoveryError, match="others may write to it"):
        BackupDirectory(str(open_to_all)).require_usable([])


def test_a_second_repointing_at_the_same_time_is_refused(files: list[Path]) -> None:
    with copies(files).locked(), pytest.raises(RecoveryError, match="another repointing is at work"):
        app_repointing.apply(planned(files), copies(files), SERVERS)
    assert servers_in(files) == ["OLD", "OLD", "OLD"]


def as_nobody(work: Callable[[], None]) -> int:
    """The work done by a user without rights, in a process of its own; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            work()
            os._exit(0)
        except RecoveryError:
            os._exit(7)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_read_only_files_and_others_files_are_refused(files: list[Path], tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    assert as_nobody(lambda: planned(files[:1]) and None) == 7
    files[0].parent.chmod(0o777)
    files[1].chmod(0o666)
    assert as_nobody(lambda: planned(files[1:2]) and None) == 7
    os.chown(files[2], 65534, 65534)
    files[2].chmod(0o444)
    assert as_nobody(lambda: planned(files[2:]) and None) == 7
    files[2].chmod(0o644)
    assert as_nobody(lambda: planned(files[2:]) and None) == 0


@pytest.mark.parametrize("module", sorted(installed_files.WRITERS))
def test_the_modules_of_the_hospital_read_their_files_again(module: str, tmp_path: Path) -> None:
    """The simulated modules read their files by their own means, and find the new server and nothing else changed."""
    name, write = installed_files.WRITERS[module]
    (tmp_path / "app").mkdir()
    path = tmp_path / "app" / name
    path.write_bytes(write(installed_files.Endpoint("127.0.0.1", 14331, "MyHospital", "app", "p;a}=s\\s", module)))
    servers = Servers([parse_endpoint("127.0.0.1,14331")], parse_endpoint("127.0.0.1,14332"))
    plans = app_repointing.planned([Wish(FileForm(str(path)))], servers, {})
    assert not plans[0].warnings
    before = read_configuration(module, path)
    app_repointing.apply(plans, BackupDirectory(str(tmp_path / "copies")), servers)
    after = read_configuration(module, path)
    assert (before.port, after.port) == (14331, 14332)
    assert {**vars(before), "port": 0} == {**vars(after), "port": 0}


#: What Python reports of its dealings with the file system.
EVENTS = {"open", "fcntl.flock", "os.listdir", "os.mkdir", "os.chmod", "os.chown", "os.rename", "os.remove"}


def killed(work: Callable[[], None], moment: int) -> bool:
    """The work in a process that is killed at the n-th thing that it does to the file system; whether it was."""
    child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, _: object) -> None:
            nonlocal count
            count += event in EVENTS
            if event in EVENTS and count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_killed_at_every_moment_of_the_way_there(files: list[Path]) -> None:
    """Whenever it is killed, every file is whole, old or new; the next run finishes, and the way back still works."""
    originals = [path.read_text() for path in files]
    for moment in range(1, 200):
        shutil.rmtree(copies(files).path, ignore_errors=True)
        was_killed = killed(lambda: app_repointing.apply(planned(files), copies(files), SERVERS), moment)
        for path, text in zip(files, originals, strict=True):
            assert path.read_text() in (text, text.replace("OLD", "NEW"))
        app_repointing.apply(planned(files), copies(files), SERVERS)
        assert servers_in(files) == ["NEW", "NEW", "NEW"]
        assert [path for path in files[0].parent.iterdir() if path not in files] == []
        restored(files)
        assert [path.read_text() for path in files] == originals
        if not was_killed:
            assert moment > 20
            return
    pytest.fail("it never came to an end")


def test_killed_at_every_moment_of_the_way_back(files: list[Path]) -> None:
    originals = [path.read_text() for path in files]
    for moment in range(1, 200):
        shutil.rmtree(copies(files).path, ignore_errors=True)
        app_repointing.apply(planned(files), copies(files), SERVERS)
        was_killed = killed(lambda: restored(files), moment)
        restored(files)
        assert [path.read_text() for path in files] == originals
        if not was_killed:
            assert moment > 20
            return
    pytest.fail("it never came to an end")


def restored(files: list[Path]) -> None:
    wishes = [Wish(FileForm(str(path))) for path in files]
    app_restoring.restore(app_restoring.restorations(wishes, copies(files), SERVERS), copies(files))


def test_leftovers_of_other_files_stay(files: list[Path]) -> None:
    other = files[0].parent / ".z.env.1234.deadpool-new"
    other.write_text("x")
    app_file.prepare(app_file.read(str(files[0])), b"x").discard()
    assert other.exists()
