//! Whose log a file is, and which lines are of the form. What becomes of them, `cut`'s tests say.

use super::*;

#[test]
fn the_name_of_a_file_says_whose_log_it_is() {
    let log = |path: &str| log_of(Path::new(path));
    let id = "0123456789abcdef".repeat(4);
    let name = format!("/var/log/containers/api-6d4cf56db6-x2x8v_shop_api-server-{id}.log");
    assert_eq!(log(&name).as_deref(), Some("shop/api-6d4cf56db6-x2x8v/api-server"));
    let pods = "/var/log/pods/shop_api-6d4cf56db6-x2x8v_0b6c5d5e-1111-2222-3333-444455556666/api-server/0.log";
    assert_eq!(log(pods).as_deref(), Some("shop/api-6d4cf56db6-x2x8v/api-server"));
    assert_eq!(log(&format!("{pods}.20260305-010203")).as_deref(), Some("shop/api-6d4cf56db6-x2x8v/api-server"));
    for other in ["/var/log/messages", "x.log", "/", "/a_b/c.log", "/var/log/pods/a_b_c/d e/0.log"] {
        assert_eq!(log(other), None, "{other}");
    }
}

#[test]
fn a_line_of_another_form_is_none() {
    let is_line = |line: &str| Parts::read(line.as_bytes()).is_some();
    assert!(is_line("2026-03-05T01:02:03.123456789Z stdout F x y"));
    assert!(is_line("2026-03-05T01:02:03+09:00 stderr P"));
    for other in [
        "",
        "2026-03-05 01:02:03 stdout F x",
        "2026-03-05T01:02:03.123456789Z stdin F x",
        "2026-03-05T01:02:03.123456789Z stdout X x",
        "2026-03-05T01:02:03.12345six789Z stdout F x",
        "{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-03-05T01:02:03Z\"}",
    ] {
        assert!(!is_line(other), "{other}");
    }
}
