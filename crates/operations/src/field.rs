use wxedge_launch::delimiter::{split, split_once};

use crate::kind::Kind;

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query of the call.
    Query,
    /// In the body of the call.
    Body,
    /// In the reply.
    Reply,
}

impl Place {
    fn has(self, marker: &str) -> bool {
        match self {
            Self::Query => marker == "?",
            Self::Body => marker == ">",
            Self::Reply => matches!(marker, "<" | "<<"),
        }
    }
}

/// The fields of one level, in their order.
#[derive(Debug, Clone, Copy)]
pub struct FieldLines {
    rest: &'static str,
    place: Place,
    level: usize,
}

impl FieldLines {
    /// The fields at `place` at the top, out of the lines of a row.
    pub(crate) const fn new(lines: &'static str, place: Place) -> Self {
        Self { rest: lines, place, level: 0 }
    }

    /// The fields one after the other.
    #[must_use]
    pub const fn iter(self) -> FieldIter {
        FieldIter(self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// The field of this name.
    #[must_use]
    pub fn named(self, name: &str) -> Option<Field> {
        self.iter().find(|field| field.name == name)
    }
}

impl IntoIterator for FieldLines {
    type Item = Field;
    type IntoIter = FieldIter;

    fn into_iter(self) -> FieldIter {
        self.iter()
    }
}

/// Goes through the fields of one level.
#[derive(Debug, Clone)]
pub struct FieldIter(FieldLines);

impl Iterator for FieldIter {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        let FieldLines { place, level: wanted, .. } = self.0;
        while !self.0.rest.is_empty() {
            let (line, rest) = split_once(self.0.rest, b'\n').unwrap_or((self.0.rest, ""));
            self.0.rest = rest;
            let marked = split_once(line, b' ').filter(|(marker, _)| place.has(marker));
            let Some((_, text)) = marked else { continue };
            let name = text.trim_start();
            // Two spaces a level.
            let level = text.len().saturating_sub(name.len()) / 2;
            if level < wanted {
                self.0.rest = "";
            } else if level == wanted {
                let fields = FieldLines { rest, place, level: level.saturating_add(1) };
                return Some(Field::parse(name, fields));
            }
        }
        None
    }
}

/// A field by its line: `name kind! rules  # comment`.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, in WeChat's own spelling.
    pub name: &'static str,
    /// Whether the documentation calls it required, which is reliable only where a route of ours checks it.
    pub required: bool,
    /// The fields inside it.
    pub fields: FieldLines,
    line: &'static str,
    kinds: &'static str,
    kind: Kind,
    range: &'static str,
    values: &'static str,
    default: Option<&'static str>,
    rule: &'static str,
}

impl Field {
    fn parse(line: &'static str, fields: FieldLines) -> Self {
        let mut words = split(line, b' ');
        let name = words.next().unwrap_or_default();
        let kinds = words.next().unwrap_or_default();
        let (kinds, required) = kinds.strip_suffix('!').map_or((kinds, false), |kinds| (kinds, true));
        let kind = kind_of(split_once(kinds, b'|').map_or(kinds, |(first, _)| first));
        let mut field = Self {
            name,
            required,
            fields,
            line,
            kinds,
            kind,
            range: "",
            values: "",
            default: None,
            rule: "",
        };
        for word in words {
            match word.as_bytes().first() {
                Some(b'{') => field.values = word,
                Some(b'=') => field.default = word.get(1..),
                Some(b':') => field.rule = word.get(1..).unwrap_or_default(),
                Some(b'0'..=b'9' | b'.' | b'-') => field.range = word,
                Some(b'#') => break,
                _ => {}
            }
        }
        field
    }

    /// What it may hold: the first kind is the one that is written.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        split(self.kinds, b'|').map(kind_of)
    }

    /// The kind that is written.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it may hold this kind.
    #[must_use]
    pub fn takes(&self, kind: Kind) -> bool {
        self.kinds().any(|one| one == kind)
    }

    /// Whether it is a list; its kinds are then those of the items.
    #[must_use]
    pub fn is_list(&self) -> bool {
        split(self.kinds, b'|').any(|word| word.ends_with("[]"))
    }

    /// Whether a single value may stand beside or instead of a list.
    pub(crate) fn may_be_single(&self) -> bool {
        split(self.kinds, b'|').any(|word| !word.ends_with("[]"))
    }

    /// How long or large it may be.
    #[must_use]
    pub fn range(&self) -> Option<Range> {
        Range::parse(self.range)
    }

    /// The values that it may have.
    #[must_use]
    pub fn values(&self) -> Option<Values> {
        let list = self.values.strip_prefix('{')?.strip_suffix('}')?;
        Some(
            list.strip_suffix("|..")
                .map_or(Values { list, closed: true }, |list| Values { list, closed: false }),
        )
    }

    /// What counts when it is absent; `{}` is an object with the defaults of its fields.
    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        self.default
    }

    /// The function that checks it further, and what that is told: `:page=scene`.
    #[must_use]
    pub fn rule(&self) -> Option<(&'static str, &'static str)> {
        if self.rule.is_empty() {
            return None;
        }
        Some(split_once(self.rule, b'=').unwrap_or((self.rule, "")))
    }

    /// What else is known of it. The Worker's rows have no comments.
    #[must_use]
    pub fn comment(&self) -> &'static str {
        split_once(self.line, b'#').map_or("", |(_, comment)| comment.trim_start())
    }

    /// Its kinds and rules as they are written.
    #[must_use]
    pub fn spelled(&self) -> (&'static str, &'static str) {
        let line = split_once(self.line, b'#').map_or(self.line, |(line, _)| line.trim_end());
        let (_, rest) = split_once(line, b' ').unwrap_or_default();
        let (_, rules) = split_once(rest, b' ').unwrap_or_default();
        (self.kinds, rules)
    }
}

/// The kind of a word between bars.
fn kind_of(word: &str) -> Kind {
    Kind::of(word.strip_suffix("[]").unwrap_or(word)).unwrap_or(Kind::Any)
}

/// What a range counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The characters of a text, the items of a list, the number itself.
    Plain,
    /// The bytes of a text in UTF-8.
    Bytes,
    /// Chinese characters: two of ASCII count for one.
    Hanzi,
}

/// `1..32`, `..128b`, `..20h`: an end that is missing has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub min: Option<i64>,
    /// The most.
    pub max: Option<i64>,
    /// What is counted.
    pub unit: Unit,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (min, max) = split_once(text, b'.')?;
        let max = max.strip_prefix('.')?;
        let (max, unit) = match (max.strip_suffix('b'), max.strip_suffix('h')) {
            (Some(max), _) => (max, Unit::Bytes),
            (_, Some(max)) => (max, Unit::Hanzi),
            _ => (max, Unit::Plain),
        };
        Some(Self { min: end(min)?, max: end(max)?, unit })
    }

    /// Whether `number` lies in it.
    #[must_use]
    pub fn holds(self, number: i64) -> bool {
        self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
    }

    /// Whether the length of `text` lies in it.
    #[must_use]
    pub fn holds_text(self, text: &str) -> bool {
        let length = match self.unit {
            Unit::Plain => text.chars().count(),
            Unit::Bytes => text.len(),
            Unit::Hanzi => {
                let narrow = text.chars().filter(char::is_ascii).count();
                text.chars().count().saturating_sub(narrow / 2)
            }
        };
        i64::try_from(length).is_ok_and(|length| self.holds(length))
    }
}

/// One end of a range: nothing when it has no limit, no range at all when it is no number.
#[expect(clippy::option_option, reason = "an end may be missing, and it may be wrong")]
fn end(text: &str) -> Option<Option<i64>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// `{a|b}`, or `{a|b|..}` when there may be others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values {
    list: &'static str,
    /// Whether there are no others.
    pub closed: bool,
}

impl Values {
    /// The values as they are written.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        split(self.list, b'|')
    }

    /// Whether `text` is one of them.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        self.iter().any(|value| value == text)
    }
}
