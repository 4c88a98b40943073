# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Recovery from a warm standby, for databases of several sizes: ``python -m benchmarks.recovery.warm MIB MIB``.

The failover has followed up to the last log but one; then production dies. What is left to do does not know how large
the databases are; only CHECKDB reads all of them, and its time is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .hospital import Hospital
from .ways import ours


def recovered(mebibytes: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        hospital = Hospital(Path(name) / "state", 1, mebibytes)
        try:
            hospital.begin()
            hospital.back_up("FULL")
            hospital.back_up("LOG")
            hospital.play("playbooks/standby.yml")
            hospital.back_up("LOG")
            hospital.simulator("kill", "production")
            load = os.getloadavg()[0]
            return {"MiB each": mebibytes, "load": round(load, 1), **ours(hospital)}
        finally:
            hospital.simulator("stop")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mebibytes", type=int, nargs="*", default=[40, 800], help="size of each of five databases")
    for mebibytes in parser.parse_args().mebibytes:
        print(json.dumps(recovered(mebibytes)), flush=True)


if __name__ == "__main__":
    main()
