use crate::field::{Field, Fields};
use crate::format::Format;
use crate::json;
use crate::kind::{Acknowledgement, Kind, Takes};
use crate::limits::MAX_ANSWER_BYTES;

const TRANSFER: &str = "transfer_customer_service";

/// What `WeChat` is told, before it is put into the push's format and encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(pub(crate) Content);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Goes out as it is, never encrypted.
    Word(&'static str),
    Fields(Fields),
}

impl Answer {
    /// The JSON to keep, so that a repeat of the push is answered alike: [`crate::Push::answer`] makes the same answer of
    /// it. An acknowledgement need not be kept.
    #[must_use]
    pub fn to_keep(&self) -> Option<String> {
        match &self.0 {
            Content::Word(_) => None,
            Content::Fields(fields) => Some(json::write(fields)),
        }
    }

    /// Whether a receiver's reply to a push of this name is one that `WeChat` takes. What [`crate::Push::answer`] makes of
    /// a push and such a reply goes out, unless the push's format cannot hold it.
    #[must_use]
    pub fn is_answer(name: &str, reply: &str) -> bool {
        taken(&Kind::of(name), reply).is_some()
    }

    pub(crate) fn acknowledging(acknowledgement: Acknowledgement) -> Self {
        let fields = |code: &str, message: &str| {
            let code = (code.to_owned(), Field::Number("0".to_owned()));
            let message = (message.to_owned(), Field::Text("success".to_owned()));
            Content::Fields(Fields(vec![code, message]))
        };
        Self(match acknowledgement {
            Acknowledgement::Word(word) => Content::Word(word),
            Acknowledgement::ErrCode => fields("ErrCode", "ErrMsg"),
            Acknowledgement::ResultCode => fields("resultcode", "resultmsg"),
        })
    }

    /// The receiver's reply to a push of this kind, format and content.
    pub(crate) fn of_receiver(kind: &Kind, format: Format, push: &Fields, reply: &str) -> Option<Self> {
        let given = taken(kind, reply)?;
        let fields = if kind.takes == Takes::Transfer { transfer(push, given) } else { given };
        // An answer that the push's format cannot hold is none.
        format.write(&fields)?;
        Some(Self(Content::Fields(fields)))
    }
}

/// The reply as it was given, if it is one that `WeChat` takes for a push of this kind.
fn taken(kind: &Kind, reply: &str) -> Option<Fields> {
    if kind.takes == Takes::Nothing || reply.len() > MAX_ANSWER_BYTES {
        return None;
    }
    let given = json::read(reply).ok()?;
    let is_taken = match kind.takes {
        Takes::Nothing => false,
        Takes::Transfer => given.text("MsgType") == Some(TRANSFER),
        Takes::Question => matches!(given.text("result_code"), Some("0" | "1")),
        Takes::Code(name) => given.text(name).is_some_and(|code| code.parse::<i64>().is_ok()),
        Takes::Object => true,
    };
    is_taken.then_some(given)
}

/// The whole message of a transfer. The receiver need not know who is who: the answer goes from the account to the
/// user of the push, whatever it says.
fn transfer(push: &Fields, mut given: Fields) -> Fields {
    let of_push = |name: &str| push.get(name).cloned();
    let created_at = given.take("CreateTime").or_else(|| of_push("CreateTime"));
    let heads = [
        ("ToUserName", of_push("FromUserName")),
        ("FromUserName", of_push("ToUserName")),
        ("CreateTime", created_at),
        ("MsgType", given.take("MsgType")),
    ];
    let rest = given.0.into_iter().filter(|(name, _)| name != "ToUserName" && name != "FromUserName");
    let heads = heads.into_iter().filter_map(|(name, field)| Some((name.to_owned(), field?)));
    Fields(heads.chain(rest).collect())
}
