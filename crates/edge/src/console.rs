//! The log.

use crate::js;

/// Writes a line to the log.
pub fn console_log(line: &str) {
    js::console_log(line);
}

/// Writes a line about something that went wrong to the log.
pub fn console_error(line: &str) {
    js::console_error(line);
}
