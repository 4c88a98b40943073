# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m simulator COMMAND --state DIR``: a hospital in processes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from simulator.processes import PROJECT, ProcessDied
from simulator.site import Site, describe
from simulator.site_layout import SIZES


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    state = argparse.ArgumentParser(add_help=False)
    default = os.environ.get("DEADPOOL_STATE") or PROJECT / ".demo"
    state.add_argument("--state", type=Path, default=default, help="the site's folder ($DEADPOOL_STATE, or .demo)")
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    start = commands.add_parser("start", parents=[state], help="the whole site, or the processes named")
    start.add_argument("names", nargs="*", metavar="NAME", help="production failover store registration pharmacy ...")
    start.add_argument("--speed", type=float, help="rows per second that each module writes (3)")
    start.add_argument("--modules", type=int, choices=sorted(SIZES), help="how many a new site has (4)")
    for command, what in (
        ("stop", "the whole site, or the processes named, in an orderly way"),
        ("kill", "SIGKILL to the processes named"),
        ("restart", "stop and start the processes named"),
    ):
        sub = commands.add_parser(command, parents=[state], help=what)
        sub.add_argument("names", nargs="*" if command == "stop" else "+", metavar="NAME")
    status = commands.add_parser("status", parents=[state], help="what runs, where, and how it is")
    status.add_argument("--json", action="store_true")

    app = commands.add_parser("app", parents=[state], help="one application module, as systemctl would")
    app.add_argument("action", choices=("start", "stop", "restart", "status"))
    app.add_argument("names", nargs=1, metavar="MODULE")

    fault = commands.add_parser("fault", parents=[state], help="break something on purpose; list, or clear")
    usage = "NAME WHERE [KEY=VALUE ...] | list | clear [NAME] [WHERE]"
    fault.add_argument("words", nargs="+", metavar="WORD", help=usage)
    fault.add_argument("--json", action="store_true", help="of list: what is wrong now")

    faults = commands.add_parser("faults", parents=[state], help="what is wrong with the store, on purpose")
    faults.add_argument("faults", help="JSON, e.g. '{\"quota_bytes\": 1000000}'; {} for none")

    judge = commands.add_parser("judge", parents=[state], help="compare what was written with what is there")
    judge.add_argument("--server", choices=("production", "failover"), default="failover")
    judge.add_argument("--target-time", help="the instant that was recovered to, ISO 8601 with offset")
    judge.add_argument("--json", action="store_true")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    if options.command != "start" and not (options.state / "site.json").exists():
        print(f"{options.state}: no site was ever started here", file=sys.stderr)
        return 2
    try:
        return _run(options)
    except ProcessDied as error:
        print(f"{error}\nIts log: {options.state / 'run'}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "judge":
        from simulator.judge import judge_command

        return judge_command(options)
    if options.command == "fault":
        from simulator.faults.command import fault_command

        return fault_command(options)
    site = Site(options.state, size=getattr(options, "modules", None))
    names = getattr(options, "names", [])
    unknown = [name for name in names if name not in (site.modules if options.command == "app" else site.names)]
    if unknown:
        print(f"{', '.join(unknown)}: not a name here; there are {', '.join(site.names)}", file=sys.stderr)
        return 2
    if options.command == "faults":
        Path(site.facts["store"]["faults"]).write_text(json.dumps(json.loads(options.faults)), "utf-8")
        return 0
    if options.command == "status":
        return _status(site, options.json)
    return _each(site, options, names)


def _status(site: Site, as_json: bool) -> int:
    status = site.status()
    print(json.dumps(status, indent=2) if as_json else "\n".join(describe(entry) for entry in status))
    return 0 if all(entry["running"] for entry in status) else 3


def _each(site: Site, options: argparse.Namespace, names: list[str]) -> int:
    action = options.action if options.command == "app" else options.command
    if not names:
        site.start(options.speed) if action == "start" else site.stop()
        return 0
    actions: dict[str, Callable[[str], None]] = {
        "start": site.start_one,
        "stop": site.stop_one,
        "kill": lambda name: site.stop_one(name, kill=True),
        "restart": site.restart_one,
        "status": lambda name: print(describe(site.status_of(name))),
    }
    for name in names:
        actions[action](name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
