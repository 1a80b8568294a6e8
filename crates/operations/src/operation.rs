use wxedge_launch::delimiter::{split, split_once};

use crate::field::{FieldLines, Place};

/// One call of WeChat's server API, by its row. Source: 服务端能力 (server calls), the page of each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    methods: Methods,
    path: &'static str,
    words: &'static str,
    lines: &'static str,
}

impl Operation {
    /// Reads a row: its first line, and the lines of its fields.
    #[must_use]
    pub const fn parse(row: &'static str) -> Option<Self> {
        let (first, lines) = whole_or_split(row, b'\n');
        let (methods, rest) = whole_or_split(first, b' ');
        let (path, words) = whole_or_split(rest, b' ');
        let Some(methods) = Methods::of(methods) else { return None };
        Some(Self { methods, path, words, lines })
    }

    /// The path, without a slash before it. Its case counts.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The methods that it may be called with.
    #[must_use]
    pub const fn methods(&self) -> Methods {
        self.methods
    }

    /// Whether the row says so.
    #[must_use]
    pub fn is(&self, flag: Flag) -> bool {
        split(self.words, b' ').any(|word| word == flag.as_str())
    }

    /// Whether the call carries an `access_token`.
    #[must_use]
    pub fn takes_token(&self) -> bool {
        !self.is(Flag::NoToken)
    }

    /// What it is about, as far as the meaning of error codes depends on it.
    #[must_use]
    pub fn subject(&self) -> Option<&'static str> {
        split(self.words, b' ').find_map(|word| word.strip_prefix('@'))
    }

    /// The function that joins fields of the body, and what that is told: `:query_type=scheme`.
    #[must_use]
    pub fn rule(&self) -> Option<(&'static str, &'static str)> {
        let rule = split(self.words, b' ').find_map(|word| word.strip_prefix(':'))?;
        Some(split_once(rule, b'=').unwrap_or((rule, "")))
    }

    /// The fields at one place.
    #[must_use]
    pub const fn fields(&self, place: Place) -> FieldLines {
        FieldLines::new(self.lines, place)
    }

    /// Names that are no fields of the body: what to say when one comes, or nothing when it is dropped.
    pub fn strangers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = split(self.lines, b'\n').filter_map(|line| line.strip_prefix("x "));
        lines.map(|line| split_once(line, b' ').unwrap_or((line, "")))
    }

    /// The first line's words after the path.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        split(self.words, b' ').filter(|word| !word.is_empty())
    }
}

/// What stands before the first `delimiter` and behind it: all and nothing where there is none.
const fn whole_or_split(text: &str, delimiter: u8) -> (&str, &str) {
    match split_once(text, delimiter) {
        Some(parts) => parts,
        None => (text, ""),
    }
}

/// The methods of a call. Where WeChat's page and the SDKs disagree, both are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Methods {
    /// Everything in the query.
    Get,
    /// A body.
    Post,
    /// Either.
    Both,
}

impl Methods {
    const fn of(word: &str) -> Option<Self> {
        Some(match word.as_bytes() {
            b"GET" => Self::Get,
            b"POST" => Self::Post,
            b"GET|POST" => Self::Both,
            _ => return None,
        })
    }

    /// Whether `GET` is one of them.
    #[must_use]
    pub const fn has_get(self) -> bool {
        matches!(self, Self::Get | Self::Both)
    }

    /// Whether `POST` is one of them.
    #[must_use]
    pub const fn has_post(self) -> bool {
        matches!(self, Self::Post | Self::Both)
    }
}

/// Declares the flags with their words.
macro_rules! flags {
    ($($(#[$doc:meta])* $flag:ident = $word:literal,)+) => {
        /// A fact about a call, as a word of its row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Flag {
            $($(#[$doc])* $flag,)+
        }

        impl Flag {
            /// Every flag.
            pub const ALL: &'static [Self] = &[$(Self::$flag),+];

            /// The word in the row.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$flag => $word,)+ }
            }
        }
    };
}

flags! {
    /// It carries no `access_token`.
    NoToken = "no_token",
    /// The body is `multipart/form-data`.
    Multipart = "multipart",
    /// The body is the caller's own and not described.
    Free = "free",
    /// It answers an image, or JSON when it refuses.
    Image = "image",
    /// It answers bytes, or JSON.
    Binary = "binary",
    /// It may be encrypted and signed under API security.
    Encryptable = "encryptable",
    /// It wants `pay_sig` in the query.
    PaySig = "pay_sig",
    /// It wants `signature` in the query.
    Signature = "signature",
    /// Sending it twice does no more than sending it once, so that it may be repeated after a lost answer.
    Repeatable = "repeatable",
    /// It wants the scope `pay` beside `api`.
    Pay = "pay",
    /// It wants the scope `admin`.
    Admin = "admin",
    /// It shows keys: it wants the scope `credentials`.
    Credentials = "credentials",
    /// It takes or gives the AppSecret, or makes tokens: never for callers.
    Forbidden = "forbidden",
    /// Its reply repeats requests: credentials are taken out of it.
    Redacted = "redacted",
    /// Its reply holds a new `session_key`, which belongs in the session object.
    SessionKey = "session_key",
    /// We call it for ourselves; callers do not know it.
    Internal = "internal",
}
