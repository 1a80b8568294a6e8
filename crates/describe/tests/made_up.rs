//! A call of WeChat's and a route of ours that do not exist, each from a text alone: everything that is made from rows has
//! them.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use serde_json::{Value, json};
use wxedge_describe::routes::routes;
use wxedge_describe::{answers, errors, openapi, types};
use wxedge_operations::Refusal;
use wxedge_operations::documents::{Chapter, Document, chapters_of, error_codes};
use wxedge_worker::table::Row;

const CALL: &str = "# Clouds 云\n
### paintCloud 画云
POST wxa/cloud repeatable
> color string! {red|blue}
> size integer 1..3 =2
< sky string
<< cloud_id string! 1..64
! 40097 invalid args | no such color
- limits per_day=10
";

const ROUTE: &str = "### cloud
POST /v1/cloud
en Paints a cloud.
zh 画一朵云。
> color string! {red|blue}  # Of the cloud. | 云的颜色。
< cloud_id string! 1..64
- calls wxa/cloud
- problems conflict
- example {\"color\":\"red\"}
";

fn chapters() -> Vec<Chapter> {
    chapters_of(CALL).unwrap()
}

fn call() -> Document {
    chapters().remove(0).operations.remove(0)
}

const fn row(path: &'static str, access: &'static str) -> Row {
    Row { method: "POST", path, access, scope: Some("api"), takes: "json", cors: true }
}

#[test]
fn its_body_is_checked_and_written() {
    let operation = call().operation;
    let body = operation.check_body(br#"{"color":"red"}"#, 0).unwrap();
    assert_eq!(body.to_json(), r#"{"color":"red","size":2}"#);
    for (body, field) in [
        ("{}", "color"),
        (r#"{"color":"green"}"#, "color"),
        (r#"{"color":"red","size":4}"#, "size"),
        (r#"{"color":"red","rain":1}"#, "rain"),
    ] {
        assert_eq!(operation.check_body(body.as_bytes(), 0).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn its_reply_is_read_and_its_refusal_explained() {
    let operation = call().operation;
    let reply = operation.read(br#"{"errcode":0,"errmsg":"ok","cloud_id":"c1","sky":"blue"}"#).unwrap();
    assert_eq!(reply.text("cloud_id"), Some("c1"));
    assert!(operation.read(br#"{"errcode":0}"#).is_err());
    let problem = Refusal::new(operation, 40097, "invalid args rid: 1-2-3").problem();
    assert_eq!((problem.code.as_str(), problem.errcode), ("invalid_request", Some(40097)));
    let remarks = operation.explain("", Some(br#"{"color":"green"}"#));
    assert_eq!(remarks.first().unwrap().field, "color");
    let files = errors::files(&chapters(), &error_codes().unwrap()).unwrap();
    assert!(files["40097"].contains("no such color") && files["40097"].contains("参数"));
}

#[test]
fn it_is_in_the_document_by_the_gateway() {
    let gateway = [row("/v1/wechat/{path}", "service")];
    let document = openapi::openapi(&gateway, &[], &chapters()).unwrap();
    let told = &document["paths"]["/v1/wechat/wxa/cloud"]["post"];
    let body = &told["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(
        body["properties"]["size"],
        json!({"type": "integer", "minimum": 1, "maximum": 3, "default": 2})
    );
    assert_eq!(told["security"], json!([{"apiKey": ["api"]}]));
    assert_eq!(told["responses"]["400"], json!({"$ref": "#/components/responses/InvalidRequest"}));
}

#[test]
fn the_sandbox_gets_what_it_answers_by() {
    let rows = serde_json::to_value(answers::rows(&chapters())).unwrap();
    let [row] = rows.as_array().unwrap().as_slice() else { panic!("{rows}") };
    assert_eq!((&row["path"], &row["methods"]), (&json!("wxa/cloud"), &json!(["POST"])));
    let names: Vec<_> = row["reply"].as_array().unwrap().iter().map(|field| &field["name"]).collect();
    assert_eq!(names, ["sky", "cloud_id"]);
    assert_eq!(row["errors"], json!([{"code": 40097, "name": "invalid args", "meaning": "no such color"}]));
}

#[test]
fn a_route_that_makes_it_is_in_the_document_and_in_the_types() {
    let routes = routes(vec![row("/v1/cloud", "session")], ROUTE, &chapters()).unwrap();
    let document: Value = openapi::openapi(&[], &routes, &chapters()).unwrap();
    let told = &document["paths"]["/v1/cloud"]["post"];
    assert_eq!(told["requestBody"]["content"]["application/json"]["example"], json!({"color": "red"}));
    assert_eq!(told["security"], json!([{"session": []}]));
    let problems = told["responses"].to_string();
    for code in ["Unauthenticated", "SessionExpired", "Conflict", "InvalidRequest", "UpstreamTimeout"] {
        assert!(problems.contains(code), "{code}");
    }
    let body = &document["components"]["schemas"]["CloudBody"];
    assert_eq!((&body["required"], &body["additionalProperties"]), (&json!(["color"]), &json!(false)));
    let types = types::types(&routes);
    assert!(
        types.contains(
            "export interface CloudBody {\n  /** Of the cloud. 云的颜色。 */\n  color: 'red' | 'blue';\n}"
        ),
        "{types}"
    );
    assert!(types.contains("export interface CloudReply {\n  cloud_id: string;\n}"), "{types}");
}
