use alloc::format;
use alloc::string::{String, ToString};

use wxedge_contract::{Code, Problem};

use crate::endpoint::{Endpoint, Subject};

/// How much of WeChat's own words is kept, in characters.
const ERRMSG_LENGTH: usize = 200;

/// The shortest word of WeChat's that is taken for a secret, in characters: a `session_key` has 24.
const SHORTEST_SECRET: usize = 24;

/// A refusal of WeChat's: its code means different things at different endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    endpoint: Endpoint,
    errcode: i64,
    errmsg: String,
    rid: Option<String>,
}

impl Refusal {
    /// Takes `errmsg` apart: what WeChat says, and the id behind `rid:`.
    pub(crate) fn new(endpoint: Endpoint, errcode: i64, errmsg: String) -> Self {
        let (words, rid) = match errmsg.rsplit_once("rid:") {
            Some((words, rid)) => (words.to_string(), Some(rid.trim().to_string()).filter(|rid| is_rid(rid))),
            None => (errmsg, None),
        };
        Self { endpoint, errcode, errmsg: words, rid }
    }

    /// WeChat's code.
    #[must_use]
    pub const fn errcode(&self) -> i64 {
        self.errcode
    }

    /// Whether WeChat refused the `access_token` that the call carried.
    #[must_use]
    pub const fn is_token_refused(&self) -> bool {
        self.endpoint.takes_token() && matches!(self.errcode, 40001 | 40014 | 42001)
    }

    /// What WeChat said, with `clean` applied to its words.
    #[must_use]
    pub fn cleaned(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.errmsg = clean(&self.errmsg);
        self
    }

    /// The problem that the caller gets.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (code, hint) = self.meaning();
        let words = printable(&without_long_words(&self.errmsg));
        let words = if words.is_empty() { "no reason given" } else { &words };
        let mut problem = Problem::new(code, format!("WeChat answered {}: {words}.", self.errcode));
        problem.errcode = Some(self.errcode);
        problem.rid.clone_from(&self.rid);
        problem.hint = hint.map(Into::into);
        match self.retry_after() {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }

    /// What to do about this code at this endpoint, where there is something to do.
    #[must_use]
    pub fn advice(endpoint: Endpoint, errcode: i64) -> Option<&'static str> {
        Self::new(endpoint, errcode, String::new()).meaning().1
    }

    /// When a limit over seconds or a minute lets the next call through.
    const fn retry_after(&self) -> Option<u32> {
        match self.errcode {
            45011 | 44991 => Some(60),
            44990 | 43108 => Some(1),
            _ => None,
        }
    }

    /// What the code means at this endpoint, and what to do next.
    fn meaning(&self) -> (Code, Option<&'static str>) {
        if self.is_token_refused() {
            return (Code::TokenUnavailable, Some(TOKEN_REFUSED));
        }
        match self.endpoint.subject() {
            Subject::Token => token_meaning(self.errcode),
            Subject::Login => login_meaning(self.errcode),
            Subject::SessionKey => None,
            Subject::Phone => phone_meaning(self.errcode),
            Subject::Image => image_meaning(self.errcode),
            Subject::Link => link_meaning(self.errcode),
            Subject::Ticket => ticket_meaning(self.errcode),
        }
        .or_else(|| general_meaning(self.errcode))
        .unwrap_or((Code::UpstreamRefused, None))
    }
}

type Meaning = Option<(Code, Option<&'static str>)>;

const TOKEN_REFUSED: &str = "WeChat refuses a fresh access token too: look for another server that fetches tokens for this appid on its own, and let it ask this Worker (GET /v1/token).";
const WRONG_SECRET: &str = "Check WECHAT_SECRET: it must be the current AppSecret of WECHAT_APPID (console: Development > Development settings).";
const WRONG_APPID: &str =
    "Check WECHAT_APPID: WeChat does not know it, or the code comes from another mini program.";

fn token_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        40001 => (Code::Misconfigured, Some(WRONG_SECRET)),
        40013 => (Code::Misconfigured, Some(WRONG_APPID)),
        _ => return None,
    })
}

fn login_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        40013 => (Code::Misconfigured, Some(WRONG_APPID)),
        40029 => {
            (Code::CodeInvalid, Some("Call wx.login again and send the new code: a code lives five minutes."))
        }
        40163 => (Code::CodeUsed, Some("Call wx.login again and send the new code: a code works once.")),
        _ => return None,
    })
}

fn phone_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        40003 => (
            Code::InvalidRequest,
            Some(
                "The code was given to another user than the one of the session or of openid: send his session or openid.",
            ),
        ),
        40013 => (Code::WrongApp, Some("The code comes from another mini program than WECHAT_APPID.")),
        40029 => (
            Code::CodeInvalid,
            Some(
                "Send the code that the phone number button gave (e.detail.code), not the one of wx.login; it lives five minutes and works once.",
            ),
        ),
        40163 => (Code::CodeUsed, Some("Let the user tap the phone number button again: a code works once.")),
        _ => return None,
    })
}

fn image_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        41030 => (
            Code::InvalidRequest,
            Some(
                "The page must be in the published version, without a leading slash or a query; or send check_path: false.",
            ),
        ),
        45009 => (Code::QuotaExhausted, Some("Wait a minute: codes have a limit per minute.")),
        45029 => (
            Code::QuotaExhausted,
            Some("All 100,000 permanent codes of this account are made: use POST /v1/wxacode/unlimited."),
        ),
        _ => return None,
    })
}

fn link_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        40002 | 43104 | 85407 => {
            (Code::NotPermitted, Some("This account may not make such links: personal accounts never may."))
        }
        40013 | 85408 => {
            (Code::NotPermitted, Some("WeChat has banned this account from making links: see the console."))
        }
        44993 => (
            Code::QuotaExhausted,
            Some(
                "500,000 schemes and links a day are made: reuse one with cq instead of making one for each visitor.",
            ),
        ),
        40066 => (
            Code::UpstreamRefused,
            Some("page_url must be a page of the published version, without a leading slash."),
        ),
        40225 => (Code::UpstreamRefused, Some("WeChat does not take this page_title: send another.")),
        85088 => (
            Code::UpstreamRefused,
            Some("cloud_base.env must be an environment that this mini program has opened."),
        ),
        85405 => (
            Code::UpstreamRefused,
            Some(
                "Declare the path for plain schemes in the console: Settings > Basic > Privacy and security.",
            ),
        ),
        9_800_003 => {
            (Code::UpstreamRefused, Some("model_id must be a device model that WeChat has approved."))
        }
        9_800_007 => {
            (Code::UpstreamRefused, Some("The account lacks the NFC ability: apply for it in the console."))
        }
        9_800_008 => (Code::UpstreamRefused, Some("This model wants sn, the number of the device.")),
        9_800_009 => (Code::UpstreamRefused, Some("This model takes no sn: leave it out.")),
        _ => return None,
    })
}

/// Refusals of the service account: its settings are others than those of the mini program.
fn ticket_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        40013 | 40125 => (
            Code::Misconfigured,
            Some("Check SERVICE_APPID and SERVICE_SECRET: they are those of a service account."),
        ),
        40164 | 61004 => (
            Code::Misconfigured,
            Some(
                "A service account has an IP whitelist, and Workers have no fixed address: set SERVICE_API_BASE to a relay whose address is on the list.",
            ),
        ),
        45063 | 48001 => (
            Code::Misconfigured,
            Some("SERVICE_APPID must be a verified service account: a mini program has no jsapi_ticket."),
        ),
        _ => return None,
    })
}

/// The codes that mean the same wherever they come. Source: 全局返回码 (global return codes).
fn general_meaning(errcode: i64) -> Meaning {
    Some(match errcode {
        -1 => (Code::UpstreamBusy, Some("Try again in a moment.")),
        40029 => (Code::CodeInvalid, None),
        40163 => (Code::CodeUsed, None),
        40226 => (Code::UserBlocked, Some("WeChat holds this user for a high risk: do not retry.")),
        40003 | 40097 | 40129 | 40159 | 40165 | 40169 | 40212 | 41030 | 44002 | 47001 | 47003 | 85096
        | 85401 | 85402 => (Code::InvalidRequest, None),
        85079 => (Code::InvalidRequest, Some("Publish the mini program first: it has no online release.")),
        85403 => (Code::NotFound, None),
        87007 | 87009 => (Code::SessionKeyStale, Some("Call wx.login and log in again.")),
        44990 | 44991 | 45011 | 43108 => (Code::RateLimited, None),
        45009 | 45029 | 44993 | 48006 | 85400 | 85406 => (Code::QuotaExhausted, None),
        40125 => (Code::Misconfigured, Some(WRONG_SECRET)),
        40164 | 61004 => (
            Code::Misconfigured,
            Some(
                "The account's IP whitelist is on, and Workers have no fixed address: turn it off in the console, or set WECHAT_API_BASE to a relay with a fixed address.",
            ),
        ),
        89503 | 89506 | 89507 => (
            Code::Misconfigured,
            Some(
                "The account's administrator must allow this address, or set WECHAT_API_BASE to a relay that is allowed.",
            ),
        ),
        40243 => (
            Code::Misconfigured,
            Some("The AppSecret is frozen: unfreeze it in the console (WECHAT_SECRET)."),
        ),
        41002 => (
            Code::Misconfigured,
            Some("WECHAT_APPID did not reach WeChat: check the relay at WECHAT_API_BASE."),
        ),
        41004 => (
            Code::Misconfigured,
            Some("WECHAT_SECRET did not reach WeChat: check the relay at WECHAT_API_BASE."),
        ),
        48001 => (
            Code::Misconfigured,
            Some("This API is not open to the account of WECHAT_APPID: see the console."),
        ),
        50004 | 50007 => {
            (Code::Misconfigured, Some("WeChat has frozen the account of WECHAT_APPID: see the console."))
        }
        _ => return None,
    })
}

/// Whether this is an id of WeChat's: three groups of eight hex digits.
fn is_rid(text: &str) -> bool {
    let mut groups = text.split('-');
    let hex = |group: &str| group.len() == 8 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.by_ref().take(3).filter(|group| hex(group)).count() == 3 && groups.next().is_none()
}

/// Replaces every word that could be a secret by `***`. Whatever stands between the Worker and WeChat may repeat a part of
/// the request, and the secrets in there are longer than any word of WeChat's.
fn without_long_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-+/=.".contains(c);
    let mut clean = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        if word.len() >= SHORTEST_SECRET {
            clean.push_str("***");
            clean.extend(piece.chars().last().filter(|c| !is_part(*c)));
        } else {
            clean.push_str(piece);
        }
    }
    clean
}

fn printable(text: &str) -> String {
    text.trim().trim_end_matches(['.', ',']).chars().filter(|c| !c.is_control()).take(ERRMSG_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use wxedge_contract::Code;

    use super::Refusal;
    use crate::endpoint::Endpoint;

    fn code_of(endpoint: Endpoint, errcode: i64) -> Code {
        Refusal::new(endpoint, errcode, String::new()).problem().code
    }

    #[test]
    fn the_rid_is_what_follows_rid_in_errmsg() {
        let problem = Refusal::new(
            Endpoint::Code2Session,
            40029,
            "invalid code, rid: 6512f0a0-1b2c3d4e-5f607182".to_string(),
        )
        .problem();
        assert_eq!(problem.rid.as_deref(), Some("6512f0a0-1b2c3d4e-5f607182"));
        assert_eq!(problem.detail, "WeChat answered 40029: invalid code.");
        assert_eq!(problem.errcode, Some(40029));
    }

    #[test]
    fn a_code_means_what_it_means_at_its_endpoint() {
        use Endpoint::{
            AccessToken, Code2Session, PhoneNumber, Scheme, StableAccessToken, WxaCode, WxaCodeUnlimited,
        };
        for (endpoint, errcode, code) in [
            (AccessToken, 40001, Code::Misconfigured),
            (StableAccessToken, 40001, Code::Misconfigured),
            (StableAccessToken, 40013, Code::Misconfigured),
            (StableAccessToken, 40164, Code::Misconfigured),
            (StableAccessToken, 45009, Code::QuotaExhausted),
            (StableAccessToken, 45011, Code::RateLimited),
            (Code2Session, 40013, Code::Misconfigured),
            (Code2Session, 40029, Code::CodeInvalid),
            (Code2Session, 40163, Code::CodeUsed),
            (Code2Session, 40226, Code::UserBlocked),
            (Code2Session, 40001, Code::UpstreamRefused),
            (PhoneNumber, 40001, Code::TokenUnavailable),
            (PhoneNumber, 40003, Code::InvalidRequest),
            (PhoneNumber, 40013, Code::WrongApp),
            (PhoneNumber, 40029, Code::CodeInvalid),
            (WxaCode, 42001, Code::TokenUnavailable),
            (WxaCode, 45029, Code::QuotaExhausted),
            (WxaCodeUnlimited, 41030, Code::InvalidRequest),
            (WxaCodeUnlimited, 40129, Code::InvalidRequest),
            (Scheme, 40014, Code::TokenUnavailable),
            (Scheme, 40002, Code::NotPermitted),
            (Scheme, 40013, Code::NotPermitted),
            (Scheme, 85406, Code::QuotaExhausted),
            (Scheme, 85403, Code::NotFound),
            (Scheme, 123_456, Code::UpstreamRefused),
            (Scheme, -1, Code::UpstreamBusy),
        ] {
            assert_eq!(code_of(endpoint, errcode), code, "{endpoint:?} {errcode}");
        }
    }

    #[test]
    fn no_refusal_names_a_time_that_does_not_help() {
        let known = [
            -1, 40001, 40002, 40003, 40013, 40014, 40029, 40066, 40097, 40125, 40129, 40159, 40163, 40164,
            40165, 40169, 40212, 40225, 40226, 40243, 41002, 41004, 41030, 42001, 43104, 43108, 44002, 44990,
            44991, 44993, 45009, 45011, 45029, 45063, 47001, 47003, 48001, 48006, 50004, 50007, 61004, 85079,
            85088, 85096, 85400, 85401, 85402, 85403, 85405, 85406, 85407, 85408, 87007, 87009, 89503, 89506,
            89507, 99999, 9_800_003, 9_800_007, 9_800_008, 9_800_009,
        ];
        let endpoints = [
            Endpoint::AccessToken,
            Endpoint::StableAccessToken,
            Endpoint::Code2Session,
            Endpoint::CheckSessionKey,
            Endpoint::ResetSessionKey,
            Endpoint::PhoneNumber,
            Endpoint::WxaCode,
            Endpoint::WxaCodeUnlimited,
            Endpoint::QrCode,
            Endpoint::Scheme,
            Endpoint::NfcScheme,
            Endpoint::SchemeQuery,
            Endpoint::UrlLink,
            Endpoint::UrlLinkQuery,
            Endpoint::ShortLink,
            Endpoint::JsapiTicket,
        ];
        for endpoint in endpoints {
            for errcode in known {
                let problem = Refusal::new(endpoint, errcode, String::new()).problem();
                let limited = matches!(errcode, 43108 | 44990 | 44991 | 45011);
                assert_eq!(problem.wait().is_some(), limited, "{endpoint:?} {errcode}");
                assert!(!limited || problem.is_retryable(), "{endpoint:?} {errcode}");
            }
        }
    }

    #[test]
    fn every_misconfiguration_says_what_to_do() {
        for errcode in
            [40125, 40164, 40243, 41002, 41004, 48001, 50004, 50007, 61004, 89503, 89506, 89507, 40001, 40013]
        {
            let problem = Refusal::new(Endpoint::StableAccessToken, errcode, String::new()).problem();
            assert_eq!(problem.code, Code::Misconfigured, "{errcode}");
            assert!(problem.hint.is_some(), "{errcode}");
        }
    }

    #[test]
    fn words_that_could_be_secrets_are_masked() {
        for (errmsg, detail) in [
            ("bad secret=0123456789abcdef0123456789abcdef!", "bad ***!"),
            ("key tiihtNczf5v6AKRyjwEUhQ==", "key ***"),
            ("x rid: 0123456789abcdef0123456789abcdef", "x"),
            (
                "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
                "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
            ),
        ] {
            let problem = Refusal::new(Endpoint::PhoneNumber, 1, errmsg.to_string()).problem();
            assert_eq!(problem.detail, alloc::format!("WeChat answered 1: {detail}."));
            assert_eq!(problem.rid, None);
        }
    }

    #[test]
    fn words_are_bounded_and_printable() {
        let problem = Refusal::new(Endpoint::Scheme, 1, "a\r\nb".repeat(1000)).problem();
        assert!(problem.detail.len() < 300 && !problem.detail.contains(char::is_control));
    }
}
