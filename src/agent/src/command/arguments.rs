//! The arguments of the command line, as clap reads them. Decides nothing.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};

use crate::config::Dialect;
use crate::settings::Overrides;

/// An agent that survives what providers do to it.
///
/// Arguments beat the environment (REFERENCE_AGENT_DIALECT, OPENAI_BASE_URL, OPENAI_API_KEY, API_SERVER_KEY, API_SERVER_HOST,
/// API_SERVER_PORT; for other dialects ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY, GOOGLE_GEMINI_BASE_URL, GEMINI_API_KEY, OLLAMA_HOST,
/// OLLAMA_API_KEY), the environment beats the configuration file.
///
/// Exit codes: 0 fine, 1 the run failed, 2 usage or configuration, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "reference-agent", version)]
pub(super) struct Arguments {
    /// Configuration file in TOML [environment: REFERENCE_AGENT_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Append facts about this process's own life to this file, one JSON object a line
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) lifecycle_log: Option<PathBuf>,

    /// Directory that the tools may read
    #[arg(long, global = true, value_name = "DIR")]
    workspace: Option<PathBuf>,

    /// Model to ask for
    #[arg(long, global = true)]
    model: Option<String>,

    /// Protocol that the provider speaks [environment: REFERENCE_AGENT_DIALECT] [default: openai-chat]
    #[arg(long, global = true, value_parser = dialect())]
    dialect: Option<Dialect>,

    /// Ask for answers in one piece instead of a stream
    #[arg(long, global = true)]
    no_stream: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Answer one question: the answer goes to standard output, everything else to standard error
    Ask {
        /// The question
        #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
        prompt: String,
        /// Session to continue, where sessions are stored
        #[arg(long, value_name = "ID")]
        session: Option<String>,
    },
    /// Hold a conversation, one line at a time; /quit or the end of input ends it
    Chat {
        /// Session to continue, where sessions are stored
        #[arg(long, value_name = "ID")]
        session: Option<String>,
    },
    /// Serve the runs API until interrupted
    Serve {
        /// Where to listen: HOST:PORT (port 0 takes a free one) or unix:PATH
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Write the port that was bound to this file, once connections are accepted
        #[arg(long, value_name = "FILE")]
        port_file: Option<PathBuf>,
    },
}

impl Arguments {
    /// What the arguments say about settings.
    pub(super) fn overrides(&self) -> Overrides {
        let listen = match &self.command {
            Command::Serve { listen, .. } => listen.clone(),
            Command::Ask { .. } | Command::Chat { .. } => None,
        };
        Overrides {
            dialect: self.dialect,
            workspace: self.workspace.clone(),
            model: self.model.clone(),
            no_stream: self.no_stream,
            listen,
        }
    }
}

fn dialect() -> impl TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(Dialect::name))
        .map(|name| Dialect::find(&name).expect("only names of dialects are possible values"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn clap_finds_no_contradiction() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_behind_the_command() {
        let arguments = Arguments::try_parse_from([
            "reference-agent",
            "serve",
            "--listen",
            "h:1",
            "--no-stream",
            "--dialect",
            "gemini",
        ]);
        let overrides = arguments.unwrap().overrides();
        assert_eq!(overrides.dialect, Some(Dialect::Gemini));
        assert!(overrides.no_stream);
        assert_eq!(overrides.listen.as_deref(), Some("h:1"));
    }
}
