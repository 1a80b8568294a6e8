/// What `wx.requestPayment`, or one of its kin, says. None of it is a proof: whether an order is paid, only the server knows.
///
/// Source: `wx.requestPayment` and `wx.requestVirtualPayment`, `WeChat` mini program API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentResult<'a> {
    /// The user says he has paid, or nothing was said: ask the server.
    AskServer,
    /// The user went back. He may have paid all the same, on another device say: the server knows.
    Cancelled,
    /// Anything else, in the platform's words.
    Failed(&'a str),
}

impl<'a> PaymentResult<'a> {
    /// Reads `errMsg` and `errCode` of the outcome; what is missing is empty.
    #[must_use]
    pub fn of(err_msg: &'a str, err_code: &str) -> Self {
        if err_msg.is_empty() || err_msg.ends_with(":ok") {
            Self::AskServer
        } else if err_msg.ends_with("cancel") || err_code == "-2" {
            Self::Cancelled
        } else {
            Self::Failed(err_msg)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PaymentResult;

    #[test]
    fn an_outcome_is_a_reason_to_ask_the_server_a_step_back_or_a_failure() {
        for (err_msg, err_code, expected) in [
            ("requestPayment:ok", "", PaymentResult::AskServer),
            ("requestVirtualPayment:ok", "0", PaymentResult::AskServer),
            ("", "", PaymentResult::AskServer),
            ("requestPayment:fail cancel", "", PaymentResult::Cancelled),
            ("requestVirtualPayment:fail user went away", "-2", PaymentResult::Cancelled),
            ("requestPayment:fail", "", PaymentResult::Failed("requestPayment:fail")),
            (
                "requestPayment:fail jsapi has no permission",
                "",
                PaymentResult::Failed("requestPayment:fail jsapi has no permission"),
            ),
            ("cancelled:fail", "", PaymentResult::Failed("cancelled:fail")),
        ] {
            assert_eq!(PaymentResult::of(err_msg, err_code), expected, "{err_msg} {err_code}");
        }
    }
}
