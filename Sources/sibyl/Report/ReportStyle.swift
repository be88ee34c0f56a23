/// The look of a report.
enum ReportStyle {
  static let sheet = """
    :root { color-scheme: light dark; --ink: #1d2430; --quiet: #5c6675; --paper: #ffffff; --raised: #f3f5f8; \
    --line: #d5dae2; --mark: #2f6fdb; --fill: #2f6fdb33; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --quiet: #9aa5b5; --paper: #14181f; \
    --raised: #1e242e; --line: #323b49; --mark: #7aa9f7; --fill: #7aa9f733; } }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem; }
    h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
    h3 { font-size: .95rem; margin: 1rem 0 .25rem; color: var(--quiet); }
    pre, code { font-family: ui-monospace, monospace; font-size: .9em; }
    pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; \
    overflow-x: auto; white-space: pre-wrap; }
    .quiet { color: var(--quiet); }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1rem 0; }
    .tiles div { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; }
    .tiles dt { color: var(--quiet); font-size: .85rem; } .tiles dd { margin: 0; font-size: 1.3rem; }
    .bar { display: grid; grid-template-columns: 12rem 1fr 6rem 4.5rem; gap: .75rem; align-items: center; }
    .bar .label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .track { background: var(--raised); border-radius: 3px; height: .9rem; }
    .track span { display: block; height: 100%; background: var(--mark); border-radius: 3px; min-width: 1px; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    svg { width: 100%; max-width: 40rem; height: auto; display: block; }
    svg rect { fill: var(--mark); } svg polygon { fill: var(--fill); }
    svg polyline { fill: none; stroke: var(--mark); stroke-width: 1.5; }
    svg line { stroke: var(--line); } svg text { fill: var(--quiet); font-size: 11px; }
    table { border-collapse: collapse; width: 100%; }
    th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .85rem; }
    th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
    td:last-child { overflow-wrap: anywhere; }
    @media (max-width: 40rem) { .bar { grid-template-columns: 7rem 1fr 4rem 3.5rem; gap: .4rem; } }
    """
}
