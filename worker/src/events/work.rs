//! What the Worker itself understands of an event, and does before it is delivered.

/// Something that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Everything that is kept of the user is erased. The event stays until it is delivered: it is the news of that.
    EraseUser,
}

/// The types of events that are understood. Source: `data/push-events.tsv`.
const WORKS: [(&str, Work); 1] = [("event.user_authorization_cancellation", Work::EraseUser)];

impl Work {
    /// What is to be done about an event of this type.
    pub(crate) fn about(kind: &str) -> Option<Self> {
        WORKS.iter().find(|(known, _)| *known == kind).map(|(_, work)| *work)
    }
}
