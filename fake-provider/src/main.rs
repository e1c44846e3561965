//! `fake-provider`: a provider on a port, that says what a script tells it.

mod commands;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use fake_provider::{
    Authority, Credential, FakeProvider, Listen, NoAuthority, ProviderOptions, RecordError,
    ReplayError,
};
use journal::{Record, Recorder, Sink};
use provider_script::Script;
use provider_script::reading::{self, SourceError};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wire_faults::Mistake;

/// A fake LLM provider: speaks OpenAI Chat Completions, and says exactly what a script tells it, faults included.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<commands::Command>,
    /// What to say: a scenario file, of which only the `[[provider]]` part is used.
    #[arg(long, value_name = "FILE", required = true)]
    script: Option<PathBuf>,
    /// Where to listen: `127.0.0.1:8080`, port 0 for any free one, or `unix:PATH`.
    #[arg(long, value_name = "ADDR", value_parser = listen, required = true)]
    listen: Option<Listen>,
    /// Where to write what was seen, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Speaks TLS, with certificates of an authority that is made at start.
    #[arg(long)]
    tls: bool,
    /// Where to write the certificate of that authority, in PEM, for clients to trust.
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// The only key that is accepted; any key is, and none, if this is not said.
    #[arg(long, env = "FAKE_PROVIDER_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The models that there are, separated by commas; any other is unknown, as the provider says it. Every model is, if this is not
    /// said.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    models: Vec<String>,
    /// How many bytes of text or arguments go into one streamed event; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 12)]
    delta_bytes: u32,
    /// Decides ids and everything else that looks random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

fn listen(text: &str) -> Result<Listen, String> {
    match text.strip_prefix("unix:") {
        Some(path) => Ok(Listen::Unix(path.into())),
        None => text
            .parse()
            .map(Listen::Tcp)
            .map_err(|_| "expected an address and a port, or unix:PATH".to_owned()),
    }
}

/// Why the program ends early; each with its own exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("failed to read {path}: {source}")]
    Unreadable { path: String, source: io::Error },
    #[error("{0}")]
    BadScript(String),
    #[error("failed to listen at {at}: {source}")]
    Listen { at: String, source: io::Error },
    #[error("failed to write the journal {path}: {source}")]
    Journal { path: String, source: io::Error },
    #[error("failed to {0}")]
    Authority(NoAuthority),
    #[error("failed to write the authority's certificate {path}: {source}")]
    CaFile { path: String, source: io::Error },
    #[error("failed to start: {0}")]
    Start(io::Error),
    #[error(transparent)]
    Record(RecordError),
    #[error(transparent)]
    Replay(ReplayError),
}

impl Failure {
    /// 102: the script or a recording is wrong. 105: the machine does not let us.
    const fn exit_code(&self) -> u8 {
        match self {
            Self::BadScript(_)
            | Self::Replay(ReplayError::Damaged(_) | ReplayError::Empty { .. }) => 102,
            Self::Unreadable { .. }
            | Self::Listen { .. }
            | Self::Journal { .. }
            | Self::Authority(_)
            | Self::CaFile { .. }
            | Self::Start(_)
            | Self::Record(_)
            | Self::Replay(_) => 105,
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the edge of the program speaks to a person"
)]
fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fake-provider: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(mut arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Start)?;
    if let Some(command) = arguments.command.take() {
        return runtime.block_on(commands::run(command));
    }
    let given = arguments.script.take().zip(arguments.listen.take());
    let (script, listen) = given.expect("both are required where there is no command");
    let script = read_script(&script)?;
    runtime.block_on(serve(arguments, script, listen))
}

async fn serve(arguments: Arguments, script: Script, listen: Listen) -> Result<(), Failure> {
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::Start)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::Start)?;
    let journal = JournalFile::open(arguments.journal.as_deref())?;
    let started = Instant::now();
    let recorder = match arguments.journal {
        Some(_) => Recorder::forwarding(Arc::new(move || started.elapsed()), journal.sink()),
        None => Recorder::nobody(),
    };
    let credential = arguments.key.map(|key| Credential {
        alias: "key-1".into(),
        key,
    });
    let options = ProviderOptions {
        script,
        credentials: credential.into_iter().collect(),
        models: arguments.models,
        delta_bytes: arguments.delta_bytes,
        seed: arguments.seed,
        authority: authority(arguments.tls, arguments.ca_file.as_deref())?,
        ..ProviderOptions::default()
    };
    let at = match &listen {
        Listen::Tcp(address) => address.to_string(),
        Listen::Unix(path) => path.display().to_string(),
    };
    let provider = FakeProvider::start(options, listen, recorder)
        .await
        .map_err(|source| Failure::Listen { at, source })?;
    let address = match provider.unix_socket() {
        Some(path) => format!("unix:{}", path.display()),
        None => provider.base_url(),
    };
    // Whoever started us waits for this line; if nobody reads it, nobody needs it.
    let _ = writeln!(io::stdout(), "listening on {address}");
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        () = journal.broken.cancelled() => {}
    }
    provider.shutdown().await;
    journal.finish()
}

/// The authority, whose certificate is written down before anybody can connect.
fn authority(tls: bool, file: Option<&Path>) -> Result<Option<Arc<Authority>>, Failure> {
    if !tls {
        return Ok(None);
    }
    let authority = Authority::make().map_err(Failure::Authority)?;
    if let Some(file) = file {
        std::fs::write(file, authority.pem()).map_err(|source| Failure::CaFile {
            path: file.display().to_string(),
            source,
        })?;
    }
    Ok(Some(Arc::new(authority)))
}

fn read_script(path: &Path) -> Result<Script, Failure> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(SourceError::Io);
    let text = file
        .and_then(reading::source)
        .map_err(|error| match error {
            SourceError::Io(source) => Failure::Unreadable {
                path: name.clone(),
                source,
            },
            SourceError::NotText { shown, mistake } => bad_script(&name, &shown, &[mistake]),
        })?;
    Script::parse(&text).map_err(|mistakes| bad_script(&name, &text, &mistakes))
}

fn bad_script(name: &str, text: &str, mistakes: &[Mistake]) -> Failure {
    let mut lines: Vec<String> = Vec::with_capacity(mistakes.len() + 1);
    for mistake in mistakes {
        let (line, column) = place(text, mistake.span.start);
        let help = mistake.help.as_ref().map(|help| format!(" ({help})"));
        let help = help.unwrap_or_default();
        lines.push(format!("{name}:{line}:{column}: {}{help}", mistake.message));
    }
    lines.push(format!(
        "mistakes in {name}: {}; nothing was started",
        mistakes.len()
    ));
    Failure::BadScript(lines.join("\n"))
}

/// Line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(byte)];
    let line = before.matches('\n').count() + 1;
    let column = before
        .chars()
        .rev()
        .take_while(|char| *char != '\n')
        .count()
        + 1;
    (line, column)
}

/// The journal's file: every record is in it before the next thing happens.
struct JournalFile {
    path: String,
    state: Arc<Mutex<(Option<File>, Option<io::Error>)>>,
    /// Cancelled once a record could not be written.
    broken: CancellationToken,
}

impl JournalFile {
    fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let name = path.map_or_else(String::new, |path| path.display().to_string());
        let file = path.map(File::create).transpose();
        let file = file.map_err(|source| Failure::Journal {
            path: name.clone(),
            source,
        })?;
        Ok(Self {
            path: name,
            state: Arc::new(Mutex::new((file, None))),
            broken: CancellationToken::new(),
        })
    }

    fn sink(&self) -> Sink {
        let (state, broken) = (Arc::clone(&self.state), self.broken.clone());
        Arc::new(move |record: &Record| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(file) = &mut state.0 else { return };
            let mut line = serde_json::to_vec(record).expect("a record is always JSON");
            line.push(b'\n');
            // One write a record, straight to the kernel: nothing is left in a buffer of ours.
            if let Err(error) = file.write_all(&line) {
                *state = (None, Some(error));
                broken.cancel();
            }
        })
    }

    fn finish(self) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.1.take() {
            None => Ok(()),
            Some(source) => Err(Failure::Journal {
                path: self.path.clone(),
                source,
            }),
        }
    }
}
