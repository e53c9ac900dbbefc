//! What somebody who may write into a bucket does to a trail, and whether what was signed still stands there: for a test and for
//! the fuzzer. It runs nothing of what judges trails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test it is how it fails")]
#![allow(missing_docs, unreachable_pub, reason = "it is part of each test that names it")]

use std::io::Read;

use flate2::bufread::GzDecoder;

use super::writer::{Object, Trail, gzip};

/// What a digest's or a log file's content may swell to here.
const MAX_CONTENT: u64 = 1 << 20;

/// What is done to an object: what, to which, where in it, and with what.
pub type Edit = (u8, u8, u16, u8);

/// What a trail is after edits.
#[derive(Debug, PartialEq)]
pub enum Left {
    /// What was signed, and nothing besides.
    Whole,
    /// What was signed, and other objects.
    More,
    /// Something of it is not there as it was signed.
    Harmed,
    /// A signature is written in another way, or told by another digest alone: whether that counts, other tests say.
    Spelt,
}

/// What is left of a trail.
pub fn left(before: &Trail, now: &Trail) -> Left {
    let mut is_spelt = false;
    for (name, object) in &before.objects {
        let Some(there) = now.objects.get(name) else { return Left::Harmed };
        if !holds_the_same(object, there, &mut is_spelt) {
            return Left::Harmed;
        }
    }
    match now.objects.len() > before.objects.len() {
        _ if is_spelt => Left::Spelt,
        true => Left::More,
        false => Left::Whole,
    }
}

/// Does it, where there is such an object.
pub fn apply(names: &[String], trail: &mut Trail, (kind, which, at, with): Edit) {
    let name = &names[usize::from(which) % names.len()];
    let other = &names[usize::from(with) % names.len()];
    let Some(object) = trail.objects.get(name).cloned() else { return };
    let place = usize::from(at) % object.bytes.len().max(1);
    let change = |bytes: Vec<u8>| Some(Object { bytes, ..object.clone() });
    let changed = match kind % 14 {
        0 => None,
        1 => change(object.bytes.iter().enumerate().map(|(n, byte)| if n == place { with } else { *byte }).collect()),
        2 => change(object.bytes[..place].to_vec()),
        3 => change([&object.bytes[..], &vec![with; usize::from(at % 64)]].concat()),
        4 => change(content(&object.bytes).map(|(content, _)| content).unwrap_or_default()),
        5 => change(gzip(&content(&object.bytes).map(|(content, _)| content).unwrap_or_default())),
        6 => change([&object.bytes[..], &gzip(&[with])].concat()),
        7 => change([&object.bytes[..place], &[with], &object.bytes[place..]].concat()),
        8 => {
            // What it holds is changed, not how it is packed.
            let mut inside = content(&object.bytes).map(|(content, _)| content).unwrap_or_default();
            let place = usize::from(at) % inside.len().max(1);
            inside.iter_mut().skip(place).take(1).for_each(|byte| *byte = with);
            change(gzip(&inside))
        }
        9 => {
            let Some(there) = trail.objects.insert(other.clone(), object.clone()) else { return };
            Some(there)
        }
        10 => {
            let signature = trail.objects.get(other).and_then(|other| other.signature.clone());
            Some(Object { signature, ..object.clone() })
        }
        11 => {
            let letter = char::from(b' ' + with % 95);
            let signature = object.signature.as_ref().map(|text| {
                let place = usize::from(at) % text.len();
                format!("{}{letter}{}", &text[..place], &text[place + 1..])
            });
            Some(Object { signature, ..object.clone() })
        }
        12 | 13 => {
            // Beside it, under another name; and there alone.
            let name = name.replacen(&name[place % name.len()..][..1], &char::from(b'a' + with % 26).to_string(), 1);
            trail.objects.insert(name, object.clone());
            if kind % 14 == 12 { Some(object.clone()) } else { None }
        }
        _ => unreachable!(),
    };
    match changed {
        Some(object) => drop(trail.objects.insert(name.clone(), object)),
        None => drop(trail.objects.remove(name)),
    }
}

/// What stands in a file, and how many bytes behind it.
fn content(file: &[u8]) -> Option<(Vec<u8>, usize)> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Some((file.to_vec(), 0));
    }
    let (mut decoder, mut content) = (GzDecoder::new(file), Vec::new());
    decoder.by_ref().take(MAX_CONTENT).read_to_end(&mut content).ok()?;
    Some((content, decoder.into_inner().len()))
}

/// Whether what was signed stands there, and nothing behind it; what stands beside a log file is nobody's signature.
fn holds_the_same(before: &Object, now: &Object, is_spelt: &mut bool) -> bool {
    let is_signed_alike = match (&before.signature, &now.signature) {
        (None, _) => true,
        (Some(before), Some(now)) => {
            *is_spelt |= before != now;
            before.eq_ignore_ascii_case(now)
        }
        (Some(_), None) => {
            *is_spelt = true; // the digest behind it tells it too
            true
        }
    };
    content(&before.bytes) == content(&now.bytes) && is_signed_alike && before.made == now.made
}
