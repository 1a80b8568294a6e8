//! Which paths are WeChat's.

use wxedge_operations::{Flag, Operation, find};

/// What its paths begin with. The Worker's entry has the same ones: their bodies are left outside.
const STARTS: [&str; 16] = [
    "cgi-bin/",
    "cityservice/",
    "customservice/",
    "cv/",
    "datacube/",
    "donut/",
    "intp/",
    "marketing/",
    "redpacketcover/",
    "retail/",
    "sns/",
    "tcb/",
    "wxa/",
    "wxaapi/",
    "wxadrama/",
    "xpay/",
];

/// Whether a path, without a slash before it, begins as WeChat's do.
pub(crate) fn is_wechats(path: &str) -> bool {
    STARTS.iter().any(|start| path.starts_with(start))
}

/// Whether it is that of a documented endpoint.
pub(crate) fn is_endpoint(path: &str) -> bool {
    endpoint(path).is_some()
}

pub(super) fn endpoint(path: &str) -> Option<Operation> {
    find(path).filter(|operation| !operation.is(Flag::Internal))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wxedge_operations::all;

    use super::{STARTS, is_endpoint, is_wechats};

    #[test]
    fn the_starts_are_those_of_the_rows_and_of_the_entry() {
        let starts: BTreeSet<_> =
            all().map(|row| row.path().split_inclusive('/').next().unwrap().to_owned()).collect();
        assert_eq!(STARTS.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), starts);
        let entry = include_str!("../../../entry.js");
        let (_, outside) = entry.split_once("outside: [").unwrap();
        let (outside, _) = outside.split_once(']').unwrap();
        let outside: Vec<_> = outside.split('\'').filter(|text| text.starts_with('/')).collect();
        let expected: Vec<_> = STARTS.iter().map(|start| format!("/{start}")).collect();
        assert_eq!(outside, [vec!["/v1/wechat/".to_owned()], expected].concat());
    }

    #[test]
    fn paths_count_exactly() {
        for (path, is_known, begins) in [
            ("wxa/getwxacode", true, true),
            ("wxa/getwxacode/", false, true),
            ("wxa//getwxacode", false, true),
            ("wxa/GetWxaCode", false, true),
            ("cgi-bin/ticket/getticket", false, true),
            ("cgi-bin", false, false),
            ("wxa", false, false),
            ("WXA/getwxacode", false, false),
            ("v1/wxa/getwxacode", false, false),
            ("/wxa/getwxacode", false, false),
            ("wxa%2fgetwxacode", false, false),
        ] {
            assert_eq!((is_endpoint(path), is_wechats(path)), (is_known, begins), "{path}");
        }
    }
}
