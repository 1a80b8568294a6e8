//! Named links: one target, many doors into the mini program, parameters of the visitor's own.

use serde::Serialize;
use wxedge_contract::{Code, FieldError, JsonValue, Problem, TextList, fields, parse_object, record};
use wxedge_landing::{Href, Made};
use wxedge_launch::{Params, percent};
use wxedge_operations::{check_page, check_query};

use crate::links::env_version::EnvVersion;

/// The most keys that a link lets its visitors set: WeChat takes 256 characters of them.
const MOST_KEYS: usize = 32;
/// The longest key, in characters.
const LONGEST_KEY: usize = 64;
/// The most characters of `cq`, encoded. Source: 获取加密 URL Link, custom parameters.
const LONGEST_CQ: usize = 256;
/// The keys that no visitor may set: WeChat adds the first itself, the second chooses the form of a code image.
const RESERVED_KEYS: [&str; 2] = ["scancode_time", "format"];
/// A door that lives shorter than this is not handed out, in seconds: its visitor must have the time to use it.
const LEAST_LEFT: u64 = 3600;
/// A door that lives shorter than this is made anew, in seconds: three days before WeChat lets it die.
const REMADE_BEFORE: u64 = 3 * 86_400;
/// How long nobody asks again after `WeChat` refused for a reason that stays, in seconds: a quota, a permission.
const LASTING_REFUSAL: u64 = 600;
/// How long nobody asks again after a failure that passes, in seconds.
const PASSING_FAILURE: u64 = 30;
/// The longest pause, in seconds: each failure doubles it, so that visitors cause some thirty calls a day, and a quota
/// that is new at midnight is found within the hour.
const LONGEST_PAUSE: u64 = 3600;

/// Whether the text can be the name of a link: `[a-z0-9-]{1,64}`.
pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

record! {
    /// A link as its operator names it.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct NamedLink {
        pub(crate) name: String,
        pub(crate) path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) query: Option<String>,
        /// The keys that a visitor may set.
        pub(crate) allow: Vec<String>,
        pub(crate) env_version: EnvVersion,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) title: Option<String>,
        /// Where a visitor goes who has no way into the mini program.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) web_url: Option<String>,
    }
}

fields! {
    only struct Fields {
        path: JsonValue,
        query: JsonValue,
        allow: TextList,
        env_version: JsonValue,
        title: JsonValue,
        web_url: JsonValue,
    }
}

impl NamedLink {
    /// Reads and checks `{path, query?, allow?, env_version?, title?, web_url?}`.
    pub(crate) fn parse(name: &str, body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        let path = parse_path(fields.path)?;
        let query = parse_query(fields.query)?;
        let allow = fields.allow.optional("allow", MOST_KEYS)?.unwrap_or_default();
        check_keys(&allow, query.as_deref().unwrap_or_default())?;
        Ok(Self {
            name: name.to_owned(),
            path,
            query,
            allow,
            env_version: EnvVersion::parse(fields.env_version)?,
            title: fields.title.optional_line("title", 1..=64)?,
            web_url: parse_web_url(fields.web_url)?,
        })
    }

    /// Whether a door that was made for `other` opens this link too.
    pub(crate) fn opens_as(&self, other: &Self) -> bool {
        (&self.path, &self.query, self.env_version) == (&other.path, &other.query, other.env_version)
    }

    /// Where its doors lead: the fields of a URL Link, and of `jump_wxa` in a scheme.
    pub(crate) fn target(&self) -> Vec<(String, JsonValue)> {
        let text = |text: &str| JsonValue::Text(text.to_owned());
        vec![
            ("path".to_owned(), text(&self.path)),
            ("query".to_owned(), self.query.as_deref().map_or(JsonValue::Absent, text)),
            ("env_version".to_owned(), text(self.env_version.as_str())),
        ]
    }

    /// What a visitor's query says of the keys that he may set; the others are dropped.
    pub(crate) fn parameters<'a>(&self, query: &'a str) -> Params<'a> {
        let mut allowed = Params::default();
        let visitors = Params::parse(query);
        for key in &self.allow {
            if let Some(value) = visitors.get(key) {
                allowed.set(key.clone(), value.to_owned());
            }
        }
        allowed
    }

    /// The whole query that the page sees: the link's own, then the visitor's.
    pub(crate) fn whole_query(&self, parameters: &Params<'_>) -> String {
        let own = self.query.clone().unwrap_or_default();
        let added = parameters.build();
        [own, added].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    }
}

/// The visitor's parameters as a door takes them: percent-encoded once as a query, and once as the value of `cq`.
///
/// # Errors
/// Names `cq` when they are over 256 characters.
pub(crate) fn custom_query(parameters: &Params<'_>) -> Result<String, FieldError> {
    let encoded = percent::encode(&parameters.build());
    if encoded.len() > LONGEST_CQ {
        return Err(FieldError::new(
            "cq",
            format!(
                "the parameters take {} characters, encoded as WeChat wants them, and it takes at most {LONGEST_CQ}: shorten them, or put them into a stored scene (POST /v1/scenes)",
                encoded.len()
            ),
        ));
    }
    Ok(encoded)
}

fn check_keys(allow: &[String], query: &str) -> Result<(), FieldError> {
    let own = Params::parse(query);
    for (index, key) in allow.iter().enumerate() {
        let rule = if !is_key(key) {
            "may only hold keys of 1 to 64 letters, digits, _, - and ."
        } else if RESERVED_KEYS.contains(&key.as_str()) {
            "must not hold a name that has a meaning already"
        } else if allow.iter().take(index).any(|other| other == key) {
            "holds a key twice"
        } else if own.get(key).is_some() {
            "must not hold a key of query, since nobody could tell which of the two counts"
        } else {
            continue;
        };
        let key: String = key.chars().take(LONGEST_KEY).collect();
        return Err(FieldError::new("allow", format!("{rule}: {key}")));
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(allowed)
}

fn parse_path(given: JsonValue) -> Result<String, FieldError> {
    let path = given.line("path", 1..=1024)?;
    check_page(&path).map_err(|rule| FieldError::new("path", rule))?;
    Ok(path)
}

fn parse_query(given: JsonValue) -> Result<Option<String>, FieldError> {
    let query = given.optional_text("query", 1..=1024)?;
    check_query(query.as_deref().unwrap_or_default()).map_err(|rule| FieldError::new("query", rule))?;
    Ok(query)
}

fn parse_web_url(given: JsonValue) -> Result<Option<String>, FieldError> {
    let url = given.optional_line("web_url", 1..=2048)?;
    if url.as_ref().is_some_and(|url| !url.starts_with("https://") || Href::web(url).is_none()) {
        return Err(FieldError::new(
            "web_url",
            "must be an https address without spaces, quotes and angle brackets: percent-encode them",
        ));
    }
    Ok(url)
}

record! {
    /// A link with its doors: what lies in KV, and in the object that makes them.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct LinkRecord {
        pub(crate) link: NamedLink,
        pub(crate) scheme: DoorRecord = DoorRecord::default(),
        pub(crate) url_link: DoorRecord = DoorRecord::default(),
    }
}

impl LinkRecord {
    pub(crate) fn new(link: NamedLink) -> Self {
        Self { link, scheme: DoorRecord::default(), url_link: DoorRecord::default() }
    }

    /// Whether visitors see the same of both, so that the copy for them need not be written again. A failure that is
    /// still the same is: when it may be tried again, the object knows.
    pub(crate) fn shows_as(&self, other: &Self) -> bool {
        self.link == other.link
            && self.scheme.shows_as(&other.scheme)
            && self.url_link.shows_as(&other.url_link)
    }

    pub(crate) fn door(&self, kind: Made) -> &DoorRecord {
        match kind {
            Made::Scheme => &self.scheme,
            Made::UrlLink => &self.url_link,
        }
    }

    pub(crate) fn door_mut(&mut self, kind: Made) -> &mut DoorRecord {
        match kind {
            Made::Scheme => &mut self.scheme,
            Made::UrlLink => &mut self.url_link,
        }
    }
}

record! {
    /// One kind of door of a link: the one that was made, and why there is no newer one.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub(crate) struct DoorRecord {
        #[serde(skip_serializing_if = "Option::is_none")]
        made: Option<MadeDoor>,
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<DoorFailure>,
    }
}

record! {
    /// A door as `WeChat` made it.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct MadeDoor {
        pub(crate) address: String,
        /// Unix seconds.
        pub(crate) expires_at: u64,
    }
}

record! {
    /// Why a door could not be made.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct DoorFailure {
        code: Code,
        #[serde(skip_serializing_if = "Option::is_none")]
        errcode: Option<i64>,
        /// Until then nobody asks again, in Unix seconds.
        retry_at: u64,
        /// How long that is, in seconds.
        pause: u64 = 0,
    }
}

impl DoorRecord {
    /// The door for a visitor who comes now.
    pub(crate) fn usable(&self, now: u64) -> Option<&MadeDoor> {
        self.made.as_ref().filter(|door| door.expires_at > now.saturating_add(LEAST_LEFT))
    }

    /// Whether a door is to be made now: there is none that lasts, and nobody has just failed.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        let lasts = |door: &MadeDoor| door.expires_at > now.saturating_add(REMADE_BEFORE);
        let failed = |failure: &DoorFailure| failure.retry_at > now;
        !self.made.as_ref().is_some_and(lasts) && !self.failure.as_ref().is_some_and(failed)
    }

    pub(crate) fn opened(&mut self, door: MadeDoor) {
        *self = Self { made: Some(door), failure: None };
    }

    pub(crate) fn failed(&mut self, problem: &Problem, now: u64) {
        let lasting =
            matches!(problem.code, Code::NotPermitted | Code::QuotaExhausted | Code::InvalidRequest);
        let first = if lasting { LASTING_REFUSAL } else { PASSING_FAILURE };
        let last = self.failure.as_ref().map_or(0, |failure| failure.pause);
        let pause = last.saturating_mul(2).clamp(first, LONGEST_PAUSE);
        self.failure = Some(DoorFailure {
            code: problem.code,
            errcode: problem.errcode,
            retry_at: now.saturating_add(pause),
            pause,
        });
    }

    fn shows_as(&self, other: &Self) -> bool {
        let reason = |failure: &DoorFailure| (failure.code, failure.errcode);
        self.made == other.made && self.failure.as_ref().map(reason) == other.failure.as_ref().map(reason)
    }
}

#[cfg(test)]
mod tests {
    use wxedge_contract::{Code, Problem};
    use wxedge_launch::Params;

    use super::{DoorRecord, LinkRecord, MadeDoor, NamedLink, custom_query, is_name};

    const NOW: u64 = 1_800_000_000;
    const DAY: u64 = 86_400;

    fn link(body: &str) -> NamedLink {
        NamedLink::parse("spring", body.as_bytes()).unwrap()
    }

    #[test]
    fn names_are_lower_case_words() {
        for (name, holds) in [("a", true), ("spring-2026", true), ("", false), ("A", false), ("a.txt", false)]
        {
            assert_eq!(is_name(name), holds, "{name}");
        }
        assert!(is_name(&"a".repeat(64)) && !is_name(&"a".repeat(65)));
    }

    #[test]
    fn every_rule_names_its_field() {
        for (body, field) in [
            ("{}", "path"),
            (r#"{"path":""}"#, "path"),
            (r#"{"path":"/pages/a"}"#, "path"),
            (r#"{"path":"pages/a?b=1"}"#, "path"),
            (r#"{"path":"p\u0000"}"#, "path"),
            (r#"{"path":"p\n"}"#, "path"),
            (r#"{"path":"p","web_url":"https://a.cn/\u0000"}"#, "web_url"),
            (r#"{"path":"p","web_url":"https://a.cn@b.cn/"}"#, "web_url"),
            (r#"{"path":"p","query":"a b"}"#, "query"),
            (r#"{"path":"p","query":"scancode_time=1"}"#, "query"),
            (r#"{"path":"p","allow":"a"}"#, "allow"),
            (r#"{"path":"p","allow":[1]}"#, "allow"),
            (r#"{"path":"p","allow":[""]}"#, "allow"),
            (r#"{"path":"p","allow":["a b"]}"#, "allow"),
            (r#"{"path":"p","allow":["a","a"]}"#, "allow"),
            (r#"{"path":"p","allow":["format"]}"#, "allow"),
            (r#"{"path":"p","allow":["scancode_time"]}"#, "allow"),
            (r#"{"path":"p","query":"a=1","allow":["a"]}"#, "allow"),
            (r#"{"path":"p","query":"%61=1","allow":["a"]}"#, "allow"),
            (r#"{"path":"p","env_version":"formal"}"#, "env_version"),
            (r#"{"path":"p","title":"a\nb"}"#, "title"),
            (r#"{"path":"p","web_url":"http://a.cn"}"#, "web_url"),
            (r#"{"path":"p","web_url":"javascript:1"}"#, "web_url"),
            (r#"{"path":"p","web_url":"https://a.cn/\"x"}"#, "web_url"),
            (r#"{"path":"p","page":"q"}"#, "page"),
        ] {
            assert_eq!(NamedLink::parse("n", body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn a_visitor_sets_what_is_allowed_and_nothing_else() {
        let link = link(r#"{"path":"p","query":"from=h5","allow":["id","u"]}"#);
        let parameters = link.parameters("u=%E8%8C%B6&from=x&id=1&utm=2&id=3");
        assert_eq!(link.whole_query(&parameters), "from=h5&id=3&u=%E8%8C%B6");
        assert_eq!(link.whole_query(&link.parameters("")), "from=h5");
        assert_eq!(custom_query(&parameters).unwrap(), "id%3D3%26u%3D%25E8%258C%25B6");
    }

    #[test]
    fn parameters_have_256_characters_once_they_are_encoded() {
        let of = |length: usize| {
            let mut params = Params::default();
            params.set("id", "x".repeat(length));
            custom_query(&params)
        };
        assert_eq!(of(251).unwrap().len(), 256);
        assert_eq!(of(252).unwrap_err().field, "cq");
    }

    #[test]
    fn what_is_stored_is_pinned() {
        let mut record = LinkRecord::new(link(r#"{"path":"p","allow":["id"],"title":"茶"}"#));
        record.scheme.opened(MadeDoor { address: "weixin://dl/business/?t=T".to_owned(), expires_at: NOW });
        record.url_link.failed(&Problem::new(Code::NotPermitted, ""), NOW);
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(
            text,
            r#"{"link":{"name":"spring","path":"p","allow":["id"],"env_version":"release","title":"茶"},"scheme":{"made":{"address":"weixin://dl/business/?t=T","expires_at":1800000000}},"url_link":{"failure":{"code":"not_permitted","retry_at":1800000600,"pause":600}}}"#
        );
        assert_eq!(serde_json::from_str::<LinkRecord>(&text).unwrap(), record);
    }

    #[test]
    fn a_door_is_made_anew_three_days_before_it_dies_and_used_until_its_last_hour() {
        let mut door = DoorRecord::default();
        assert!(door.is_due(NOW) && door.usable(NOW).is_none());
        door.opened(MadeDoor { address: String::new(), expires_at: NOW + 30 * DAY });
        assert!(!door.is_due(NOW + 27 * DAY - 1) && door.is_due(NOW + 27 * DAY));
        assert!(door.usable(NOW + 30 * DAY - 3601).is_some() && door.usable(NOW + 30 * DAY - 3600).is_none());
    }

    #[test]
    fn a_failure_keeps_the_old_door_and_pauses() {
        for (code, pause) in [
            (Code::NotPermitted, 600),
            (Code::QuotaExhausted, 600),
            (Code::UpstreamBusy, 30),
            (Code::Internal, 30),
        ] {
            let mut door = DoorRecord::default();
            door.opened(MadeDoor { address: String::new(), expires_at: NOW + DAY });
            door.failed(&Problem::new(code, ""), NOW);
            assert!(door.usable(NOW).is_some());
            assert!(!door.is_due(NOW + pause - 1) && door.is_due(NOW + pause), "{code:?}");
        }
    }

    #[test]
    fn each_failure_doubles_the_pause_up_to_an_hour_and_a_door_ends_that() {
        let mut door = DoorRecord::default();
        let mut pause_after = |code| {
            door.failed(&Problem::new(code, ""), NOW);
            let pauses = [30, 60, 120, 240, 480, 600, 960, 1200, 1920, 2400, 3600];
            pauses.into_iter().find(|pause| door.is_due(NOW + pause)).unwrap()
        };
        let passing: Vec<u64> = (0..9).map(|_| pause_after(Code::UpstreamBusy)).collect();
        assert_eq!(passing, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        door.opened(MadeDoor { address: String::new(), expires_at: NOW });
        let mut pause_after = |code| {
            door.failed(&Problem::new(code, ""), NOW);
            let pauses = [30, 60, 600, 1200, 2400, 3600];
            pauses.into_iter().find(|pause| door.is_due(NOW + pause)).unwrap()
        };
        let codes = [
            Code::UpstreamBusy,
            Code::NotPermitted,
            Code::UpstreamBusy,
            Code::NotPermitted,
            Code::NotPermitted,
        ];
        assert_eq!(codes.map(&mut pause_after), [30, 600, 1200, 2400, 3600]);
    }

    #[test]
    fn the_same_failure_again_shows_nothing_new() {
        let link = link(r#"{"path":"p"}"#);
        let failed = |code, errcode, now| {
            let mut record = LinkRecord::new(link.clone());
            let mut problem = Problem::new(code, "");
            problem.errcode = errcode;
            record.scheme.failed(&problem, now);
            record
        };
        let first = failed(Code::QuotaExhausted, Some(44_993), NOW);
        assert!(first.shows_as(&failed(Code::QuotaExhausted, Some(44_993), NOW + 600)));
        assert!(!first.shows_as(&failed(Code::QuotaExhausted, Some(85_406), NOW)));
        assert!(!first.shows_as(&failed(Code::UpstreamBusy, Some(44_993), NOW)));
        assert!(!first.shows_as(&LinkRecord::new(link.clone())));
        let mut opened = first.clone();
        opened.scheme.opened(MadeDoor { address: String::new(), expires_at: NOW });
        assert!(!first.shows_as(&opened));
    }
}
