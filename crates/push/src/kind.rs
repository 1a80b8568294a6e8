use crate::limits::{ANSWER_WAIT, QUESTION_WAIT};

/// One line per type of push, after a heading, separated by tabs; `-` is none. A type that ends in `*` stands for all
/// that begin so. What is not in it is a push without any of these.
///
/// `key`: which fields tell a repeat, joined by `+`; of several by `|` the first counts whose fields are all there.
/// A path goes through objects by dots and through arrays; `@day` takes the day of a time. `acknowledgement`: what
/// `WeChat` is told when the push is stored. `takes`: which answer of the receiver `WeChat` takes instead. `xml
/// wrapper`: the element that XML has around what JSON has at the top, all texts. `xml arrays`: what is an array in
/// JSON even when there is one.
///
/// Source: the pages of message push and of each event, `WeChat` mini program documentation.
const TABLE: &str = include_str!("../data/push-events.tsv");

/// What is known of one type of push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) key: &'static str,
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) takes: Takes,
    pub(crate) xml_wrapper: &'static str,
    xml_arrays: &'static str,
}

/// What `WeChat` is told when a push is stored and the receiver has said nothing that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acknowledgement {
    /// The word `success`, or as some pages want it, `SUCCESS`.
    Word(&'static str),
    /// `{"ErrCode":0,"ErrMsg":"success"}`: virtual payment.
    ErrCode,
    /// `{"resultcode":0,"resultmsg":"success"}`: a waybill's state.
    ResultCode,
}

/// Which answer of the receiver `WeChat` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    /// `MsgType` `transfer_customer_service`.
    Transfer,
    /// `result_code` 0 or 1: the question about an iOS refund.
    Question,
    /// A number under this name: logistics.
    Code(&'static str),
    /// Any object.
    Object,
}

impl Kind {
    pub(crate) fn of(name: &str) -> Self {
        const UNKNOWN: Kind = Kind {
            key: "",
            acknowledgement: Acknowledgement::Word("success"),
            takes: Takes::Nothing,
            xml_wrapper: "",
            xml_arrays: "",
        };
        let row = TABLE.lines().skip(1).find(|line| is_row_of(line, name));
        row.and_then(Self::read).unwrap_or(UNKNOWN)
    }

    /// Whether this field is an array in JSON even when it has one item.
    pub(crate) fn is_array(&self, name: &str) -> bool {
        self.xml_arrays.split(',').any(|known| known == name)
    }

    /// For how many milliseconds an answer is waited for, where one is.
    pub(crate) fn wait(&self) -> Option<u64> {
        match self.takes {
            Takes::Nothing => None,
            Takes::Question => Some(QUESTION_WAIT),
            Takes::Transfer | Takes::Code(_) | Takes::Object => Some(ANSWER_WAIT),
        }
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t').skip(1).map(|text| if text == "-" { "" } else { text });
        let key = columns.next()?;
        let acknowledgement = match columns.next()? {
            "ErrCode" => Acknowledgement::ErrCode,
            "resultcode" => Acknowledgement::ResultCode,
            word => Acknowledgement::Word(word),
        };
        let takes = match columns.next()? {
            "transfer" => Takes::Transfer,
            "question" => Takes::Question,
            "object" => Takes::Object,
            "" => Takes::Nothing,
            code => Takes::Code(code),
        };
        Some(Self { key, acknowledgement, takes, xml_wrapper: columns.next()?, xml_arrays: columns.next()? })
    }
}

fn is_row_of(line: &str, name: &str) -> bool {
    let known = line.split_once('\t').map_or(line, |(known, _)| known);
    known == name || known.strip_suffix('*').is_some_and(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{Acknowledgement, Kind, TABLE, Takes};

    #[test]
    fn every_line_of_the_table_is_read() {
        let mut before = "";
        for line in TABLE.lines().skip(1) {
            let name = line.split('\t').next().unwrap();
            assert_eq!(line.split('\t').count(), 6, "{line}");
            assert!(before < name, "{name} after {before}");
            before = name;
            let kind = Kind::of(name);
            assert_ne!(kind.key, "", "{line}");
            for word in kind.key.split(['|', '+', '.', '@']) {
                assert!(
                    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
                    "{line}"
                );
            }
            let words = ["success", "SUCCESS"];
            assert!(
                !matches!(kind.acknowledgement, Acknowledgement::Word(word) if !words.contains(&word)),
                "{line}"
            );
            assert!(
                !matches!(kind.takes, Takes::Code(code) if !code.eq_ignore_ascii_case("resultcode")),
                "{line}"
            );
        }
        assert_eq!(TABLE.lines().count(), 93);
    }

    #[test]
    fn only_messages_take_a_transfer_and_all_of_virtual_payment_but_its_question_is_acknowledged() {
        assert_eq!(Kind::of("message.text").takes, Takes::Transfer);
        assert_eq!(Kind::of("message.of_tomorrow").takes, Takes::Transfer);
        assert_eq!(Kind::of("event.user_enter_tempsession").takes, Takes::Nothing);
        assert_eq!(Kind::of("event.of_tomorrow").takes, Takes::Nothing);
        assert_eq!(Kind::of("event.open_product_spu_audit").key, "order_info.order_id|order_id");
        let xpay = TABLE.lines().filter(|line| line.starts_with("event.xpay_"));
        for name in xpay.filter_map(|line| line.split('\t').next()) {
            let kind = Kind::of(name);
            let question = name == "event.xpay_subscribe_ios_refund_query_notify";
            assert_eq!(kind.wait().is_some(), question, "{name}");
            assert_eq!(kind.acknowledgement == Acknowledgement::ErrCode, !question, "{name}");
        }
    }
}
