//! The command line: arguments and environment in, exit code out. The only place of this crate that meets the process.
//!
//! It is a library function, so that an agent with other habits can be put behind the very same command line.

mod arguments;
mod lifecycle_file;
mod panics;
mod serve;
mod signals;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use crate::agent::{Agent, AgentParts, StartError};
use crate::gateway::KeyError;
use crate::interactive::{self, Console, Farewell, Interrupts};
use crate::lifecycle::{NoLog, SharedLog};
use crate::redact::Redactor;
use crate::seams::Seams;
use crate::settings::{CONFIG_VARIABLE, Environment, FileText, Settings, SettingsError};
use arguments::{Arguments, Command};
use lifecycle_file::LifecycleFile;
use signals::Signals;

/// How long the process waits at its end for threads that are still busy.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// The exit codes, which are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// What was asked for has been done.
    Fine = 0,
    /// The run failed; why has been printed.
    Failed = 1,
    /// The command line or the configuration cannot be used.
    Usage = 2,
    /// The user interrupted it, as shells number it.
    Interrupted = 130,
}

/// Why a command could not begin. The text finishes "failed to …".
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("load the settings: {0}")]
    Settings(#[from] SettingsError),
    #[error("load the settings: {path}: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, std::io::Error),
    #[error("use the workspace {}: not a directory", .0.display())]
    Workspace(PathBuf),
    #[error("open the lifecycle log {path}: {error}", path = .0.display(), error = .1)]
    LifecycleLog(PathBuf, std::io::Error),
    #[error("start the agent: {0}")]
    Agent(#[from] StartError),
    #[error("start the gateway: {0}")]
    Key(#[from] KeyError),
    #[error("listen on {0}: {1}")]
    Listen(String, std::io::Error),
    #[error("write the port file {path}: {error}", path = .0.display(), error = .1)]
    PortFile(PathBuf, std::io::Error),
    #[error("use --port-file: a Unix socket has no port")]
    NoPort,
    #[error("start: {0}")]
    System(#[from] std::io::Error),
}

/// Everything a command needs.
struct Setting {
    settings: Settings,
    log: SharedLog,
    seams: Seams,
}

/// Runs `reference-agent` with these seams and these arguments (the first is the program's name).
///
/// Reads the environment; prints to standard output and standard error; takes over the process's panic hook, so that
/// a mistake in the background reaches the lifecycle log and not the screen.
pub fn main_with<I>(seams: Seams, arguments: I) -> ExitCode
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        // Help and version are asked for, and go to standard output with exit code 0.
        Err(told) => {
            let _ = told.print();
            return if told.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Fine.into()
            };
        }
    };
    let run = AssertUnwindSafe(|| begin(seams, arguments));
    let exit = match std::panic::catch_unwind(run) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => complain(&format!("failed to {error}"), Exit::Usage),
        Err(_) => complain(
            "failed to go on: the agent made a mistake of its own",
            Exit::Failed,
        ),
    };
    exit.into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

fn complain(what: &str, exit: Exit) -> Exit {
    let _ = writeln!(std::io::stderr(), "error: {what}");
    exit
}

fn begin(seams: Seams, arguments: Arguments) -> Result<Exit, CommandError> {
    let settings = load_settings(&arguments)?;
    if !settings.agent.workspace.is_dir() {
        return Err(CommandError::Workspace(settings.agent.workspace));
    }
    let log = open_log(arguments.lifecycle_log)?;
    panics::take_over(Arc::clone(&log), Redactor::new(settings.secrets()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let setting = Setting {
        settings,
        log,
        seams,
    };
    let exit = runtime.block_on(carry_out(setting, arguments.command));
    runtime.shutdown_timeout(FAREWELL_TIMEOUT);
    exit
}

fn load_settings(arguments: &Arguments) -> Result<Settings, CommandError> {
    // Variables that are not text are none of ours.
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let environment: Environment = texts.collect();
    let named = environment
        .get(CONFIG_VARIABLE)
        .filter(|path| !path.is_empty());
    let path = arguments
        .config
        .clone()
        .or_else(|| named.map(PathBuf::from));
    let text = match &path {
        Some(path) => Some(
            std::fs::read_to_string(path)
                .map_err(|error| CommandError::Unreadable(path.clone(), error))?,
        ),
        None => None,
    };
    let file = path
        .as_deref()
        .zip(text.as_deref())
        .map(|(path, text)| FileText { path, text });
    Ok(Settings::load(&arguments.overrides(), &environment, file)?)
}

fn open_log(path: Option<PathBuf>) -> Result<SharedLog, CommandError> {
    let Some(path) = path else {
        return Ok(Arc::new(NoLog));
    };
    match LifecycleFile::append_to(&path) {
        Ok(log) => Ok(Arc::new(log)),
        Err(error) => Err(CommandError::LifecycleLog(path, error)),
    }
}

async fn carry_out(setting: Setting, command: Command) -> Result<Exit, CommandError> {
    let signals = Signals::listen()?;
    match command {
        Command::Ask { prompt, session } => {
            let agent = setting.start_agent()?;
            let mut console = console(signals.interrupts);
            let farewell = interactive::ask(&agent, session, prompt, &mut console).await;
            Ok(take_leave(&agent, farewell, console).await)
        }
        Command::Chat { session } => {
            let agent = setting.start_agent()?;
            let mut console = console(signals.interrupts);
            let mut lines = interactive::read_lines(std::io::BufReader::new(std::io::stdin()))?;
            let farewell = interactive::chat(&agent, session, &mut lines, &mut console).await;
            Ok(take_leave(&agent, farewell, console).await)
        }
        Command::Serve { port_file, .. } => {
            serve::serve(setting, port_file, signals.interrupts).await
        }
    }
}

impl Setting {
    fn start_agent(self) -> Result<Arc<Agent>, CommandError> {
        let parts = AgentParts {
            log: self.log,
            seams: self.seams,
            ..AgentParts::production()?
        };
        Ok(Agent::start(Arc::new(self.settings.agent), parts)?)
    }
}

fn console(interrupts: Interrupts) -> Console {
    let answer = std::io::stdout();
    Console {
        live: answer.is_terminal(),
        answer: Box::new(answer),
        notes: Box::new(std::io::stderr()),
        interrupts,
    }
}

/// Shuts the agent down; whoever cannot wait for that interrupts once more.
async fn take_leave(agent: &Agent, farewell: Farewell, mut console: Console) -> Exit {
    tokio::select! {
        biased;
        _ = console.interrupted() => return Exit::Interrupted,
        () = agent.shutdown() => {}
    }
    match farewell {
        Farewell::Fine => Exit::Fine,
        Farewell::Failed => Exit::Failed,
        Farewell::Interrupted => Exit::Interrupted,
    }
}
