use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use core::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::field_error::FieldError;
use crate::json_writer::to_json;

/// The Content-Type of every error.
pub const PROBLEM_CONTENT_TYPE: &str = "application/problem+json";

/// What the type of a problem begins with where there is no address that explains it.
pub const URN: &str = "urn:wxedge:problem:";

/// Declares the codes with what each means: its text, HTTP status, title, and whether the same request may
/// succeed when it is sent again later.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal, $retryable:literal;)+) => {
        /// The stable word that says what went wrong, in every error of the Worker.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word itself.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// What it means, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// Whether the same request may succeed later, without a change.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)+ }
            }
        }
    };
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().copied().find(|code| code.as_str() == text);
        known.ok_or_else(|| de::Error::custom("no code"))
    }
}

codes! {
    /// A field breaks a rule, by our own check or WeChat's.
    InvalidRequest = "invalid_request", 400, "The request breaks a rule", false;
    /// Base64 or lengths that cannot be right.
    EncryptedDataDamaged = "encrypted_data_damaged", 400, "The encrypted data is damaged", false;
    /// WeChat does not know the code, or it has expired.
    CodeInvalid = "code_invalid", 400, "The code is unknown or has expired", false;
    /// The code was exchanged before.
    CodeUsed = "code_used", 400, "The code was used before", false;
    /// A text holds what WeChat does not let through.
    SensitiveContent = "sensitive_content", 400, "WeChat does not let this content through", false;
    /// No credential, or a wrong one.
    Unauthenticated = "unauthenticated", 401, "A valid credential is needed", false;
    /// The session has ended.
    SessionExpired = "session_expired", 401, "The session has ended", false;
    /// WeChat Pay refused, for a reason of the account's or the payer's.
    PayRefused = "pay_refused", 402, "WeChat Pay refused", false;
    /// The credential does not allow this.
    Forbidden = "forbidden", 403, "The credential does not allow this", false;
    /// WeChat takes the user for a risk.
    UserBlocked = "user_blocked", 403, "WeChat blocks this user", false;
    /// The user has not agreed to this message.
    NotSubscribed = "not_subscribed", 403, "The user has not subscribed to this message", false;
    /// The account has no permission for this.
    NotPermitted = "not_permitted", 403, "WeChat does not permit this account to do this", false;
    /// The data belongs to another mini program.
    WrongApp = "wrong_app", 403, "The data belongs to another mini program", false;
    /// rawData and signature do not fit.
    SignatureMismatch = "signature_mismatch", 403, "The signature does not fit the data", false;
    /// There is no such thing.
    NotFound = "not_found", 404, "There is nothing here", false;
    /// The route exists, for other methods.
    MethodNotAllowed = "method_not_allowed", 405, "The route does not know this method", false;
    /// The session key changed after the data was made.
    SessionKeyStale = "session_key_stale", 409, "The session key does not fit the data", false;
    /// The same number or name is there with other content.
    Conflict = "conflict", 409, "It exists with other content", false;
    /// What an order, refund or transfer does not allow in its state.
    OrderState = "order_state", 409, "The state of the order does not allow this", false;
    /// The body is over its limit.
    TooLarge = "too_large", 413, "The body is too large", false;
    /// The body is of another kind.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body must be JSON", false;
    /// Too many calls in a short time.
    RateLimited = "rate_limited", 429, "Too many calls", true;
    /// A quota of WeChat's is used up.
    QuotaExhausted = "quota_exhausted", 429, "A quota of WeChat's is used up", false;
    /// A setting of the Worker or of the account is wrong.
    Misconfigured = "misconfigured", 500, "The Worker is not configured right", false;
    /// A fault of ours.
    Internal = "internal", 500, "Something went wrong inside", true;
    /// WeChat refused, for a reason without a code of its own here.
    UpstreamRefused = "upstream_refused", 502, "WeChat refused the call", false;
    /// WeChat's answer makes no sense.
    UpstreamMalformed = "upstream_malformed", 502, "WeChat's answer could not be understood", true;
    /// A signature, time or key of WeChat's answer does not hold.
    UpstreamUnverified = "upstream_unverified", 502, "WeChat's answer could not be verified", false;
    /// WeChat says that it is busy.
    UpstreamBusy = "upstream_busy", 503, "WeChat is busy", true;
    /// There is no access token that WeChat accepts.
    TokenUnavailable = "token_unavailable", 503, "There is no usable access token", true;
    /// WeChat did not answer in time.
    UpstreamTimeout = "upstream_timeout", 504, "WeChat did not answer in time", true;
    /// Something was asked for, and whether it happened is not known: the same request again finds out.
    OutcomeUnknown = "outcome_unknown", 504, "Whether it happened is not known", true;
}

/// An error as the caller gets it: RFC 9457, with our own members.
///
/// It lies on the heap, since it is an outcome of nearly every function and rarely the one that happens: a pointer is
/// what they all hand on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problem(Box<ProblemMembers>);

crate::record! {
    /// What a [`Problem`] says.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct ProblemMembers {
        /// What went wrong, as a stable word.
        pub code: Code,
        /// What went wrong here, for a person.
        pub detail: Cow<'static, str>,
        /// WeChat's own code, where WeChat refused.
        pub errcode: Option<i64>,
        /// The id under which WeChat has logged the call, valid for seven days.
        pub rid: Option<String>,
        /// What to do next.
        pub hint: Option<Cow<'static, str>>,
        /// Whether the same request may succeed later, without a change.
        retryable: bool,
        /// When to try again, in seconds.
        retry_after: Option<u32>,
    }
}

impl Deref for Problem {
    type Target = ProblemMembers;

    fn deref(&self) -> &ProblemMembers {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut ProblemMembers {
        &mut self.0
    }
}

impl Problem {
    /// A problem with nothing to add to its code but `detail`.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let retryable = code.retryable();
        Self(Box::new(ProblemMembers {
            code,
            detail: detail.into(),
            errcode: None,
            rid: None,
            hint: None,
            retryable,
            retry_after: None,
        }))
    }

    /// Adds what to do next.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds when to try again, in seconds. A quota that comes back at a known time makes the problem retryable; one that
    /// somebody has to mend, or that is final, takes no time.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if self.retryable || self.code == Code::QuotaExhausted {
            self.retryable = true;
            self.retry_after = Some(seconds);
        }
        self
    }

    /// When to try again, in seconds: the `Retry-After` header. Never there for what cannot succeed later, also where the
    /// object of another version says both.
    #[must_use]
    pub fn wait(&self) -> Option<u32> {
        self.retry_after.filter(|_| self.retryable)
    }

    /// Whether the same request may succeed later, without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// Says that the same request cannot succeed later, whatever its code means elsewhere.
    #[must_use]
    pub fn non_retryable(mut self) -> Self {
        self.retryable = false;
        self.retry_after = None;
        self
    }

    /// The body of the reply: `{type, title, status, detail, code, errcode?, rid?, hint?, retryable}`. `types` is what every
    /// type begins with: [`URN`], or an address that explains codes.
    #[must_use]
    pub fn to_json(&self, types: &str) -> String {
        // A struct of texts, numbers and booleans always has a JSON form.
        to_json(&Body {
            r#type: &format!("{types}{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status(),
            detail: &self.detail,
            code: self.code.as_str(),
            errcode: self.errcode,
            rid: self.rid.as_deref(),
            hint: self.hint.as_deref(),
            retryable: self.retryable,
        })
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errcode: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    retryable: bool,
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::new(Code::InvalidRequest, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::{Code, Problem, URN};
    use crate::FieldError;

    #[test]
    fn a_problem_has_the_members_of_the_contract() {
        let mut problem = Problem::new(Code::CodeInvalid, "no").hint("call wx.login again");
        problem.errcode = Some(40029);
        problem.rid = Some("a-b-c".to_string());
        assert_eq!(
            problem.to_json("https://api.example.com/v1/errors/"),
            r#"{"type":"https://api.example.com/v1/errors/code_invalid","title":"The code is unknown or has expired","status":400,"detail":"no","code":"code_invalid","errcode":40029,"rid":"a-b-c","hint":"call wx.login again","retryable":false}"#
        );
        assert_eq!(
            Problem::from(FieldError::new("code", "is required")).to_json(URN),
            r#"{"type":"urn:wxedge:problem:invalid_request","title":"The request breaks a rule","status":400,"detail":"code: is required","code":"invalid_request","retryable":false}"#
        );
    }

    #[test]
    fn a_problem_survives_the_way_between_durable_objects() {
        let problem = Problem::new(Code::UpstreamBusy, "busy").hint("wait").retry_after(3);
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(serde_json::from_str::<Problem>(&text).unwrap(), problem);
    }

    #[test]
    fn a_time_to_try_again_comes_only_with_what_may_succeed_later() {
        for code in Code::ALL {
            let timed = Problem::new(*code, "x").retry_after(60);
            let passes = code.retryable() || *code == Code::QuotaExhausted;
            assert_eq!((timed.is_retryable(), timed.wait()), (passes, passes.then_some(60)), "{code:?}");
            let ended = timed.non_retryable();
            assert_eq!((ended.is_retryable(), ended.wait()), (false, None), "{code:?}");
        }
        let both = r#"{"code":"misconfigured","detail":"x","retryable":false,"retry_after":5}"#;
        assert_eq!(serde_json::from_str::<Problem>(both).unwrap().wait(), None, "of another version");
    }

    #[test]
    fn codes_are_unique_words_with_an_error_status() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!((400..=504).contains(&code.status()));
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
            assert!(Code::ALL.iter().take(index).all(|other| other.as_str() != code.as_str()));
        }
    }
}
