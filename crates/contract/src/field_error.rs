use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;
use core::ops::Deref;

/// What is wrong with a request: which field, and the rule that it breaks.
///
/// It lies on the heap, as a [`Problem`](crate::Problem) does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError(Box<BrokenRule>);

/// What a [`FieldError`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// The field as the caller wrote it, nested ones with dots; `body` for the body as a whole.
    pub field: Cow<'static, str>,
    /// The rule, phrased so that the caller knows what to send instead.
    pub rule: Cow<'static, str>,
}

impl FieldError {
    /// Says that `field` breaks `rule`.
    #[cold]
    #[inline(never)]
    pub fn new(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(BrokenRule { field: field.into(), rule: rule.into() }))
    }
}

impl Deref for FieldError {
    type Target = BrokenRule;

    fn deref(&self) -> &BrokenRule {
        &self.0
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl core::error::Error for FieldError {}
