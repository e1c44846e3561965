//! What a provider is started with. Knows no socket and no bytes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use provider_script::{Quirk, Script};

use crate::authority::Authority;
use crate::http::Limits;
use crate::timing::Timing;
use crate::tool_names::ToolNames;
use crate::wall_clock::WallClock;

/// Everything that decides what a provider says.
#[derive(Debug, Clone)]
pub struct ProviderOptions {
    /// What it says to which request.
    pub script: Script,
    /// The protocol it speaks; every one unless said, and then a request's route tells which is meant.
    pub dialect: Option<Dialect>,
    /// Which provider's habits its answers have where the script does not say; the dialect's own unless said.
    pub quirk: Option<Quirk>,
    /// How the target calls the neutral tools.
    pub tools: ToolNames,
    /// The marker that the user text of each run carries. Without any, every request belongs to run 1.
    pub markers: Vec<(String, u32)>,
    /// Whether every turn of the target offers tools. Then a request without any, and without a tool round in its history, only
    /// quotes the conversation (a summary, a title), whatever markers it repeats.
    pub turns_offer_tools: bool,
    /// The keys that are accepted; without any, every key is, and none.
    pub credentials: Vec<Credential>,
    /// How many decoded bytes of text or arguments go into one streamed event; 0 for all in one.
    pub delta_bytes: u32,
    /// Decides ids, nonces and everything else that looks random.
    pub seed: u64,
    /// The models that there are; a request for any other is refused, as for one that nobody has. Without any, every model is.
    pub models: Vec<String>,
    /// What it puts up with.
    pub limits: Limits,
    /// Values of this machine (paths, addresses) and what is recorded in their place, everywhere.
    pub aliases: Vec<(String, String)>,
    /// How fast answers are said that do not say it themselves.
    pub timing: Timing,
    /// How many records each namespace keeps for whoever asks the admin API. Unless said nothing is kept, and there is no
    /// namespace but the default one.
    pub keeps: Option<usize>,
    /// The time of day, where an answer names one.
    pub clock: WallClock,
    /// Who vouches for it where it is spoken to over TLS; unless said it is spoken to in the clear.
    pub authority: Option<Arc<Authority>>,
}

impl Default for ProviderOptions {
    fn default() -> Self {
        Self {
            script: Script::default(),
            dialect: None,
            quirk: None,
            tools: ToolNames::default(),
            markers: Vec::new(),
            turns_offer_tools: false,
            credentials: Vec::new(),
            delta_bytes: 12,
            seed: 0,
            models: Vec::new(),
            limits: Limits::default(),
            aliases: Vec::new(),
            timing: Timing::default(),
            keeps: None,
            clock: WallClock::default(),
            authority: None,
        }
    }
}

/// A provider's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI Chat Completions.
    OpenaiChat,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Anthropic Messages, both versions that are alive.
    AnthropicMessages,
    /// Gemini `generateContent`.
    Gemini,
    /// Ollama's own API.
    Ollama,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 5] = [
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::AnthropicMessages,
        Self::Gemini,
        Self::Ollama,
    ];

    /// The name as it is written everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }
}

/// A key that the provider accepts, and what it is called wherever something is recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The name under which it is recorded, such as `canary-1`.
    pub alias: String,
    /// The key itself; never recorded.
    pub key: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("alias", &self.alias)
            .finish_non_exhaustive()
    }
}

/// Where a provider listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// On a TCP address; port 0 for any free one.
    Tcp(SocketAddr),
    /// On a Unix socket, at a path where nothing is yet. Without an RST: a fault that resets needs TCP.
    Unix(PathBuf),
}

impl Listen {
    /// Any free port of the loopback interface.
    #[must_use]
    pub const fn loopback() -> Self {
        Self::Tcp(SocketAddr::new(
            std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            0,
        ))
    }
}
