//! What holds for every row, and for one that is made up.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use proptest::prelude::*;
use wxedge_contract::JsonValue;
use wxedge_operations::{Field, FieldLines, Flag, Kind, Operation, Place, ReplyError, all};

const NOW: u64 = 1_800_000_000;

/// A new endpoint of `WeChat`'s is one row: everything else follows from it.
#[test]
fn a_made_up_row_is_checked_written_read_and_explained() {
    let tea = Operation::parse(
        "POST wxa/tea repeatable @image\n> leaves integer! 1..9\n> kinds string[] ..2\n> cups object[] 1..2\n>   size number!\n>   name text ..6h\n> labels map\n>   value string!\n> note json\n> extra any\n<< pot object!\n<<   temperature integer! 0..100",
    )
    .unwrap();
    assert!(tea.is(Flag::Repeatable) && tea.takes_token() && tea.methods().has_post());
    let body = r#"{"extra":{"x":[1,"a\nb",true,null]},"labels":{"茶":{"value":"v"}},"cups":[{"name":"a\nb","size":-2}],"kinds":["green"],"leaves":3}"#;
    let fields = tea.check_body(body.as_bytes(), NOW).unwrap();
    assert_eq!(
        fields.to_json(),
        r#"{"leaves":3,"kinds":["green"],"cups":[{"size":-2,"name":"a\nb"}],"labels":{"茶":{"value":"v"}},"extra":{"x":[1,"a\nb",true,null]}}"#
    );
    for (body, said) in [
        ("{}", "leaves: is required: a whole number from 1 to 9"),
        (r#"{"leaves":1,"kinds":"green"}"#, "kinds: must be a list of at most 2 texts"),
        (r#"{"leaves":1,"kinds":["a","b","c"]}"#, "kinds: must be a list of at most 2 texts"),
        (r#"{"leaves":1,"cups":[]}"#, "cups: must be a list of 1 to 2 objects"),
        (r#"{"leaves":1,"cups":[{}]}"#, "cups.0.size: is required: a number"),
        (
            r#"{"leaves":1,"cups":[{"size":1,"name":"一二三四五六七"}]}"#,
            "cups.0.name: must be a text of at most 6 Chinese characters",
        ),
        (
            r#"{"leaves":1,"cups":[{"size":1,"name":"\u0000"}]}"#,
            "cups.0.name: must have no control characters but line breaks and tabs",
        ),
        (r#"{"leaves":1,"labels":{"a":{"value":"v"},"a":{"value":"w"}}}"#, "a: is there twice"),
        (r#"{"leaves":1,"labels":{"a":"v"}}"#, "labels.a: must be an object"),
        (
            r#"{"leaves":1,"labels":{"a":{"value":"\n"}}}"#,
            "labels.a.value: must be one line of text, without control characters",
        ),
        (
            r#"{"leaves":1,"labels":{"\n":{"value":"v"}}}"#,
            "labels: must be one line of text, without control characters",
        ),
        (r#"{"leaves":1,"extra":[1.5]}"#, "extra: must hold whole numbers only"),
        (r#"{"leaves":1,"note":{}}"#, "note: must be a text"),
    ] {
        assert_eq!(tea.check_body(body.as_bytes(), NOW).unwrap_err().to_string(), said, "{body}");
    }
    assert_eq!(
        tea.read(br#"{"errcode":0,"pot":{"temperature":95,"x":1}}"#).unwrap().integer("pot.temperature"),
        Some(95)
    );
    assert_eq!(
        tea.read(br#"{"pot":{}}"#),
        Err(ReplyError::Malformed("In WeChat's reply, pot.temperature is missing.".into()))
    );
    let Err(ReplyError::Refused(refusal)) = tea.read(br#"{"errcode":45029}"#) else { panic!("no refusal") };
    assert!(refusal.problem().hint.is_some());
    let remarks: Vec<_> = tea.explain("", Some(br#"{"leave":3}"#)).iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        ["leaves: looks missing", "leave: is no field of this call: perhaps leaves was meant"]
    );
}

/// A body that a row takes, made from the bytes of `dice`: what is required, and some of the rest.
fn sample(fields: FieldLines, dice: &mut impl Iterator<Item = u8>) -> Vec<(String, JsonValue)> {
    let mut entries = Vec::new();
    for field in fields {
        let is_joined = field.name.starts_with("expire_");
        if field.required || !is_joined && dice.next().is_some_and(|byte| byte % 2 == 0) {
            entries.push((field.name.to_string(), sample_value(&field, dice)));
        }
    }
    entries
}

fn sample_value(field: &Field, dice: &mut impl Iterator<Item = u8>) -> JsonValue {
    if field.is_list() {
        let least = field.range().and_then(|range| range.min).unwrap_or(1);
        return JsonValue::Array((0..least).map(|_| sample_single(field, dice)).collect());
    }
    sample_single(field, dice)
}

fn sample_single(field: &Field, dice: &mut impl Iterator<Item = u8>) -> JsonValue {
    let range = field.range().filter(|_| !field.is_list());
    let listed = field.values().and_then(|values| values.iter().next());
    match field.kind() {
        kind if kind.is_text() => JsonValue::Text(listed.map_or_else(
            || {
                let letter = char::from(b'a'.saturating_add(dice.next().unwrap_or_default() % 26));
                let least = range.and_then(|range| range.min).unwrap_or(1).max(1);
                letter.to_string().repeat(usize::try_from(least).unwrap())
            },
            ToString::to_string,
        )),
        kind if kind.is_number() => JsonValue::Integer(listed.map_or_else(
            || range.and_then(|range| range.min.or(range.max)).unwrap_or(1),
            |value| value.parse().unwrap(),
        )),
        Kind::Boolean => JsonValue::Bool(dice.next().is_some_and(|byte| byte > 99)),
        Kind::Map => {
            JsonValue::Object(vec![("k".to_string(), JsonValue::Object(sample(field.fields, dice)))])
        }
        Kind::Object => JsonValue::Object(sample(field.fields, dice)),
        _ => JsonValue::Text("x".to_string()),
    }
}

fn anything() -> impl Strategy<Value = JsonValue> {
    let leaf = prop_oneof![
        Just(JsonValue::Null),
        Just(JsonValue::Number),
        any::<bool>().prop_map(JsonValue::Bool),
        any::<i64>().prop_map(JsonValue::Integer),
        "\\PC{0,40}".prop_map(JsonValue::Text),
        any::<String>().prop_map(JsonValue::Text),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(JsonValue::Array),
            prop::collection::vec(("[a-z]{1,3}", inner), 0..3).prop_map(JsonValue::Object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_a_row_builds_it_also_takes(dice in prop::collection::vec(any::<u8>(), 0..64)) {
        for operation in all().filter(|operation| !operation.is(Flag::Multipart)) {
            // A question about a link wants one of two things.
            let mut entries = sample(operation.fields(Place::Body), &mut dice.iter().copied());
            if let Some(("query_type", link)) = operation.rule() {
                entries.retain(|(name, _)| name != link);
                entries.push((link.to_string(), JsonValue::Text("l".to_string())));
            }
            let built = operation.check_fields(entries, NOW);
            prop_assert!(built.is_ok(), "{} {:?}", operation.path(), built);
            let json = built.unwrap().to_json();
            let again = operation.check_body(json.as_bytes(), NOW);
            prop_assert_eq!(again.map(|fields| fields.to_json()), Ok(json.clone()), "{}", operation.path());
            prop_assert!(operation.explain("", Some(json.as_bytes())).iter().all(|remark| remark.rule.contains("query")), "{}", json);
        }
    }

    #[test]
    fn no_value_of_a_field_panics_and_what_is_taken_is_taken_again(value in anything()) {
        for operation in all() {
            for field in operation.fields(Place::Body) {
                let built = operation.check_fields(vec![(field.name.to_string(), value.clone())], NOW);
                if let Ok(fields) = built {
                    let json = fields.to_json();
                    let again = operation.check_body(json.as_bytes(), NOW);
                    prop_assert_eq!(again.map(|fields| fields.to_json()), Ok(json), "{}", operation.path());
                }
            }
        }
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200), text in "\\{\"[\\x20-\\x7f]{0,64}\\}") {
        for operation in all().step_by(20) {
            let _ = operation.check_body(&body, NOW);
            let _ = operation.check_body(text.as_bytes(), NOW);
        }
    }

    #[test]
    fn no_text_of_a_row_panics(text in "(GET|POST|GET.POST)? ?[a-z/=: @\\n>?<x!0-9.{}|-]{0,200}") {
        // The table's rows live as long as the program; what a test makes up is given up for as long.
        let row: &'static str = Box::leak(text.into_boxed_str());
        if let Some(operation) = Operation::parse(row) {
            for field in operation.fields(Place::Body) {
                let _ = (field.kind(), field.range(), field.values(), field.default(), field.rule());
            }
            let _ = operation.check_body(br#"{"a":"b","x":1}"#, NOW);
            let _ = operation.explain("a=b", Some(br#"{"a":"b","x":1}"#));
        }
    }
}
