# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks of the status page. A test computes the contrast of every pair of colours that meet on it (WCAG 2, AA)."""

from __future__ import annotations

#: name -> light, dark
PALETTE = {
    "ink": ("#1b1f24", "#e6edf3"),
    "soft": ("#4d5661", "#a9b4bf"),
    "paper": ("#ffffff", "#0d1117"),
    "card": ("#f4f6f8", "#161b22"),
    "line": ("#7c8591", "#6b7683"),
    "good": ("#116329", "#56d364"),
    "warn": ("#7d4e00", "#e3b341"),
    "bad": ("#a40e26", "#ff8b84"),
    "dunno": ("#5a32a3", "#c9a7ff"),
    "onlevel": ("#ffffff", "#0d1117"),
    "span": ("#0b5cad", "#58a6ff"),
}

#: foreground, background, least contrast: 4.5 for text, 3 for large text and for pictures.
PAIRS = (
    ("ink", "paper", 4.5),
    ("ink", "card", 4.5),
    ("soft", "paper", 4.5),
    ("soft", "card", 4.5),
    *((level, ground, 4.5) for level in ("good", "warn", "bad", "dunno") for ground in ("paper", "card")),
    *(("onlevel", level, 4.5) for level in ("good", "warn", "bad", "dunno")),
    ("line", "paper", 3.0),
    ("line", "card", 3.0),
    ("span", "card", 3.0),
    ("bad", "card", 3.0),
)

LEVEL_CLASSES = {"OK": "good", "WARNING": "warn", "CRITICAL": "bad", "UNKNOWN": "dunno"}
#: Colour is never the only sign.
SIGNS = {"OK": "✔", "WARNING": "!", "CRITICAL": "✘", "UNKNOWN": "?"}


def style() -> str:
    """The style sheet."""
    light = ";".join(f"--{name}:{pair[0]}" for name, pair in PALETTE.items())
    dark = ";".join(f"--{name}:{pair[1]}" for name, pair in PALETTE.items())
    return f":root{{color-scheme:light dark;{light}}}\n@media(prefers-color-scheme:dark){{:root{{{dark}}}}}\n{_RULES}"


_RULES = """*{box-sizing:border-box}
html{font-size:clamp(15px,0.55rem + 0.55vw,22px)}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:anywhere;
font-family:system-ui,"Segoe UI",sans-serif;line-height:1.45}
main{max-width:100rem;margin:0 auto;padding:.8rem}
.en{font-size:.82em;font-weight:400;color:var(--soft)}
header{border-radius:.6rem;padding:1rem 1.3rem;color:var(--onlevel)}
header .en,header p,.stale .en{color:var(--onlevel)}header p{margin:.1rem 0}
header.good{background:var(--good)}header.warn{background:var(--warn)}
header.bad{background:var(--bad)}header.dunno{background:var(--dunno)}
h1{margin:.1rem 0;font-size:clamp(1.6rem,1rem + 3.4vw,4.4rem);line-height:1.12;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:1.3rem 0 .5rem}h3{font-size:1rem;margin:0}
section{min-width:0}
ul{list-style:none;margin:0;padding:0}
.stale{display:none;background:var(--bad);color:var(--onlevel);padding:.6rem 1.3rem;border-radius:.6rem;font-weight:700;
margin-bottom:.6rem}
.stale.shown{display:block}
.grid{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr))}
.card{background:var(--card);border:1px solid var(--line);border-left:.4rem solid var(--line);border-radius:.5rem;
padding:.6rem .9rem;min-width:0;overflow-wrap:anywhere}
.card.good{border-left-color:var(--good)}.card.warn{border-left-color:var(--warn)}
.card.bad{border-left-color:var(--bad)}.card.dunno{border-left-color:var(--dunno)}
.card p{margin:.15rem 0}.big{font-size:1.7rem;font-weight:700;line-height:1.2}
.sign{font-weight:700}.sign.good{color:var(--good)}.sign.warn{color:var(--warn)}
.sign.bad{color:var(--bad)}.sign.dunno{color:var(--dunno)}
code{font-family:ui-monospace,Consolas,monospace;font-size:.9em;overflow-wrap:anywhere}
.do li{margin:.5rem 0}.do code{display:block;white-space:pre-wrap;margin-top:.25rem}
.strip{margin:.5rem 0}.strip svg,.days svg{display:block;width:100%;height:1.5rem;background:var(--card);
border:1px solid var(--line)}
.days svg{height:3rem}
.span{fill:var(--span)}.hole{fill:var(--bad)}.tick{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.scale{position:relative;height:1.3em;font-size:.78rem;color:var(--soft);overflow:hidden}
.scale span{position:absolute;white-space:nowrap}.scale .last{right:0}
.day.good{fill:var(--good)}.day.warn{fill:var(--warn)}.day.bad{fill:var(--bad)}.day.dunno{fill:var(--dunno)}
.lines li{padding:.3rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.key{font-size:.85rem;color:var(--soft)}
footer{color:var(--soft);margin-top:1.4rem;font-size:.85rem}
@media(min-width:1600px){.wide{display:grid;gap:1.2rem;grid-template-columns:1fr 1fr}}
@media(max-width:30rem){.scale span:nth-child(odd){display:none}.scale span.last{display:block}}
@media print{header,.stale{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
