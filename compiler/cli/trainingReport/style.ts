/** The look of the report: light or dark as its reader likes it, and without anything from elsewhere. */

const LIGHT = '--page:#f7f8fa;--card:#fff;--ink:#1f2933;--quiet:#52606d;--line:#e4e7eb;--accent:#2f6fb5;--bar:#7aa7d9;--keyword:#7c3aad;--string:#2f7d4f;--number:#b4540a'
const DARK = '--page:#0e1216;--card:#14191f;--ink:#e4e7eb;--quiet:#9aa5b1;--line:#2b3440;--accent:#6cabe8;--bar:#4a7fb5;--keyword:#c9a3f0;--string:#84cfa0;--number:#f2b47a'

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 Inter,system-ui,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:980px;margin:0 auto;padding:36px 24px 80px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px} h2{font-size:18px;margin:0 0 14px} h3{font-size:14px;margin:22px 0 8px}
p{margin:0 0 12px} section>:last-child{margin-bottom:0} .scroll+p{margin-top:14px} .lead{color:var(--quiet);margin:0 0 28px} .quiet{color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 24px} a{color:var(--accent);text-decoration:none} a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:22px 24px;margin:0 0 20px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 20px}
.figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px} .figure b{display:block;font-size:24px;line-height:1.3;font-variant-numeric:tabular-nums}
.figure span{color:var(--quiet);font-size:13px}
.scroll{overflow-x:auto} table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums} th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:middle}
th{color:var(--quiet);font-weight:500;font-size:13px} tr:last-child td{border-bottom:0} .n{text-align:right} td:last-child,th:last-child{padding-right:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:0} dt{color:var(--quiet)} dd{margin:0;overflow-wrap:anywhere}
code,pre,kbd{font-family:"SFMono-Regular",Consolas,"DejaVu Sans Mono",monospace;font-size:13px} pre{margin:0;overflow-x:auto;line-height:1.55;tab-size:2}
img,section>svg{display:block;max-width:100%;height:auto;margin:0 auto}
.bars{display:block} .bars rect{fill:var(--bar)} .bars line{stroke:var(--line)}
.comment{color:var(--quiet)} .keyword{color:var(--keyword)} .string{color:var(--string)} .number{color:var(--number)}
footer{color:var(--quiet);font-size:13px}
@media print{body{background:none} section,.figure{break-inside:avoid}}
`.trim()
