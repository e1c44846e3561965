//! Namespaces over the admin API: given a script, looked at, begun anew, relieved of their faults, taken away.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use provider_script::Script;
use serde_json::{Value, json};
use wire_faults::Point;

use super::Desk;
use super::given::{Name, Whole};
use super::refusal::Refusal;
use crate::mistakes::BadScript;
use crate::namespaces::{DEFAULT, Full, MOST, MOST_BYTES, Namespace, check_name};

/// What a script is called in what is said about it.
const BODY: &str = "script";

pub(super) async fn list(State(desk): State<Arc<Desk>>) -> Response {
    let all = desk.namespaces.all();
    let all: Vec<Value> = all
        .iter()
        .map(|(name, namespace)| desk.described(name, namespace))
        .collect();
    Json(json!({ "namespaces": all })).into_response()
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
) -> Result<Response, Refusal> {
    let namespace = desk.namespace(&name)?;
    let mut described = desk.described(&name, &namespace);
    described["script"] = json!(namespace.source.as_deref());
    Ok(Json(described).into_response())
}

pub(super) async fn put(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
    Whole(body): Whole,
) -> Result<Response, Refusal> {
    check_name(&name).map_err(|bad| Refusal::bad(bad.to_string()))?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| Refusal::bad("the script is not UTF-8").hint("send it as TOML text"))?;
    let script = Script::parse(text)
        .map_err(|mistakes| Refusal::script(&BadScript::new(BODY, text, &mistakes)))?;
    if name != DEFAULT
        && let Some(point) = early(&script)
    {
        let error = format!("what happens at {point} belongs to no namespace but `{DEFAULT}`");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error)
            .hint("which namespace is meant is only known once a request was read"));
    }
    let made = desk.namespaces.put(&name, script, Some(text));
    let made = made.map_err(|full| {
        let error = match full {
            Full::Namespaces => format!("there are {MOST} namespaces already"),
            Full::Scripts => {
                format!("the scripts of all namespaces would have more than {MOST_BYTES} bytes")
            }
        };
        Refusal::new(StatusCode::CONFLICT, error)
            .hint("DELETE /namespaces/{name} takes one away that is not needed any more")
    })?;
    let namespace = desk.namespace(&name)?;
    let status = match made {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok((status, Json(desk.described(&name, &namespace))).into_response())
}

pub(super) async fn delete(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
) -> Result<StatusCode, Refusal> {
    if name == DEFAULT {
        let error = "the default namespace cannot be taken away";
        return Err(Refusal::new(StatusCode::CONFLICT, error)
            .hint("POST /namespaces/default/reset begins it anew"));
    }
    match desk.namespaces.remove(&name) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::no_namespace(&name)),
    }
}

pub(super) async fn reset(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
) -> Result<Response, Refusal> {
    if !desk.namespaces.reset(&name) {
        return Err(Refusal::no_namespace(&name));
    }
    show(State(desk), Name(name)).await
}

pub(super) async fn lift(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
) -> Result<Response, Refusal> {
    desk.namespace(&name)?.desk.lift();
    show(State(desk), Name(name)).await
}

impl Desk {
    /// The namespace of this name.
    pub(super) fn namespace(&self, name: &str) -> Result<Namespace, Refusal> {
        let namespace = self.namespaces.get(name);
        namespace.ok_or_else(|| Refusal::no_namespace(name))
    }

    fn described(&self, name: &str, namespace: &Namespace) -> Value {
        let kept = namespace.kept.as_ref();
        let (records, dropped) = kept.map_or((0, 0), |kept| {
            kept.with(|held| (held.records.len(), held.dropped))
        });
        let root = match name {
            DEFAULT => self.root.clone(),
            _ => format!("{}/ns/{name}", self.root),
        };
        json!({
            "name": name,
            "root_url": root,
            "entries": namespace.desk.options.script.entries.len(),
            "answered": namespace.desk.answered.total(),
            "faults_lifted": namespace.desk.lifted(),
            "records": records,
            "records_dropped": dropped,
        })
    }
}

/// The first point of a script that comes before a request is read.
fn early(script: &Script) -> Option<Point> {
    let mut points = script.faults();
    let early = |point: Point| {
        matches!(
            point,
            Point::Connect | Point::Accept | Point::Tls | Point::Request { .. }
        )
    };
    points.find_map(|fault| early(fault.point).then_some(fault.point))
}
