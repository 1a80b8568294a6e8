use core::fmt;

/// An argument that breaks a rule of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidArgument {
    /// The argument.
    pub field: &'static str,
    /// The rule and what to do, to be read after the argument's name.
    pub rule: &'static str,
}

impl InvalidArgument {
    pub(crate) fn new(field: &'static str, rule: &'static str) -> Self {
        Self { field, rule }
    }
}

impl fmt::Display for InvalidArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        f.write_str(" ")?;
        f.write_str(self.rule)
    }
}

impl core::error::Error for InvalidArgument {}
