//! What can be observed. One kind a fact; the name on the wire is the variant in kebab case.

mod lifecycle;
mod parts;

use serde::{Deserialize, Serialize};

pub use parts::{
    Census, ClientRole, Ended, ErrorSent, FaultOutcome, How, Said, SaidToolCall, SeenToolCall,
    SeenToolResult, Side, Terminal, Usage,
};

/// One observed fact.
///
/// The lifecycle kinds (from `RuntimeStarted` to `ShutdownFinished`) are read from the target's own log, whose lines carry
/// the same names; every other kind is observed by brownout itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Fact {
    // ---- the fake provider -------------------------------------------------------------------------------------------
    /// The provider's listener was closed on purpose: connections are refused from here on.
    ListenerClosed,
    /// The provider listens again.
    ListenerReopened,
    /// The target opened a connection.
    ConnectionOpened {
        /// Counted from 1.
        connection: u64,
    },
    /// A connection ended.
    ConnectionClosed {
        /// Which.
        connection: u64,
        /// Who ended it.
        by: Side,
        /// In which way.
        how: How,
        /// Whether a request was still without its whole answer.
        in_flight: bool,
    },
    /// A request was read whole.
    Request {
        /// On which connection.
        connection: u64,
        /// The HTTP method.
        method: String,
        /// The path, without a query.
        path: String,
        /// The model that is asked.
        model: Option<String>,
        /// Whether a stream is wanted.
        streamed: bool,
        /// The credential by its alias (`canary-1`, `none`, `unknown`), never the key itself.
        credential: String,
        /// Whether it belongs to no run (compaction, titles).
        auxiliary: bool,
        /// How many messages it carries.
        messages: u32,
        /// The tool calls of its history, in order.
        tool_calls: Vec<SeenToolCall>,
        /// The tool results of its history, in order.
        tool_results: Vec<SeenToolResult>,
        /// The texts of the assistant in its history, the newest last, shortened: by them a continuation is known from a repetition.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        said_before: Vec<String>,
        /// SHA-256 of the body with every machine-dependent value left out, in hex.
        digest: String,
    },
    /// A request broke the provider's rules and was answered as the real one would.
    RequestRefused {
        /// The broken rule, as a stable word: `tool-result-missing`, `tool-result-orphan`, `unknown-role`, …
        rule: String,
        /// What the provider said.
        message: String,
    },
    /// A request that nothing in the script answers.
    Unscripted {
        /// What it was: `call 1 attempt 3, a retry`.
        what: String,
    },
    /// The head of a response has left.
    ResponseStarted {
        /// The entry of the script that answers, counted from 0.
        entry: Option<usize>,
        /// The HTTP status.
        status: u16,
        /// What error it tells, if any.
        error: Option<ErrorSent>,
    },
    /// A response is over, in whatever way. `said` is what has really left the socket.
    ResponseEnded {
        /// The HTTP status, if the head has left.
        status: Option<u16>,
        /// How it ended.
        ended: Ended,
        /// What was said, decoded from the bytes that left.
        said: Said,
        /// Bytes of the response that left the socket, head and framing included.
        bytes: u64,
        /// SHA-256 of those bytes, in hex.
        digest: String,
    },
    /// A fault of the script was carried out, or could not be.
    Fault {
        /// The entry of the script, counted from 0.
        entry: usize,
        /// Where, as `wire-faults` prints it.
        point: String,
        /// What.
        action: String,
        /// Whether it was.
        outcome: FaultOutcome,
        /// What should have left the socket.
        expected: String,
        /// What did.
        observed: String,
    },

    // ---- the runner's client -----------------------------------------------------------------------------------------
    /// A turn was given to the target.
    RunSubmitted {
        /// The session it belongs to.
        session: String,
        /// The text, marker included.
        text: String,
        /// Whether it is the probe after the faults.
        probe: bool,
    },
    /// The target took the turn.
    RunAccepted,
    /// The target refused the turn.
    RunRefused {
        /// HTTP status, where there is one.
        status: Option<u16>,
        /// What it said.
        message: String,
    },
    /// The client listens to the run's events.
    Subscribed,
    /// The client left on purpose, in the middle.
    Disconnected,
    /// The target ended the event stream.
    EventsEnded {
        /// Whether it ended as the protocol says.
        polite: bool,
    },
    /// Text of the answer arrived.
    TextDelivered {
        /// The new text.
        text: String,
    },
    /// Text that had arrived was declared void.
    TextSuperseded {
        /// The text.
        text: String,
    },
    /// The target says that a tool begins.
    ToolAnnounced {
        /// The target's name for it.
        tool: String,
    },
    /// The target says that a tool has returned.
    ToolReported {
        /// The target's name for it.
        tool: String,
        /// Whether it failed.
        error: bool,
    },
    /// Any other event of the target.
    OtherEvent {
        /// Its name.
        event: String,
    },
    /// A terminal event, or a process that ended with its answer.
    Terminal {
        /// How the target says the run ended.
        terminal: Terminal,
        /// The answer, if it gives one.
        output: Option<String>,
        /// The error, if it gives one.
        error: Option<String>,
        /// The tokens, if it gives them.
        usage: Option<Usage>,
        /// Where it was read: `events`, `status`, `exit`.
        via: String,
    },
    /// The client asked for the run to be stopped.
    StopRequested,
    /// The target answered the stop.
    StopAnswered {
        /// HTTP status.
        status: u16,
    },

    // ---- the target's lifecycle log ----------------------------------------------------------------------------------
    /// A runtime that clients and tasks belong to has begun.
    RuntimeStarted {
        /// Its name.
        runtime: String,
    },
    /// A runtime has ended.
    RuntimeEnded {
        /// Its name.
        runtime: String,
    },
    /// A client was made.
    ClientBuilt {
        /// Its id.
        client: String,
        /// What it is for.
        role: ClientRole,
        /// The runtime it belongs to.
        runtime: String,
        /// The transport it owns.
        transport: String,
        /// The client it takes the place of.
        #[serde(default)]
        replaces: Option<String>,
        /// Digest of the shared configuration before.
        config_before: String,
        /// Digest of the shared configuration after.
        config_after: String,
    },
    /// A client was closed.
    ClientClosed {
        /// Its id.
        client: String,
        /// Who closed it.
        by: String,
    },
    /// A client was collected without having been closed.
    ClientDropped {
        /// Its id.
        client: String,
        /// Whether its runtime was still there.
        runtime_alive: bool,
    },
    /// A send was refused because the client was closed.
    SendOnClosedClient {
        /// Its id.
        client: String,
    },
    /// The target is about to send a request.
    AttemptStarted {
        /// The client that sends it.
        client: String,
        /// 1 for the first attempt.
        #[serde(rename = "of_call_attempt", alias = "attempt")]
        of_call_attempt: u32,
    },
    /// The target decided what follows a failed attempt.
    RetryDecided {
        /// The attempt that failed.
        #[serde(rename = "of_call_attempt", alias = "attempt")]
        of_call_attempt: u32,
        /// The failure's code.
        because: String,
        /// The wait before the next attempt; nothing when giving up.
        after_ms: Option<u64>,
    },
    /// A tool begins to run in the target.
    ToolStarted {
        /// The provider's id of the tool call.
        tool_call: String,
        /// The target's name for the tool.
        tool: String,
        /// The arguments as they were taken for whole.
        arguments: String,
    },
    /// A tool has returned in the target.
    ToolFinished {
        /// The provider's id of the tool call.
        tool_call: String,
        /// Whether it failed.
        error: bool,
    },
    /// A background failure that the target caught.
    BackgroundFailure {
        /// What failed.
        message: String,
    },
    /// The target's shutdown began.
    ShutdownStarted,
    /// What the target says was left.
    ShutdownFinished {
        /// Clients still open.
        open_clients: u64,
        /// Tasks still alive.
        open_tasks: u64,
    },

    // ---- the runner --------------------------------------------------------------------------------------------------
    /// The case begins.
    CaseStarted {
        /// The scenario's name.
        scenario: String,
        /// The dialect.
        dialect: String,
        /// Whether replies are streamed.
        streamed: bool,
        /// The seed.
        seed: u64,
        /// The target's name.
        target: String,
        /// What can be observed of it: `provider`, `terminal`, `events`, `process`, `lifecycle`, `tasks`.
        observes: Vec<String>,
        /// Whether time is simulated.
        virtual_time: bool,
    },
    /// A step of the scenario begins.
    StepStarted {
        /// Which, counted from 0.
        step: usize,
        /// What it does: `say`, `wait_for`, …
        action: String,
    },
    /// What a `wait_for` waited for did not come in time.
    WaitTimedOut {
        /// Which step.
        step: usize,
        /// The bound in milliseconds.
        within_ms: u64,
    },
    /// No fault is carried out from here on.
    FaultsLifted,
    /// A run had no ending within the bound that holds for every run.
    RunTimedOut {
        /// The bound in milliseconds.
        within_ms: u64,
    },
    /// The target's process was started.
    ProcessStarted,
    /// The target answers.
    ProcessReady,
    /// The target's process ended.
    ProcessExited {
        /// Its exit code, if it had one.
        code: Option<i32>,
        /// The signal that ended it, if one did.
        signal: Option<i32>,
        /// Whether the runner had asked for it, or the run was over with it.
        expected: bool,
    },
    /// The target wrote a line.
    Output {
        /// `stdout` or `stderr`.
        stream: String,
        /// The line, keys replaced by their aliases.
        line: String,
    },
    /// The interactive prompt of the target is ready for a line.
    PromptShown,
    /// The target was asked to shut down.
    ShutdownRequested,
    /// What is left of the target, counted before anything is killed.
    Census(Census),
    /// Something was left and had to be killed.
    Killed {
        /// How many processes.
        processes: u64,
    },
    /// The lines that the `effect` tool has left in its ledger, in order.
    Effects {
        /// The lines.
        lines: Vec<String>,
    },
    /// Everything that the target wrote was searched for the canary key.
    CanarySearched {
        /// How many places (events, errors, output, files).
        places: u64,
        /// How many files were too many or too large to be searched to their end.
        #[serde(default, skip_serializing_if = "is_zero")]
        unsearched: u64,
    },
    /// The canary key was found.
    CanaryFound {
        /// Where: `terminal error`, `stderr`, `{home}/log`, …
        place: String,
        /// In which form: `raw`, `base64`, `url`, `json`.
        form: String,
    },
    /// The runner itself was late, so bounds of that time prove nothing.
    HeartbeatLagged {
        /// By how much, in milliseconds.
        lag_ms: u64,
    },
    /// The case is over.
    CaseEnded,
    /// A kind that this version does not know; kept so that newer journals can still be read.
    #[serde(other)]
    Unknown,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
