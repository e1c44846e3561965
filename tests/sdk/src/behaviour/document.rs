//! The document that shows the matrix. Knows cells, and nothing of how they were measured.

use std::fmt::Write;

use super::cell::{Cell, Missing, Outcome};
use super::faults::{self, Group, Row};
use super::kept::{Kept, TOGETHER};
use super::{Matrix, TIMEOUT, WATCHDOG};
use crate::roster::{CLIENTS, Client, Lane, node_version};

const INTRODUCTION: &str = include_str!("introduction.md");
const REMARKS: &str = include_str!("remarks.md");

/// The document, as of a day, and with the Python that the clients ran on. What was not measured now is as it was.
pub(crate) fn written(matrix: &Matrix, kept: &Kept, (day, python): (&str, &str)) -> String {
    let groups = faults::groups();
    let (summary, cells) = summary(matrix, kept, &groups);
    let mut text = INTRODUCTION
        .replace("{timeout}", &TIMEOUT.to_string())
        .replace("{watchdog}", &WATCHDOG.to_string())
        .replace("{day}", day)
        .replace("{python}", python)
        .replace("{node}", node_version("node").unwrap_or("22"))
        .replace("{cells}", &cells.to_string());
    text += &versions();
    text += &summary;
    text.push_str(REMARKS);
    for client in &CLIENTS {
        for lane in client.lanes {
            text += &section((matrix, kept), client, lane, &groups);
        }
    }
    text
}

fn versions() -> String {
    let mut text =
        "\n| client | name in commands | dialects | HTTP/2 by |\n|---|---|---|---|\n".to_owned();
    for client in &CLIENTS {
        let dialects: Vec<_> = client.lanes.iter().map(|lane| lane.dialect).collect();
        let (title, name) = (client.title(), client.name);
        let http2 = match client.http2() {
            Ok(option) => option.to_owned(),
            Err(reason) => format!("*not spoken*: {reason}"),
        };
        let dialects = dialects.join(", ");
        let _ = writeln!(text, "| {title} | `{name}` | {dialects} | {http2} |");
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

/// How often each end was seen for each fault, over all clients and ways of asking; and how many cells that are.
fn summary(matrix: &Matrix, kept: &Kept, groups: &[Group]) -> (String, usize) {
    let mut text = format!(
        "\n## {TOGETHER}\n\n\
        How many of the cells of a fault ended in which way.\n\n\
        | fault | exception | silent | hangs | waits | whole answer |\n|---|---|---|---|---|---|\n"
    );
    let mut cells = 0;
    for group in groups {
        let mut rows = String::new();
        for row in &group.rows {
            let (line, counted) = match counts(matrix, &row.name) {
                [0, 0, 0, 0, 0] => kept.counted(&row.title).unwrap_or_default(),
                counts => {
                    let told = counts.map(told).join(" | ");
                    (format!("| {} | {told} |\n", row.title), counts.iter().sum())
                }
            };
            rows += &line;
            cells += counted;
        }
        if !rows.is_empty() {
            let _ = write!(text, "| **{}** | | | | | |\n{rows}", group.title);
        }
    }
    (text, cells)
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
fn section(
    (matrix, kept): (&Matrix, &Kept),
    client: &Client,
    lane: &Lane,
    groups: &[Group],
) -> String {
    let heading = format!("{}, {}", client.title(), lane.dialect);
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
            .filter_map(|row| {
                let measured = table_row(matrix, client, (lane, &modes), row);
                measured.or_else(|| kept.row(&heading, &row.name))
            })
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
        "\n## {heading}\n\n| fault | name | {} |\n|---|---{}|\n{rows}",
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
        Some(Err(Missing::NotSpoken(_))) => "*not spoken*".to_owned(),
        Some(Err(Missing::NotDelivered(_) | Missing::TooBusy(_))) => "*not measured*".to_owned(),
    }
}
