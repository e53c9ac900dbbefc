//! How the page looks, on a screen and on A4. Fonts are those of the system: of Japanese ones the first that is there.

use super::Page;
use crate::markup::css_string;

/// The style sheet, with the head and the foot of printed pages.
pub(super) fn sheet(page: &Page<'_, '_>) -> String {
    let (head, foot) = (css_string(&page.plain_title()), css_string(&page.foot()));
    format!(
        "{SHEET}@page{{size:A4;margin:20mm 16mm 20mm;\
         @top-left{{content:\"{head}\";font-size:8pt;color:#444}}\
         @bottom-left{{content:\"{foot}\";font-size:8pt;color:#444}}\
         @bottom-right{{content:counter(page) \" / \" counter(pages);font-size:8pt;color:#444}}}}\
         @page:first{{@top-left{{content:\"\"}}}}"
    )
}

const SHEET: &str = ":root{color-scheme:light;--ink:#1a1a1a;--soft:#555;--line:#b5b5b5;--paper:#fff;--tint:#f4f4f2;\
--fail:#9b1c1c;--none:#7a4b00;--pass:#0b5d3b;--na:#4a4a4a;--link:#0b4a8f}\
*{box-sizing:border-box}\
html{font-size:16px}\
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:64rem;color:var(--ink);background:var(--paper);\
font-family:'Hiragino Kaku Gothic ProN','Hiragino Sans','Yu Gothic Medium','Yu Gothic',YuGothic,'Noto Sans CJK JP','Noto Sans JP',\
Meiryo,system-ui,sans-serif;font-feature-settings:'palt';line-height:1.75;text-align:left;line-break:strict;overflow-wrap:anywhere}\
html[lang=en] body{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Hiragino Kaku Gothic ProN',\
'Yu Gothic','Noto Sans CJK JP',sans-serif;line-height:1.6;font-feature-settings:normal}\
h1{font-size:2rem;line-height:1.35;margin:.25rem 0 1.5rem}\
h2{font-size:1.4rem;line-height:1.4;margin:3rem 0 1rem;padding-bottom:.3rem;border-bottom:2px solid var(--ink)}\
h3{font-size:1.12rem;line-height:1.5;margin:2rem 0 .6rem}h4{font-size:1rem;margin:1.2rem 0 .4rem}\
p{margin:.6rem 0}a{color:var(--link)}a:focus,[tabindex]:focus{outline:3px solid var(--link);outline-offset:2px}\
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}\
.cover{border-top:8px solid var(--ink);padding-top:1.5rem}.kind{color:var(--soft);margin:0}\
.small,.ours{font-size:.88rem;color:var(--soft)}\
nav ol{columns:2;padding-left:1.6rem}\
.wide{overflow-x:auto;margin:.8rem 0 1.4rem}\
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.6;font-variant-numeric:tabular-nums}\
caption{text-align:left;color:var(--soft);padding:.2rem 0}\
th,td{border:1px solid var(--line);padding:.4rem .55rem;text-align:left;vertical-align:top}\
thead th{background:var(--tint);white-space:nowrap}tbody th{font-weight:600}tbody th:has(br){min-width:15rem}.facts th{width:11rem;background:var(--tint)}\
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK JP',monospace;font-size:.84rem;font-feature-settings:normal}\
pre{background:var(--tint);border:1px solid var(--line);padding:.6rem .8rem;margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere}\
.status{font-weight:700;white-space:nowrap}.status.fail{color:var(--fail)}.status.no_evidence{color:var(--none)}\
.status.pass{color:var(--pass)}.status.not_applicable{color:var(--na)}\
.callout{border-left:4px solid var(--none);padding:.4rem .9rem;background:#fff9ee}\
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.8rem;list-style:none;padding:0;margin:1rem 0}\
.tiles li{border:1px solid var(--line);border-top:4px solid currentColor;padding:.6rem .8rem;margin:0}\
.tiles b{display:block;font-size:1.8rem;line-height:1.2;color:var(--ink)}\
.tiles .fail{color:var(--fail)}.tiles .no_evidence{color:var(--none)}.tiles .pass{color:var(--pass)}.tiles .not_applicable{color:var(--na)}\
svg{display:block;max-width:100%;height:auto;margin:.6rem 0}svg text{font-family:inherit;fill:var(--ink)}\
figure{margin:1.2rem 0}figcaption{font-size:.88rem;color:var(--soft)}\
article{border:1px solid var(--line);border-left:6px solid var(--na);padding:.4rem 1rem 1rem;margin:1.2rem 0}\
article.fail{border-left-color:var(--fail)}article.no_evidence{border-left-color:var(--none)}article.pass{border-left-color:var(--pass)}\
article h3{margin-top:.6rem}article h3 .number{margin-right:.5em}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}dt{color:var(--soft)}dd{margin:0}\
ul.found{padding-left:1.2rem;margin:.3rem 0}ul.found li{margin:.3rem 0}ul.found .more{display:block;font-size:.86rem;color:var(--soft)}\
.whose{white-space:nowrap}.tag{border:1px solid currentColor;border-radius:.2rem;padding:0 .35em;font-size:.8rem;white-space:nowrap}\
.blank td{height:3.2rem}.blank th{width:14rem}\
footer{margin-top:3rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}\
@media (max-width:40rem){nav ol{columns:1}dl{grid-template-columns:1fr}}\
@media print{html{font-size:10.5px}body{max-width:none;padding:0}.skip{display:none}a{color:inherit;text-decoration:none}\
h2{break-after:avoid;margin-top:2rem}h3,h4,caption{break-after:avoid}.cover{min-height:60vh}nav{break-after:page}\
tr,figure,li{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}\
#signatures{break-inside:avoid}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";
