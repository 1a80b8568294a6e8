use alloc::string::String;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crc::{CRC_24_OPENPGP, Crc, NoTable};

/// The form of a scene that stands for a longer query: `~`, 22 characters of an id and 4 check characters, all of
/// base64url, 27 together. So a scene that was typed or scanned wrongly is told from one that is not stored.
///
/// The id is derived from what is stored, so the same query always has the same scene.
#[derive(Clone, Copy, Debug)]
pub struct StoredScene;

impl StoredScene {
    /// How every stored scene begins.
    pub const MARK: char = '~';
    /// How many characters a stored scene has.
    pub const LENGTH: usize = 27;

    /// The scene whose id is this digest.
    #[must_use]
    pub fn from_digest(digest: [u8; 16]) -> String {
        let id = URL_SAFE_NO_PAD.encode(digest);
        let check = check_characters(&id);
        let mut scene = String::with_capacity(Self::LENGTH);
        scene.push(Self::MARK);
        scene.push_str(&id);
        scene.push_str(&check);
        scene
    }

    /// Checks that a text has the form of a stored scene and that its check characters match.
    ///
    /// # Errors
    /// Says which of the two does not hold.
    pub fn check(scene: &str) -> Result<(), StoredSceneError> {
        let (id, check) = scene
            .strip_prefix(Self::MARK)
            .and_then(|characters| characters.split_at_checked(ID_LENGTH))
            .filter(|(id, check)| check.len() == CHECK_LENGTH && is_base64url(id) && is_base64url(check))
            .ok_or(StoredSceneError::Malformed)?;
        if check_characters(id) == check { Ok(()) } else { Err(StoredSceneError::Damaged) }
    }
}

/// Why a text is no stored scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredSceneError {
    /// It is written otherwise.
    Malformed,
    /// It is written like one, but its check characters do not match: a character of it was changed.
    Damaged,
}

impl fmt::Display for StoredSceneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "must be ~ and 26 characters of A-Z, a-z, 0-9, - and _, as POST /v1/scenes answers it"
            }
            Self::Damaged => "does not match its check characters: it was typed or read wrongly",
        })
    }
}

impl core::error::Error for StoredSceneError {}

const ID_LENGTH: usize = 22;
const CHECK_LENGTH: usize = 4;

/// 24 bits fill four characters, and in the id they reveal every single wrong character and every swap of neighbours.
const CHECKSUM: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_24_OPENPGP);

fn check_characters(id: &str) -> String {
    let [_, checksum @ ..] = CHECKSUM.checksum(id.as_bytes()).to_be_bytes();
    URL_SAFE_NO_PAD.encode(checksum)
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{ID_LENGTH, StoredScene, StoredSceneError};
    use crate::SceneCode;

    const DIGEST: [u8; 16] = *b"0123456789abcdef";
    const SCENE: &str = "~MDEyMzQ1Njc4OWFiY2RlZghQGx";

    /// Scenes are printed on paper, so the form is pinned for good.
    #[test]
    fn the_form_is_pinned() {
        assert_eq!(StoredScene::from_digest(DIGEST), SCENE);
        assert_eq!(StoredScene::check(SCENE), Ok(()));
    }

    #[test]
    fn what_is_written_otherwise_is_malformed() {
        for text in
            ["", "~", "~8fK2-x_9", &SCENE[1..], &SCENE[..26], &[SCENE, "A"].concat(), "~茶茶茶茶茶茶茶茶aa"]
        {
            assert_eq!(StoredScene::check(text), Err(StoredSceneError::Malformed), "{text}");
        }
        assert_eq!(StoredScene::check(&SCENE.replace('M', "+")), Err(StoredSceneError::Malformed));
    }

    #[test]
    fn every_wrong_character_and_every_swap_of_neighbours_is_seen() {
        for at in 1..StoredScene::LENGTH {
            for other in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']) {
                let mut characters: Vec<char> = SCENE.chars().collect();
                characters[at] = other;
                let typed: String = characters.iter().collect();
                assert_eq!(StoredScene::check(&typed).is_ok(), typed == SCENE, "{typed}");
            }
        }
        for at in 1..ID_LENGTH {
            let mut characters: Vec<char> = SCENE.chars().collect();
            characters.swap(at, at + 1);
            let typed: String = characters.into_iter().collect();
            assert_eq!(StoredScene::check(&typed).is_ok(), typed == SCENE, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_digest_makes_a_scene_that_a_code_takes(digest in any::<[u8; 16]>()) {
            let scene = StoredScene::from_digest(digest);
            prop_assert_eq!(scene.len(), StoredScene::LENGTH);
            prop_assert_eq!(StoredScene::check(&scene), Ok(()));
            prop_assert_eq!(SceneCode::check(&scene), Ok(()));
            prop_assert!(SceneCode::parse(&scene).is_stored());
        }

        #[test]
        fn no_text_breaks_the_check(text in "~?[A-Za-z0-9_茶-]{0,30}") {
            prop_assert!(StoredScene::check(&text).is_err() || text.len() == StoredScene::LENGTH);
        }
    }
}
