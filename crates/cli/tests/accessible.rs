//! Reports for a browser, judged by axe-core in a Chromium: whoever has a page read aloud, or sees few colours, reads all of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test they are how it fails")]

mod site;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use site::Site;

/// Runs axe when the page is there, and leaves what it found where `--dump-dom` prints it.
const RUN: &str = "window.addEventListener('load',()=>axe.run(document,{resultTypes:['violations']}).then(found=>{\
const said={passes:found.passes.length,violations:found.violations.map(one=>one.id+': '+one.nodes[0].html)};\
document.body.innerHTML='<pre id=\"found\">'+encodeURIComponent(JSON.stringify(said))+'</pre>'}));";

/// What axe says of a page.
fn judged(axe: &str, browser: &str, site: &Site, page: &str) -> Value {
    // The page forbids scripts, and that is not what is judged here.
    let policy = page.split("<meta http-equiv=").nth(1).unwrap().split('>').next().unwrap();
    let open = page.replace(&format!("<meta http-equiv={policy}>"), "");
    let script = std::fs::read_to_string(axe).unwrap();
    let path = site.write(
        "judged.html",
        open.replace("</head>", &format!("<script>{script}</script><script>{RUN}</script></head>")),
    );
    let profile = site.path("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--virtual-time-budget=60000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{path}"))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    // The script names the place as well, before what it leaves there.
    let found = dom.rsplit("<pre id=\"found\">").next().and_then(|rest| rest.split("</pre>").next());
    let found =
        found.unwrap_or_else(|| panic!("axe did not come to its end: {}", String::from_utf8_lossy(&output.stderr)));
    let form = format!("said={found}");
    let (_, said) = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
    serde_json::from_str(&said).unwrap()
}

#[test]
fn axe_finds_nothing_in_reports() {
    let (Ok(axe), Ok(browser)) = (std::env::var("SHOSEKI_TEST_AXE"), std::env::var("SHOSEKI_TEST_BROWSER")) else {
        println!(
            "skipped: axe needs SHOSEKI_TEST_AXE and SHOSEKI_TEST_BROWSER, which `cargo xtask test` sets where Chromium and npm are there"
        );
        return;
    };
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    assert_eq!(site.run(&["ingest", "auto", evidence.to_str().unwrap()]).code, Some(0));
    let report = ["report", "--framework", "pci-dss", "--period", "2026-03-05..2026-03-05"];
    let leak =
        ["report", "leak", "--incident-from", "2026-03-05", "--incident-to", "2026-03-05", "--known", "2026-03-06"];
    for (words, lang) in [(&report[..], "ja"), (&report, "en"), (&leak, "ja")] {
        let answer = site.run(&[words, &["--lang", lang]].concat());
        let found = judged(&axe, &browser, &site, &answer.out);
        assert_eq!(found["violations"], serde_json::json!([]), "{words:?} in `{lang}`");
        assert!(found["passes"].as_u64().unwrap() > 15, "it looked: {found}");
    }
    // It would find what is wrong.
    let bad = site.run(&[&report[..], &["--lang", "en"]].concat()).out.replace("<html lang=\"en\">", "<html>");
    assert!(judged(&axe, &browser, &site, &bad)["violations"].to_string().contains("html-has-lang"));
}
