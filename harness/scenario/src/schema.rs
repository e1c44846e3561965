//! The JSON schema of scenario files, made from the structs that read them, for editors.

use schemars::generate::SchemaSettings;

use crate::spec::ScenarioSpec;

/// The schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<ScenarioSpec>().to_value()
}

/// The schema as it is stored in `scenarios/scenario.schema.json`.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
