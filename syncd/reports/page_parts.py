"""The style and the script of a report's page. Its security policy names them by their hashes: nothing else runs.

Colours go by the reader's light or dark setting. Narrower than 640 pixels, each row is a card; a grid scrolls.
"""

from __future__ import annotations

STYLE = """\
:root{color-scheme:light dark;--ink:#1c1d22;--soft:#63666f;--line:#e2e3e8;--page:#fff;--card:#f6f6f8;--one:#3d6df2;
--two:#e8833a;--three:#2a9d7c;--four:#a256c9;--warn:#fff6df}
@media(prefers-color-scheme:dark){:root{--ink:#ecedf1;--soft:#a0a3ad;--line:#33353d;--page:#17181c;--card:#202227;
--one:#7b9cff;--two:#f0a267;--three:#55c2a2;--four:#c48be6;--warn:#3a3118}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:80rem;padding:1.5rem;background:var(--page);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:1.45rem;line-height:1.25;margin:0 0 .2rem}
p{margin:.2rem 0}.of,.sum,figcaption,footer{color:var(--soft)}
.notes{background:var(--warn);border-radius:.5rem;margin:1rem 0;padding:.6rem .9rem .6rem 2rem}
figure{margin:1.5rem 0}figcaption{margin-bottom:.5rem}svg{display:block;width:100%}
.bars{list-style:none;margin:0;padding:0;columns:2 20rem;column-gap:2.5rem}
.bars li{break-inside:avoid;padding:.2rem 0 .35rem}
.bars div{display:flex;justify-content:space-between;gap:1rem}
.bars div span:first-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars div span:last-child{white-space:nowrap}
.c0{fill:var(--one);stroke:var(--one)}.c1{fill:var(--two);stroke:var(--two)}
.c2{fill:var(--three);stroke:var(--three)}.c3{fill:var(--four);stroke:var(--four)}
rect{stroke:none}.back{fill:var(--card)}
.key{display:inline-block;height:.7rem;width:.7rem;vertical-align:baseline}
.key+span{margin:0 1rem 0 .35rem}
.plot{display:grid;grid-template-columns:auto 1fr;gap:.3rem .7rem;color:var(--soft);font-size:.85rem}
.plot svg{border-bottom:1px solid var(--line);border-left:1px solid var(--line);height:15rem;overflow:visible}
.plot .y{display:flex;flex-direction:column;justify-content:space-between;text-align:right}
.plot .x{display:flex;grid-column:2;justify-content:space-between}
.plot path{fill:none;vector-effect:non-scaling-stroke}
.run{stroke-width:2}.dot{stroke-linecap:round;stroke-width:7}
.all{margin-top:1rem;overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.4rem .5rem;text-align:left;vertical-align:top}
thead th{background:var(--page);position:sticky;top:0;white-space:nowrap}
.n{text-align:right;white-space:nowrap}.day{white-space:nowrap}td.ids{color:var(--soft);font-size:.85em}
td.t{overflow-wrap:break-word}td.w{white-space:nowrap}
tbody tr:hover{background:var(--card)}
tfoot td{border-bottom:0;border-top:2px solid var(--line);font-weight:600}
th button{all:unset;cursor:pointer;font-weight:600;
text-decoration:underline dotted var(--soft);text-underline-offset:.25em}
th button:focus-visible,.all:focus-visible{outline:2px solid var(--one);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.s1{background:color-mix(in srgb,var(--one) 8%,transparent)}
.s2{background:color-mix(in srgb,var(--one) 16%,transparent)}
.s3{background:color-mix(in srgb,var(--one) 26%,transparent)}
.s4{background:color-mix(in srgb,var(--one) 38%,transparent)}
.s5{background:color-mix(in srgb,var(--one) 52%,transparent)}
.none{background:var(--card);border-radius:.5rem;margin:1.5rem 0;padding:1.5rem}
footer{font-size:.85rem;margin-top:2rem}
.grid th,.grid td{padding:.35rem .45rem}
.grid td:first-child,.grid th:first-child{background:var(--page);left:0;position:sticky;z-index:1}
@media(max-width:640px){body{padding:1rem}.bars li:nth-child(n+11){display:none}}
@media print{body{max-width:none;padding:0;font-size:11px}thead{display:table-header-group}thead th{position:static}
tr{break-inside:avoid}th button{text-decoration:none}th button::after{content:""!important}*{print-color-adjust:exact}}
"""

CARDS = """\
@media screen and (max-width:640px){thead{display:none}table,tbody,tfoot{display:block}
tr{border:1px solid var(--line);border-radius:.6rem;display:grid;gap:.2rem 1rem;grid-template-columns:repeat(3,auto);
margin:.6rem 0;padding:.6rem .8rem}
td,td.n{border:0;display:block;padding:0;text-align:left}td::before{color:var(--soft);display:block;font-size:.75rem}
td:empty{display:none}
"""
"""Of pages whose rows become cards; each column's heading follows, then a closing brace."""

SCRIPT = """\
for (const head of document.querySelectorAll("thead th")) head.firstChild.onclick = () => {
  const body = document.querySelector("tbody"), at = head.cellIndex;
  const up = head.getAttribute("aria-sort") === "descending", number = head.className === "n" ? 1 : 0;
  const value = row => { const cell = row.cells[at]; return cell.dataset.v ?? cell.textContent; };
  const rows = [...body.rows].map(row => [value(row), row]);
  rows.sort(([a], [b]) => (a === "") - (b === "") || (number ? a - b : a.localeCompare(b)) * (up ? 1 : -1));
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...rows.map(([, row]) => row));
};
"""
"""Sorts the rows by a column when its heading is pressed, downwards first; what is missing stays last."""
