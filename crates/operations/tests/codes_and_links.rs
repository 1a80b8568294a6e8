//! Every rule of the bodies that routes of ours take: codes, schemes, links, short links, phone numbers.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use wxedge_contract::FieldError;
use wxedge_operations::{Fields, expires_at, find};

const NOW: u64 = 1_800_000_000;

const UNLIMITED: &str = "wxa/getwxacodeunlimit";
const CODE: &str = "wxa/getwxacode";
const QR: &str = "cgi-bin/wxaapp/createwxaqrcode";
const SCHEME: &str = "wxa/generatescheme";
const NFC: &str = "wxa/generatenfcscheme";
const URL_LINK: &str = "wxa/generate_urllink";
const SHORT_LINK: &str = "wxa/genwxashortlink";
const SCHEME_QUERY: &str = "wxa/queryscheme";
const URL_LINK_QUERY: &str = "wxa/query_urllink";
const PHONE: &str = "wxa/business/getuserphonenumber";

fn check(path: &str, body: &str) -> Result<Fields, FieldError> {
    find(path).unwrap().check_body(body.as_bytes(), NOW)
}

#[test]
fn a_body_is_sent_in_one_order_with_its_defaults() {
    for (path, body, sent) in [
        (
            UNLIMITED,
            r#"{"scene":"a=1&b=2","page":"pages/a"}"#,
            r#"{"scene":"a=1&b=2","page":"pages/a","check_path":true,"width":430,"auto_color":false,"line_color":{"r":0,"g":0,"b":0},"is_hyaline":false,"env_version":"release"}"#,
        ),
        (
            CODE,
            r#"{"path":"pages/a?b=1"}"#,
            r#"{"path":"pages/a?b=1","width":430,"auto_color":false,"line_color":{"r":0,"g":0,"b":0},"is_hyaline":false,"env_version":"release"}"#,
        ),
        (
            CODE,
            r#"{"env_version":"","is_hyaline":false,"line_color":{"b":"0","g":0,"r":0},"auto_color":false,"width":430,"path":"pages/a?b=1"}"#,
            r#"{"path":"pages/a?b=1","width":430,"auto_color":false,"line_color":{"r":0,"g":0,"b":0},"is_hyaline":false,"env_version":"release"}"#,
        ),
        (QR, r#"{"path":"pages/a?b=1"}"#, r#"{"path":"pages/a?b=1","width":430}"#),
        (
            SCHEME,
            r#"{"jump_wxa":{"path":"/pages/a","query":"a=1","env_version":""},"is_expire":true,"expire_type":1,"expire_interval":30}"#,
            r#"{"jump_wxa":{"path":"/pages/a","query":"a=1","env_version":"release"},"expire_type":1,"expire_interval":30}"#,
        ),
        (SCHEME, r#"{"expire_time":1800000060}"#, r#"{"expire_type":0,"expire_time":1800000060}"#),
        (SCHEME, "{}", r#"{"expire_type":1,"expire_interval":30}"#),
        (SCHEME, r#"{"is_expire":false}"#, r#"{"expire_type":1,"expire_interval":30}"#),
        (SCHEME, r#"{"is_expire":"whatever"}"#, r#"{"expire_type":1,"expire_interval":30}"#),
        (
            NFC,
            r#"{"jump_wxa":{"path":"/pages/a"},"model_id":"M","sn":"1"}"#,
            r#"{"jump_wxa":{"path":"/pages/a","env_version":"release"},"model_id":"M","sn":"1"}"#,
        ),
        (
            URL_LINK,
            r#"{"path":"/pages/a","query":"a=1","is_expire":true,"expire_type":1,"expire_interval":1,"cloud_base":{"env":"e","path":"/p","query":"b=2"}}"#,
            r#"{"path":"/pages/a","query":"a=1","env_version":"release","expire_type":1,"expire_interval":1,"cloud_base":{"env":"e","path":"/p","query":"b=2"}}"#,
        ),
        (
            URL_LINK,
            r#"{"path":"p","is_expire":false}"#,
            r#"{"path":"p","env_version":"release","expire_type":1,"expire_interval":30}"#,
        ),
        (
            SHORT_LINK,
            r#"{"page_url":"pages/a?b=1","page_title":"茶"}"#,
            r#"{"page_url":"pages/a?b=1","page_title":"茶","is_permanent":false}"#,
        ),
        (
            SCHEME_QUERY,
            r#"{"scheme":"weixin://dl/business/?t=T"}"#,
            r#"{"scheme":"weixin://dl/business/?t=T","query_type":0}"#,
        ),
        (URL_LINK_QUERY, r#"{"query_type":1}"#, r#"{"query_type":1}"#),
        (PHONE, r#"{"code":"c"}"#, r#"{"code":"c"}"#),
        (PHONE, r#"{"openid":"o","code":"c"}"#, r#"{"code":"c","openid":"o"}"#),
    ] {
        assert_eq!(check(path, body).unwrap().to_json(), sent, "{path} {body}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of every rule")]
fn every_rule_names_its_field() {
    let [long33, long129, long1025] = [33, 129, 1025].map(|length| "q".repeat(length));
    let wide = "中".repeat(43);
    let month = 30 * 86_400;
    for (path, body, field) in [
        (UNLIMITED, "{}", "scene"),
        (UNLIMITED, r#"{"scene":""}"#, "scene"),
        (UNLIMITED, &format!(r#"{{"scene":"{long33}"}}"#), "scene"),
        (UNLIMITED, r#"{"scene":"%E4"}"#, "scene"),
        (UNLIMITED, r#"{"scene":"中"}"#, "scene"),
        (UNLIMITED, r#"{"scene":"a","page":"/pages/a"}"#, "page"),
        (UNLIMITED, r#"{"scene":"a","page":"pages/a?b=1"}"#, "page"),
        (UNLIMITED, r#"{"scene":"a","page":"pages/scancode_time"}"#, "page"),
        (UNLIMITED, r#"{"scene":"a","page":"pages/\u0000a"}"#, "page"),
        (UNLIMITED, r#"{"scene":"a","check_path":"false"}"#, "check_path"),
        (UNLIMITED, r#"{"scene":"a","path":"x"}"#, "path"),
        (CODE, "{}", "path"),
        (CODE, r#"{"path":""}"#, "path"),
        (CODE, &format!(r#"{{"path":"{long1025}"}}"#), "path"),
        (CODE, r#"{"path":"p?scancode_time=1"}"#, "path"),
        (CODE, r#"{"path":"p\t"}"#, "path"),
        (CODE, r#"{"path":"p","width":279}"#, "width"),
        (CODE, r#"{"path":"p","width":1281}"#, "width"),
        (CODE, r#"{"path":"p","width":"430"}"#, "width"),
        (CODE, r#"{"path":"p","width":430.5}"#, "width"),
        (CODE, r#"{"path":"p","width":null}"#, "width"),
        (CODE, r#"{"path":"p","auto_color":"false"}"#, "auto_color"),
        (CODE, r#"{"path":"p","line_color":{"r":256}}"#, "line_color.r"),
        (CODE, r#"{"path":"p","line_color":{"g":-1}}"#, "line_color.g"),
        (CODE, r#"{"path":"p","line_color":{"b":"x"}}"#, "line_color.b"),
        (CODE, r#"{"path":"p","line_color":{"a":1}}"#, "a"),
        (CODE, r#"{"path":"p","line_color":5}"#, "line_color"),
        (CODE, r#"{"path":"p","line_color":[1]}"#, "line_color"),
        (CODE, r#"{"path":"p","line_color":null}"#, "line_color"),
        (CODE, r#"{"path":"p","is_hyaline":1}"#, "is_hyaline"),
        (CODE, r#"{"path":"p","env_version":"formal"}"#, "env_version"),
        (CODE, r#"{"path":"p","env_version":1}"#, "env_version"),
        (CODE, r#"{"path":"p","scene":"a"}"#, "scene"),
        (CODE, r#"{"path":"p","path":"q"}"#, "path"),
        (QR, "{}", "path"),
        (QR, &format!(r#"{{"path":"{long129}"}}"#), "path"),
        (QR, &format!(r#"{{"path":"{wide}"}}"#), "path"),
        (QR, r#"{"path":"p?scancode_time=1"}"#, "path"),
        (QR, r#"{"path":"p\u007f"}"#, "path"),
        (QR, r#"{"path":"p","width":0}"#, "width"),
        (QR, r#"{"path":"p","env_version":"trial"}"#, "env_version"),
        (SCHEME, r#"{"expire_type":0}"#, "expire_time"),
        (SCHEME, &format!(r#"{{"expire_time":{}}}"#, NOW + 59), "expire_time"),
        (SCHEME, &format!(r#"{{"expire_time":{}}}"#, NOW + month + 1), "expire_time"),
        (SCHEME, &format!(r#"{{"expire_time":{}}}"#, (NOW + 600) * 1000), "expire_time"),
        (SCHEME, r#"{"expire_time":-5}"#, "expire_time"),
        (SCHEME, &format!(r#"{{"expire_time":"{}"}}"#, NOW + 600), "expire_time"),
        (SCHEME, r#"{"expire_type":2}"#, "expire_type"),
        (SCHEME, r#"{"expire_type":1}"#, "expire_interval"),
        (SCHEME, r#"{"expire_type":1,"expire_interval":0}"#, "expire_interval"),
        (SCHEME, r#"{"expire_type":1,"expire_interval":31}"#, "expire_interval"),
        (SCHEME, r#"{"expire_type":1,"expire_interval":1,"expire_time":5}"#, "expire_time"),
        (SCHEME, &format!(r#"{{"expire_time":{},"expire_interval":1}}"#, NOW + 600), "expire_interval"),
        (SCHEME, r#"{"jump_wxa":{"path":"a?b=1"}}"#, "jump_wxa.path"),
        (SCHEME, r#"{"jump_wxa":{"path":"a\n"}}"#, "jump_wxa.path"),
        (SCHEME, r#"{"jump_wxa":{"path":5}}"#, "jump_wxa.path"),
        (SCHEME, r#"{"jump_wxa":{"query":"a b"}}"#, "jump_wxa.query"),
        (SCHEME, r#"{"jump_wxa":{"query":"名"}}"#, "jump_wxa.query"),
        (SCHEME, r#"{"jump_wxa":{"query":"scancode_time=1"}}"#, "jump_wxa.query"),
        (SCHEME, &format!(r#"{{"jump_wxa":{{"query":"{long1025}"}}}}"#), "jump_wxa.query"),
        (SCHEME, r#"{"jump_wxa":{"env_version":"x"}}"#, "jump_wxa.env_version"),
        (SCHEME, r#"{"jump_wxa":"pages/a"}"#, "jump_wxa"),
        (SCHEME, r#"{"path":"pages/a"}"#, "path"),
        (NFC, "{}", "model_id"),
        (NFC, r#"{"model_id":""}"#, "model_id"),
        (NFC, r#"{"model_id":7}"#, "model_id"),
        (NFC, r#"{"model_id":"M\r\n"}"#, "model_id"),
        (NFC, r#"{"model_id":"M","sn":"\u0085"}"#, "sn"),
        (NFC, r#"{"model_id":"M","sn":7}"#, "sn"),
        (NFC, r#"{"model_id":"M","expire_type":1}"#, "expire_type"),
        (NFC, r#"{"model_id":"M","jump_wxa":{"path":"a?b=1"}}"#, "jump_wxa.path"),
        (NFC, r#"{"model_id":"M","jump_wxa":{"query":"a b"}}"#, "jump_wxa.query"),
        (URL_LINK, r#"{"expire_type":0}"#, "expire_time"),
        (URL_LINK, r#"{"expire_type":1,"expire_interval":31}"#, "expire_interval"),
        (URL_LINK, &format!(r#"{{"expire_time":{}}}"#, NOW + 59), "expire_time"),
        (URL_LINK, r#"{"path":"a\u0000"}"#, "path"),
        (URL_LINK, r#"{"path":"a?b=1"}"#, "path"),
        (URL_LINK, r#"{"query":"a b"}"#, "query"),
        (URL_LINK, &format!(r#"{{"query":"{long1025}"}}"#), "query"),
        (URL_LINK, r#"{"query":"scancode_time=1"}"#, "query"),
        (URL_LINK, r#"{"env_version":"formal"}"#, "env_version"),
        (URL_LINK, r#"{"jump_wxa":{"path":"pages/a"}}"#, "jump_wxa"),
        (URL_LINK, r#"{"expire_type":1,"expire_interval":1,"cloud_base":{}}"#, "cloud_base.env"),
        (URL_LINK, r#"{"cloud_base":{"env":"e","query":"a b"}}"#, "cloud_base.query"),
        (URL_LINK, r#"{"cloud_base":{"env":"e\n"}}"#, "cloud_base.env"),
        (URL_LINK, r#"{"cloud_base":{"env":"e","domain":"a\tb"}}"#, "cloud_base.domain"),
        (URL_LINK, r#"{"cloud_base":{"env":"e","path":"/\u001b"}}"#, "cloud_base.path"),
        (URL_LINK, r#"{"cloud_base":{"env":"e","resource_appid":"\u0000"}}"#, "cloud_base.resource_appid"),
        (URL_LINK, r#"{"expire_type":1,"expire_interval":1,"cloud_base":"e"}"#, "cloud_base"),
        (SHORT_LINK, "{}", "page_url"),
        (SHORT_LINK, r#"{"page_url":""}"#, "page_url"),
        (SHORT_LINK, &format!(r#"{{"page_url":"{long1025}"}}"#), "page_url"),
        (SHORT_LINK, r#"{"page_url":"p?scancode_time=1"}"#, "page_url"),
        (SHORT_LINK, r#"{"page_url":"p\u0001"}"#, "page_url"),
        (SHORT_LINK, r#"{"page_url":"p","page_title":"a\nb"}"#, "page_title"),
        (SHORT_LINK, r#"{"page_url":"p","page_title":7}"#, "page_title"),
        (SHORT_LINK, r#"{"page_url":"p","is_permanent":"true"}"#, "is_permanent"),
        (SHORT_LINK, r#"{"page_url":"p","path":"q"}"#, "path"),
        (SCHEME_QUERY, "{}", "scheme"),
        (SCHEME_QUERY, r#"{"scheme":""}"#, "scheme"),
        (SCHEME_QUERY, r#"{"scheme":5}"#, "scheme"),
        (SCHEME_QUERY, r#"{"scheme":"weixin://\u0000"}"#, "scheme"),
        (SCHEME_QUERY, r#"{"query_type":2}"#, "query_type"),
        (SCHEME_QUERY, r#"{"query_type":"1"}"#, "query_type"),
        (SCHEME_QUERY, r#"{"url_link":"x"}"#, "url_link"),
        (URL_LINK_QUERY, "{}", "url_link"),
        (PHONE, "{}", "code"),
        (PHONE, r#"{"code":"c","openid":7}"#, "openid"),
        (CODE, "", "body"),
        (CODE, "[]", "body"),
        (CODE, "{", "body"),
    ] {
        assert_eq!(check(path, body).unwrap_err().field, field, "{path} {body}");
    }
}

#[test]
fn the_rule_says_what_to_send_instead() {
    let wide = "中".repeat(43);
    for (path, body, said) in [
        (UNLIMITED, "{}", "scene: is required: a text of 1 to 32 characters"),
        (UNLIMITED, r#"{"scene":5}"#, "scene: must be a text of 1 to 32 characters"),
        (UNLIMITED, r#"{"scene":"a","page":"pages/a?b"}"#, "page: must not have a query: put it into scene"),
        (
            SCHEME,
            r#"{"jump_wxa":{"path":"a?b"}}"#,
            "jump_wxa.path: must not have a query: put it into jump_wxa.query",
        ),
        (CODE, r#"{"path":"p","width":0}"#, "width: must be a whole number from 280 to 1280"),
        (
            CODE,
            r#"{"path":"p","line_color":{"r":"x"}}"#,
            "line_color.r: must be a whole number from 0 to 255",
        ),
        (CODE, r#"{"path":"p","line_color":1}"#, "line_color: must be an object"),
        (CODE, r#"{"path":"p","is_hyaline":1}"#, "is_hyaline: must be true or false, without quotes"),
        (CODE, r#"{"path":"p","env_version":"x"}"#, "env_version: must be release, trial or develop"),
        (
            CODE,
            r#"{"path":"p","x":1}"#,
            "x: is not a field of this request: expected one of `path`, `width`, `auto_color`, `line_color`, `is_hyaline`, `env_version`",
        ),
        (CODE, r#"{"path":"p","path":"p"}"#, "path: is there twice"),
        (CODE, r#"{"path":"p\n"}"#, "path: must be one line of text, without control characters"),
        (
            QR,
            &format!(r#"{{"path":"{wide}"}}"#),
            "path: must be at most 128 bytes: one Chinese character is three",
        ),
        (QR, r#"{"p":1}"#, "p: is not a field of this request: expected `path` or `width`"),
        (
            URL_LINK,
            r#"{"jump_wxa":{}}"#,
            "jump_wxa: is for schemes: a URL Link has path, query and env_version at the top of the body",
        ),
        (
            SCHEME_QUERY,
            "{}",
            "scheme: is required with query_type 0; with query_type 1 the opens that are left today are told",
        ),
    ] {
        assert_eq!(check(path, body).unwrap_err().to_string(), said, "{path} {body}");
    }
    let milliseconds = check(SCHEME, &format!(r#"{{"expire_time":{}}}"#, (NOW + 600) * 1000)).unwrap_err();
    assert!(milliseconds.rule.contains("milliseconds"), "{milliseconds}");
}

#[test]
fn every_character_of_the_scene_and_no_other_is_taken() {
    for byte in 0..=127_u8 {
        let scene = serde_json::to_string(&char::from(byte).to_string()).unwrap();
        let taken = check(UNLIMITED, &format!("{{\"scene\":{scene}}}")).is_ok();
        let allowed =
            char::from(byte).is_ascii_alphanumeric() || "!#$&'()*+,/:;=?@-._~".contains(char::from(byte));
        assert_eq!(taken, allowed, "{scene}");
    }
}

#[test]
fn the_time_of_death_is_told() {
    for (body, at) in [
        (r#"{"expire_type":1,"expire_interval":2}"#.to_string(), NOW + 172_800),
        (format!(r#"{{"expire_time":{}}}"#, NOW + 99), NOW + 99),
        ("{}".to_string(), NOW + 30 * 86_400),
    ] {
        assert_eq!(expires_at(&check(SCHEME, &body).unwrap(), NOW), Some(at), "{body}");
    }
    assert_eq!(expires_at(&check(NFC, r#"{"model_id":"M"}"#).unwrap(), NOW), None);
}
