//! A step as it is written: a table that says exactly one thing.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use wire_faults::HumanDuration;

/// One step. It says exactly one of these; `client` and `session` go with `say`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(crate) struct StepSpec {
    /// Gives the target a turn. The n-th `say` of the file is run n.
    #[serde(default)]
    #[schemars(with = "Option<String>", length(min = 1))]
    pub(crate) say: Option<Spanned<String>>,
    /// Who says it; `user` unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) client: Option<Spanned<String>>,
    /// In which session; `main` unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) session: Option<Spanned<String>>,
    /// Waits until something has happened.
    #[serde(default)]
    #[schemars(with = "Option<WaitSpec>")]
    pub(crate) wait_for: Option<Spanned<WaitSpec>>,
    /// Stops a run: `true` for the latest.
    #[serde(default)]
    #[schemars(with = "Option<RunReference>")]
    pub(crate) stop: Option<Spanned<RunReference>>,
    /// The client leaves the events of a run: `true` for the latest.
    #[serde(default)]
    #[schemars(with = "Option<RunReference>")]
    pub(crate) disconnect: Option<Spanned<RunReference>>,
    /// The client listens to the events of a run again: `true` for the latest.
    #[serde(default)]
    #[schemars(with = "Option<RunReference>")]
    pub(crate) reconnect: Option<Spanned<RunReference>>,
    /// Lets so much time pass.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub(crate) advance: Option<Spanned<HumanDuration>>,
    /// No fault happens from here on.
    #[serde(default)]
    #[schemars(with = "Option<bool>", extend("const" = true))]
    pub(crate) lift_faults: Option<Spanned<bool>>,
    /// Asks the target to shut down, before the case would.
    #[serde(default)]
    #[schemars(with = "Option<bool>", extend("const" = true))]
    pub(crate) shutdown: Option<Spanned<bool>>,
}

/// What is waited for: exactly one of `terminal`, `text`, `tool`, `fault` and `request`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WaitFor")]
pub(crate) struct WaitSpec {
    /// The run has ended like this.
    #[serde(default)]
    #[schemars(with = "Option<AwaitedTerminal>")]
    pub(crate) terminal: Option<Spanned<AwaitedTerminal>>,
    /// This text has been delivered so far.
    #[serde(default)]
    #[schemars(with = "Option<String>", length(min = 1))]
    pub(crate) text: Option<Spanned<String>>,
    /// This tool has begun.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) tool: Option<Spanned<String>>,
    /// A fault of the script has been carried out.
    #[serde(default)]
    #[schemars(with = "Option<bool>", extend("const" = true))]
    pub(crate) fault: Option<Spanned<bool>>,
    /// The provider has read this request.
    #[serde(default)]
    #[schemars(with = "Option<RequestSpec>")]
    pub(crate) request: Option<Spanned<RequestSpec>>,
    /// Of which run, counted from 1; of the latest unless said.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(min = 1))]
    pub(crate) run: Option<Spanned<u32>>,
    /// How long at most; 60 s unless said.
    #[serde(default)]
    pub(crate) within: Option<HumanDuration>,
}

/// How a run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AwaitedTerminal {
    /// With an answer.
    Completed,
    /// Without one.
    Failed,
    /// Because it was stopped.
    Cancelled,
    /// In any way.
    Any,
}

/// A request of a run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AwaitedRequest")]
pub(crate) struct RequestSpec {
    /// The call, counted from 1.
    #[schemars(range(min = 1))]
    pub(crate) call: u32,
    /// The attempt, counted from 1; the first unless said.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(crate) attempt: Option<u32>,
}

/// A run: `true` for the latest, or `{ run = 2 }`.
#[derive(Debug)]
pub(crate) struct RunReference {
    /// Which run, counted from 1; the latest if nothing is said.
    pub(crate) run: Option<Spanned<u32>>,
}

/// The long form of a [`RunReference`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunTable {
    run: Spanned<u32>,
}

struct RunVisitor;

impl<'de> Visitor<'de> for RunVisitor {
    type Value = RunReference;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true` or a run such as `{ run = 1 }`")
    }

    fn visit_bool<E: serde::de::Error>(self, latest: bool) -> Result<RunReference, E> {
        if latest {
            return Ok(RunReference { run: None });
        }
        Err(E::invalid_type(serde::de::Unexpected::Bool(false), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RunReference, A::Error> {
        let table = RunTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RunReference {
            run: Some(table.run),
        })
    }
}

impl<'de> Deserialize<'de> for RunReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RunVisitor)
    }
}

impl JsonSchema for RunReference {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RunReference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`true` for the latest run, or a run by its number, counted from 1.",
            "oneOf": [
                { "const": true },
                {
                    "type": "object",
                    "properties": { "run": { "type": "integer", "minimum": 1 } },
                    "required": ["run"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
