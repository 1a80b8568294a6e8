//! The table of cases in `tests/package/cases`, answered on the host: every row goes through the same records as in JS.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use crate::function;
use crate::record::{Texts, record};

#[test]
fn every_case_of_the_table_is_answered_as_the_table_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/package/cases");
    let mut rows = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for case in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let about = [case["call"].as_str().unwrap(), ": ", case["name"].as_str().unwrap()].concat();
            match answer(case["call"].as_str().unwrap(), &case["args"]) {
                Ok(value) => assert_eq!(Some(&value), case.get("expected"), "{about}"),
                Err((code, message)) => {
                    assert_eq!(Some(code.as_str()), case["error"].as_str(), "{about}: {message}");
                    assert!(
                        message.contains(case["message"].as_str().unwrap_or_default()),
                        "{about}: {message}"
                    );
                }
            }
            rows += 1;
        }
    }
    assert!(rows > 1000, "{rows} rows");
}

type Answer = Result<Value, (String, String)>;

/// Calls a function as `pkg/src/client.js` does.
fn answer(call: &str, args: &Value) -> Answer {
    let (one, two) = (&args[0], &args[1]);
    let text = |value: &Value| text_of(value).unwrap_or_default();
    match call {
        "parseLaunch" => {
            let given = [vec![text(&one["scene"]), text(&one["path"])], pairs(&one["query"])].concat();
            read(0, &given, |answer| launch(answer, &one["referrerInfo"]))
        }
        "parseScene" => read(1, &[text(one)], |answer| {
            let raw = answer.text();
            scene(raw, answer)
        }),
        "buildScene" => built(2, &params(one)?, string),
        "parseQ" => read(3, &[text(&one["q"]), text(&one["scancode_time"])], |answer| {
            let url = answer.text();
            link(url, answer)
        }),
        "parseScan" => {
            let given = ["result", "path", "scanType"].map(|key| text(&one[key]));
            read(4, &given, |answer| match (answer.text(), answer.text()) {
                ("scene", raw) => scene(raw, answer),
                ("link", url) => link(url, answer),
                (_, text) => json!({ "text": text }),
            })
        }
        "matchLinkRule" => read(5, &[text(one), text(two)], |answer| answer.mark().into()),
        "parseQuery" => read(6, &[text(one)], read_params),
        "buildQuery" => built(7, &params(one)?, string),
        "buildPath" => built(8, &[vec![text(one)], params(two)?].concat(), string),
        "sceneInfo" => read(9, &[text(one)], scene_info),
        "plainScheme" => built(10, &arguments(one), string),
        "authorizationStep" => {
            let refused_now = if args[2] == true { "1" } else { "" };
            read(11, &[vec![text(one), refused_now.into()], pairs(two)].concat(), string)
        }
        "phonePage" => {
            built(12, &[vec![text(one)], counted(arguments(two)), params(&two["params"])?].concat(), string)
        }
        "phoneResult" => {
            let given = ["code", "errMsg", "errno"].map(|key| text(&one[key]));
            read(13, &given, |answer| {
                let kind = answer.text();
                let text = answer.text();
                json!({ kind: if text.is_empty() { Value::Bool(true) } else { text.into() } })
            })
        }
        "paymentResult" => {
            let given = ["errMsg", "errCode"].map(|key| text(&one[key]));
            read(26, &given, |answer| match answer.text() {
                "failed" => json!({ "failed": answer.text() }),
                kind => kind.into(),
            })
        }
        "checkPages" => {
            let pages = pages(one);
            let paths = two.as_array().into_iter().flatten().map(text).collect();
            read(14, &[vec![pages.len().to_string()], pages, paths].concat(), |answer| {
                let problems = 0..answer.count();
                problems.map(|_| json!({ "path": answer.text(), "problem": answer.text() })).collect()
            })
        }
        _ => {
            let names = [
                "login",
                "session",
                "sessionCheck",
                "logout",
                "phone",
                "userData",
                "openLink",
                "linkCode",
                "resolveScene",
                "order",
                "orderState",
            ];
            let at = names.iter().position(|name| call.strip_suffix("Request") == Some(name)).unwrap();
            built(
                at.saturating_add(15),
                &[vec![text(one)], counted(arguments(two)), params(&two["params"])?].concat(),
                request,
            )
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer of the same kind as that of `built`")]
fn read(number: usize, given: &[String], read: impl Fn(&mut Texts<'_>) -> Value) -> Answer {
    let given = record(&|record| given.iter().for_each(|text| record.push(text)));
    Ok(read(&mut Texts::of(&function::call(number, &given))))
}

fn built(number: usize, given: &[String], finish: impl Fn(&mut Texts<'_>) -> Value) -> Answer {
    let given = record(&|record| given.iter().for_each(|text| record.push(text)));
    let answer = function::call(number, &given);
    let mut answer = Texts::of(&answer);
    if answer.mark() { Err((answer.text().into(), answer.text().into())) } else { Ok(finish(&mut answer)) }
}

fn launch(answer: &mut Texts<'_>, referrer: &Value) -> Value {
    let scene_value = answer.number();
    let path = answer.text();
    let query = read_params(answer);
    let code = if answer.mark() { scene(query["scene"].as_str().unwrap(), answer) } else { Value::Null };
    let link = if answer.mark() { link(query["q"].as_str().unwrap(), answer) } else { Value::Null };
    let source =
        read(9, &[scene_value.map(|value| value.to_string()).unwrap_or_default()], scene_info).unwrap();
    let mut referrer = referrer.as_object().cloned().unwrap_or_default();
    referrer.retain(|key, _| key == "appId" || key == "extraData");
    let known = referrer.get("appId").and_then(Value::as_str).is_some_and(|id| !id.is_empty());
    let referrer = if known { Value::Object(referrer) } else { Value::Null };
    json!({ "scene": scene_value, "source": source, "path": path, "query": query, "code": code, "link": link, "referrer": referrer })
}

fn scene(raw: &str, answer: &mut Texts<'_>) -> Value {
    let stored = answer.mark();
    json!({ "raw": raw, "stored": stored, "params": read_params(answer) })
}

fn link(url: &str, answer: &mut Texts<'_>) -> Value {
    let time = answer.text();
    let time = if time.is_empty() { Value::Null } else { time.parse::<u64>().unwrap().into() };
    json!({ "url": url, "scancode_time": time, "params": read_params(answer) })
}

fn scene_info(answer: &mut Texts<'_>) -> Value {
    json!({
        "value": answer.number(), "name": answer.text(), "name_zh": answer.text(), "carries": answer.text(),
        "known": answer.mark(), "single_page": answer.mark(), "can_launch_app": answer.mark(),
        "official_account": answer.mark(),
    })
}

fn request(answer: &mut Texts<'_>) -> Value {
    let mut request = json!({ "url": answer.text(), "method": answer.text(), "header": read_params(answer) });
    if answer.mark() {
        request["data"] = read_params(answer);
        for _ in 0..answer.count() {
            let name = answer.text();
            request["data"][name] = answer.number().into();
        }
    }
    request
}

fn string(answer: &mut Texts<'_>) -> Value {
    answer.text().into()
}

fn read_params(answer: &mut Texts<'_>) -> Value {
    let params = 0..answer.count();
    params.map(|_| (answer.text().to_string(), answer.text().into())).collect::<Map<String, Value>>().into()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn pairs(object: &Value) -> Vec<String> {
    entries(object).filter_map(|(key, value)| Some([key.clone(), text_of(value)?])).flatten().collect()
}

fn params(object: &Value) -> Result<Vec<String>, (String, String)> {
    let wrong = entries(object).find(|(_, value)| value.is_object() || value.is_array());
    match wrong {
        Some((key, _)) => Err(("invalid_argument".into(), [key, " must be a text"].concat())),
        None => Ok(pairs(object)),
    }
}

fn arguments(object: &Value) -> Vec<String> {
    let named = entries(object).filter(|(key, _)| *key != "params");
    named.flat_map(|(key, value)| [key.clone(), text_of(value).unwrap_or_default()]).collect()
}

fn counted(pairs: Vec<String>) -> Vec<String> {
    [vec![(pairs.len() / 2).to_string()], pairs].concat()
}

fn pages(app: &Value) -> Vec<String> {
    let subpackages =
        ["subPackages", "subpackages"].into_iter().flat_map(|key| app[key].as_array().into_iter().flatten());
    let owners =
        core::iter::once((app, "")).chain(subpackages.map(|owner| (owner, owner["root"].as_str().unwrap())));
    owners
        .flat_map(|(owner, root)| {
            owner["pages"].as_array().into_iter().flatten().map(move |page| path(root, page))
        })
        .collect()
}

fn path(root: &str, page: &Value) -> String {
    let page = page.as_str().or_else(|| page["path"].as_str()).unwrap_or("undefined");
    [root, "/", page].concat().split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/")
}
