# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The status page as a browser shows it: without script, on phone, desktop and wall, in light and in dark."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.plugins.module_utils.recovery.checking.a_site import Site
from tests.unit.plugins.module_utils.recovery.checking.deeds import rendered

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = {"phone": 390, "desktop": 1280, "wall": 1920}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install the package chromium"),
]

# Each page stands in a frame that runs no script. The script outside measures what the frame shows.
MEASURE = """
const parse=c=>{const m=c.match(/[\\d.]+/g).map(Number);return m.length<4?[...m,1]:m};
const light=c=>{const f=c.slice(0,3).map(v=>{v/=255;return v<=.03928?v/12.92:((v+.055)/1.055)**2.4});
return .2126*f[0]+.7152*f[1]+.0722*f[2]};
const ratio=(a,b)=>{const x=light(a),y=light(b);return (Math.max(x,y)+.05)/(Math.min(x,y)+.05)};
function ground(e){for(;e;e=e.parentElement){const c=parse(getComputedStyle(e).backgroundColor);if(c[3]>0)return c}
return [255,255,255,1]}
function look(frame){const d=frame.contentDocument,bad=[];
for(const e of d.querySelectorAll('body *')){const own=[...e.childNodes].some(n=>n.nodeType===3&&n.data.trim());
if(!own||e.closest('svg,noscript script')||!e.getClientRects().length)continue;
const style=getComputedStyle(e);if(style.visibility==='hidden')continue;
const r=ratio(parse(style.color),ground(e));if(r<4.5)bad.push([e.textContent.trim().slice(0,40),r])}
const stale=[...d.querySelectorAll('.stale')].some(e=>getComputedStyle(e).visibility==='visible'&&e.offsetHeight>10);
return {name:frame.name,scroll:d.documentElement.scrollWidth,width:frame.clientWidth,bad,stale,
text:d.body.innerText.slice(0,4000),ground:getComputedStyle(d.body).backgroundColor}}
setTimeout(()=>{document.title='done';const out=[...document.querySelectorAll('iframe')].map(look);
document.body.textContent='RESULT'+JSON.stringify(out)+'TLUSER'},WAIT);
"""


def ill(site: Site) -> Site:
    """Something of every level, a hole in the window, and words that are long."""
    life = site.lives["Pharmacy"]
    for one in [one for one in life.sets if one.backup_type == "log"][-60:-52]:
        life.sets.remove(one)
    site.values["failover"]["server"]["version"] = "15.0.1"
    site.values["failover"]["jobs"].clear()
    site.values["hosts"]["failover"] = {"unreachable": True, "msg": "no/route/to/" + "host" * 40}
    site.lives["A" * 100] = site.lives.pop("Registration")
    site.lives["A" * 100].name = "A" * 100
    site.values["databases"] = ["A" * 100, "Pharmacy"]
    return site


def shown(tmp_path: Path, text: str, *, dark: bool, wait: int = 300, scripts: bool = False) -> list[dict[str, Any]]:
    """What each width shows."""
    sandbox = "allow-same-origin allow-scripts" if scripts else "allow-same-origin"
    frames = "".join(
        f'<iframe name="{name}" sandbox="{sandbox}" style="border:0;width:{width}px;height:900px" '
        f'srcdoc="{html.escape(text)}"></iframe>'
        for name, width in WIDTHS.items()
    )
    outside = tmp_path / "outside.html"
    script = MEASURE.replace("WAIT", str(wait))
    outside.write_text(f"<!doctype html><meta charset=utf-8><body>{frames}<script>onload=()=>{{{script}}}</script>")
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    dom = chromium(tmp_path, [*scheme, "--virtual-time-budget=6000", "--dump-dom"], outside)
    found = re.search("RESULT(.*)TLUSER", dom, re.DOTALL)
    assert found, dom[-2000:]
    result: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return result


def chromium(tmp_path: Path, options: Sequence[str], target: Path) -> str:
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    done = subprocess.run([*command, *options, target.as_uri()], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_readable_everywhere_without_script(tmp_path: Path, dark: bool) -> None:
    for frame in shown(tmp_path, rendered(ill(Site())), dark=dark):
        assert frame["scroll"] <= frame["width"], frame["name"]
        assert frame["bad"] == [], f"{frame['name']}: contrast below 4.5"
        assert (frame["ground"] == "rgb(255, 255, 255)") is not dark
        for words in ("Bisa dipulihkan sampai", "Yang harus dilakukan hari ini", "lebih tua dari", "Berlaku sampai"):
            assert words in frame["text"], words
        assert not frame["stale"]


def test_without_script_a_page_that_is_left_open_says_that_it_is_stale(tmp_path: Path) -> None:
    """One that is still to be believed does not: the test above."""
    old = shown(tmp_path, rendered(Site(), timedelta(seconds=1)), dark=False, wait=4500)
    assert all(frame["stale"] and not frame["bad"] for frame in old)


def test_with_script_an_old_page_says_so_at_once(tmp_path: Path) -> None:
    """The site's life was in November 2026; its page is believed until long after, or not any more."""
    assert all(
        frame["stale"] for frame in shown(tmp_path, rendered(Site(), timedelta(days=-9999)), dark=True, scripts=True)
    )
    fresh = shown(tmp_path, rendered(Site(), timedelta(days=36500)), dark=True, scripts=True)
    assert not any(frame["stale"] for frame in fresh)
