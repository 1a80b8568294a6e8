use alloc::borrow::Cow;
use core::fmt;

/// What is wrong with a request: which field, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the caller wrote it, nested ones with dots; `body` for the body as a whole.
    pub field: Cow<'static, str>,
    /// The rule, phrased so that the caller knows what to send instead.
    pub rule: Cow<'static, str>,
}

impl FieldError {
    /// Says that `field` breaks `rule`.
    pub fn new(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl core::error::Error for FieldError {}
