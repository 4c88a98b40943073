# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where modules meet Ansible: the only file that makes an AnsibleModule, and the only one that calls fail_json."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

Work = Callable[[dict[str, Any], bool], dict[str, Any]]


def run_module(argument_spec: dict[str, Any], work: Work, **module_options: Any) -> None:
    """Run ``work(params, check_mode)`` and hand its dictionary to Ansible; errors become one fact and one hint.

    A result that carries ``failed: true`` is a failure with everything that was learnt kept: it needs ``msg``.
    Sentences under ``warnings`` are what Ansible shows as such.
    """
    module = AnsibleModule(argument_spec=argument_spec, **module_options)
    try:
        result = work(module.params, module.check_mode)
    except Exception as error:
        module.fail_json(**failure(error))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**{"changed": False, **result})


def failure(error: Exception) -> dict[str, Any]:
    """What Ansible is told about an error: always a sentence, and a traceback only where it is our own mistake."""
    if isinstance(error, RecoveryError):
        return {"msg": str(error), "hint": error.hint, "error": type(error).__name__, **getattr(error, "facts", {})}
    if isinstance(error, ImportError) and error.name:
        hint = f"Install it for {sys.executable} on the host that runs this module, or choose that host's Python."
        return _told(missing_required_lib(error.name), hint, error)
    fact = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    hint = "This error was not foreseen. Run again with -vvv and report the traceback; check the state before going on."
    return _told(fact, hint, error)


def _told(fact: str, hint: str, error: Exception) -> dict[str, Any]:
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return {"msg": f"{fact}\nHINT: {hint}", "hint": hint, "error": type(error).__name__, "exception": trace}
