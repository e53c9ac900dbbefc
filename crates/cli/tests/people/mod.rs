//! People who are told of what happens: by a web hook, by mail.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// What is told until half a second passes in silence.
pub fn all(hears: &Receiver<(String, Value)>) -> Vec<(String, Value)> {
    std::iter::from_fn(|| hears.recv_timeout(Duration::from_millis(500)).ok()).collect()
}

/// Somebody who is told by a web hook: what was posted, with its path. The first request is answered with 500.
pub fn hook() -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, (told, hears)) = (listener.local_addr().unwrap(), channel());
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut path, mut length, mut line) = (String::new(), 0, String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                if path.is_empty() {
                    path = line.split(' ').nth(1).unwrap().to_owned();
                }
                if let Some(stated) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = stated.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = if number == 0 { "500 Oops" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            if number > 0 && told.send((path, serde_json::from_slice(&body).unwrap())).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), hears)
}

/// Somebody who is told, and has answered the first request with 500 already.
pub fn awake() -> (String, Receiver<(String, Value)>) {
    let (url, hears) = hook();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    (url, hears)
}

/// A mail server: the texts of the mails.
pub fn mail_server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, (told, hears)) = (listener.local_addr().unwrap().port(), channel());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = told.send(mail(stream.unwrap()));
        }
    });
    (port, hears)
}

fn mail(stream: TcpStream) -> String {
    let mut writer = stream.try_clone().unwrap();
    let mut say = |line: &str| writer.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    say("220 mail");
    let (mut text, mut is_data) = (String::new(), false);
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        match line.split(' ').next().unwrap_or_default() {
            "." if is_data => {
                is_data = false;
                say("250 kept");
            }
            _ if is_data => text += &(line + "\n"),
            "EHLO" => say("250 mail"),
            "DATA" => {
                is_data = true;
                say("354 go on");
            }
            "QUIT" => {
                say("221 bye");
                return text;
            }
            _ => say("250 yes"),
        }
    }
    text
}
