//! Names as UUIDs of version 5 (RFC 9562): the same name gives the same UUID, so two runs that say the same have the same ids.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// The name space of URLs, as RFC 9562 has it.
const URL: [u8; 16] = [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

/// The UUID of a name that is made of parts.
pub(super) fn uuid(parts: &[&str]) -> String {
    // A part cannot reach into the next one: each is behind its length.
    let name: String = parts.iter().map(|part| format!(":{}:{part}", part.len())).collect();
    v5(&format!("urn:shoseki:report{name}"))
}

fn v5(name: &str) -> String {
    let mut bytes = URL.to_vec();
    bytes.extend_from_slice(name.as_bytes());
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let mut id: Vec<u8> = hash.as_ref().iter().copied().take(16).collect();
    if let Some(byte) = id.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x50;
    }
    if let Some(byte) = id.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_the_uuid_that_others_make_of_it() {
        // Python: uuid.uuid5(uuid.NAMESPACE_URL, "https://example.com/")
        assert_eq!(v5("https://example.com/"), "dd2c1780-811a-5296-81c5-178a0ef488bc");
        assert!(uuid(&["a", "bc"]) != uuid(&["ab", "c"]));
    }
}
