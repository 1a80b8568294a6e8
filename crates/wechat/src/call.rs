use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_crypto::Secret;
use wxedge_operations::{Flag, Operation};

/// One call of WeChat's server API, ready to be sent.
///
/// Its URL and body hold secrets, so both come out as a [`Secret`]. Source: 服务端能力 (server calls).
#[derive(Debug, Clone)]
pub struct Call {
    operation: Operation,
    query: Vec<(&'static str, Secret)>,
    body: Option<Secret>,
    credentials: Vec<Secret>,
}

impl Call {
    /// A `GET` with everything in the query.
    pub(crate) fn get(operation: Operation, query: &[(&'static str, &str)]) -> Self {
        Self {
            operation,
            query: query.iter().map(|(name, value)| (*name, Secret::new(*value))).collect(),
            body: None,
            credentials: Vec::new(),
        }
    }

    /// A `POST` of a JSON body; only the `access_token` is in the query. The JSON must have no `\uXXXX` escapes, which
    /// WeChat refuses.
    #[must_use]
    pub fn post(operation: Operation, body: String) -> Self {
        Self { operation, query: Vec::new(), body: Some(Secret::new(body)), credentials: Vec::new() }
    }

    /// Says that the call carries this credential, so that [`Call::without_credentials`] removes it.
    pub(crate) fn carrying(mut self, credential: &Secret) -> Self {
        self.credentials.push(credential.clone());
        self
    }

    /// The same call with the `access_token` that it needs.
    #[must_use]
    pub fn with_token(&self, token: &Secret) -> Self {
        let mut call = self.clone().carrying(token);
        call.query.push(("access_token", token.clone()));
        call
    }

    /// Which call it is.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// Whether sending it twice would do more than sending it once, so that nothing on its way may repeat it: it spends a
    /// code, replaces a key, or makes a token that kills another.
    #[must_use]
    pub fn must_be_sent_once(&self) -> bool {
        !self.operation.is(Flag::Repeatable)
    }

    /// The whole URL under `base`, which does not end in a slash.
    #[must_use]
    pub fn url(&self, base: &str) -> Secret {
        let mut url = [base, "/", self.operation.path()].concat();
        for (index, (name, value)) in self.query.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            percent_encode(value.expose(), &mut url);
        }
        Secret::new(url)
    }

    /// The JSON body of a `POST`.
    #[must_use]
    pub const fn body(&self) -> Option<&Secret> {
        self.body.as_ref()
    }

    /// `text` with every credential of this call replaced by `***`: for what WeChat, or a relay before it, says.
    #[must_use]
    pub fn without_credentials(&self, text: &str) -> String {
        self.credentials
            .iter()
            .filter(|credential| !credential.expose().is_empty())
            .fold(text.to_string(), |text, credential| text.replace(credential.expose(), "***"))
    }
}

/// Percent-encodes everything that is not unreserved (RFC 3986, 2.3).
fn percent_encode(text: &str, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(HEX.get(usize::from(byte >> 4)));
            out.extend(HEX.get(usize::from(byte & 15)));
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use wxedge_crypto::Secret;
    use wxedge_operations::{Operation, known};

    use super::Call;

    const LOGIN: Operation = known("sns/jscode2session");
    const SCHEME: Operation = known("wxa/generatescheme");

    #[test]
    fn the_query_is_percent_encoded() {
        let call = Call::get(LOGIN, &[("appid", "wx1"), ("js_code", "a b&c=/é+%")]);
        assert_eq!(
            call.url("https://api.example").expose(),
            "https://api.example/sns/jscode2session?appid=wx1&js_code=a%20b%26c%3D%2F%C3%A9%2B%25"
        );
    }

    #[test]
    fn the_token_goes_into_the_query_and_the_rest_into_the_body() {
        let call = Call::post(SCHEME, r#"{"query":"a=1&b=北京"}"#.to_string()).with_token(&Secret::new("T"));
        assert_eq!(call.url("http://h").expose(), "http://h/wxa/generatescheme?access_token=T");
        assert_eq!(call.body().unwrap().expose(), "{\"query\":\"a=1&b=北京\"}");
    }

    #[test]
    fn what_spends_or_replaces_something_is_sent_once() {
        for (path, once) in [
            ("sns/jscode2session", true),
            ("wxa/resetusersessionkey", true),
            ("cgi-bin/token", true),
            ("cgi-bin/stable_token", false),
            ("wxa/checksession", false),
            ("cgi-bin/ticket/getticket", false),
        ] {
            assert_eq!(Call::get(known(path), &[]).must_be_sent_once(), once, "{path}");
        }
    }

    #[test]
    fn credentials_are_taken_out_of_texts() {
        let call = Call::post(SCHEME, "{}".to_string()).with_token(&Secret::new("TOKEN"));
        assert_eq!(call.without_credentials("bad TOKEN, TOKEN!"), "bad ***, ***!");
    }

    #[test]
    fn a_call_prints_none_of_its_secrets() {
        let call = Call::get(LOGIN, &[("secret", "hunter2")]).carrying(&Secret::new("hunter2"));
        assert!(!format!("{call:?} {:?}", call.url("http://h")).contains("hunter2"));
    }
}
