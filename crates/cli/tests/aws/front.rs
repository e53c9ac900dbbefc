//! Who stands before moto: refuses what it is told to, and answers what moto does not know.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What nobody asks.
pub const NOTHING: &str = "\0";

/// The standards that Security Hub follows, which moto has no answer for.
const STANDARDS: &str = r#"{"StandardsSubscriptions":[{"StandardsArn":"arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0","StandardsStatus":"READY"}]}"#;

/// Stands before moto, refuses what it is told to, and answers what moto does not know.
pub fn front(moto: &str, refuses: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let moto = Arc::new(moto.trim_start_matches("http://").to_owned());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let moto = Arc::clone(&moto);
            thread::spawn(move || passed(stream, &moto, refuses));
        }
    });
    url
}

fn passed(mut stream: TcpStream, moto: &str, refuses: &str) {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    let (head, body) = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                break (head, bytes[end + 4..].to_vec());
            }
        }
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    };
    let asked = format!("{head}\n{}", String::from_utf8_lossy(&body));
    if asked.contains(refuses) {
        let (kind, body) = match head.contains("/s3/") || asked.contains("Action=") {
            true if head.contains("/s3/") => {
                ("", "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_owned())
            }
            true => ("", "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".to_owned()),
            false => ("x-amzn-errortype: AccessDeniedException\r\n", "{\"message\":\"no\"}".to_owned()),
        };
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 403 X\r\n{kind}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        return;
    }
    if head.starts_with("POST /standards/get") {
        let length = STANDARDS.len();
        let _ = write!(stream, "HTTP/1.1 200 X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{STANDARDS}");
        return;
    }
    let mut there = TcpStream::connect(moto).unwrap();
    there.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    there.write_all(&body).unwrap();
    let mut answer = Vec::new();
    let _ = there.read_to_end(&mut answer);
    let _ = stream.write_all(&answer);
}
