/// The style sheet of the report: system fonts, both themes, a phone's width and paper.
struct ReportStyle: Sendable {
  let text: String

  static let standard = ReportStyle(
    text: ":root{color-scheme:light dark;" + variables(.light) + "}\n"
      + "@media (prefers-color-scheme:dark){:root{" + variables(.dark) + "}}\n" + rules
      // Paper is light, whatever the screen was.
      + "@media print{:root{color-scheme:light;" + variables(.light) + "}" + printRules + "}\n")

  private static func variables(_ palette: ReportPalette) -> String {
    var pairs = [
      ("page", palette.page), ("panel", palette.panel), ("ink", palette.ink), ("quiet", palette.quiet),
      ("line", palette.line), ("link", palette.link), ("alarm", palette.alarm), ("good", palette.good),
      ("notice", palette.notice.surface), ("notice-ink", palette.notice.ink),
    ]
    for (level, shade) in palette.heat.enumerated() {
      pairs += [("heat\(level + 1)", shade.surface), ("heat\(level + 1)-ink", shade.ink)]
    }
    return pairs.map { "--\($0):\($1.text);" }.joined()
  }

  private static let rules = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"Noto Sans",sans-serif;\
    overflow-wrap:anywhere}
    header,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
    header{padding-top:1.5rem}
    footer{padding-bottom:3rem;color:var(--quiet);font-size:.9rem}
    h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem}
    h2{font-size:1.3rem;line-height:1.25;margin:2.5rem 0 .5rem;padding-top:.75rem;border-top:2px solid var(--ink)}
    h3{font-size:1.1rem;margin:0}
    h4{font-size:1rem;margin:1rem 0 .15rem}
    p{margin:.35rem 0;max-width:46rem}
    a{color:var(--link)}
    a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    bdi{unicode-bidi:isolate}
    code,.code{font-family:ui-monospace,"Noto Sans Mono",monospace;font-size:.92em}
    .quiet{color:var(--quiet)}
    .good{color:var(--good);font-weight:600}
    .alarm{color:var(--alarm);font-weight:600}
    .notice{background:var(--notice);color:var(--notice-ink);border:2px solid var(--alarm);padding:.6rem .9rem;\
    font-weight:600;max-width:none;margin:0 0 1rem}
    nav ul{list-style:none;margin:1rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.15rem 1.25rem}
    nav a{display:inline-block;padding:.3rem 0}
    dl{margin:0}dd{margin:0}
    .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.6rem;margin:1.25rem 0 0}
    .facts div{background:var(--panel);padding:.55rem .8rem;border-radius:.35rem}
    .facts dt{color:var(--quiet);font-size:.85rem}
    .facts dd{font-size:1.25rem;font-weight:600;line-height:1.3}
    .facts .more{display:block;font-size:.85rem;font-weight:400;color:var(--quiet)}
    .facts .more.alarm{color:var(--alarm);font-weight:600}
    .pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem}
    .pairs dt{color:var(--quiet)}
    .items{list-style:none;margin:1rem 0 0;padding:0}
    .items>li{border:1px solid var(--line);border-left:5px solid var(--alarm);border-radius:.35rem;\
    padding:.8rem 1rem;margin:0 0 1rem}
    .figures{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.88rem;color:var(--quiet)}
    .figures div{display:flex;gap:.35rem}
    .figures dd{color:var(--ink);font-variant-numeric:tabular-nums}
    details{margin:.35rem 0}
    summary{cursor:pointer;padding:.3rem 0;color:var(--link)}
    .scroll{overflow-x:auto;margin:.75rem 0}
    table{border-collapse:collapse;min-width:min(100%,24rem);font-size:.92rem;font-variant-numeric:tabular-nums}
    caption{text-align:start;color:var(--quiet);font-size:.88rem;padding:0 0 .4rem}
    .said{display:block;position:sticky;left:0;max-width:min(46rem,calc(100vw - 2.2rem))}
    th,td{text-align:start;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);\
    overflow-wrap:normal}
    thead th{background:var(--panel);font-weight:600;vertical-align:bottom}
    tbody th{font-weight:600}
    .h{text-align:end}
    .n{text-align:end;white-space:nowrap}
    .w{white-space:nowrap}
    .who{min-width:10rem;max-width:18rem;overflow-wrap:anywhere}
    .names{min-width:14rem;overflow-wrap:anywhere}
    .heat{width:100%;max-width:46rem;table-layout:fixed;margin:.75rem 0 1.75rem}
    .heat th,.heat td{padding:.18rem .1rem;text-align:center;border:1px solid var(--page)}
    .heat thead th:first-child,.heat tbody th{width:3.6rem;text-align:start;font-weight:400;color:var(--quiet);\
    background:none;white-space:nowrap;vertical-align:middle}
    .heat thead th{font-size:.88em}
    .days thead th:first-child,.days tbody th{width:6.6rem}
    .heat td{height:1.9rem;vertical-align:middle}
    .heat .zero{color:var(--quiet)}
    .heat .off{box-shadow:inset 0 0 0 1px var(--line)}
    .heat small{display:block;font-size:.72rem;line-height:1;opacity:1}
    .h1{background:var(--heat1);color:var(--heat1-ink)}
    .h2{background:var(--heat2);color:var(--heat2-ink)}
    .h3{background:var(--heat3);color:var(--heat3-ink)}
    .h4{background:var(--heat4);color:var(--heat4-ink)}
    .h5{background:var(--heat5);color:var(--heat5-ink)}
    .short{display:none}
    svg{display:block}
    .track{fill:var(--panel)}
    .range{fill:var(--line)}
    .tick{stroke:var(--ink);stroke-width:2}
    .dot{fill:var(--link)}
    .dot.far{fill:var(--alarm)}
    .covered{fill:var(--good)}
    @media (max-width:40rem){
    h1{font-size:1.45rem}
    .long{display:none}.short{display:inline}
    .pairs{grid-template-columns:1fr}.pairs dd{margin-bottom:.35rem}
    .items>li{padding:.7rem .75rem}
    .facts{grid-template-columns:repeat(2,1fr)}
    .first{position:sticky;left:0;background:var(--page);max-width:9rem}
    thead .first{background:var(--panel)}
    .heat{font-size:.82rem}
    .heat thead th:first-child,.heat tbody th{width:3rem}
    .who{min-width:9rem}
    .names{min-width:22rem}
    .items .said{max-width:calc(100vw - 5rem)}
    }

    """

  private static let printRules = """
    @page{margin:14mm}
    html{font-size:9.5pt}
    .facts{grid-template-columns:repeat(6,1fr);gap:.4rem}
    .facts dd{font-size:1.1rem}
    .brief{break-inside:avoid}
    header,main,footer{max-width:none;padding:0}
    nav{display:none}
    h2{break-after:avoid}h3,h4{break-after:avoid}
    tr,.facts,.heat,.figures{break-inside:avoid}
    p,.said{break-inside:avoid}
    [id=people]{break-before:page}
    thead{display:table-header-group;break-after:avoid}
    tbody tr:first-child{break-before:avoid}
    .scroll{overflow:visible}
    .said{position:static;max-width:none}
    table{font-size:.85rem}
    th,td{padding:.15rem .35rem}
    a{color:inherit;text-decoration:none}
    summary{color:inherit;list-style:none}
    details::details-content{content-visibility:visible;block-size:auto}
    .heat td,.notice,.facts div,thead th,svg{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    .days thead th:first-child,.days tbody th{width:6.6rem}
    .heat td{height:auto}
    """
}
