//! Keys that the runtime holds: `/crypto/USE/KEY/…`, everything in hex, a message as the body.

use edge::{CryptoError, CryptoKey, KeyUse, Response};

pub(crate) async fn answer(parts: &[&str], message: &[u8]) -> Response {
    match compute(parts, message).await {
        Ok(text) => Response::text(200, "text/plain", text),
        Err(error) => Response::text(502, "text/plain", error.to_string()),
    }
}

async fn compute(parts: &[&str], message: &[u8]) -> Result<String, CryptoError> {
    Ok(match parts {
        ["sign", key] => hex(&import(KeyUse::Sign, key).await?.sign(message).await?),
        ["verify", key, signature] => {
            import(KeyUse::Verify, key).await?.verify(&bytes(signature), message).await.to_string()
        }
        ["encrypt", key] => hex(&import(KeyUse::Encrypt, key).await?.encrypt(message).await?),
        ["decrypt", key] => hex(&import(KeyUse::Decrypt, key).await?.decrypt(message).await?),
        ["open", key, nonce, associated] => {
            let key = import(KeyUse::Open, key).await?;
            hex(&key.open(&bytes(nonce), &bytes(associated.trim_start_matches('-')), message).await?)
        }
        // A key does the one thing that it was imported for.
        ["misused", key] => hex(&import(KeyUse::Verify, key).await?.sign(message).await?),
        _ => return Err(CryptoError),
    })
}

async fn import(key_use: KeyUse, key: &str) -> Result<CryptoKey, CryptoError> {
    CryptoKey::import(key_use, &bytes(key)).await
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
