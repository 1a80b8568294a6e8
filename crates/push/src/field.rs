/// A value of a push, whatever format it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Text(String),
    /// As it is written, so that no digit is lost and none is made up.
    Number(String),
    Bool(bool),
    Null,
    List(Vec<Field>),
    Fields(Fields),
}

/// The greatest integer that every JSON reader keeps exactly, in digits: 2^53 - 1.
const LARGEST_EXACT: &str = "9007199254740991";

impl Field {
    /// A number as JSON has it. An integer that a double does not hold is a text, as in `WeChat`'s own JSON: a
    /// receiver in JavaScript would round it without a word.
    pub(crate) fn number(written: &str) -> Self {
        let digits = written.strip_prefix('-').unwrap_or(written);
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let exact = (digits.len(), digits) <= (LARGEST_EXACT.len(), LARGEST_EXACT);
        if whole && !exact { Self::Text(written.to_owned()) } else { Self::Number(written.to_owned()) }
    }

    /// The value of an XML element that holds characters outside of CDATA and nothing else. `WeChat` writes numbers
    /// so, and texts as CDATA.
    pub(crate) fn bare(text: &str) -> Self {
        if is_canonical_number(text) { Self::number(text) } else { Self::Text(text.to_owned()) }
    }

    /// A text or a number as its characters.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// All numbers in it become texts.
    pub(crate) fn into_texts(self) -> Self {
        match self {
            Self::Number(text) => Self::Text(text),
            Self::List(items) => Self::List(items.into_iter().map(Self::into_texts).collect()),
            Self::Fields(fields) => Self::Fields(Fields(
                fields.0.into_iter().map(|(name, field)| (name, field.into_texts())).collect(),
            )),
            other => other,
        }
    }

    fn collect<'a>(&'a self, path: &str, found: &mut Vec<&'a str>) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.collect(path, found)),
            Self::Fields(fields) => fields.collect(path, found),
            _ if path.is_empty() => found.extend(self.text()),
            _ => {}
        }
    }
}

/// Names and values in the order in which they came. No name occurs twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, Field)>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// The text under a name, where there is one that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text().filter(|text| !text.is_empty())
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Field> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// Every text and number at a path: names joined by dots, through arrays.
    pub(crate) fn at(&self, path: &str) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(path, &mut found);
        found
    }

    fn collect<'a>(&'a self, path: &str, found: &mut Vec<&'a str>) {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        if let Some(field) = self.get(name) {
            field.collect(rest, found);
        }
    }
}

/// Whether an XML text is a number that JSON would write with the same characters.
fn is_canonical_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) =
        unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits) && text != "-0"
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn bare_xml_is_a_number_where_json_would_write_the_same_characters() {
        for number in
            ["0", "1", "-1", "1795532400", "9007199254740991", "-9007199254740991", "23.134521", "-0.5"]
        {
            assert_eq!(Field::bare(number), Field::Number(number.to_owned()), "{number}");
        }
        for text in [
            "",
            "-",
            "-0",
            "01",
            "00",
            "1.",
            ".5",
            "1e3",
            "+1",
            " 1",
            "1 ",
            "a",
            "9007199254740992",
            "1234567890123456789012",
        ] {
            assert_eq!(Field::bare(text), Field::Text(text.to_owned()), "{text:?}");
        }
    }
}
