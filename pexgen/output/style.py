"""How the HTML form looks: on a screen, light or dark, in a narrow pane of a ticket system, and on paper."""

from __future__ import annotations

STYLE = """\
:root { --text: #1a1a1a; --page: #fff; --edge: #bbb; --code: #f2f2f2; --link: #0b57d0; --high: #b3261e;
  --medium: #8a5a00; --low: #2e6b34; --line: #555; --refused: #fdecea; --mailbox: #fdf1e3; --object: #f4f4f4;
  --identity: #e8f0fe }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --page: #1b1c1e; --edge: #555; --code: #2a2c2f;
  --link: #9ec1ff; --high: #ff9a92; --medium: #f0c46b; --low: #9fd7a5; --line: #aaa; --refused: #4a2422;
  --mailbox: #43341f; --object: #2f3235; --identity: #22324d } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 .5rem }
a { color: var(--link) }
nav { border: 1px solid var(--edge); padding: .3rem 1rem; font-size: .9rem }
nav ul { margin: .4rem 0; columns: 17rem; column-gap: 2rem } nav li { break-inside: avoid }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: .85rem }
th, td { border: 1px solid var(--edge); padding: .3rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th[scope=row] { width: 24% }
.who th:nth-child(1) { width: 25% } .who th:nth-child(2) { width: 24% } .who th:nth-child(3) { width: 16% }
.step th:nth-child(1) { width: 20% } .step th:nth-child(2) { width: 9% } .step th:nth-child(3) { width: 17% }
.steps th:nth-child(1) { width: 22% } .steps th:nth-child(2) { width: 13% } .changed th:nth-child(1) { width: 26% }
.task th:nth-child(1) { width: 28% }
.done th:nth-child(1) { width: 17% } .done th:nth-child(2) { width: 9% } .done th:nth-child(5) { width: 14% }
.done th:nth-child(4) { width: 34% } .run th:nth-child(1) { width: 12% } .run th:nth-child(3) { width: 42% }
.high { color: var(--high); font-weight: bold } .medium { color: var(--medium); font-weight: bold }
.low { color: var(--low); font-weight: bold }
#in-short + ul { border-left: .3rem solid var(--high); padding-left: 2rem }
.whole { display: inline-block; max-width: 100%; overflow-wrap: anywhere }
pre { background: var(--code); padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
svg { width: 100%; height: auto; margin: 1rem 0; font: 12px/1 system-ui, sans-serif; break-inside: avoid }
svg text { fill: var(--text) } svg .line { fill: none; stroke: var(--line); stroke-width: 1.5 }
svg path.tip:not(.line), svg text.tip { fill: var(--line) }
svg path.stop:not(.line), svg text.stop { fill: var(--high) }
svg .line.stop { stroke: var(--high) } svg rect { stroke: #888 }
svg .refused { fill: var(--refused) } svg .mailbox { fill: var(--mailbox) } svg .object { fill: var(--object) }
svg .identity { fill: var(--identity) }
@media (max-width: 40rem) { table, tbody, tr, th, td { display: block; width: auto }
  tr:has(th[scope=col]) { display: none }
  .who th:nth-child(n), .step th:nth-child(n), .task th:nth-child(n), th[scope=row] { width: auto }
  .steps th:nth-child(n), .changed th:nth-child(n) { width: auto }
  table th:nth-child(n), th[scope=row] { width: auto !important }
  tr { border: 1px solid var(--edge); margin-bottom: .5rem } td, th { border: 0 }
  td[data-head]::before { content: attr(data-head) ": "; font-weight: bold }
  .picture { overflow-x: auto } svg { min-width: 46rem } }
@page picture { size: A4 landscape }
@media print { :root { --text: #000; --page: #fff; --edge: #999; --code: #f2f2f2; --link: #000; --line: #333 }
  table { font-size: .75rem } body { max-width: none; margin: 0; font-size: 11pt } h2, h3 { break-after: avoid }
  tr, pre { break-inside: avoid } nav { display: none } .picture { page: picture; overflow: hidden } }"""
