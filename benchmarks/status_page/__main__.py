# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pictures of docs/daily-check.md, from a made-up site, in Chromium: python -m benchmarks.status_page FOLDER"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_line import CRITICAL, OK, WARNING
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_memory import Memory

from tests.unit.plugins.module_utils.recovery.checking.a_site import Site
from tests.unit.plugins.module_utils.recovery.checking.deeds import rendered

#: file -> width, height, how much smaller the picture is, dark
SIZES = {
    "status-phone.png": (390, 844, 0.8, False),
    "status-desktop.png": (1280, 900, 0.5, True),
    "status-wall.png": (1920, 1080, 0.4, False),
}


def a_page() -> str:
    """A fortnight with a hole in it, a failover of which a login is missing, and quiet months before."""
    site = Site()
    site.live(site.now + timedelta(days=9))
    logs = [one for one in site.lives["Pharmacy"].sets if one.backup_type == "log"]
    for one in logs[-420:-396]:
        site.lives["Pharmacy"].sets.remove(one)
    site.values["failover"]["logins"].pop()
    days = []
    for back in range(70, 0, -1):
        at = site.now - timedelta(days=back)
        level = CRITICAL if back in (4, 33) else WARNING if back % 17 == 0 else OK
        items = {CRITICAL: ["recoverable"], WARNING: ["missed"], OK: []}[level]
        days.append({"day": at.date().isoformat(), "at": at.isoformat(), "level": level, "items": items})
    return rendered(site, timedelta(hours=26), Memory({}, days))


def main() -> None:
    folder, chromium = Path(sys.argv[1]), shutil.which("chromium") or "chromium-browser"
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "page.html"
        # The site's life is over: without its script the page is believed.
        page.write_text(a_page().replace("<script>", "<script type=none>"), "utf-8")
        for name, (width, height, scale, dark) in SIZES.items():
            command = [
                chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                f"--user-data-dir={scratch}/profile", f"--window-size={width},{height}",
                f"--force-device-scale-factor={scale}", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                f"--screenshot={folder / name}", page.as_uri(),
            ]  # fmt: skip
            subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
