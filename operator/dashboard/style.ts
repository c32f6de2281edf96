// The dashboard's style sheet and icon: system fonts, light and dark, readable on a phone. Text alone, served by
// server.ts; it lives in a module so that the bundled operator needs no files beside it.

export const STYLE = `
:root {
  --ground: #f6f7f9; --surface: #ffffff; --line: #dfe3e8; --text: #17202b; --quiet: #5a6675;
  --accent: #1f5fbf; --track: #e6eaf0;
  --good: #176b3a; --good-ground: #e2f4e8; --waiting: #7a5200; --waiting-ground: #fbf0d5;
  --bad: #a3211d; --bad-ground: #fde6e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151b; --surface: #18202a; --line: #2b3644; --text: #e5eaf0; --quiet: #9dabbb;
    --accent: #74a9f7; --track: #2a3543;
    --good: #7fd6a0; --good-ground: #16341f; --waiting: #edc46b; --waiting-ground: #3a2e12;
    --bad: #ff9c94; --bad-ground: #431c1a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.25rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; }
h1 { display: flex; align-items: center; gap: .6rem; font-size: 1.35rem; letter-spacing: -.01em; }
h2 { margin: 2rem 0 .6rem; font-size: 1.05rem; }
h3 { font-size: 1rem; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; }
.source { color: var(--quiet); overflow-wrap: anywhere; }
.live { margin-left: auto; color: var(--quiet); font-size: .87rem; }
.live::before {
  content: ""; display: inline-block; width: .55rem; height: .55rem; margin-right: .45rem; border-radius: 50%;
  background: var(--quiet);
}
.live.on::before { background: var(--good); }
.live.lost { color: var(--bad); }
.live.lost::before { background: var(--bad); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .3rem .8rem; background: var(--surface); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.notice { margin-top: 1rem; padding: .6rem .9rem; border-radius: .5rem; background: var(--waiting-ground); color: var(--waiting); }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem; margin-top: 1.2rem; }
.total { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); }
.total dt { color: var(--quiet); font-size: .85rem; }
.total dd { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.total.attention dd { color: var(--bad); }
.card { margin-bottom: .8rem; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); }
.card-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem 1rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1rem; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
.pills { display: flex; flex-wrap: wrap; gap: .35rem; margin-left: auto; }
.pill { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; white-space: nowrap; }
.pill.good { background: var(--good-ground); color: var(--good); }
.pill.waiting { background: var(--waiting-ground); color: var(--waiting); }
.pill.bad { background: var(--bad-ground); color: var(--bad); }
.findings { margin-top: .7rem; padding: .55rem .9rem .55rem 1.9rem; border-radius: .5rem; background: var(--bad-ground); color: var(--bad); overflow-wrap: anywhere; }
.reason { color: var(--bad); font-size: .88rem; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .88rem; }
.rules { margin-top: .8rem; padding-left: 1.3rem; }
.rule { padding: .3rem 0 .3rem .3rem; }
.rule::marker { color: var(--quiet); font-variant-numeric: tabular-nums; }
.rule-head { display: flex; flex-wrap: wrap; gap: .2rem .8rem; overflow-wrap: anywhere; }
.rule-head span { color: var(--quiet); }
.backends { padding: 0; list-style: none; }
.backend { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr) 9rem 4.5rem; align-items: center; gap: .2rem .8rem; padding: .18rem 0; }
.tier { color: var(--quiet); font-size: .87rem; }
.target { overflow-wrap: anywhere; }
.share { text-align: right; font-variant-numeric: tabular-nums; }
.share.out { grid-column: 3 / span 2; color: var(--quiet); }
.bar { width: 100%; height: 6px; }
.bar .track { fill: var(--track); }
.bar .fill { fill: var(--accent); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { min-width: 4rem; padding: .45rem .8rem; text-align: left; vertical-align: top; }
td:first-child, td:nth-child(2) { white-space: nowrap; }
td .reason { max-width: 36rem; white-space: normal; }
th { color: var(--quiet); font-size: .82rem; font-weight: 600; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.empty { padding: .9rem 1.1rem; border: 1px dashed var(--line); border-radius: .6rem; color: var(--quiet); }
.rest { margin-top: .4rem; color: var(--quiet); font-size: .88rem; }
@media (max-width: 44rem) {
  .pills { margin-left: 0; }
  .backend { grid-template-columns: minmax(0, 1fr) 4.5rem; }
  .tier { grid-column: 1 / -1; }
  .bar { display: none; }
  .share.out { grid-column: 2; }
}
`

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#1f5fbf"/>
<path d="M6 16h7c5 0 4-7 9-7M13 16c5 0 4 7 9 7" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
<circle cx="24.5" cy="9" r="2.6" fill="#fff"/><circle cx="24.5" cy="23" r="2.6" fill="#fff"/>
</svg>
#explain label { display: block; font-weight: 600; }
#explain input, #explain textarea { width: 100%; box-sizing: border-box; font: inherit; padding: 0.4rem; }
#explain textarea { font-family: ui-monospace, monospace; }
#explain pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`
