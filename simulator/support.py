# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every form of BACKUP, RESTORE and ALTER DATABASE that the engine takes, and what it refuses with which number.

One list for both: tests/simulator/engine/language/test_support.py runs each statement, and docs/simulator.md shows them
(``python -m simulator.support`` prints its table). ``{d}`` is a folder with the media named below.

Databases: Hospital (FULL, backed up), Fresh (FULL, never backed up), Plain (SIMPLE, backed up); Target is RESTORING
from Hospital's full backup. Media of Hospital: full.bak, diff.bak, log1.trn, log2.trn, log3.trn in this order;
two.bak holds two sets; fresh.bak is Plain's; text.bak is no backup.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    statement: str
    numbers: tuple[int, ...] = ()  # empty: accepted
    state: str = ""  # what else holds: see the test


_BACKUP_FORMS = (
    "BACKUP DATABASE Hospital TO DISK = '{d}/x.bak'",
    "BACKUP DATABASE Hospital TO DISK = '{d}/x1.bak', DISK = '{d}/x2.bak' WITH FORMAT",
    "BACKUP DATABASE Hospital TO DISK = 'NUL' WITH COPY_ONLY",
    "DECLARE @n sysname = N'Hospital', @f nvarchar(260) = N'{d}/v.bak'; BACKUP DATABASE @n TO DISK = @f WITH COPY_ONLY",
    "BACKUP DATABASE Hospital TO DISK = '{d}/x.bak' WITH DIFFERENTIAL",
    "BACKUP DATABASE Hospital TO DISK = '{d}/c.bak' WITH COPY_ONLY, COMPRESSION",
    "BACKUP DATABASE Hospital TO DISK = '{d}/x.bak' WITH NO_COMPRESSION",
    "BACKUP DATABASE Hospital TO DISK = '{d}/x.bak' WITH NAME = 'n', DESCRIPTION = 'd'",
    "BACKUP DATABASE Hospital TO DISK = '{d}/x.bak' WITH EXPIREDATE = '2030-01-01'",
    "BACKUP DATABASE Hospital TO DISK = '{d}/y.bak' WITH RETAINDAYS = 0, INIT",
    "BACKUP DATABASE Hospital TO DISK = '{d}/y.bak' WITH NOINIT, NOSKIP, NOFORMAT",
    "BACKUP DATABASE Hospital TO DISK = '{d}/y.bak' WITH INIT, SKIP",
    "BACKUP DATABASE Hospital TO DISK = '{d}/y.bak' WITH FORMAT, MEDIANAME = 'm', MEDIADESCRIPTION = 'd'",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH BLOCKSIZE = 4096, BUFFERCOUNT = 4, MAXTRANSFERSIZE = 65536",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH FORMAT, CHECKSUM, STOP_ON_ERROR",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH FORMAT, NO_CHECKSUM, CONTINUE_AFTER_ERROR",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH RESTART, STATS",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH STATS = 5, REWIND, NOUNLOAD",
    "BACKUP DATABASE Hospital TO DISK = '{d}/z.bak' WITH NOREWIND, UNLOAD",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Str0ng-Enough'; CREATE CERTIFICATE Held WITH SUBJECT = 's'",
    "BACKUP DATABASE Hospital TO DISK = '{d}/e.bak' WITH ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = Held)",
    "BACKUP LOG Hospital TO DISK = '{d}/x.trn'",
    "BACKUP TRANSACTION Hospital TO DISK = '{d}/x.trn' WITH CHECKSUM",
    "BACKUP LOG Hospital TO DISK = '{d}/x.trn' WITH COPY_ONLY, NO_TRUNCATE",
    "BACKUP LOG Lost TO DISK = '{d}/t1.trn' WITH NORECOVERY",
    "BACKUP LOG Lost TO DISK = '{d}/t2.trn' WITH STANDBY = '{d}/undo.dat'",
)
_RESTORE_FORMS = (
    "RESTORE HEADERONLY FROM DISK = '{d}/two.bak'",
    "RESTORE HEADERONLY FROM DISK = '{d}/two.bak' WITH FILE = 2, NOUNLOAD",
    "RESTORE FILELISTONLY FROM DISK = '{d}/two.bak' WITH FILE = 2",
    "RESTORE LABELONLY FROM DISK = '{d}/full.bak'",
    "RESTORE VERIFYONLY FROM DISK = '{d}/full.bak' WITH CHECKSUM, STATS = 10",
    "RESTORE VERIFYONLY FROM DISK = '{d}/full.bak' WITH NO_CHECKSUM, STOP_ON_ERROR",
    "RESTORE DATABASE Copy FROM DISK = '{d}/full.bak' WITH {move}, RECOVERY, STATS",
    "RESTORE DATABASE Copy FROM DISK = '{d}/full.bak' WITH REPLACE, {move}, NORECOVERY, CHECKSUM",
    "RESTORE DATABASE Copy FROM DISK = '{d}/diff.bak' WITH NORECOVERY",
    "RESTORE LOG Copy FROM DISK = '{d}/log2.trn' WITH NORECOVERY, CONTINUE_AFTER_ERROR",
    "RESTORE LOG Copy FROM DISK = '{d}/log3.trn' WITH STANDBY = '{d}/standby.dat'",
    "RESTORE DATABASE Copy WITH RECOVERY",
    "RESTORE DATABASE Copy FROM DISK = '{d}/two.bak' WITH FILE = 2, REPLACE, {move}, RESTRICTED_USER",
    "RESTORE DATABASE Copy FROM DISK = '{d}/full.bak' WITH REPLACE, {move}, RESTART, STANDBY = '{d}/standby.dat'",
    "RESTORE DATABASE Copy FROM DISK = '{d}/full.bak' WITH REPLACE, {move}, BLOCKSIZE = 512, BUFFERCOUNT = 2,"
    " MAXTRANSFERSIZE = 65536, NORECOVERY",
    "RESTORE TRANSACTION Copy FROM DISK = '{d}/log1.trn' WITH NORECOVERY, STOPAT = '2100-01-01T00:00:00'",
    "RESTORE LOG Copy FROM DISK = '{d}/log2.trn' WITH STOPATMARK = 'Closing', RECOVERY",
    *(
        f"RESTORE DATABASE Copy FROM DISK = '{{d}}/full.bak' WITH REPLACE, {{move}}, {option}"
        for option in ("ENABLE_BROKER", "NEW_BROKER", "ERROR_BROKER_CONVERSATIONS")
    ),
    "DROP DATABASE Copy; RESTORE DATABASE Copy FROM DISK = '{d}/full.bak' WITH {move}, NORECOVERY;"
    " RESTORE LOG Copy FROM DISK = '{d}/log1.trn' WITH NORECOVERY;"
    " RESTORE LOG Copy FROM DISK = '{d}/log2.trn' WITH STOPBEFOREMARK = 'Closing' AFTER '2001-01-01T00:00:00'",
)
_ALTER_FORMS = (
    *(f"ALTER DATABASE Plain SET RECOVERY {model}" for model in ("FULL", "BULK_LOGGED", "SIMPLE")),
    *(f"ALTER DATABASE Plain SET {access}" for access in ("SINGLE_USER", "RESTRICTED_USER", "MULTI_USER")),
    "ALTER DATABASE Plain SET SINGLE_USER WITH ROLLBACK IMMEDIATE; ALTER DATABASE Plain SET MULTI_USER",
    "ALTER DATABASE Plain SET RESTRICTED_USER WITH ROLLBACK AFTER 1 SECONDS; ALTER DATABASE Plain SET MULTI_USER",
    "ALTER DATABASE Plain SET READ_ONLY WITH NO_WAIT; ALTER DATABASE Plain SET READ_WRITE",
    "ALTER DATABASE Plain SET OFFLINE WITH ROLLBACK IMMEDIATE; ALTER DATABASE Plain SET ONLINE",
    *(f"ALTER DATABASE Plain SET PAGE_VERIFY {kind}" for kind in ("NONE", "TORN_PAGE_DETECTION", "CHECKSUM")),
    "ALTER DATABASE Plain SET COMPATIBILITY_LEVEL = 140, AUTO_CLOSE OFF, AUTO_SHRINK OFF",
    "ALTER DATABASE Plain SET READ_COMMITTED_SNAPSHOT ON, ALLOW_SNAPSHOT_ISOLATION ON",
    "ALTER DATABASE Plain SET TRUSTWORTHY OFF, DB_CHAINING OFF, ENABLE_BROKER",
    "ALTER DATABASE Plain SET TARGET_RECOVERY_TIME = 60 SECONDS",
    "ALTER DATABASE Plain COLLATE SQL_Latin1_General_CP1_CI_AS",
    "ALTER DATABASE Fresh ADD FILE (NAME = Fresh2, FILENAME = '{d}/fresh2.ndf')",
    "ALTER DATABASE Plain ADD FILE (NAME = Plain2, FILENAME = '{d}/plain2.ndf')",
    "ALTER DATABASE Plain MODIFY NAME = Plainer; ALTER DATABASE Plainer MODIFY NAME = Plain",
)
_B, _R, _LOG = (
    "BACKUP DATABASE Hospital TO DISK = '{d}/r.bak'",
    "RESTORE DATABASE Other FROM DISK",
    "RESTORE LOG Target",
)
_REFUSALS = (
    Form(f"{_B} WITH DIFFERENTIAL, COPY_ONLY", (3031, 3013)),
    Form(f"{_B} WITH INIT, NOINIT", (3031, 3013)),
    Form(f"{_B} WITH FORMAT, NOFORMAT", (3031, 3013)),
    Form(f"{_B} WITH SKIP, NOSKIP", (3031, 3013)),
    Form(f"{_B} WITH CHECKSUM, NO_CHECKSUM", (3031, 3013)),
    Form(f"{_B} WITH COMPRESSION, NO_COMPRESSION", (3031, 3013)),
    Form(f"{_B} WITH STOP_ON_ERROR, CONTINUE_AFTER_ERROR", (3031, 3013)),
    Form(f"{_B} WITH EXPIREDATE = '2030-01-01', RETAINDAYS = 3", (3031, 3013)),
    Form("BACKUP DATABASE Hospital TO DISK = '{d}/full.bak' WITH COMPRESSION", (3098, 3013)),
    Form(f"{_B} WITH FORMAT, ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = Missing)", (15151, 3013)),
    Form(f"{_B} WITH CREDENTIAL = 'c'", (40510, 3013)),
    Form(f"{_B} WITH FILE_SNAPSHOT", (40510, 3013)),
    Form(f"{_B} WITH NORECOVERY", (3032, 3013)),
    Form(f"{_B} WITH STATS = 0", (3217, 3013)),
    Form(f"{_B} WITH BLOCKSIZE = 1000", (3253, 3013)),
    Form(f"{_B} WITH FASTER", (155,)),
    Form(f"{_B}", (3021, 3013), "transaction"),
    Form("BACKUP LOG Hospital TO DISK = '{d}/r.trn' WITH DIFFERENTIAL", (3032, 3013)),
    Form("BACKUP LOG Hospital TO DISK = '{d}/r.trn' WITH NORECOVERY, STANDBY = 'x'", (3031, 3013)),
    Form("BACKUP LOG Hospital TO DISK = '{d}/r.trn' WITH NORECOVERY", (3101, 3013), "in use"),
    Form("BACKUP LOG Plain TO DISK = '{d}/r.trn'", (4208, 3013)),
    Form("BACKUP LOG Fresh TO DISK = '{d}/r.trn'", (4214, 3013)),
    Form("BACKUP DATABASE Fresh TO DISK = '{d}/r.bak' WITH DIFFERENTIAL", (3035, 3013)),
    Form("BACKUP DATABASE master TO DISK = '{d}/r.bak' WITH DIFFERENTIAL", (3024, 3013)),
    Form("BACKUP LOG master TO DISK = '{d}/r.trn'", (4212, 3013)),
    Form("BACKUP DATABASE tempdb TO DISK = '{d}/r.bak'", (3147, 3013)),
    Form("BACKUP DATABASE Nowhere TO DISK = '{d}/r.bak'", (911, 3013)),
    Form("BACKUP DATABASE Hospital TO DISK = '/nowhere/x.bak'", (3201, 3013)),
    Form("BACKUP DATABASE Hospital TO Unknown", (3206, 3013)),
    Form(f"{_R} = '{{d}}/full.bak' WITH RECOVERY, NORECOVERY", (3031, 3013)),
    Form(f"{_R} = '{{d}}/full.bak' WITH STANDBY = 'x', RECOVERY", (3031, 3013)),
    Form("RESTORE LOG Target FROM DISK = '{d}/log1.trn' WITH STOPAT = '2030-01-01', STOPATMARK = 'm'", (3031, 3013)),
    Form("RESTORE HEADERONLY FROM DISK = '{d}/full.bak' WITH REPLACE", (3032, 3013)),
    Form(f"{_R} = '{{d}}/none.bak'", (3201, 3013)),
    Form(f"{_R} = '{{d}}/text.bak'", (3241, 3013)),
    Form("RESTORE HEADERONLY FROM DISK = '{d}/text.bak'", (3241, 3013)),
    Form("RESTORE VERIFYONLY FROM DISK = '{d}/text.bak'", (3241, 3013)),
    Form(f"{_R} = '{{d}}/full.bak'", (3021, 3013), "transaction"),
    Form("RESTORE DATABASE Hospital FROM DISK = '{d}/full.bak' WITH REPLACE", (3101, 3013), "in use"),
    Form("RESTORE DATABASE Hospital FROM DISK = '{d}/full.bak'", (3159, 3013)),
    Form("RESTORE DATABASE Plain FROM DISK = '{d}/full.bak' WITH {move}", (3154, 3013)),
    Form(f"{_LOG} FROM DISK = '{{d}}/log2.trn' WITH NORECOVERY", (4305, 3013), "restoring"),
    Form(f"{_LOG} FROM DISK = '{{d}}/log1.trn' WITH NORECOVERY", (4326, 3013), "rolled forward"),
    Form("RESTORE LOG Hospital FROM DISK = '{d}/log1.trn' WITH NORECOVERY", (3117, 3013)),
    Form("RESTORE LOG Nowhere FROM DISK = '{d}/log1.trn'", (3118, 3013)),
    Form("RESTORE DATABASE Hospital WITH RECOVERY", (3153, 3013)),
    Form("RESTORE DATABASE tempdb FROM DISK = '{d}/full.bak'", (3147, 3013)),
    Form("RESTORE DATABASE master FROM DISK = '{d}/full.bak'", (3108, 3013)),
    Form(f"{_R} = '{{d}}/full.bak' WITH PARTIAL", (40510, 3013)),
    *(
        Form(f"{_R} = '{{d}}/full.bak' WITH {option}", (40510, 3013))
        for option in ("KEEP_CDC", "KEEP_REPLICATION", "PASSWORD = 'p'", "MEDIAPASSWORD = 'p'")
    ),
    Form("RESTORE VERIFYONLY FROM DISK = '{d}/full.bak' WITH LOADHISTORY", (40510, 3013)),
    Form("RESTORE HEADERONLY FROM DISK = '{d}/full.bak' WITH METADATA_ONLY", (40510, 3013)),
    Form("RESTORE DATABASE Hospital FROM DISK = '{d}/full.bak' WITH ENABLE_BROKER, NEW_BROKER", (3031, 3013)),
    Form("ALTER DATABASE Nowhere SET RECOVERY FULL", (5011, 5069)),
    Form("ALTER DATABASE Plain SET COMPATIBILITY_LEVEL = 90", (15048, 5069)),
    Form("ALTER DATABASE Plain SET RECOVERY FASTER", (102,)),
    Form("ALTER DATABASE Hospital SET SINGLE_USER WITH NO_WAIT", (5070, 5069), "in use"),
    Form("ALTER DATABASE Target SET MULTI_USER", (5052, 5069), "restoring"),
    Form("ALTER DATABASE master SET SINGLE_USER", (5058, 5069)),
    Form("ALTER DATABASE Plain MODIFY NAME = Hospital", (1801, 5069)),
    Form("ALTER DATABASE Plain SET RECOVERY FULL", (226,), "transaction"),
    Form("ALTER DATABASE Plain SET EMERGENCY", (40510, 5069)),
    *(
        Form(f"ALTER DATABASE Plain {rest}", (40510,))
        for rest in ("MODIFY FILE (NAME = Plain, SIZE = 1GB)", "REMOVE FILE Plain2", "ADD FILEGROUP Second")
    ),
)
SECTIONS: dict[str, tuple[Form, ...]] = {
    "BACKUP": tuple(map(Form, _BACKUP_FORMS)),
    "RESTORE": tuple(map(Form, _RESTORE_FORMS)),
    "ALTER DATABASE": tuple(map(Form, _ALTER_FORMS)),
    "Refused": _REFUSALS,
}


def page() -> str:
    """The tables of docs/simulator.md."""
    parts = []
    for title, forms in SECTIONS.items():
        refused = title == "Refused"
        lines = ["| statement | while | errors |", "|---|---|---|"] if refused else ["| accepted |", "|---|"]
        for form in forms:
            cells = [f"`{_shown(form.statement)}`"]
            cells += [form.state, ", ".join(map(str, form.numbers))] if refused else []
            lines.append(f"| {' | '.join(cells)} |")
        parts.append(f"### {title}\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _shown(statement: str) -> str:
    return statement.format(d="/b", move="MOVE ... TO ...")


if __name__ == "__main__":
    print(page(), end="")
