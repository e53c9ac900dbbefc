//! Bodies: read within bounds, and decoded as `Content-Encoding` says, within the same bounds.

use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use shoseki_messages::msg;

use crate::receivers::{Asked, No};

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

fn too_long(max: usize) -> No {
    No { status: StatusCode::PAYLOAD_TOO_LARGE, why: msg!("server-too-long", max = max) }
}

/// How much memory a body may come to need: as much as it says, or all that it may where it says nothing, or is compressed.
pub(super) fn room(body: Option<&Incoming>, asked: &Asked, max: usize) -> usize {
    let stated = body.and_then(|body| body.size_hint().exact()).and_then(|length| usize::try_from(length).ok());
    let is_plain = matches!(encoding(asked), Ok(Encoding::None));
    stated.filter(|_| is_plain).unwrap_or(max).min(max)
}

/// Takes a body and reads it; one that is refused by what is said of it stays where it is.
pub(super) async fn read(given: &mut Option<Incoming>, asked: &Asked, max: usize) -> Result<Bytes, No> {
    // Who says how long it is need not send it to hear that it is too long.
    if given.as_ref().is_some_and(|body| body.size_hint().lower() > max as u64) {
        return Err(too_long(max));
    }
    encoding(asked)?;
    let Some(body) = given.take() else { return Ok(Bytes::new()) };
    match tokio::time::timeout(PATIENCE, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long(max)),
        Ok(Err(_)) => Err(No::malformed(msg!("server-cut-off"))),
        Err(_) => Err(No { status: StatusCode::REQUEST_TIMEOUT, why: msg!("server-too-slow") }),
    }
}

/// How much of a body is read that nobody wants, and how long.
const UNWANTED: usize = 4 << 20;
const IMPATIENCE: Duration = Duration::from_secs(5);

/// Reads a body that nobody wants, within bounds, so that its sender sees the answer.
pub(super) async fn pass_over(body: Incoming) {
    let _ = tokio::time::timeout(IMPATIENCE, Limited::new(body, UNWANTED).collect()).await; // what of it comes is nothing to us
}

/// How a body may be encoded.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    None,
    Gzip,
    Deflate,
    Zstd,
}

fn encoding(asked: &Asked) -> Result<Encoding, No> {
    let Some(name) = asked.header("content-encoding") else { return Ok(Encoding::None) };
    match name.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Encoding::None),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "deflate" => Ok(Encoding::Deflate),
        "zstd" => Ok(Encoding::Zstd),
        // Loki's clients say so of the body that its protocol compresses by itself.
        "snappy" => Ok(Encoding::None),
        name => {
            let why = msg!("server-encoding", name = name, known = "`gzip`, `deflate`, `zstd`");
            Err(No { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, why })
        }
    }
}

/// Decodes a body as its `Content-Encoding` says, to at most `max` bytes.
///
/// # Errors
/// 400 where it is not what it says, 413 where it is longer, 415 where its encoding is not known.
pub fn decoded(body: Bytes, asked: &Asked, max: usize) -> Result<Bytes, No> {
    match encoding(asked)? {
        Encoding::None => Ok(body),
        Encoding::Gzip => whole(flate2::read::MultiGzDecoder::new(&*body), max),
        Encoding::Deflate => whole(flate2::read::ZlibDecoder::new(&*body), max),
        Encoding::Zstd => {
            let decoder = zstd::Decoder::new(&*body);
            whole(decoder.map_err(|_| No::malformed(msg!("server-not-decodable")))?, max)
        }
    }
}

fn whole(decoder: impl Read, max: usize) -> Result<Bytes, No> {
    let mut bytes = Vec::new();
    let read = decoder.take(max as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|_| No::malformed(msg!("server-not-decodable")))?;
    if bytes.len() > max { Err(too_long(max)) } else { Ok(bytes.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use http::{HeaderMap, Method};

    use super::*;

    fn decoded_as(encoding: &str, body: &[u8], max: usize) -> Result<Bytes, StatusCode> {
        let mut headers = HeaderMap::new();
        headers.insert("content-encoding", encoding.parse().unwrap());
        let (path, query) = (String::new(), String::new());
        let asked = Asked { method: Method::POST, path, parts: Vec::new(), query, headers };
        decoded(Bytes::copy_from_slice(body), &asked, max).map_err(|no| no.status)
    }

    #[test]
    fn bodies_are_decoded_within_bounds() {
        let plain = vec![b'a'; 100_000];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(&plain).unwrap();
        let bodies = [
            ("gzip", gzip.finish().unwrap()),
            ("deflate", deflate.finish().unwrap()),
            ("zstd", zstd::encode_all(&*plain, 1).unwrap()),
            ("identity", plain.clone()),
        ];
        for (encoding, body) in bodies {
            assert_eq!(decoded_as(encoding, &body, plain.len()).unwrap(), plain, "{encoding}");
            if encoding != "identity" {
                let bomb = decoded_as(encoding, &body, plain.len() - 1);
                assert_eq!(bomb.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE, "{encoding}");
                let broken = decoded_as(encoding, &body[1..], plain.len());
                assert_eq!(broken.unwrap_err(), StatusCode::BAD_REQUEST, "{encoding}");
            }
        }
        assert_eq!(decoded_as("br", b"", 1).unwrap_err(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
