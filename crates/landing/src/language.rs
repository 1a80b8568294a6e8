/// The language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese, which is also what whoever says nothing gets: WeChat's users are mostly there.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Reads an `Accept-Language`: the one of the two with the highest weight, the first of equals.
    ///
    /// A `*`, a language that is neither, and what cannot be read say nothing. Only when languages are named, and
    /// Chinese is refused by `q=0` or not among them, a reader of another language gets English.
    #[must_use]
    pub fn of(accept_language: &str) -> Self {
        let mut best = (Self::Chinese, 0);
        let mut foreign = false;
        for range in accept_language.split(',') {
            let (tag, weight) = weighed(range);
            match Self::of_tag(tag) {
                Some(language) if weight > best.1 => best = (language, weight),
                Some(language) => foreign |= language == Self::Chinese && weight == 0,
                None => foreign |= weight > 0 && is_tag(tag),
            }
        }
        if best.1 == 0 && foreign { Self::English } else { best.0 }
    }

    /// The tag for `lang` and `Content-Language`: `zh-CN` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Chinese)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }
}

/// The tag of a range and its weight in thousandths. RFC 9110, 12.4.2 and 12.5.4.
fn weighed(range: &str) -> (&str, u16) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('='));
    (tag, weight.map_or(1000, |value| thousandths(value.trim())))
}

/// `0.8` is 800. What is no weight is 0, so that it wins over nothing.
fn thousandths(value: &str) -> u16 {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" => 1000,
        "0" if digits => fraction
            .bytes()
            .zip([100, 10, 1])
            .map(|(digit, place)| u16::from(digit & 0x0f).saturating_mul(place))
            .fold(0, u16::saturating_add),
        _ => 0,
    }
}

fn is_tag(tag: &str) -> bool {
    tag.starts_with(|first: char| first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::Language::{self, Chinese, English};

    #[test]
    fn the_heaviest_of_the_two_wins_and_silence_is_chinese() {
        for (header, expected) in [
            ("", Chinese),
            ("*", Chinese),
            ("zh-CN,zh;q=0.9,en;q=0.8", Chinese),
            ("zh-CN", Chinese),
            ("zh-Hant-TW,en;q=0.9", Chinese),
            ("zh_CN", Chinese),
            ("ZH", Chinese),
            ("en-US,en;q=0.9", English),
            ("en", English),
            ("EN-gb", English),
            ("en;q=0.8,zh;q=0.9", Chinese),
            ("zh;q=0.8,en;q=0.9", English),
            ("zh;q=0.5,en;q=0.5", Chinese),
            ("en;q=0.5,zh;q=0.5", English),
            ("zh;q=0.123,en;q=0.124", English),
            ("en; q=0.9 , zh ; q = 0.95", Chinese),
            ("en;Q=0.9,zh;q=0.8", English),
            ("en;level=1;q=0.4,zh;q=0.3", English),
            ("ja,en;q=0.8,zh;q=0.6", English),
            ("ja", English),
            ("fr-FR,fr;q=0.9", English),
            ("zh;q=0,ja", English),
            ("en;q=0", Chinese),
            ("en;q=0,*", Chinese),
            ("zh;q=0", English),
            ("zh;q=0,en;q=0", English),
            ("en;q=2,zh;q=0.1", Chinese),
            ("en;q=abc", Chinese),
            ("en;q=0.1234", Chinese),
            ("english,zhongwen", English),
            (",;,=;q", Chinese),
            ("<script>", Chinese),
        ] {
            assert_eq!(Language::of(header), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader(header in "(zh|en|ja|\\*|[;,=q0-9. ]|.){0,60}") {
            prop_assert!(!Language::of(&header).tag().is_empty());
        }

        #[test]
        fn order_does_not_matter_between_different_weights(low in 0_u16..1000, high in 0_u16..1000) {
            prop_assume!(low < high);
            let ranges: [String; 2] = [alloc::format!("zh;q=0.{low:03}"), alloc::format!("en;q=0.{high:03}")];
            prop_assert_eq!(Language::of(&ranges.join(",")), English);
            prop_assert_eq!(Language::of(&[ranges[1].as_str(), &ranges[0]].join(",")), English);
        }
    }
}
