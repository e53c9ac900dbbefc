//! HMAC-SHA-256 (RFC 2104), compared in a time that says nothing of where two differ.

use sha2::{Digest, Sha256};

const BLOCK: usize = 64;

/// The code of a message.
pub(crate) fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

/// Whether `stated` is the code of a message.
pub(crate) fn verify(key: &[u8], message: &[u8], stated: &[u8]) -> bool {
    let own = mac(key, message);
    let differences = own.iter().zip(stated).fold(0, |all, (a, b)| all | (a ^ b));
    stated.len() == own.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_standards() {
        // RFC 4231, cases 1, 2 and 6: a short key, one of text, and one longer than a block.
        for (key, message, code) in [
            (&[0x0b; 20][..], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex::encode(super::mac(key, message)), code);
        }
    }
}
