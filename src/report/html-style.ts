/** The look of the HTML report. Colours pass WCAG AA on their ground in both schemes; no rule loads anything. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf8; --card: #ffffff; --ink: #1d1f23; --soft: #5b6068; --rule: #e3e0da; --shade: #f3f1ec;
  --good: #17693a; --good-ground: #e4f3e9; --bad: #a8231d; --bad-ground: #fbe9e7;
  --wait: #7f5200; --wait-ground: #fbf0d8; --quiet: #4a5160; --quiet-ground: #eceef2;
  --link: #1f5aa8; --added: #e4f3e9; --removed: #fbe9e7; --hunk: #5a4b96;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15171a; --card: #1c1f23; --ink: #e6e5e1; --soft: #a3a8b1; --rule: #31353b; --shade: #23272c;
    --good: #7fd3a0; --good-ground: #17301f; --bad: #ff9a92; --bad-ground: #3b1b19;
    --wait: #f0c36a; --wait-ground: #35290f; --quiet: #b4bbc8; --quiet-ground: #2a2f37;
    --link: #8fbcff; --added: #16301f; --removed: #3a1c1b; --hunk: #b9aaf0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
.page { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
code, pre, .run code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .875em; overflow-wrap: anywhere; white-space: pre-wrap; }
p code, li code, dd code, td code, blockquote code { background: var(--shade); border-radius: 4px; padding: .1em .35em; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
p { margin: .6rem 0; overflow-wrap: anywhere; }

header {
  background: var(--card); border: 1px solid var(--rule); border-top: 6px solid var(--tone); border-radius: 12px;
  padding: 1.5rem 1.75rem 1.25rem;
}
.good { --tone: var(--good); --tone-ground: var(--good-ground); }
.bad { --tone: var(--bad); --tone-ground: var(--bad-ground); }
.wait { --tone: var(--wait); --tone-ground: var(--wait-ground); }
.quiet { --tone: var(--quiet); --tone-ground: var(--quiet-ground); }
.run { margin: 0; color: var(--soft); font-size: .875rem; }
h1 { margin: .15rem 0 .5rem; font-size: 2.1rem; line-height: 1.2; letter-spacing: -.015em; color: var(--tone); overflow-wrap: anywhere; }
.lead p:first-child { font-size: 1.1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.4rem; margin: 1.25rem 0 0; padding-top: 1.1rem; border-top: 1px solid var(--rule); }
.figures div { display: block; }
.figures dt { color: var(--soft); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.1rem; font-weight: 600; font-variant-numeric: tabular-nums; }

nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; margin: 1.25rem 0 0; padding: 0 .25rem; font-size: .9rem; }
section { margin-top: 2.75rem; }
h2 { margin: 0 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--rule); font-size: 1.25rem; letter-spacing: -.005em; }
section ul { margin: .6rem 0; padding-left: 1.25rem; }
li { margin: .2rem 0; overflow-wrap: anywhere; }
section > dl { margin: .75rem 0; }
section dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .1rem 1rem; padding: .2rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
blockquote { margin: .75rem 0; padding: .6rem 1rem; border-left: 3px solid var(--rule); background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; }

.badge { display: inline-block; padding: 0 .55em; border-radius: 999px; background: var(--tone-ground); color: var(--tone); font-size: .8125rem; font-weight: 600; line-height: 1.6; }
.callout { padding: .75rem 1rem; border-left: 4px solid var(--tone); border-radius: 4px; background: var(--tone-ground); color: var(--ink); }
.callout strong { color: var(--tone); }

.scroll { overflow-x: auto; margin: 1rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .925rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .35rem; }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; text-align: left; overflow-wrap: anywhere; }
th { color: var(--soft); font-size: .8125rem; font-weight: 600; overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }

details { margin: .5rem 0; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
summary { padding: .45rem .85rem; cursor: pointer; overflow-wrap: anywhere; }
details > div { padding: 0 .85rem .5rem; border-top: 1px solid var(--rule); }
summary .size { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; }
pre { margin: .6rem 0; padding: .75rem 1rem; overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px; background: var(--shade); font-size: .8125rem; line-height: 1.5; tab-size: 4; }
details > pre { margin: 0; border: 0; border-top: 1px solid var(--rule); border-radius: 0 0 8px 8px; }
.diff { padding: .5rem 0; background: var(--card); }
.diff span { display: block; padding: 0 1rem; min-width: max-content; }
.diff .added { background: var(--added); }
.diff .removed { background: var(--removed); }
.diff .hunk { color: var(--hunk); }
.diff .header { color: var(--soft); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .875rem; }

@media (max-width: 40rem) {
  .page { padding: 1rem .85rem 3rem; }
  header { padding: 1.1rem 1.1rem 1rem; }
  h1 { font-size: 1.6rem; }
  section dl > div { grid-template-columns: 1fr; padding: .35rem 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; width: 100%; }
  caption { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--rule); }
  td { padding: .15rem 0; border: 0; }
  td:empty { display: none; }
  td.number { text-align: left; white-space: normal; }
  td::before { content: attr(data-label) " "; color: var(--soft); font-size: .8125rem; margin-right: .35rem; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --shade: #f6f6f6; }
  body { font-size: 11pt; }
  .page { max-width: none; padding: 0; }
  nav { display: none; }
  section { break-inside: auto; }
  h2, tr, .callout { break-inside: avoid; break-after: auto; }
  pre, .diff span { white-space: pre-wrap; min-width: 0; overflow-wrap: anywhere; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
