/// What the phone button brought.
///
/// Source: quick verification of phone numbers, WeChat mini program open abilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneResult<'a> {
    /// A code to exchange within 5 minutes, once. It is paid for already.
    Code(&'a str),
    /// The user said no.
    Refused,
    /// The account has no verifications left: `errno` 1400001.
    OutOfQuota,
    /// Anything else, in the platform's words.
    Failed(&'a str),
}

impl<'a> PhoneResult<'a> {
    /// Reads `code`, `errMsg` and `errno` of the button's `detail`; what is missing is empty. A code counts first.
    #[must_use]
    pub fn of(code: &'a str, err_msg: &'a str, errno: &str) -> Self {
        if !code.is_empty() {
            Self::Code(code)
        } else if errno == "1400001" {
            Self::OutOfQuota
        } else if err_msg.ends_with("deny") || err_msg.ends_with("cancel") {
            Self::Refused
        } else if err_msg.is_empty() || err_msg.ends_with(":ok") {
            Self::Failed("the button brought no code: it needs base library 2.21.2")
        } else {
            Self::Failed(err_msg)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PhoneResult;

    #[test]
    fn a_result_is_a_code_or_the_reason_why_there_is_none() {
        let no_code = "the button brought no code: it needs base library 2.21.2";
        for (code, err_msg, errno, expected) in [
            ("c", "getPhoneNumber:ok", "", PhoneResult::Code("c")),
            ("c", "", "", PhoneResult::Code("c")),
            ("", "getPhoneNumber:fail user deny", "", PhoneResult::Refused),
            ("", "getPhoneNumber:fail:user deny", "", PhoneResult::Refused),
            ("", "getRealtimePhoneNumber:fail user cancel", "", PhoneResult::Refused),
            ("", "getPhoneNumber:fail", "1400001", PhoneResult::OutOfQuota),
            ("", "getPhoneNumber:fail user deny", "1400001", PhoneResult::OutOfQuota),
            (
                "",
                "getPhoneNumber:fail no permission",
                "102",
                PhoneResult::Failed("getPhoneNumber:fail no permission"),
            ),
            ("", "getPhoneNumber:ok", "", PhoneResult::Failed(no_code)),
            ("", "", "", PhoneResult::Failed(no_code)),
        ] {
            assert_eq!(PhoneResult::of(code, err_msg, errno), expected, "{err_msg} {errno}");
        }
    }
}
