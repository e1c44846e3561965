//! The document that shows the matrix. Knows cells, and nothing of how they were measured.

use std::fmt::Write;

use super::cell::{Cell, Missing, Outcome};
use super::faults::{self, Group, Row};
use super::{Matrix, TIMEOUT, WATCHDOG};
use crate::roster::{CLIENTS, Client, Lane, node_version};

const INTRODUCTION: &str = include_str!("introduction.md");
const REMARKS: &str = include_str!("remarks.md");

/// The document, as of a day, and with the Python that the clients ran on.
pub(crate) fn written(matrix: &Matrix, day: &str, python: &str) -> String {
    let mut text = INTRODUCTION
        .replace("{timeout}", &TIMEOUT.to_string())
        .replace("{watchdog}", &WATCHDOG.to_string())
        .replace("{day}", day)
        .replace("{python}", python)
        .replace("{node}", node_version("node").unwrap_or("22"))
        .replace("{cells}", &measured(matrix).to_string());
    text += &versions();
    let groups = faults::groups();
    text += &summary(matrix, &groups);
    text.push_str(REMARKS);
    for client in &CLIENTS {
        for lane in client.lanes {
            text += &section(matrix, client, lane, &groups);
        }
    }
    text
}

fn measured(matrix: &Matrix) -> usize {
    matrix.cells.values().filter(|cell| cell.is_ok()).count()
}

fn versions() -> String {
    let mut text = "\n| client | name in commands | dialects |\n|---|---|---|\n".to_owned();
    for client in &CLIENTS {
        let dialects: Vec<_> = client.lanes.iter().map(|lane| lane.dialect).collect();
        let (title, name) = (client.title(), client.name);
        let _ = writeln!(text, "| {title} | `{name}` | {} |", dialects.join(", "));
    }
    text
}

/// How many cells of a fault ended in each way.
fn counts(matrix: &Matrix, fault: &str) -> [usize; 5] {
    let mut counts = [0; 5];
    let cells = matrix.cells.iter();
    let of_fault = cells.filter(|((.., name), _)| *name == fault);
    for cell in of_fault.filter_map(|(_, cell)| cell.as_ref().ok()) {
        counts[column(&cell.outcome)] += 1;
    }
    counts
}

fn told(count: usize) -> String {
    match count {
        0 => "–".to_owned(),
        count => count.to_string(),
    }
}

/// How often each end was seen for each fault, over all clients and ways of asking.
fn summary(matrix: &Matrix, groups: &[Group]) -> String {
    let mut text = "\n## All clients together\n\n\
        How many of the cells of a fault ended in which way.\n\n\
        | fault | exception | silent | hangs | waits | whole answer |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for group in groups {
        let mut rows = String::new();
        for row in &group.rows {
            let counts = counts(matrix, &row.name);
            if counts.iter().sum::<usize>() > 0 {
                let counts = counts.map(told);
                let _ = writeln!(rows, "| {} | {} |", row.title, counts.join(" | "));
            }
        }
        if !rows.is_empty() {
            let _ = write!(text, "| **{}** | | | | | |\n{rows}", group.title);
        }
    }
    text
}

const fn column(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Raised(_) => 0,
        Outcome::Silent | Outcome::Told(_) => 1,
        Outcome::Hangs => 2,
        Outcome::Waits => 3,
        Outcome::Whole => 4,
    }
}

/// A client in a dialect. Asynchronous ways are only told of where they differ.
fn section(matrix: &Matrix, client: &Client, lane: &Lane, groups: &[Group]) -> String {
    let modes: Vec<&str> = lane
        .modes
        .iter()
        .copied()
        .filter(|mode| !mode.starts_with("async-"))
        .collect();
    let mut rows = String::new();
    for group in groups {
        let of_group: Vec<String> = group
            .rows
            .iter()
            .filter_map(|row| table_row(matrix, client, (lane, &modes), row))
            .collect();
        if !of_group.is_empty() {
            let empty = " |".repeat(modes.len() + 1);
            let _ = write!(
                rows,
                "| **{}** |{empty}\n{}",
                group.title,
                of_group.concat()
            );
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "\n## {}, {}\n\n| fault | name | {} |\n|---|---{}|\n{rows}",
        client.title(),
        lane.dialect,
        modes.join(" | "),
        "|---".repeat(modes.len())
    )
}

fn table_row(
    matrix: &Matrix,
    client: &Client,
    (lane, modes): (&Lane, &[&'static str]),
    row: &Row,
) -> Option<String> {
    let cell = |mode: &'static str| {
        let place = (client.name, lane.dialect, mode, row.name.clone());
        matrix.cells.get(&place)
    };
    let mut shown = Vec::new();
    for mode in modes {
        let asynchronous = lane
            .modes
            .iter()
            .find(|other| other.strip_prefix("async-") == Some(mode));
        shown.push(both(cell(mode), asynchronous.and_then(|mode| cell(mode))));
    }
    if shown.iter().all(|shown| shown == "–") {
        return None;
    }
    Some(format!(
        "| {} | `{}` | {} |\n",
        row.title,
        row.name,
        shown.join(" | ")
    ))
}

type Measured<'a> = Option<&'a Result<Cell, Missing>>;

fn both(cell: Measured<'_>, asynchronous: Measured<'_>) -> String {
    match (cell, asynchronous) {
        (Some(Ok(cell)), Some(Ok(other))) if !cell.agrees(other) => {
            format!("{cell}; *async:* {other}")
        }
        _ => one(cell),
    }
}

fn one(cell: Measured<'_>) -> String {
    match cell {
        Some(Ok(cell)) => cell.to_string(),
        None | Some(Err(Missing::Inapplicable(_))) => "–".to_owned(),
        Some(Err(Missing::NotDelivered(_) | Missing::TooBusy(_))) => "*not measured*".to_owned(),
    }
}
