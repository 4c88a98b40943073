# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks of the report page: for a desk, a phone and A4. Nothing is fetched, nothing is run."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--card:#f6f8fa;
--good:#116329;--wait:#7d4e00;--bad:#a40e26;--mark:#0969da;--ok:#116329;--no:#a40e26}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;--line:#30363d;--card:#161b22;
--mark:#4493f8;--ok:#56d364;--no:#ff7b72}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
header{color:#fff;border-radius:.6rem;padding:1rem 1.4rem}header p{margin:0}header .en,header p{color:#fff;opacity:.92}
header.good{background:var(--good)}header.wait{background:var(--wait)}header.bad{background:var(--bad)}
h1{margin:.1rem 0;font-size:2rem;line-height:1.2}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.nb{white-space:nowrap}.en{color:var(--soft);font-size:.85em;font-weight:400}small{color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem;margin:1rem 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .8rem}
dt{color:var(--soft);font-size:.9em}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.93rem}
th{text-align:left;border-bottom:2px solid var(--line);padding:.35rem .5rem;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:.35rem .5rem;vertical-align:top;overflow-wrap:anywhere}
td>div{min-width:3.2rem}td:first-child>div{overflow-wrap:break-word}
code{font-size:.85em;overflow-wrap:anywhere}.hash{word-break:break-all;font-size:.75em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}
.ok{color:var(--ok)}.no{color:var(--no)}
ul.bad{border-left:.4rem solid var(--no);padding:.3rem 1rem;list-style:none}
.blank{border-bottom:1px solid var(--soft);min-height:2rem}
svg{width:100%;height:auto;display:block}svg text{fill:var(--ink);font:15px system-ui,sans-serif}
svg .label{font-size:13px}svg .soft{fill:var(--soft);font-size:13px}svg .name{font-weight:700;font-size:17px}
svg .road{stroke:var(--line);stroke-width:4}svg .gone{stroke:var(--mark);stroke-width:4}
svg .stop{fill:var(--paper);stroke:var(--line);stroke-width:4}svg .seen{fill:var(--mark);stroke:var(--mark)}
svg rect{fill:var(--mark)}svg rect.other{opacity:.55}svg .limit{stroke:var(--no);stroke-width:3;stroke-dasharray:6 4}
svg.bar{min-width:5rem;height:.7rem;background:var(--card)}.tall{display:none}
footer{color:var(--soft);margin-top:2rem;font-size:.85rem;overflow-wrap:anywhere}
@media screen and (max-width:48rem){thead{display:none}.wide{display:none}.tall{display:block;max-width:22rem}
h1{font-size:1.6rem}main{padding:.7rem}
tr{display:block;border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}
dl{grid-template-columns:1fr 1fr;gap:.4rem}
td{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:.6rem;border:0;padding:.15rem .6rem}
td::before{content:attr(data-head);color:var(--soft);font-size:.8rem}}
@page{size:A4;margin:14mm 12mm}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--line:#bbb;--card:#fff;--mark:#0550ae;
--ok:#116329;--no:#a40e26}
html,body{font-size:10px}main{max-width:none;padding:0 2px}table{font-size:9px}time,small{white-space:nowrap}
h1{font-size:18px}h2{font-size:12px;margin:12px 0 4px}
header,svg rect,svg circle{-webkit-print-color-adjust:exact;print-color-adjust:exact}header{padding:8px 12px}
dl{grid-template-columns:repeat(4,1fr);gap:4px;margin:6px 0}dl div{padding:3px 6px}
tr,header,dl div,svg{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}}
"""
