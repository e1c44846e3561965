//! Every client against every fault, in every way of asking: a matrix, and the document that shows it. Judges nobody.

mod cell;
mod document;
mod faults;
mod kept;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::driver::{Driver, command_line};
use crate::job::Job;
use crate::roster::{CLIENTS, Client, Dialect, Family};
use crate::stage::{self, KEY, Played, StageError};
use crate::trust::{Carried, Trust};
use cell::{Cell, Missing};
use faults::Row;

pub(crate) use document::written;
pub(crate) use kept::Kept;

/// The timeout that every client is given, in seconds.
pub(crate) const TIMEOUT: f64 = 2.0;
/// When a call that is not over is called a hang, in seconds: three attempts that time out, and the pauses between them, are over.
pub(crate) const WATCHDOG: f64 = 12.0;
/// Cells of one client that are measured at the same time; most of that time is spent waiting.
const AT_ONCE: usize = 5;
/// Clients that are measured at the same time.
const CLIENTS_AT_ONCE: usize = 3;

/// Where a cell is: client, dialect, mode, fault.
pub(crate) type Place = (&'static str, Dialect, &'static str, String);

/// The whole matrix.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) cells: BTreeMap<Place, Result<Cell, Missing>>,
    /// What could not be measured at all.
    pub(crate) failures: Vec<String>,
}

impl Matrix {
    /// Cells whose fault was not delivered, and what could not be measured.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let cells = self.cells.iter().filter_map(|(place, cell)| match cell {
            Err(Missing::NotDelivered(why) | Missing::TooBusy(why)) => {
                Some(format!("{}: {why}", name(place)))
            }
            _ => None,
        });
        cells.chain(self.failures.iter().cloned()).collect()
    }
}

fn name((client, dialect, mode, fault): &Place) -> String {
    format!("{client}/{dialect}/{mode}/{fault}")
}

/// Which cells are measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen {
    /// Those whose name, `CLIENT/DIALECT/MODE/FAULT`, contains this.
    pub(crate) only: String,
    /// And of whose fault nothing is known here.
    pub(crate) kept: Arc<Kept>,
}

/// Measures cells.
pub(crate) async fn measure(trust: &Arc<Trust>, chosen: &Chosen, show: bool) -> Matrix {
    let clients = Arc::new(Semaphore::new(CLIENTS_AT_ONCE));
    let mut all = JoinSet::new();
    for client in &CLIENTS {
        let (clients, chosen) = (Arc::clone(&clients), chosen.clone());
        let trust = Arc::clone(trust);
        all.spawn(async move {
            let _turn = clients.acquire_owned().await;
            of_client((client, &trust), &chosen, show).await
        });
    }
    let mut matrix = Matrix::default();
    while let Some(ended) = all.join_next().await {
        match ended {
            Ok(part) => {
                matrix.cells.extend(part.cells);
                matrix.failures.extend(part.failures);
            }
            Err(panic) => matrix.failures.push(panic.to_string()),
        }
    }
    matrix
}

async fn of_client(
    (client, trust): (&'static Client, &Arc<Trust>),
    chosen: &Chosen,
    show: bool,
) -> Matrix {
    let mut matrix = Matrix::default();
    let mut wanted = wanted(client, chosen);
    if let Err(reason) = client.http2() {
        let not_spoken = wanted.extract_if(.., |(_, row)| row.carried == Carried::Http2);
        let cells = not_spoken.map(|(place, _)| (place, Err(Missing::NotSpoken(reason))));
        matrix.cells.extend(cells);
    }
    if wanted.is_empty() {
        return matrix;
    }
    let driver = match Driver::start(client, trust) {
        Ok(driver) => Arc::new(driver),
        Err(error) => {
            matrix
                .failures
                .push(format!("{}: failed to {error}", client.name));
            return matrix;
        }
    };
    // Whatever a client loads when it is first used is not part of any cell.
    for lane in client.lanes {
        let calm = "[[provider]]\nreply = { text = \"Hello.\" }\n";
        let warm = stage::play(
            &driver,
            (calm, Carried::Plain),
            job(client, lane.dialect, "whole", None),
        )
        .await;
        matrix.failures.extend(
            warm.err()
                .map(|error| format!("{}: failed to {error}", client.name)),
        );
    }
    let mut left = wanted;
    // What went wrong beside others is measured again, one by one.
    for at_once in [AT_ONCE, 1, 1, 1] {
        let again = left
            .iter()
            .map(|(place, row)| (place.clone(), row.clone()))
            .collect();
        measure_cells(client, &driver, (again, at_once, show), &mut matrix).await;
        left.retain(|(place, _)| {
            !matches!(
                matrix.cells.get(place),
                Some(Ok(_) | Err(Missing::Inapplicable(_)))
            )
        });
    }
    matrix
}

async fn measure_cells(
    client: &'static Client,
    driver: &Arc<Driver>,
    (cells, at_once, show): (Vec<(Place, Row)>, usize, bool),
    matrix: &mut Matrix,
) {
    let turns = Arc::new(Semaphore::new(at_once));
    let mut all = JoinSet::new();
    for (place, row) in cells {
        let (driver, turns) = (Arc::clone(driver), Arc::clone(&turns));
        all.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let job = job(client, place.1, place.2, Some(&row));
            let script = row.script(place.1);
            let played = stage::play(&driver, (&script, row.carried), job.clone()).await;
            if show {
                told(client, (&row, &script), &job, &played);
            }
            (place, played.map(|played| cell::read(&row, &played)))
        });
    }
    while let Some(ended) = all.join_next().await {
        match ended {
            Ok((place, Ok(cell))) => {
                matrix.cells.insert(place, cell);
            }
            Ok((place, Err(error))) => {
                let why = Missing::NotDelivered(format!("failed to {error}"));
                matrix.cells.insert(place, Err(why));
            }
            Err(panic) => matrix.failures.push(panic.to_string()),
        }
    }
}

fn wanted(client: &'static Client, chosen: &Chosen) -> Vec<(Place, Row)> {
    let ways = client.lanes.iter().flat_map(|lane| {
        let modes = lane.modes.iter();
        modes.map(|mode| (lane.dialect, *mode))
    });
    let ways: Vec<_> = ways.collect();
    let rows = faults::groups().into_iter().flat_map(|group| group.rows);
    let mut wanted = Vec::new();
    for row in rows.filter(|row| !chosen.kept.knows(&row.name)) {
        let of_row = ways
            .iter()
            .filter(|(dialect, mode)| row.is_for(dialect, mode));
        let places = of_row.map(|(dialect, mode)| (client.name, *dialect, *mode, row.name.clone()));
        let chosen = places.filter(|place| name(place).contains(&chosen.only));
        wanted.extend(chosen.map(|place| (place, row.clone())));
    }
    wanted
}

fn job(client: &Client, dialect: Dialect, mode: &str, row: Option<&Row>) -> Job {
    let silent = row.is_some_and(|row| row.silent);
    Job {
        id: 0,
        base_url: String::new(),
        dialect: dialect.to_owned(),
        mode: mode.to_owned(),
        what: row.map_or("text", |row| row.what).to_owned(),
        key: KEY.to_owned(),
        http2: false,
        authority: None,
        timeout: Some(TIMEOUT),
        abort: (client.family == Family::Ai && silent).then_some(TIMEOUT),
        retries: None,
        watchdog: WATCHDOG,
    }
}

/// Everything about one cell, so that it can be repeated by hand.
fn told(
    client: &Client,
    (row, script): (&Row, &str),
    job: &Job,
    played: &Result<Played, StageError>,
) {
    let (variables, program, arguments) = command_line(client);
    let mut text = format!("{}, {}:\n{}", row.name, row.title, script);
    let variables = variables
        .iter()
        .map(|(name, value)| format!("{name}={value} "));
    text.extend(variables);
    let job = serde_json::to_string(job).expect("a job is always JSON");
    text += &format!("{} {} '{job}'\n", program.display(), arguments.join(" "));
    match played {
        Ok(played) => {
            text += &format!("saw {}\n", played.saw);
            for (outcome, what) in played.faults() {
                text += &format!("{outcome:?}: {what}\n");
            }
            text += &format!(
                "requests at {:.3?} s, answers over at {:.3?} s\n{:?}\n",
                played.requests(),
                played.answered(),
                cell::read(row, played)
            );
        }
        Err(error) => text += &format!("failed to {error}\n"),
    }
    // Whoever reads no more of this does not want it.
    let _ = writeln!(io::stdout(), "{text}");
}
