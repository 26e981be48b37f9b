/** The report's look: light and dark by the reader's system, black on white in print. No font is fetched. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5c6675;--line:#dfe3e8;--page:#f5f6f8;--card:#fff;--ok:#1a7f4b;--okbg:#e3f4ea;
--bad:#b3261e;--badbg:#fbe9e7;--warn:#8a5a00;--warnbg:#fdf1d8;--accent:#2459b3;--accentbg:#e6eefb;--me:#a9ea7a;--meink:#10240a;--them:#fff;--chat:#ededed}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#98a3b3;--line:#303845;--page:#12161c;--card:#1a2029;--ok:#5fd394;--okbg:#12321f;
--bad:#ff8a80;--badbg:#3d1a17;--warn:#f0bf5e;--warnbg:#392a0b;--accent:#8ab4f8;--accentbg:#1b2b47;--me:#3a7d2c;--meink:#f2fff0;--them:#2a323e;--chat:#12161c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:24px;margin:0}h2{font-size:19px;margin:36px 0 12px}h3{font-size:17px;margin:0}h4{font-size:13px;margin:22px 0 8px;color:var(--soft);font-weight:600}
p{margin:6px 0}a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.soft{color:var(--soft)}.small{font-size:13px}.mono,pre,code{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:12.5px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:14px 0}
.verdict{border-left:6px solid var(--soft)}.verdict.passed{border-left-color:var(--ok)}.verdict.failed{border-left-color:var(--bad)}
.figures{display:flex;flex-wrap:wrap;gap:28px;margin-top:14px}.figures b{display:block;font-size:24px;line-height:1.2}
.chip{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12.5px;font-weight:600;background:var(--line);color:var(--ink);white-space:nowrap}
.chip.passed{background:var(--okbg);color:var(--ok)}.chip.failed,.chip.unfinished{background:var(--badbg);color:var(--bad)}
.chip.skipped,.chip.not-started,.chip.uncovered{background:var(--warnbg);color:var(--warn)}.chip.fidelity{background:var(--accentbg);color:var(--accent)}
table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px}
th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}td.n{text-align:right;white-space:nowrap}
.wide{overflow-x:auto}.nowrap{white-space:nowrap}
.two{display:grid;grid-template-columns:1fr 1fr;gap:14px}.two>.card{margin:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:8px 0 0;font-size:14px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.head h3{flex:1 1 320px}
ol.steps{list-style:none;margin:12px 0 0;padding:0}ol.steps>li{display:grid;grid-template-columns:22px 1fr auto;gap:2px 6px;padding:3px 0}
ol.steps .mark{font-weight:700}.PASSED .mark{color:var(--ok)}.FAILED .mark{color:var(--bad)}.UNDEFINED .mark,.PENDING .mark,.AMBIGUOUS .mark{color:var(--warn)}
.hook,.unreached{color:var(--soft)}.hook{font-size:13px}ol.steps pre{grid-column:2/4}
pre{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:6px 0;overflow:auto;max-height:420px;white-space:pre-wrap;overflow-wrap:anywhere}
.error{color:var(--bad)}.reason{margin:8px 0;padding:8px 12px;border-radius:6px;background:var(--badbg);overflow-wrap:anywhere}.gap{margin:8px 0;padding:8px 12px;border-radius:6px;background:var(--warnbg)}
details{margin:10px 0}summary{cursor:pointer;color:var(--accent)}
.scenes{display:grid;grid-template-columns:minmax(280px,380px) 1fr;gap:20px;align-items:start}.scenes>:only-child{grid-column:1/3}
.chat{background:var(--chat);border:1px solid var(--line);border-radius:12px;padding:14px;display:flex;flex-direction:column;gap:10px}
.line{max-width:84%;align-self:flex-start}.line.me{align-self:flex-end}.bubble{background:var(--them);border-radius:8px;padding:8px 12px;overflow-wrap:anywhere;border:1px solid var(--line)}.said{white-space:pre-wrap}
.me .bubble{background:var(--me);color:var(--meink);border-color:transparent}.bubble img{display:block;max-width:180px;border-radius:4px;background:#fff}.who{font-size:11.5px;color:var(--soft);margin:0 4px 2px}.me .who{text-align:right}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:14px;align-items:start}figure{margin:0}figure img{width:100%;border:1px solid var(--line);border-radius:8px;background:#fff;display:block}
figure.broad{grid-column:span 2}figcaption{font-size:12.5px;color:var(--soft);margin-top:4px}
svg{display:block;max-width:100%;height:auto}svg text{font:12px system-ui,"Noto Sans",sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft)}svg .small{font-size:10.5px}
svg .axis{stroke:var(--line)}svg .lane{stroke:var(--line);stroke-dasharray:3 3}svg .box{fill:var(--accentbg)}svg .boxtext{fill:var(--accent);font-weight:600;text-anchor:middle}
svg .arrow{stroke:var(--accent);stroke-width:1.4;fill:none}svg .tip,svg .dot{fill:var(--accent)}svg .halo{paint-order:stroke;stroke:var(--card);stroke-width:4px}
svg .angle{stroke:var(--accent);stroke-width:2;fill:none}svg .current{stroke:var(--warn);stroke-width:1.6;fill:none}svg .supply{fill:var(--ok);opacity:.8}
footer{margin-top:40px;font-size:12.5px;color:var(--soft)}
@media (max-width:760px){.two,.scenes{grid-template-columns:1fr}.scenes>:only-child{grid-column:auto}figure.broad{grid-column:auto}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#ccc;--page:#fff;--card:#fff;--ok:#1a7f4b;--okbg:#e3f4ea;--bad:#b3261e;--badbg:#fbe9e7;--warn:#8a5a00;--warnbg:#fdf1d8;--accent:#2459b3;--accentbg:#e6eefb;--me:#a9ea7a;--meink:#10240a;--them:#fff;--chat:#f2f2f2}
body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}.card{border-radius:0}article.card{break-before:page}figure,.line,tr,svg,.two>.card{break-inside:avoid}pre{max-height:none}a{color:inherit}}
`
