# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One module as one process: ``python -m simulator.apps NAME --config FILE --journal FILE --health-port N``.

Its configuration is read once, at the start, as the real modules do it: whoever edits the file restarts the module.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from simulator.apps.configuration import read_configuration
from simulator.apps.connection import ConfigurationError
from simulator.apps.health import Health, serve
from simulator.apps.journal import Journal
from simulator.apps.more_modules import ALL_MODULES
from simulator.apps.writer import Writer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator.apps", description="A module of MyHospital.")
    parser.add_argument("name", choices=sorted(ALL_MODULES))
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--journal", type=Path, required=True, help="what it wrote, one JSON line per event")
    parser.add_argument("--health-address", default="127.0.0.1")
    parser.add_argument("--health-port", type=int, required=True)
    parser.add_argument("--workstation", default="", help="name of the host as the SQL Server sees it")
    parser.add_argument("--speed", type=float, default=3.0, help="rows per second")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    module = ALL_MODULES[options.name]
    try:
        connection = read_configuration(module.name, options.config)
    except ConfigurationError as error:
        print(f"{module.program} cannot start: {error}", file=sys.stderr)
        return 2
    health = Health(module=module.name, program=module.program, database=connection.database)
    journal = Journal(options.journal)
    workstation = options.workstation or options.name
    writer = Writer(module, connection, journal, health, workstation=workstation, speed=options.speed)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: writer.stop())
    serve(health, options.health_address, options.health_port)
    logging.info("%s: configured for %s:%d", module.program, connection.host, connection.port)
    writer.run()
    journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
