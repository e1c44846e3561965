//! What an answer costs: the fake provider beside a bare hyper server, nginx and other mocks, interleaved in one run.
//!
//! The figure is CPU time of the server's process per answer, as the operating system tells it, over loopback; ratios are to the
//! bare server of the same round, so that a busy machine disturbs both alike. Prints a table in Markdown.

mod contenders;
mod figures;
mod load;
mod process;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use self::contenders::{ALL, Ask, Bench, Contender};
use self::figures::{Figures, Table};
use self::process::Server;

/// Measures what an answer costs.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rounds; the middle one is told.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How long each workload of a round takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Streams that are held open for the memory; 0 for none.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Only servers whose name contains this; the floor always.
    #[arg(long, default_value = "")]
    only: String,
    /// Where `tests/benchmark/opponents.sh` has installed the other mocks.
    #[arg(long, default_value = "target/opponents")]
    opponents: PathBuf,
    /// Where the floor and the provider were built.
    #[arg(long, default_value = "target/release")]
    built: PathBuf,
}

/// How long a server may take to listen.
const STARTS_WITHIN: Duration = Duration::from_secs(20);
const WORKLOADS: [(&str, Ask); 2] = [
    ("chat", Ask::Whole),
    ("stream of 100 events", Ask::Streamed),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        built: std::path::absolute(&arguments.built)?,
        opponents: std::path::absolute(&arguments.opponents)?,
        folder: folder.path().to_owned(),
    };
    let chosen: Vec<&Contender> = ALL
        .iter()
        .enumerate()
        .filter(|(index, one)| *index == 0 || one.name.contains(&arguments.only))
        .map(|(_, one)| one)
        .collect();
    keep_answers(&bench).await?;
    let mut figures = Figures::default();
    for _ in 0..arguments.rounds {
        for (index, contender) in chosen.iter().enumerate() {
            round(&bench, contender, (&arguments, index), &mut figures).await?;
        }
    }
    for (index, contender) in chosen.iter().enumerate().filter(|(_, one)| one.pauses) {
        if arguments.streams > 0 {
            let held = held(&bench, contender, arguments.streams).await?;
            figures.holds(index, held);
        }
    }
    let servers: Vec<&'static str> = chosen.iter().map(|one| one.name).collect();
    let workloads = WORKLOADS.map(|(name, _)| name);
    let table = figures.render(&Table {
        servers: &servers,
        workloads: &workloads,
        streams: arguments.streams,
    });
    io::stdout().write_all(table.as_bytes())
}

/// The bare servers send what the provider says.
async fn keep_answers(bench: &Bench) -> io::Result<()> {
    let brownout = ALL.iter().find(|one| one.name == "brownout");
    let brownout =
        brownout.ok_or_else(|| io::Error::other("the provider is not among the servers"))?;
    let (_server, address) = start(bench, brownout, false).await?;
    let whole = brownout.question(address, Ask::Whole).ask().await?;
    let stream = brownout.question(address, Ask::Streamed).ask().await?;
    bench.keep(&whole, &stream)
}

async fn round(
    bench: &Bench,
    contender: &Contender,
    (arguments, index): (&Arguments, usize),
    figures: &mut Figures,
) -> io::Result<()> {
    let (server, address) = start(bench, contender, false).await?;
    for (workload, ask) in WORKLOADS {
        let question = contender.question(address, ask);
        // What is only done for the first answers is not measured.
        question
            .press(arguments.connections, Duration::from_millis(300))
            .await?;
        let before = server.cpu();
        let lasting = Duration::from_secs(arguments.seconds);
        let answers = question.press(arguments.connections, lasting).await?;
        let used = server.cpu() - before;
        figures.cost(index, workload, used.as_secs_f64() * 1e6 / answers as f64);
    }
    Ok(())
}

/// Bytes of memory that a stream holds which waits for its next event.
async fn held(bench: &Bench, contender: &Contender, streams: usize) -> io::Result<u64> {
    let (server, address) = start(bench, contender, true).await?;
    let question = contender.question(address, Ask::Held);
    // The first ones pay for what all share.
    let first = question.hold(10).await?;
    let before = server.memory();
    let held = question.hold(streams).await?;
    let after = server.memory();
    drop((first, held));
    Ok(after.saturating_sub(before) / streams as u64)
}

async fn start(
    bench: &Bench,
    contender: &Contender,
    held: bool,
) -> io::Result<(Server, SocketAddr)> {
    let port = free_port()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = Server::start(&mut (contender.command)(bench, port, held)?)?;
    let listens = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let listens = tokio::time::timeout(STARTS_WITHIN, listens).await;
    listens.map_err(|_| io::Error::other(format!("{} does not listen", contender.name)))?;
    Ok((server, address))
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
