/// The page's style sheet. Colours are told apart by who does not see red or green, and never stand alone: lines have dashes
/// and shapes, too.
enum PageStyle {
    static let sheet: Markup = """
        :root {
          --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --line: #d8dee4; --wash: #f5f7f9; --link: #0b5cad;
          --queue: #c2460a; --lock: #0567ad; --fence: #00805f; --deferred: #a03c85; --idle: #6b7280;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --ink: #e6e9ec; --soft: #a3acb5; --paper: #14181c; --line: #343b42; --wash: #1c2228; --link: #7ab8f5;
            --queue: #ff9550; --lock: #62b5f2; --fence: #41cfa4; --deferred: #eb9ad0; --idle: #9aa4ae;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 68rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          overflow-wrap: break-word;
        }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; }
        h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.5rem 0 0.5rem; padding-top: 0.75rem; border-top: 2px solid var(--line); }
        h3 { font-size: 1.05rem; margin: 1.5rem 0 0.25rem; }
        p { margin: 0.5rem 0; max-width: 46rem; }
        a { color: var(--link); }
        nav ul { padding: 0; margin: 0.75rem 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
        nav a { display: inline-block; padding: 0.2rem 0; }
        .lead { font-size: 1.05rem; }
        .note, footer { color: var(--soft); font-size: 0.9rem; }
        code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
        .figures { display: grid; gap: 2rem 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); margin-top: 1.5rem; }
        figure { margin: 0; min-width: 0; }
        figure.wide { grid-column: 1 / -1; }
        .wide .figures { margin-top: 0; gap: 0 2.5rem; }
        figcaption { font-size: 0.95rem; min-height: 3em; }
        .plot { display: block; width: 100%; max-width: 32rem; height: auto; margin: 0.5rem 0; }
        .plot text { font: 10.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); }
        .plot .name { fill: var(--ink); font-weight: 600; }
        .grid { stroke: var(--line); stroke-width: 0.75; fill: none; }
        .line { fill: none; stroke-width: 1.7; stroke-linejoin: round; }
        .mark { stroke: var(--paper); stroke-width: 0.6; }
        .open { fill: none; stroke-width: 1.6; }
        .gap { fill: none; stroke-width: 1.1; }
        .drain { fill: none; stroke: var(--soft); stroke-width: 0.6; }
        .line.queue, .open.queue, .gap.queue { stroke: var(--queue); } .mark.queue { fill: var(--queue); }
        .line.lock, .open.lock, .gap.lock { stroke: var(--lock); } .mark.lock { fill: var(--lock); }
        .line.fence, .open.fence, .gap.fence { stroke: var(--fence); } .mark.fence { fill: var(--fence); }
        .line.deferred, .open.deferred, .gap.deferred { stroke: var(--deferred); } .mark.deferred { fill: var(--deferred); }
        .line.idle, .gap.idle { stroke: var(--idle); }
        .line.other, .gap.other { stroke: var(--ink); }
        .swatch { vertical-align: -1px; margin-right: 0.4rem; }
        .scroll { overflow-x: auto; margin: 0.75rem 0; }
        .scroll:focus-visible { outline: 2px solid var(--link); }
        table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding-bottom: 0.25rem; }
        caption span { display: block; position: sticky; left: 0; max-width: min(46rem, 100vw - 2rem); }
        th, td { padding: 0.25rem 0.6rem 0.25rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); }
        thead th { vertical-align: bottom; font-weight: 600; color: var(--soft); }
        th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
        tbody th { font-weight: 500; }
        td, .policy { white-space: nowrap; }
        td small { display: block; color: var(--soft); font-size: 0.8em; white-space: nowrap; }
        th small { color: var(--soft); font-weight: 400; }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0.25rem 2rem; font-size: 0.95rem; }
        dl div { display: flex; gap: 0.75rem; border-bottom: 1px solid var(--line); padding: 0.2rem 0; }
        dt { color: var(--soft); flex: 0 0 8rem; }
        dd { margin: 0; min-width: 0; }
        @media (max-width: 30rem) {
          body { padding: 0.75rem 1rem 2rem; }
          table { font-size: 0.75rem; }
          th, td { padding-right: 0.35rem; }
          .swatch { width: 26px; margin-right: 0.2rem; }
        }
        @page { margin: 14mm; }
        @media print {
          body { max-width: none; padding: 0; font-size: 10pt; }
          nav { display: none; }
          a { color: inherit; text-decoration: none; }
          .scroll { overflow: visible; }
          .figures { display: block; }
          .figures > * { display: inline-block; width: 49%; vertical-align: top; }
          .figures > .wide { width: 100%; }
          table { font-size: 7.5pt; }
          th:first-child { position: static; }
          th, td { padding: 0.1rem 0.35rem 0.1rem 0; }
          h2, h3, caption { break-after: avoid; }
          figure, tr { break-inside: avoid; }
          section { break-before: page; }
          section:first-of-type, #peers, #machine { break-before: auto; }
          .plot { max-width: 78mm; }
          figcaption { min-height: 0; }
        }
        """
}
