//! The OpenRPC document (specification 1.3), made from the table that is served. [R1]

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::error::Reason;
use super::method::{Action, Method};
use super::methods;

/// The document that `rpc.discover` answers.
pub fn document() -> Value {
    describe(&methods::table())
}

pub(super) fn describe(table: &[Method]) -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let methods: Vec<Value> = table
        .iter()
        .map(|method| describe_method(method, &mut generator))
        .collect();
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "Thinkey node",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Numbers of 64 bits and more are strings, ids and hashes hexadecimal, \
                            accounts bech32m addresses.",
            "license": { "name": "Apache-2.0" },
        },
        "methods": methods,
        "components": {
            "schemas": generator.take_definitions(true),
            "errors": errors(),
        },
    })
}

fn describe_method(method: &Method, generator: &mut SchemaGenerator) -> Value {
    let schema = (method.params)(generator).to_value();
    let params = describe_params(&schema);
    let given = method.example.as_object().into_iter().flatten();
    let example: Vec<Value> = given
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let result = (method.result)(generator).to_value();
    json!({
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": params,
        "result": { "name": "result", "schema": result },
        "examples": [{ "name": "example", "params": example }],
        "x-cost": method.cost,
        "x-transport": match method.action {
            Action::Subscribe(_) | Action::Unsubscribe => "websocket",
            Action::Call(_) | Action::Discover => "http, websocket",
        },
    })
}

/// Parameters in the order in which they can be given by position: as they are declared, which
/// the list of required ones keeps, then those that may be left out.
fn describe_params(schema: &Value) -> Vec<Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut params: Vec<(usize, Value)> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let place = required.iter().position(|other| other == name);
            let needed = place.is_some();
            let described = json!({ "name": name, "required": needed, "schema": schema });
            (place.unwrap_or(usize::MAX), described)
        })
        .collect();
    params.sort_by_key(|(place, _)| *place);
    params.into_iter().map(|(_, described)| described).collect()
}

/// Every error, by its word. [R6]
fn errors() -> Value {
    let all = Reason::ALL.iter().map(|reason| {
        let described = json!({
            "code": reason.code(),
            "message": reason.word(),
            "data": { "reason": reason.word(), "hint": reason.hint() },
        });
        (reason.word().to_owned(), described)
    });
    Value::Object(all.collect())
}
