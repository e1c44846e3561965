//! Who may import whom, proved from `cargo metadata`: dev- and build-dependencies included. Knows the table of the plan of
//! the house and nothing of the code.

use std::process::Command;

use serde_json::{Value, json};

/// A crate of the house and those of the house that it may import.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("reference-agent", &[]),
    ("wire-faults", &[]),
    ("journal", &[]),
    ("provider-script", &["wire-faults"]),
    ("fault-io", &["wire-faults", "journal"]),
    ("scenario", &["provider-script", "wire-faults"]),
    (
        "fake-provider",
        &["provider-script", "wire-faults", "fault-io", "journal"],
    ),
    ("fault-proxy", &["wire-faults", "fault-io", "journal"]),
    (
        "runner",
        &["scenario", "fake-provider", "fault-proxy", "journal"],
    ),
    ("invariants", &["scenario", "journal"]),
    ("report", &["scenario", "journal", "invariants"]),
    ("ci", &[]),
];

/// The one crate that sees everything.
const ROOT: &str = "brownout";

/// Every edge of the house that the table does not have, as `importer → imported (kind)`.
fn forbidden_edges(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"]
        .as_array()
        .expect("metadata lists packages");
    let root = metadata["workspace_root"]
        .as_str()
        .expect("metadata says where it is");
    let tests = format!("{root}/tests/");
    let mut forbidden = Vec::new();
    for package in packages {
        let name = text(package, "name");
        if name == ROOT || text(package, "manifest_path").starts_with(&tests) {
            continue;
        }
        let allowed = MAY_IMPORT.iter().find(|(importer, _)| *importer == name);
        let Some((_, allowed)) = allowed else {
            forbidden.push(format!("{name} is not in the table"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().expect("a list");
        let ours = dependencies
            .iter()
            .filter(|dependency| dependency["path"].is_string());
        for dependency in ours.filter(|dependency| !allowed.contains(&text(dependency, "name"))) {
            let imported = text(dependency, "name");
            let kind = dependency["kind"].as_str().unwrap_or("normal");
            forbidden.push(format!("{name} → {imported} ({kind})"));
        }
    }
    forbidden
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("metadata has this as text")
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is what runs this test");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("metadata is JSON")
}

/// The real metadata with one more dependency of `importer`.
fn with_edge(importer: &str, imported: &str, kind: Value) -> Value {
    let mut metadata = metadata();
    let packages = metadata["packages"].as_array_mut().expect("a list");
    let package = packages
        .iter_mut()
        .find(|package| package["name"] == importer);
    let dependencies = package.expect("is a crate of the house")["dependencies"].as_array_mut();
    let edge = json!({ "name": imported, "kind": kind, "path": format!("/house/{imported}") });
    dependencies.expect("a list").push(edge);
    metadata
}

#[test]
fn nobody_imports_whom_they_may_not() {
    let forbidden = forbidden_edges(&metadata());
    assert!(forbidden.is_empty(), "{forbidden:#?}");
}

#[test]
fn the_two_sides_of_a_wire_never_share_code() {
    let forbidden = forbidden_edges(&with_edge("reference-agent", "wire-faults", Value::Null));
    assert_eq!(forbidden, ["reference-agent → wire-faults (normal)"]);
}

#[test]
fn judges_never_act_and_actors_never_judge() {
    let forbidden = forbidden_edges(&with_edge("runner", "invariants", Value::Null));
    assert_eq!(forbidden, ["runner → invariants (normal)"]);
    let forbidden = forbidden_edges(&with_edge("invariants", "runner", Value::Null));
    assert_eq!(forbidden, ["invariants → runner (normal)"]);
}

#[test]
fn dependencies_of_tests_and_builds_count() {
    for kind in ["dev", "build"] {
        let forbidden = forbidden_edges(&with_edge("report", "fake-provider", json!(kind)));
        assert_eq!(forbidden, [format!("report → fake-provider ({kind})")]);
    }
}

#[test]
fn a_crate_that_nobody_has_placed_is_refused() {
    let mut metadata = metadata();
    let packages = metadata["packages"].as_array_mut().expect("a list");
    packages.push(json!({ "name": "drawer", "manifest_path": "/house/drawer/Cargo.toml", "dependencies": [] }));
    assert_eq!(forbidden_edges(&metadata), ["drawer is not in the table"]);
}
