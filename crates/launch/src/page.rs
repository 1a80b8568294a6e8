use alloc::string::String;

use crate::{InvalidArgument, Params, delimiter};

/// Writes the path of a page with a query, for a share, a navigation or a code: `pages/goods?id=7`. A leading slash
/// stays where it is given: shares and navigation want one, codes want none.
///
/// # Errors
/// When the page is none of a mini program's, or has a query already.
pub fn build_path(page: &str, params: &Params<'_>) -> Result<String, InvalidArgument> {
    if !is_page(page) {
        return Err(InvalidArgument::new("page", PAGE_RULE));
    }
    let mut path = String::from(page);
    if !params.is_empty() {
        path.push('?');
        path.push_str(&params.build());
    }
    Ok(path)
}

/// Writes the path of the page with the phone button, told from where the user came and where to go on. What it
/// carries is read with `parseQuery`, or comes as the query of the page.
///
/// Both may have a query of their own. Only pages of this mini program are taken, so that nobody can be sent to a
/// plug-in or to another place by a link.
///
/// # Errors
/// When one of the three is no page, or a parameter is named `from` or `redirect`.
pub fn build_phone_page(
    page: &str,
    from: &str,
    redirect: &str,
    params: &Params<'_>,
) -> Result<String, InvalidArgument> {
    for (field, path) in [("from", from), ("redirect", redirect)] {
        if !is_page_with_query(path) {
            return Err(InvalidArgument::new(field, PATH_RULE));
        }
        if params.get(field).is_some() {
            return Err(InvalidArgument::new(
                "params",
                "must have no from or redirect: these are arguments of their own",
            ));
        }
    }
    let mut all = Params::default();
    all.set("from", from);
    all.set("redirect", redirect);
    for (key, value) in params.iter() {
        all.set(key, value);
    }
    build_path(page, &all)
}

const PAGE_RULE: &str = "must be a page of the mini program without a query, like pages/index/index: give the query as parameters";
const PATH_RULE: &str = "must be a page of the mini program, like pages/index/index?id=7";

/// True for the path of a page without a query: names between slashes, as `app.json` has them.
pub(crate) fn is_page(page: &str) -> bool {
    let names = page.strip_prefix('/').unwrap_or(page);
    delimiter::split(names, b'/').all(|name| !matches!(name, "" | "." | ".."))
        && names.bytes().all(is_page_byte)
}

fn is_page_with_query(path: &str) -> bool {
    let (page, query) = delimiter::split_once(path, b'?').unwrap_or((path, ""));
    is_page(page) && !query.bytes().any(is_space_or_control)
}

/// A `:` would name a plug-in or another address, and the others end the path or are read differently by the platforms.
fn is_page_byte(byte: u8) -> bool {
    !matches!(byte, b':' | b'?' | b'#' | b'%' | b'&' | b'\\') && !is_space_or_control(byte)
}

fn is_space_or_control(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{build_path, build_phone_page};
    use crate::Params;

    #[test]
    fn a_path_is_a_page_and_its_encoded_parameters() {
        for (page, params, expected) in [
            ("pages/index/index", &[][..], Some("pages/index/index")),
            ("/pages/a", &[("id", "7")], Some("/pages/a?id=7")),
            ("pages/a", &[("n", "茶&x"), ("e", "")], Some("pages/a?n=%E8%8C%B6%26x&e=")),
            ("页面/首页", &[], Some("页面/首页")),
            ("", &[], None),
            ("/", &[], None),
            ("//pages/a", &[], None),
            ("pages/", &[], None),
            ("pages/../a", &[], None),
            ("pages/a?x=1", &[], None),
            ("pages/a#x", &[], None),
            ("pages/a b", &[], None),
            ("pages/%61", &[], None),
            ("plugin://hello/page", &[], None),
            ("https://a.cn/", &[], None),
            ("\\pages\\a", &[], None),
        ] {
            let params: Params<'_> = params.iter().copied().collect();
            assert_eq!(build_path(page, &params).ok().as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn a_phone_page_is_told_where_from_and_where_to() {
        let none = Params::default();
        let path =
            build_phone_page("/pages/phone", "pages/cart?id=1&n=%E8%8C%B6", "/pages/pay", &none).unwrap();
        assert_eq!(
            path,
            "/pages/phone?from=pages%2Fcart%3Fid%3D1%26n%3D%25E8%258C%25B6&redirect=%2Fpages%2Fpay"
        );
        let (_, query) = path.split_once('?').unwrap();
        assert_eq!(Params::parse(query).get("from"), Some("pages/cart?id=1&n=%E8%8C%B6"));
    }

    #[test]
    fn a_phone_page_leads_nowhere_else() {
        for (page, from, redirect, field) in [
            ("pages/phone?x=1", "pages/a", "pages/b", "page"),
            ("pages/phone", "", "pages/b", "from"),
            ("pages/phone", "pages/a", "", "redirect"),
            ("pages/phone", "pages/a", "https://evil.cn/", "redirect"),
            ("pages/phone", "pages/a", "//evil.cn/x", "redirect"),
            ("pages/phone", "pages/a", "plugin-private://wx1/pages/b", "redirect"),
            ("pages/phone", "pages/a", "weixin://dl/business/?t=1", "redirect"),
            ("pages/phone", "javascript:alert(1)", "pages/b", "from"),
            ("pages/phone", "pages/a", "pages/../../b", "redirect"),
            ("pages/phone", "pages/a", "pages/b?x=\n", "redirect"),
        ] {
            let refused = build_phone_page(page, from, redirect, &Params::default()).unwrap_err();
            assert_eq!(refused.field, field, "{redirect}");
        }
        let params: Params<'_> = [("redirect", "pages/x")].into_iter().collect();
        assert_eq!(
            build_phone_page("pages/phone", "pages/a", "pages/b", &params).unwrap_err().field,
            "params"
        );
    }

    proptest! {
        #[test]
        fn what_a_phone_page_is_told_reads_back(key in any::<String>(), value in any::<String>(), page in "[a-z]{1,5}(\\?[a-z%&=]{0,9})?") {
            let params: Params<'_> = [(key.as_str(), value.as_str())].into_iter().collect();
            if let Ok(path) = build_phone_page("p", &page, &page, &params) {
                let read = Params::parse(path.split_once('?').unwrap().1);
                prop_assert_eq!(read.get("from"), Some(page.as_str()));
                prop_assert_eq!(read.get("redirect"), Some(page.as_str()));
                prop_assert_eq!(read.get(&key), Some(value.as_str()));
            }
        }

        #[test]
        fn no_text_breaks_a_path(page in any::<String>()) {
            prop_assert!(build_path(&page, &Params::default()).is_err() || !page.contains("//"));
        }
    }
}
