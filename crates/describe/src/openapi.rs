//! The API as `OpenAPI` 3.1: every route of the table and, where the table has the gateway, every call of WeChat's that it
//! passes on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use wxedge_contract::Code;
use wxedge_operations::documents::{Chapter, Document, FieldDocument};
use wxedge_operations::{Flag, Refusal};
use wxedge_worker::table::Row;

use crate::names::{pascal_case, type_name};
use crate::routes::{GATEWAY, Reply, Route, is_gateway};
use crate::schema::{Others, object, put, schema};

const PROBLEM: &str = "application/problem+json";

/// What many operations have alike. A client that is made from the document has each of it once.
#[derive(Default)]
struct Components {
    schemas: Map<String, Value>,
    responses: Map<String, Value>,
}

/// The document.
///
/// # Errors
/// An example that is no JSON, a problem that is no code of ours.
pub fn openapi(rows: &[Row], routes: &[Route], chapters: &[Chapter]) -> Result<Value, String> {
    let mut components = Components::default();
    components.schemas.insert("Problem".to_owned(), problem_schema());
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let operation = route_operation(route, &mut components)?;
        let path = route.row.path.replace("/**/", "/");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        put(item, &route.row.method.to_ascii_lowercase(), operation);
    }
    if let Some(row) = rows.iter().find(|row| is_gateway(row)) {
        for (chapter, document) in passed_on(chapters) {
            paths.insert(
                format!("{GATEWAY}{}", document.operation.path()),
                gateway_item(row, chapter, document, &mut components),
            );
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "wxedge",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The backend of a WeChat mini program at the edge",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components.schemas, "responses": components.responses, "securitySchemes": {
            "session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of POST /v1/login."},
            "apiKey": {"type": "http", "scheme": "bearer", "description": "A key of API_KEYS, with the scope that the route names."},
        }},
    }))
}

fn route_operation(route: &Route, components: &mut Components) -> Result<Value, String> {
    let (en, zh) = route.summary;
    let mut operation = json!({
        "operationId": route.id,
        "summary": en,
        "description": zh,
        "security": security(&route.row),
        "responses": responses(route, components)?,
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        put(&mut operation, "parameters", json!(parameters));
    }
    if let Some(body) = body(route, components)? {
        put(&mut operation, "requestBody", body);
    }
    Ok(operation)
}

fn security(row: &Row) -> Value {
    let service = json!({"apiKey": [row.scope.unwrap_or_default()]});
    match row.access {
        "session" => json!([{"session": []}]),
        "service" => json!([service]),
        "session_or_service" => json!([{"session": []}, service]),
        _ => json!([]),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.names.iter().map(|(name, pattern, comment)| {
        let description = comment.replace(" | ", " ");
        let schema = json!({"type": "string", "pattern": pattern});
        json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
    });
    let format = (route.reply == Reply::Image).then(|| {
        json!({"name": "format", "in": "query", "description": "The image as base64 in JSON.",
            "schema": {"type": "string", "enum": ["base64"]}})
    });
    names.chain(query(&route.query)).chain(format).collect()
}

fn query(fields: &[FieldDocument]) -> impl Iterator<Item = Value> {
    fields.iter().map(|one| {
        json!({"name": one.field.name, "in": "query", "required": one.field.required,
            "schema": schema(one, Others::MayCome)})
    })
}

fn body(route: &Route, components: &mut Components) -> Result<Option<Value>, String> {
    if route.row.takes == "bytes" {
        let schema = json!({"type": "string", "maxLength": 1024});
        return Ok(Some(json!({"required": true, "content": {"text/plain": {"schema": schema}}})));
    }
    if route.row.takes != "json" && route.body.is_empty() {
        return Ok(None);
    }
    let fields = route.body_of.as_ref().map_or(&route.body, |call| &call.body);
    let mut schema = object(fields, Others::Refused);
    if let Some(groups) = &route.groups {
        let groups: Vec<_> = groups.groups.iter().map(|group| json!({"required": group})).collect();
        let word =
            if route.groups.as_ref().is_some_and(|groups| groups.exclusive) { "oneOf" } else { "anyOf" };
        put(&mut schema, word, json!(groups));
    }
    let name = type_name(route, "Body");
    let mut content = reference(&name);
    components.schemas.insert(name, schema);
    if let Some(example) = route.example {
        put(&mut content, "example", parse(route, example)?);
    }
    Ok(Some(json!({"required": true, "content": {"application/json": content}})))
}

fn reference(name: &str) -> Value {
    json!({"schema": {"$ref": format!("#/components/schemas/{name}")}})
}

fn parse(route: &Route, example: &str) -> Result<Value, String> {
    serde_json::from_str(example).map_err(|error| format!("an example of {}: {error}", route.id))
}

fn responses(route: &Route, components: &mut Components) -> Result<Value, String> {
    let success = match route.reply {
        Reply::Nothing => ("204", json!({"description": "Done."})),
        Reply::Json => {
            let fields = route.reply_of.as_ref().map_or(&route.fields, |call| &call.reply);
            let name = type_name(route, "Reply");
            let mut content = reference(&name);
            components.schemas.insert(name, object(fields, Others::MayCome));
            if let Some(example) = route.replies {
                put(&mut content, "example", parse(route, example)?);
            }
            ("200", json!({"description": "Done.", "content": {"application/json": content}}))
        }
        Reply::Image => {
            let base64 = json!({"type": "object", "required": ["content_type", "image"], "properties": {
                "content_type": {"type": "string", "enum": ["image/png", "image/jpeg"]},
                "image": {"type": "string", "contentEncoding": "base64"},
            }});
            let cached = json!({"X-Cache": {"schema": {"type": "string", "enum": ["hit", "miss"]}}});
            (
                "200",
                json!({"description": "The image.", "headers": cached, "content": {
                    "image/png": {}, "image/jpeg": {}, "application/json": {"schema": base64},
                }}),
            )
        }
        Reply::Page => ("200", json!({"description": "The page.", "content": {"text/html": {}}})),
        Reply::Text => ("200", json!({"description": "The file.", "content": {"text/plain": {}}})),
    };
    let mut responses = problems(&codes_of_route(route)?, components);
    if let Some(also) = route.also {
        responses.insert(also.to_string(), success.1.clone());
    }
    responses.insert(success.0.to_owned(), success.1);
    Ok(Value::Object(responses))
}

/// The problems that a route may answer with.
fn codes_of_route(route: &Route) -> Result<BTreeSet<&'static str>, String> {
    if route.row.access == "sdk" {
        // It answers {errcode, errmsg}, as WeChat does.
        return Ok(BTreeSet::new());
    }
    let mut codes = BTreeSet::from([Code::Internal.as_str(), Code::Misconfigured.as_str()]);
    codes.extend(codes_of_access(&route.row));
    if route.row.takes != "nothing" {
        codes.extend([Code::InvalidRequest, Code::TooLarge].map(Code::as_str));
    }
    if route.row.takes == "json" {
        codes.insert(Code::UnsupportedMediaType.as_str());
    }
    if !route.query.is_empty() || !route.names.is_empty() {
        codes.insert(Code::InvalidRequest.as_str());
    }
    let body_of = route.body_of.as_ref().filter(|_| route.reply != Reply::Nothing);
    for call in route.calls.iter().chain(body_of) {
        codes.extend(codes_of_call(call));
    }
    for word in &route.problems {
        let code = Code::ALL.iter().find(|code| code.as_str() == *word);
        codes.insert(code.ok_or_else(|| format!("{} is no code: {}", word, route.id))?.as_str());
    }
    Ok(codes)
}

fn codes_of_access(row: &Row) -> impl Iterator<Item = &'static str> {
    let (session, service) = match row.access {
        "session" => (true, false),
        "service" => (false, true),
        "session_or_service" => (true, true),
        _ => (false, false),
    };
    let any = (session || service).then_some(Code::Unauthenticated);
    let codes = any.into_iter().chain(session.then_some(Code::SessionExpired));
    codes.chain(service.then_some(Code::Forbidden)).map(Code::as_str)
}

/// The problems that a call of WeChat's may end in.
fn codes_of_call(call: &Document) -> impl Iterator<Item = &'static str> {
    let refusals =
        call.errors.iter().map(|error| Refusal::new(call.operation, error.code, "").problem().code);
    let faults = [
        Code::RateLimited,
        Code::QuotaExhausted,
        Code::UpstreamRefused,
        Code::UpstreamMalformed,
        Code::UpstreamBusy,
        Code::UpstreamTimeout,
    ];
    let token = call.operation.takes_token().then_some(Code::TokenUnavailable);
    refusals.chain(faults).chain(token).map(Code::as_str)
}

/// A response for each status.
fn problems(codes: &BTreeSet<&'static str>, components: &mut Components) -> Map<String, Value> {
    let mut statuses: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in Code::ALL.iter().filter(|code| codes.contains(code.as_str())) {
        statuses.entry(code.status().to_string()).or_default().push(*code);
    }
    statuses.into_iter().map(|(status, codes)| (status, problem_of(&codes, components))).collect()
}

/// The response that is one of these problems.
fn problem_of(codes: &[Code], components: &mut Components) -> Value {
    let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let name = words.iter().map(|word| pascal_case(word)).collect::<Vec<_>>().join("Or");
    let schema_name = format!("{name}Problem");
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let mut response = json!({"description": format!("{}.", titles.join(". ")), "content": {PROBLEM: reference(&schema_name)}});
    if codes.iter().any(|code| code.retryable() || *code == Code::QuotaExhausted) {
        let wait = json!({"description": "Seconds, where known.", "schema": {"type": "integer"}});
        put(&mut response, "headers", json!({"Retry-After": wait}));
    }
    let which = json!({"properties": {"code": {"enum": words}}});
    let schema = json!({"allOf": [{"$ref": "#/components/schemas/Problem"}, which]});
    components.schemas.insert(schema_name, schema);
    components.responses.insert(name.clone(), response);
    json!({"$ref": format!("#/components/responses/{name}")})
}

fn problem_schema() -> Value {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "code", "retryable"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Where the code is explained, with PUBLIC_URL."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": codes},
            "errcode": {"type": "integer", "description": "WeChat's."},
            "rid": {"type": "string", "description": "WeChat's."},
            "hint": {"type": "string", "description": "What to do next."},
            "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        },
    })
}

/// The calls that the gateway passes on.
fn passed_on(chapters: &[Chapter]) -> impl Iterator<Item = (&Chapter, &Document)> {
    let all = chapters.iter().flat_map(|chapter| chapter.operations.iter().map(move |one| (chapter, one)));
    all.filter(|(_, document)| {
        !document.operation.is(Flag::Forbidden) && !document.operation.is(Flag::Internal)
    })
}

fn gateway_item(row: &Row, chapter: &Chapter, document: &Document, components: &mut Components) -> Value {
    let methods = document.operation.methods();
    let mut item = json!({});
    for (method, has) in [("get", methods.has_get()), ("post", methods.has_post())] {
        if has {
            put(&mut item, method, gateway_operation(row, chapter, document, method, components));
        }
    }
    item
}

fn gateway_operation(
    row: &Row,
    chapter: &Chapter,
    document: &Document,
    method: &str,
    components: &mut Components,
) -> Value {
    let operation = document.operation;
    let scopes = [(Flag::Pay, "pay"), (Flag::Admin, "admin"), (Flag::Credentials, "credentials")];
    let more = scopes.into_iter().filter(|(flag, _)| operation.is(*flag)).map(|(_, scope)| scope);
    let scopes: Vec<_> = row.scope.into_iter().chain(more).collect();
    let mut codes = BTreeSet::from([Code::Internal.as_str(), Code::Misconfigured.as_str()]);
    codes.extend(codes_of_access(row).chain(codes_of_call(document)));
    codes.extend([Code::InvalidRequest, Code::NotFound, Code::TooLarge].map(Code::as_str));
    let mut responses = problems(&codes, components);
    let content = match () {
        () if operation.is(Flag::Image) => json!({"image/png": {}, "image/jpeg": {}}),
        () if operation.is(Flag::Binary) => json!({"application/octet-stream": {}}),
        () => json!({"application/json": {"schema": object(&document.reply, Others::MayCome)}}),
    };
    responses
        .insert("200".to_owned(), json!({"description": "WeChat's reply as it is.", "content": content}));
    let mut told = json!({
        // Letters that every language takes for a name.
        "operationId": format!("wechat_{method}_{}", operation.path().replace('/', "_")),
        "summary": document.title_zh,
        "tags": [chapter.title],
        "security": [{"apiKey": scopes}],
        "responses": responses,
    });
    let parameters: Vec<_> = query(&document.query).collect();
    if !parameters.is_empty() {
        put(&mut told, "parameters", json!(parameters));
    }
    if method == "post" {
        let schema =
            if operation.is(Flag::Free) { json!({}) } else { object(&document.body, Others::MayCome) };
        let kind = if operation.is(Flag::Multipart) { "multipart/form-data" } else { "application/json" };
        put(&mut told, "requestBody", json!({"content": {kind: {"schema": schema}}}));
    }
    if document.deprecated {
        put(&mut told, "deprecated", json!(true));
    }
    told
}

#[cfg(test)]
mod tests {
    use wxedge_operations::documents::{chapters, chapters_of};
    use wxedge_worker::table::{Row, rows};

    use super::openapi;
    use crate::routes::{ROUTES, is_any_of_wechats, is_gateway, routes};

    #[test]
    fn every_route_of_the_table_is_in_the_document() {
        let chapters = chapters().unwrap();
        let document = openapi(&rows(), &routes(rows(), ROUTES, &chapters).unwrap(), &chapters).unwrap();
        for row in rows().into_iter().filter(|row| !is_gateway(row) && !is_any_of_wechats(row)) {
            let path = row.path.replace("/**/", "/");
            let operation = &document["paths"][path][row.method.to_ascii_lowercase()];
            let is_wechats = row.access == "sdk";
            assert_eq!(operation["responses"]["500"].is_object(), !is_wechats, "{} {}", row.method, row.path);
            assert_eq!(operation["requestBody"].is_object(), row.takes != "nothing", "{}", row.path);
            assert_eq!(
                operation["security"] == serde_json::json!([]),
                matches!(row.access, "public" | "signed" | "sdk"),
                "{}",
                row.path
            );
        }
    }

    #[test]
    fn a_made_up_call_is_in_the_document_where_the_table_has_the_gateway() {
        let text = "# Clouds 云\n\n### paintCloud 画云\nPOST wxa/cloud pay\n? size integer! 1..3\n> color string! ..20 {red|blue}\n< cloud_id string 1..64\n! 40097 invalid args | no such color\n\n### secret 密\nGET wxa/secret forbidden\n";
        let made_up = chapters_of(text).unwrap();
        let gateway = Row {
            method: "POST",
            path: "/v1/wechat/{path}",
            access: "service",
            scope: Some("api"),
            takes: "json",
            cors: false,
        };
        assert_eq!(openapi(&[], &[], &made_up).unwrap()["paths"], serde_json::json!({}));
        let document = openapi(&[gateway], &[], &made_up).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/v1/wechat/wxa/cloud"]);
        let call = &paths["/v1/wechat/wxa/cloud"]["post"];
        assert_eq!(call["security"], serde_json::json!([{"apiKey": ["api", "pay"]}]));
        assert_eq!(
            call["parameters"][0]["schema"],
            serde_json::json!({"type": "integer", "minimum": 1, "maximum": 3})
        );
        let body = &call["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["required"], serde_json::json!(["color"]));
        assert_eq!(body["properties"]["color"]["enum"], serde_json::json!(["red", "blue"]));
        let reply = &call["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(reply["properties"]["cloud_id"]["maxLength"], 64);
        assert_eq!(call["operationId"], "wechat_post_wxa_cloud");
        assert_eq!(call["responses"]["400"]["$ref"], "#/components/responses/InvalidRequest");
        let problem = &document["components"]["schemas"]["InvalidRequestProblem"];
        assert_eq!(problem["allOf"][1]["properties"]["code"]["enum"], serde_json::json!(["invalid_request"]));
    }
}
