//! A log-in that fails, of somebody who does not exist: as much of the protocols of MySQL and PostgreSQL as it takes to be refused. No
//! password is sent, so nothing is encrypted, and nothing is believed of what the other side says but that it is a refusal.
//!
//! ```text
//! MySQL       ◄ handshake   ► user, no password        ◄ 1045 Access denied for user 'shoseki_check_…'
//! PostgreSQL  ► user        ◄ SCRAM-SHA-256  ► a proof of nothing  ◄ FATAL 28P01 password authentication failed for user …
//! ```

use async_recursion::async_recursion;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use shoseki_messages::{Fault, Result, msg};
use shoseki_setup::check::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a connection, and each answer, is waited for.
const WAIT: Duration = Duration::from_secs(5);
/// The longest packet that is read.
const LONGEST: usize = 64 << 10;
/// How many packets are read.
const MOST: usize = 12;

/// What is to be done after a packet.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Nothing: the next packet says more.
    Read,
    /// This is sent.
    Send(Vec<u8>),
    /// It was refused as it was to be, or let in, with what was said.
    Ended(String),
    /// Something else came, with what was said.
    Odd(String),
}

/// Tries to log in, and gives what the database said.
///
/// # Errors
/// The world's failure: `server-trial-unreachable` where nobody answers from here, `server-trial-odd` where it was not the log-in that was
/// refused.
#[async_recursion]
pub async fn log_in(protocol: Protocol, (host, port): (&str, u16), user: &str) -> Result<String> {
    let at = format!("{host}:{port}");
    let unreachable =
        |error: std::io::Error| Fault::world(msg!("server-trial-unreachable", at = at.as_str())).because(error);
    let late = || std::io::Error::from(std::io::ErrorKind::TimedOut);
    let connected = timeout(WAIT, TcpStream::connect((host, port))).await.map_err(|_| late());
    let mut stream = connected.flatten().map_err(unreachable)?;
    if protocol == Protocol::PostgreSql {
        stream.write_all(&postgres_startup(user)).await.map_err(unreachable)?;
    }
    for number in 0..MOST {
        let packet = match protocol {
            Protocol::MySql => timeout(WAIT, mysql_packet(&mut stream)).await,
            Protocol::PostgreSql => timeout(WAIT, postgres_packet(&mut stream)).await,
        };
        let (kind, packet) = packet.map_err(|_| late()).flatten().map_err(unreachable)?;
        let next = match protocol {
            Protocol::MySql => mysql(&packet, (kind, number == 0), user),
            Protocol::PostgreSql => postgres(&packet, kind),
        };
        match next {
            Next::Read => {}
            Next::Send(bytes) => stream.write_all(&bytes).await.map_err(unreachable)?,
            Next::Ended(said) => return Ok(said),
            Next::Odd(said) => return Err(Fault::world(msg!("server-trial-odd", at = at, said = said))),
        }
    }
    Err(Fault::world(msg!("server-trial-odd", at = at, said = "…")))
}

/// A packet of MySQL, with its number.
async fn mysql_packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    Ok((head[3], body(stream, length).await?))
}

/// A message of PostgreSQL, with its kind.
async fn postgres_packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    Ok((head[0], body(stream, length.saturating_sub(4)).await?))
}

async fn body(stream: &mut TcpStream, length: u32) -> std::io::Result<Vec<u8>> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// Protocol 4.1, long passwords, plug-ins, and a secure connection: without the last, old servers take no log-in.
const CAPABILITIES: u32 = 0x0000_0001 | 0x0000_0200 | 0x0000_8000 | 0x0008_0000;
/// UTF-8 with four bytes.
const UTF8: u8 = 45;
/// Access denied.
const DENIED: u16 = 1045;

/// What is answered to a packet of MySQL; `number` is the packet's, and the first is the server's greeting.
fn mysql(packet: &[u8], (number, is_first): (u8, bool), user: &str) -> Next {
    match packet.split_first() {
        Some((0xff, rest)) => {
            let code = rest.first_chunk::<2>().map_or(0, |bytes| u16::from_le_bytes(*bytes));
            let said = String::from_utf8_lossy(rest.get(2..).unwrap_or_default());
            let said = format!("{code} {}", shown(said.trim_start_matches('#')));
            if code == DENIED { Next::Ended(said) } else { Next::Odd(said) }
        }
        Some((10, _)) if is_first => {
            let mut answer = CAPABILITIES.to_le_bytes().to_vec();
            answer.extend((16_u32 << 20).to_le_bytes());
            answer.push(UTF8);
            answer.extend([0; 23]);
            answer.extend(user.as_bytes());
            answer.extend([0, 0]); // the end of the name, and a password of no length
            answer.extend(b"mysql_native_password\0");
            Next::Send(framed(&answer, number))
        }
        // Another plug-in is proposed, or more is asked for: there is still no password.
        Some((0xfe | 1, _)) if !is_first => Next::Send(framed(&[], number)),
        Some((0, _)) if !is_first => Next::Ended("OK".to_owned()),
        _ => Next::Odd(shown(&String::from_utf8_lossy(packet))),
    }
}

fn framed(payload: &[u8], after: u8) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or_default().to_le_bytes();
    let mut packet = vec![length[0], length[1], length[2], after.wrapping_add(1)];
    packet.extend(payload);
    packet
}

/// The first message of PostgreSQL: version 3.0, and who comes.
fn postgres_startup(user: &str) -> Vec<u8> {
    let mut payload = 196_608_u32.to_be_bytes().to_vec();
    for text in ["user", user, "database", "postgres", "application_name", "shoseki", ""] {
        payload.extend(text.as_bytes());
        payload.push(0);
    }
    let length = u32::try_from(payload.len() + 4).unwrap_or_default();
    [length.to_be_bytes().to_vec(), payload].concat()
}

/// What is answered to a message of PostgreSQL.
fn postgres(message: &[u8], kind: u8) -> Next {
    let number = message.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
    match (kind, number) {
        (b'E', _) => {
            let field = |of: u8| {
                let found = message.split(|byte| *byte == 0).find(|field| field.first() == Some(&of));
                found
                    .map(|field| shown(&String::from_utf8_lossy(field.get(1..).unwrap_or_default())))
                    .unwrap_or_default()
            };
            let (code, said) = (field(b'C'), field(b'M'));
            let said = format!("{code} {said}");
            if code.starts_with("28") { Next::Ended(said) } else { Next::Odd(said) }
        }
        (b'R', Some(0)) => Next::Read,
        (b'R', Some(3)) => password(b"none\0"),
        (b'R', Some(5)) => password(format!("md5{}\0", "0".repeat(32)).as_bytes()),
        (b'R', Some(10)) => {
            let first = b"n,,n=,r=c2hvc2VraSBzZXR1cCBjaGVjaw";
            let length = u32::try_from(first.len()).unwrap_or_default().to_be_bytes();
            password(&[b"SCRAM-SHA-256\0".as_slice(), &length, first].concat())
        }
        (b'R', Some(11)) => {
            let said = String::from_utf8_lossy(message.get(4..).unwrap_or_default());
            let both = said.split(',').find_map(|part| part.strip_prefix("r=")).unwrap_or_default().to_owned();
            password(format!("c=biws,r={both},p={}", BASE64_STANDARD.encode([0; 32])).as_bytes())
        }
        (b'Z', _) => Next::Ended("OK".to_owned()),
        (b'N' | b'S' | b'K', _) => Next::Read,
        _ => Next::Odd(shown(&String::from_utf8_lossy(message))),
    }
}

fn password(payload: &[u8]) -> Next {
    let length = u32::try_from(payload.len() + 4).unwrap_or_default();
    Next::Send([b"p".as_slice(), &length.to_be_bytes(), payload].concat())
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn whatever_comes_is_a_refusal_or_odd_and_never_more() {
        let of_mysql = |packet: &[u8], is_first| mysql(packet, (7, is_first), "u");
        assert_eq!(
            of_mysql(b"\xff\x15\x04#28000Access denied", false),
            Next::Ended("1045 28000Access denied".to_owned())
        );
        assert!(
            matches!(of_mysql(b"\xff\x57\x0cinsecure transport", false), Next::Odd(said) if said.starts_with("3159"))
        );
        assert_eq!(of_mysql(b"\xfecaching_sha2_password\0", false), Next::Send(vec![0, 0, 0, 8]));
        assert!(
            matches!(of_mysql(b"\x0a8.0\0", true), Next::Send(bytes) if bytes[3] == 8 && bytes.ends_with(b"_password\0"))
        );
        for odd in [b"".as_slice(), b"\xff", b"SSH-2.0-OpenSSH", b"\x00"] {
            assert!(matches!(of_mysql(odd, true), Next::Odd(_)), "{odd:?}");
        }
        let denied = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0\0";
        assert!(matches!(postgres(denied, b'E'), Next::Ended(said) if said.starts_with("28P01 password")));
        assert!(
            matches!(postgres(b"SFATAL\0C53300\0Mtoo many\0\0", b'E'), Next::Odd(said) if said == "53300 too many")
        );
        let first = postgres(&[0, 0, 0, 11, b'r', b'=', b'a', b'b', b',', b's', b'=', b'c'], b'R');
        assert!(matches!(first, Next::Send(bytes) if String::from_utf8_lossy(&bytes).contains("c=biws,r=ab,p=AAAA")));
        for (kind, message) in [(b'R', b"".as_slice()), (b'R', &[0, 0, 0, 99]), (b'H', b"TTP/1.1"), (0, b"")] {
            assert!(matches!(postgres(message, kind), Next::Odd(_)), "{kind} {message:?}");
        }
    }

    #[test]
    fn no_packet_is_too_odd() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        for _ in 0..20_000 {
            let [kind, length, number, rest @ ..] = random();
            let mut packet = vec![kind];
            packet.extend(rest.iter().cycle().take(usize::from(length % 40)));
            let _ = mysql(&packet, (number, number % 2 == 0), "u");
            let _ = postgres(&packet, kind);
        }
    }

    #[tokio::test]
    async fn who_sends_too_much_or_nothing_is_not_listened_to() {
        for answer in [b"\xff\xff\xff\x00".as_slice(), b"", b"\x01\x00\x00\x00"] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let answers = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(answer).unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                let _ = stream.read(&mut [0; 64]);
            });
            let failed = log_in(Protocol::MySql, ("127.0.0.1", port), "u").await.unwrap_err();
            assert_eq!(failed.id(), "server-trial-unreachable", "{answer:?}");
            answers.join().unwrap();
        }
    }
}
