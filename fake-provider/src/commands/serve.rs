//! `fake-provider` without a command: says what a script tells it, until it is told to end.

mod bounds;
mod options;
mod script;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use fake_provider::{Admin, Dialect, FakeProvider, Listen};
use journal::Recorder;
use provider_script::Quirk;
use tokio::time::Instant;
use wire_faults::HumanDuration;

use super::journal_file::JournalFile;
use super::secure::Secure;
use super::{Signals, note, say_where, shown};
use crate::Failure;
use bounds::Bounds;
use script::Source;

/// See each.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// What to say: a scenario file, of which only the `[[provider]]` part is used. Without it, everything is answered.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Reads the script again whenever its file changes; so does SIGHUP. With mistakes in it, the old one stays.
    #[arg(long, requires = "script")]
    watch: bool,
    /// Where to listen: `127.0.0.1:8080`, port 0 for any free one, or `unix:PATH`.
    #[arg(long, value_name = "ADDR", value_parser = crate::listen, required = true)]
    listen: Option<Listen>,
    /// Takes the port and refuses connections there until the admin API is told to listen.
    #[arg(long, requires = "admin")]
    hold: bool,
    /// Where the admin API listens: a port of this machine alone, or an address and a port. None unless said.
    #[arg(long, value_name = "ADDR", value_parser = options::admin)]
    admin: Option<SocketAddr>,
    /// How many records each namespace keeps for the admin API; the oldest are dropped first.
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "admin")]
    keep_records: usize,
    /// The dialect that is spoken: `openai-chat`, `openai-responses`, `anthropic-messages`, `gemini`, `ollama`, or `all`.
    #[arg(long, value_name = "NAME", default_value = "all", value_parser = options::dialect)]
    dialect: options::Spoken,
    /// Which provider's habits answers have where the script does not say: `azure`, `deepseek`, `openrouter`, `vllm`, …
    #[arg(long, value_name = "NAME", value_parser = options::quirk)]
    quirk: Option<Quirk>,
    /// Where to write what was seen in the default namespace, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    secure: Secure,
    /// Speaks HTTP/2 over TLS where a client can. In the clear it is spoken to whoever begins with it.
    #[arg(long, requires = "tls")]
    http2: bool,
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
    /// Silence before the first event of an answer, or before one that is not streamed: `300ms`.
    #[arg(long, value_name = "TIME", default_value = "0ms")]
    first_token: HumanDuration,
    /// How many tokens of an answer are said in a second; as many as can be unless said.
    #[arg(long, value_name = "N", value_parser = options::speed)]
    tokens_per_second: Option<f64>,
    /// By what part of itself each of these silences may be shorter or longer, drawn from the seed: 0 to 1.
    #[arg(long, value_name = "PART", default_value = "0", value_parser = options::part)]
    jitter: f64,
    /// How long answers that are under way may go on after SIGTERM or SIGINT; a second signal cuts them at once.
    #[arg(long, value_name = "TIME", default_value = "10s")]
    grace: HumanDuration,
    #[command(flatten)]
    bounds: Bounds,
    /// Decides ids, jitter and everything else that looks random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

/// Says what a script tells it, until it is told to end.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let mut source = Source::new(arguments.script.clone(), arguments.watch)?;
    let options = options::of(&arguments, source.script()?)?;
    options::raise_descriptors();
    let journal = JournalFile::open(arguments.journal.as_deref())?;
    let started = Instant::now();
    let recorder = match arguments.journal {
        Some(_) => Recorder::forwarding(Arc::new(move || started.elapsed()), journal.sink()),
        None => Recorder::nobody(),
    };
    let listen = arguments
        .listen
        .expect("is required where there is no command");
    let at = shown(&listen);
    let provider = match arguments.hold {
        true => FakeProvider::hold(options, listen, recorder),
        false => FakeProvider::start(options, listen, recorder).await,
    };
    let provider = provider.map_err(|source| Failure::Listen { at, source })?;
    let admin = match arguments.admin {
        None => None,
        Some(at) => Some(administer(&provider, at).await?),
    };
    if arguments.script.is_none() {
        note("no --script: every request is answered with a fixed text");
    }
    tell(
        &provider,
        admin.as_ref(),
        (arguments.hold, arguments.dialect),
    );
    let mut end = false;
    while !end {
        tokio::select! {
            biased;
            () = signals.end() => end = true,
            () = journal.broken.cancelled() => end = true,
            () = stop_requested(admin.as_ref()) => end = true,
            () = source.wants_reading() => source.read_again(&provider, admin.as_ref()),
        }
    }
    tokio::select! {
        biased;
        () = signals.end() => {}
        () = journal.broken.cancelled() => {}
        () = provider.close(arguments.grace.0) => {}
    }
    provider.shutdown().await;
    if let Some(admin) = admin {
        admin.shutdown().await;
    }
    journal.finish()
}

async fn administer(provider: &FakeProvider, at: SocketAddr) -> Result<Admin, Failure> {
    let admin = Admin::start(provider, at).await;
    admin.map_err(|source| Failure::Listen {
        at: at.to_string(),
        source,
    })
}

async fn stop_requested(admin: Option<&Admin>) {
    match admin {
        Some(admin) => admin.stop_requested().await,
        None => std::future::pending().await,
    }
}

/// Whoever started us waits for the first line. The second one is the admin API's.
fn tell(provider: &FakeProvider, admin: Option<&Admin>, (held, dialect): (bool, options::Spoken)) {
    let url = match dialect.0 {
        None | Some(Dialect::OpenaiChat | Dialect::OpenaiResponses) => provider.base_url(),
        Some(_) => provider.root_url(),
    };
    match held {
        true => super::say(&format!("holding {url}")),
        false => say_where(&url, provider.unix_socket()),
    }
    if let Some(admin) = admin {
        super::say(&format!("admin at http://{}", admin.address()));
    }
}
