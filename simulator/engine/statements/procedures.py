# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""EXECUTE: the system procedures this engine has, and 2812 for every other name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.agent.procedures import PROCEDURES as AGENT
from simulator.engine.events import Done, Event, ReturnStatus
from simulator.engine.messages import error
from simulator.engine.query import types
from simulator.engine.query.model import refuse
from simulator.engine.statements import backup_history as history
from simulator.engine.statements import extended_procedures as extended
from simulator.engine.statements import linked_servers as linked
from simulator.engine.statements import server_procedures as server
from simulator.engine.statements.configuration import configure
from simulator.engine.statements.result_table import table
from simulator.engine.statements.users import change_member
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]


def execute(execution: Execution, node: ast.Execute) -> Iterator[Event]:
    if node.text:
        yield from _text(execution, "".join(execution.text(part) for part in node.text))
        return
    name = execution.text(tree.Variable(node.variable)) if node.variable else node.procedure[-1]
    plain = name.split(".")[-1].strip("[]").lower()
    if plain == "sp_executesql":
        yield from _executesql(execution, node)
        return
    found = PROCEDURES.get(plain) or AGENT.get(plain)
    if found is None or not _reached(execution, name if node.variable else ".".join(node.procedure), plain):
        shown = name if node.variable else ".".join(node.procedure)
        raise refuse(2812, shown, line=node.line)
    names, work = found
    yield from work(execution, _bind(execution, node, plain, names))
    if node.result:
        execution.assign_value(node.result, types.INT, 0)
    yield ReturnStatus(0)


def _reached(execution: Execution, name: str, plain: str) -> bool:
    """Those of master are found from everywhere, those of msdb only there or by its name."""
    if plain not in AGENT and plain not in _OF_MSDB:
        return True
    parts = [part.strip("[]").lower() for part in name.split(".")]
    return parts[0] == "msdb" if len(parts) == 3 else execution.session.database.lower() == "msdb"


def _bind(execution: Execution, node: ast.Execute, procedure: str, names: tuple[str, ...]) -> Values:
    """Arguments by name or position; a name with ! must be given."""
    plain = [name.rstrip("!") for name in names]
    values: Values = {}
    for index, argument in enumerate(node.arguments):
        if argument.name and argument.name[1:].lower() not in plain:
            raise refuse(8145, argument.name, procedure, line=node.line)
        if not argument.name and index >= len(plain):
            raise refuse(8144, procedure, line=node.line)
        key = argument.name[1:].lower() if argument.name else plain[index]
        if not (isinstance(argument.value, tree.Call) and argument.value.name == ("DEFAULT",)):
            values[key] = execution.python(argument.value)
        if argument.output and isinstance(argument.value, tree.Variable):
            values[f"{key} output"] = argument.value.name
    for name in names:
        if name.endswith("!") and name[:-1] not in values:
            raise refuse(201, procedure, f"@{name[:-1]}", line=node.line)
    return values


def _text(execution: Execution, text: str) -> Iterator[Event]:
    """A batch of its own: it does not see the variables outside, and USE in it ends with it."""
    from simulator.engine.execution import Execution as Inner

    if execution.depth >= 32:
        raise error(217)
    before = execution.session.database
    inner = Inner(execution.session, execution.depth + 1)
    inner.trying = execution.trying
    yield from inner.batch(text)
    if execution.session.database != before and execution.session.instance.exists(before):
        execution.session.database = before


def _executesql(execution: Execution, node: ast.Execute) -> Iterator[Event]:
    from simulator.engine.execution import Execution as Inner
    from simulator.engine.tsql.batch import Batch, parse

    if not node.arguments:
        raise refuse(201, "sp_executesql", "@stmt", line=node.line)
    inner = Inner(execution.session, execution.depth + 1)
    inner.trying = execution.trying
    declared = execution.text(node.arguments[1].value) if len(node.arguments) > 1 else ""
    declarations = Batch(f"DECLARE {_without_output(declared)}").statements() if declared.strip() else ()
    names = [variable.name for statement in declarations for variable in statement.variables]  # type: ignore[attr-defined]
    for statement in declarations:
        yield from inner.run(statement)
    for index, argument in enumerate(node.arguments[2:]):
        sql_type, value = execution.evaluate(argument.value)
        inner.assign_value(argument.name or names[index], sql_type, value)
    yield from inner.sequence(parse(execution.text(node.arguments[0].value)))
    for index, argument in enumerate(node.arguments[2:]):
        if argument.output and isinstance(argument.value, tree.Variable):
            execution.assign_value(argument.value.name, *inner.variable(argument.name or names[index]))
    yield ReturnStatus(0)


def _without_output(declared: str) -> str:
    words = declared.replace(",", " , ").split()
    return " ".join(word for word in words if word.upper() not in {"OUTPUT", "OUT"})


# ------------------------------------------------------------------------------------------------ roles


def _add_role_member(execution: Execution, values: Values) -> Iterator[Event]:
    yield from _role_member(execution, values, added=True)


def _drop_role_member(execution: Execution, values: Values) -> Iterator[Event]:
    yield from _role_member(execution, values, added=False)


def _role_member(execution: Execution, values: Values, added: bool) -> Iterator[Event]:
    from simulator.engine.statements.writing import changing_catalog

    handle = execution.session.handle()
    if not execution.session.rights.may("ALTER ANY ROLE", handle.name):
        raise error(15247)
    with changing_catalog(execution, handle) as catalog:
        role = catalog.user_named(str(values["rolename"]))
        if role is None or role.type != "R":
            raise error(15151, "alter", "role", values["rolename"])
        change_member(catalog, role, str(values["membername"]), added, 1)
    yield Done(None)


# ------------------------------------------------------------------------------------------------ what drivers ask


def _nothing(_execution: Execution, _values: Values) -> Iterator[Event]:
    yield from ()


def _describe_parameters(_execution: Execution, _values: Values) -> Iterator[Event]:
    """Drivers go on without it."""
    raise error(2812, "sp_describe_undeclared_parameters")
    yield


def _type_information(_execution: Execution, values: Values) -> Iterator[Event]:
    from simulator.engine.statements.type_information import COLUMNS, rows

    yield from table(COLUMNS, rows(int(values.get("data_type") or 0)))


Procedure = Callable[["Execution", Values], Iterator[Event]]
_OF_MSDB = frozenset({"sp_delete_backuphistory", "sp_delete_database_backuphistory"})
PROCEDURES: dict[str, tuple[tuple[str, ...], Procedure]] = {
    "xp_create_subdir": (("path!",), extended.create_subdir),
    "xp_fileexist": (("filename!", "result"), extended.file_exist),
    "xp_dirtree": (("path!", "depth", "file"), extended.dir_tree),
    "xp_fixeddrives": ((), extended.fixed_drives),
    "sp_addumpdevice": (("devtype!", "logicalname!", "physicalname!"), server.add_device),
    "sp_dropdevice": (("logicalname!", "delfile"), server.drop_device),
    "sp_readerrorlog": (("p1", "p2", "p3", "p4"), server.read_error_log),
    "sp_addlinkedserver": (linked.ARGUMENTS, linked.add_linked_server),
    "sp_dropserver": (("server!", "droplogins"), linked.drop_server),
    "sp_configure": (("configname", "configvalue"), configure),
    "sp_addrolemember": (("rolename!", "membername!"), _add_role_member),
    "sp_droprolemember": (("rolename!", "membername!"), _drop_role_member),
    "sp_delete_backuphistory": (("oldest_date!",), history.delete_before),
    "sp_delete_database_backuphistory": (("database_name!",), history.delete_of_database),
    "sp_reset_connection": ((), _nothing),
    "sp_describe_undeclared_parameters": (("tsql", "params"), _describe_parameters),
    "sp_datatype_info": (("data_type", "odbcver"), _type_information),
    "sp_datatype_info_90": (("data_type", "odbcver"), _type_information),
    "sp_datatype_info_100": (("data_type", "odbcver"), _type_information),
}
