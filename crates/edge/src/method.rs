//! Methods of HTTP.

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`: the response's body is left out, whatever the app gives.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// `OPTIONS`.
    Options,
    /// Any other, as an unknown client may send it.
    Other,
}

impl Method {
    /// The method of that name.
    pub(crate) fn named(name: &str) -> Self {
        let named = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];
        named.into_iter().find(|method| method.as_str() == name).unwrap_or(Self::Other)
    }

    /// Its name; empty for [`Other`](Self::Other).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Method;

    #[test]
    fn a_method_is_known_by_its_exact_name() {
        for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            assert_eq!(Method::named(name).as_str(), name);
        }
        for name in ["", "get", "TRACE", "GET "] {
            assert_eq!(Method::named(name), Method::Other, "{name:?}");
        }
    }
}
