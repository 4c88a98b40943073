# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong while a Windows host's files are repointed: afterwards all are new, or all are as they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_request import repoint_windows
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.modules.app_repoint import ARGUMENT_SPEC

from tests.windows_double.disk import ORDINARY

from .in_process import Direct, checked

SECRET = "Rahasia#sekali"
FILES = [f"C:\\HIS\\module{number}\\app.config" for number in range(3)]
COPIES = "C:\\ProgramData\\deadpool"


def config(server: str) -> bytes:
    text = f'<configuration><connectionStrings><add name="a" connectionString="Server={server};Password={SECRET}"/>'
    return f"{text}</connectionStrings></configuration>\r\n".encode("utf-8-sig")


OLD, NEW = config("SQL01"), config("SQL02\\HIS")


@pytest.fixture
def his(tmp_path: Path) -> Direct:
    his = Direct(tmp_path)
    for path in FILES:
        his.double.disk.put(path, OLD)
    return his


def repoint(his: Direct, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "files": [{"path": path} for path in FILES],
        "old": ["SQL01"],
        "new": {"host": "SQL02", "instance": "HIS"},
        "backup_directory": COPIES,
        **options,
    }
    his.check_mode = check_mode
    return repoint_windows(his.host, checked(ARGUMENT_SPEC, **wanted), check_mode)


def contents(his: Direct) -> list[bytes]:
    return [his.double.disk.local(path).read_bytes() for path in FILES]


def leftovers(his: Direct) -> list[Path]:
    return list(his.double.disk.root.rglob("*.deadpool-*"))


def refusal(his: Direct, **options: Any) -> str:
    with pytest.raises(RecoveryError) as error:
        repoint(his, **options)
    assert SECRET not in str(error.value)
    assert error.value.hint
    return error.value.msg


def test_the_plain_way(his: Direct) -> None:
    assert repoint(his)["changed"]
    assert contents(his) == [NEW] * 3
    assert [his.double.disk.sddl[path.lower()] for path in FILES] == [ORDINARY] * 3
    assert not repoint(his)["changed"]
    assert repoint(his, state="restored")["changed"]
    assert contents(his) == [OLD] * 3


@pytest.mark.parametrize("number", range(3))
def test_a_file_changed_meanwhile_stops_all_and_keeps_the_change(his: Direct, number: int) -> None:
    other = OLD + b"<!-- edited -->"

    def edit(path: str) -> None:
        if path == FILES[number]:
            his.double.disk.put(path, other)

    his.double.meanwhile = edit
    said = refusal(his)
    assert f"{FILES[number]}: was changed by another program meanwhile" in said
    assert "nothing of this run is left" in said
    assert contents(his) == [other if at == number else OLD for at in range(3)]
    assert not leftovers(his)


def hold_open(his: Direct, held: str, times: int) -> None:
    def meanwhile(path: str) -> None:
        if path == held:
            his.double.disk.busy[path.lower()] = times

    his.double.meanwhile = meanwhile


def test_a_file_held_open_for_a_moment_is_waited_for(his: Direct) -> None:
    hold_open(his, FILES[1], 5)
    assert repoint(his)["changed"]
    assert contents(his) == [NEW] * 3


def test_a_file_held_open_for_good_fails_and_nothing_is_changed(his: Direct) -> None:
    hold_open(his, FILES[2], 10_000)
    assert "being used by another process" in refusal(his)
    assert contents(his) == [OLD] * 3
    assert not leftovers(his)


def test_a_folder_that_may_not_be_written_changes_nothing(his: Direct) -> None:
    his.double.disk.denied.add("c:\\his\\module1")
    assert "is denied" in refusal(his)
    assert contents(his) == [OLD] * 3
    assert not leftovers(his)


def test_a_full_disk_changes_nothing(his: Direct) -> None:
    his.double.before["prepare"] = lambda: setattr(his.double.disk, "free", 10)
    assert "not enough space" in refusal(his)
    his.double.disk.free = 1000
    assert "1000 bytes free" in refusal(his)
    assert contents(his) == [OLD] * 3


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda disk: disk.read_only.add(FILES[1].lower()), "has the attribute read-only"),
        (lambda disk: disk.links.update({FILES[1].lower(): 2}), "has 2 hard links"),
        (lambda disk: disk.encrypted.add(FILES[1].lower()), "encrypted by the file system"),
        (lambda disk: disk.denied.add(FILES[1].lower()), "cannot be read: Access to the path"),
        (lambda disk: disk.local(FILES[1]).unlink(), "cannot be read: Could not find file"),
        (lambda disk: disk.put(FILES[1], b"<configuration/>"), "names neither the old server"),
        (lambda disk: disk.put(FILES[1], b"<a>"), f"{FILES[1]}"),
        (lambda disk: disk.local(COPIES).mkdir(parents=True) or disk.writers.update({COPIES.lower(): ["S-1-5-32-545"]}),
         "others may write to it (S-1-5-32-545)"),
    ],
)  # fmt: skip
def test_what_would_fail_is_found_before_anything_is_written(
    his: Direct, spoil: Callable[[Any], None], expected: str
) -> None:
    spoil(his.double.disk)
    for options in ({"stage": "validate"}, {}):
        assert expected in refusal(his, **options)
    assert "prepare" not in his.double.asked and "swap" not in his.double.asked


def test_a_symbolic_link_is_followed_and_stays(his: Direct) -> None:
    his.double.disk.put("D:\\shared\\app.config", OLD)
    his.double.disk.symbolic[FILES[0].lower()] = "D:\\shared\\app.config"
    done = repoint(his)
    assert done["files"][0]["real_path"] == "D:\\shared\\app.config"
    assert his.double.disk.read("D:\\shared\\app.config") == NEW
    assert his.double.disk.read(FILES[0]) == OLD


def test_the_same_file_by_two_names_is_refused(his: Direct) -> None:
    said = refusal(his, files=[{"path": FILES[0]}, {"path": FILES[0].upper()}])
    assert "is the same file as" in said


def test_a_validated_file_that_is_another_one_is_refused(his: Direct) -> None:
    validated = repoint(his, stage="validate")["files"]
    his.double.disk.put(FILES[0], OLD + b" ")
    assert "is not the file that was validated" in refusal(his, validated=validated)


def test_what_was_changed_since_is_not_put_back(his: Direct) -> None:
    repoint(his)
    his.double.disk.put(FILES[1], NEW + b"<!-- later -->")
    assert f"{FILES[1]}: was changed after it was repointed" in refusal(his, state="restored")
    assert contents(his)[0] == NEW


def test_a_copy_that_was_changed_is_not_used(his: Direct) -> None:
    copy = repoint(his)["files"][0]["backup"]
    his.double.disk.put(copy, b"something else")
    assert "was changed" in refusal(his, state="restored")
    assert contents(his) == [NEW] * 3


def test_access_rights_that_replacing_loses_are_set_again(his: Direct) -> None:
    his.double.disk.after_replace[FILES[1].lower()] = ORDINARY + "(A;;FA;;;WD)"
    assert repoint(his)["changed"]
    assert his.double.disk.sddl[FILES[1].lower()] == ORDINARY


def test_access_rights_that_cannot_be_set_again_are_a_failure_and_another_owner_a_warning(his: Direct) -> None:
    disk, key = his.double.disk, FILES[1].lower()
    disk.obstinate.add(key)
    disk.after_replace[key] = ORDINARY.replace("O:BA", "O:S-1-5-21-1-2-3-1001")
    assert repoint(his)["files"][1]["warnings"] == ["its owner was O:BAG:SY and is now O:S-1-5-21-1-2-3-1001G:SY"]
    repoint(his, state="restored")
    disk.after_replace[key] = ORDINARY + "(A;;FA;;;WD)"
    assert "its access rights are others than before" in refusal(his)
    assert contents(his) == [OLD] * 3


def test_what_is_taken_back_gets_back_its_access_rights(his: Direct) -> None:
    disk, key = his.double.disk, FILES[1].lower()
    disk.obstinate.add(key)
    disk.after_replace[key] = ORDINARY + "(A;;FA;;;WD)"
    his.double.before["records"] = lambda: his.double.before.update(look=disk.obstinate.clear)
    assert "its access rights are others than before" in refusal(his)
    assert contents(his) == [OLD] * 3 and disk.sddl[key] == ORDINARY


def test_a_file_that_cannot_be_put_back_is_named_with_its_copy(his: Direct) -> None:
    def hinder(path: str) -> None:
        if path == FILES[1]:
            his.double.disk.put(path, OLD + b" ")
            his.double.disk.denied.add(FILES[0].lower())

    his.double.meanwhile = hinder
    said = refusal(his)
    assert "COULD NOT BE PUT BACK" in said and FILES[0] in said and COPIES in said
    assert "not everything could be taken back" in said


def test_a_replacement_that_broke_off_between_its_two_renames_is_told(his: Direct) -> None:
    place = his.double.disk.local(FILES[0])
    place.rename(place.with_name(f".{place.name}.0123456789abcdef.deadpool-old"))
    said = refusal(his)
    assert "an interrupted replacement left it as C:\\HIS\\module0\\.app.config.0123456789abcdef.deadpool-old" in said


NOT_WHOLE = ["app.config", "C:app.config", "\\app.config", "/opt/app.config", "C:\\a\\..\\b", "C:\\a:b", "C:\\*.config"]


@pytest.mark.parametrize("path", [*NOT_WHOLE, "\\\\?\\C:\\a"])
def test_a_path_that_is_not_whole_is_refused(his: Direct, path: str) -> None:
    with pytest.raises(InvalidInput):
        repoint(his, files=[{"path": path}])
    assert not his.double.asked


def test_copies_do_not_lie_where_files_are_served_from(his: Direct) -> None:
    assert "lies in C:\\HIS\\module1" in refusal(his, backup_directory="c:/his/MODULE1/copies")
    assert "a share" in refusal(his, backup_directory="\\\\nas\\share\\copies")


@pytest.mark.parametrize("answers_again", [True, False])
def test_a_connection_that_breaks_while_files_are_replaced(his: Direct, answers_again: bool) -> None:
    """The host did it and nobody heard: it is taken back, or, where it stays away, what may be new is named."""
    his.lost_after = "swap"
    his.stays_lost = not answers_again
    said = refusal(his)
    assert contents(his) == [OLD if answers_again else NEW] * 3
    assert ("nothing of this run is left" if answers_again else "COULD NOT BE PUT BACK: C:\\HIS\\module0") in said
    his.lost_after, his.stays_lost = "", False
    repoint(his)
    assert contents(his) == [NEW] * 3
