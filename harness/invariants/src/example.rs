//! Small journals, written the way a story is told. For the examples that `brownout explain` prints, and for tests.

mod parts;

use std::collections::BTreeMap;
use std::time::Duration;

use journal::{
    Actor, ClientRole, Ended, ErrorSent, FORMAT, Fact, FaultOutcome, How, Journal, Record, Said,
    SeenToolCall, SeenToolResult, Side, Subject, Terminal,
};
use scenario::{Bounds, Dialect, PLAN_FORMAT, Plan};

pub(crate) use parts::{built, calls, calls_partly, costing, fault, says, says_partly};

/// Which (run, call, attempt) a record of the provider is about.
pub(crate) type Address = (u32, u32, u32);

/// A story that becomes a plan and a journal. Every record comes one millisecond after the one before.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    plan: Plan,
    records: Vec<Record>,
    now: Duration,
    counted: BTreeMap<Actor, u64>,
    connections: BTreeMap<Address, u64>,
}

impl Example {
    /// A case with a target that shows everything.
    pub(crate) fn new() -> Self {
        let everything = [
            "provider",
            "terminal",
            "events",
            "process",
            "lifecycle",
            "tasks",
        ];
        Self::observing(&everything)
    }

    /// A case with a target that shows only this.
    pub(crate) fn observing(observes: &[&str]) -> Self {
        let example = Self {
            plan: plan(),
            records: Vec::new(),
            now: Duration::ZERO,
            counted: BTreeMap::new(),
            connections: BTreeMap::new(),
        };
        example.runner(Fact::CaseStarted {
            scenario: "example".to_owned(),
            dialect: "openai-chat".to_owned(),
            streamed: true,
            seed: 1,
            target: "example".to_owned(),
            observes: observes.iter().map(|&what| what.to_owned()).collect(),
            virtual_time: true,
        })
    }

    /// Changes the plan.
    pub(crate) fn plan(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    /// Lets time pass.
    pub(crate) fn after_ms(mut self, ms: u64) -> Self {
        self.now += Duration::from_millis(ms);
        self
    }

    /// Any fact.
    pub(crate) fn fact(mut self, actor: Actor, subject: Subject, fact: Fact) -> Self {
        self.now += Duration::from_millis(1);
        let counted = self.counted.entry(actor).or_default();
        *counted += 1;
        self.records.push(Record {
            format: FORMAT,
            seq: self.records.len() as u64 + 1,
            t_ns: u64::try_from(self.now.as_nanos()).unwrap_or(u64::MAX),
            actor,
            actor_seq: *counted,
            run: subject.run,
            call: subject.call,
            attempt: subject.attempt,
            fact,
        });
        self
    }

    /// A fact of the runner about the whole case.
    pub(crate) fn runner(self, fact: Fact) -> Self {
        self.fact(Actor::Runner, Subject::CASE, fact)
    }

    /// A fact of the client about a run.
    pub(crate) fn client(self, run: u32, fact: Fact) -> Self {
        self.fact(Actor::Client, Subject::run(run), fact)
    }

    /// A fact of the provider about an attempt.
    pub(crate) fn provider(self, (run, call, attempt): Address, fact: Fact) -> Self {
        self.fact(Actor::Provider, Subject::attempt(run, call, attempt), fact)
    }

    /// A fact of the target's own log.
    pub(crate) fn target(self, fact: Fact) -> Self {
        self.fact(Actor::Target, Subject::CASE, fact)
    }

    /// The target is given a turn in the session `main`, takes it, and its client listens.
    pub(crate) fn turn(self, run: u32) -> Self {
        self.turn_in("main", run)
    }

    /// The same, in this session.
    pub(crate) fn turn_in(self, session: &str, run: u32) -> Self {
        self.client(
            run,
            Fact::RunSubmitted {
                session: session.to_owned(),
                text: format!("hello [run-{run}]"),
                probe: session == "probe",
            },
        )
        .client(run, Fact::RunAccepted)
        .client(run, Fact::Subscribed)
    }

    /// The target asks the provider, on a connection of its own.
    pub(crate) fn asks(self, address: Address) -> Self {
        self.asks_with(address, &[], &[])
    }

    /// The target asks the provider, with these tool calls and results in the history, each `(id, what it says)`.
    pub(crate) fn asks_with(
        mut self,
        address: Address,
        calls: &[(&str, &str)],
        results: &[(&str, &str)],
    ) -> Self {
        let connection = self.connections.len() as u64 + 1;
        self.connections.insert(address, connection);
        let tool_calls = calls.iter().map(|&(id, arguments)| SeenToolCall {
            id: id.to_owned(),
            tool: "effect".to_owned(),
            arguments: arguments.to_owned(),
        });
        let tool_results = results.iter().map(|&(id, content)| SeenToolResult {
            id: id.to_owned(),
            content: content.to_owned(),
        });
        let request = Fact::Request {
            connection,
            method: "POST".to_owned(),
            path: "/v1/chat/completions".to_owned(),
            model: Some("model".to_owned()),
            streamed: true,
            credential: "canary-1".to_owned(),
            auxiliary: false,
            messages: 1,
            tool_calls: tool_calls.collect(),
            tool_results: tool_results.collect(),
            said_before: Vec::new(),
            digest: format!("{:02}", address.1),
        };
        self.provider(address, Fact::ConnectionOpened { connection })
            .provider(address, request)
    }

    /// The provider answers, whole.
    pub(crate) fn answers(self, address: Address, said: Said) -> Self {
        self.head(address, 200, None)
            .over(address, Ended::Complete, said)
    }

    /// The provider asks back and is asked: one exchange that goes well.
    pub(crate) fn exchange(self, address: Address, said: Said) -> Self {
        self.asks(address).answers(address, said)
    }

    /// The provider answers with an error.
    pub(crate) fn errs(self, address: Address, status: u16, retry_after: Option<&str>) -> Self {
        let error = ErrorSent {
            code: format!("code_{status}"),
            nonce: format!("bo-{status}"),
            retry_after: retry_after.map(str::to_owned),
            ..ErrorSent::default()
        };
        self.tells(address, status, error)
    }

    /// The provider answers with this error.
    pub(crate) fn tells(self, address: Address, status: u16, error: ErrorSent) -> Self {
        self.head(address, status, Some(error))
            .fault(address, &format!("status {status}"))
            .over(address, Ended::Complete, Said::default())
    }

    /// The provider's answer is cut by a fault; this is what has left.
    pub(crate) fn cut(self, address: Address, said: Said) -> Self {
        let connection = self.connections.get(&address).copied().unwrap_or_default();
        self.head(address, 200, None)
            .fault(address, "reset")
            .over(address, Ended::ByFault, said)
            .provider(
                address,
                Fact::ConnectionClosed {
                    connection,
                    by: Side::Provider,
                    how: How::Reset,
                    in_flight: true,
                },
            )
    }

    /// The target leaves an answer that is not over; this is what has left.
    pub(crate) fn leaves(self, address: Address, said: Said) -> Self {
        let connection = self.connections.get(&address).copied().unwrap_or_default();
        self.over(address, Ended::TargetLeft, said).provider(
            address,
            Fact::ConnectionClosed {
                connection,
                by: Side::Target,
                how: How::Fin,
                in_flight: true,
            },
        )
    }

    /// The head of an answer leaves.
    pub(crate) fn head(self, address: Address, status: u16, error: Option<ErrorSent>) -> Self {
        self.provider(
            address,
            Fact::ResponseStarted {
                entry: Some(0),
                status,
                error,
            },
        )
    }

    /// An answer is over.
    pub(crate) fn over(self, address: Address, ended: Ended, said: Said) -> Self {
        self.provider(
            address,
            Fact::ResponseEnded {
                status: Some(200),
                ended,
                said,
                bytes: 100,
                digest: "00".to_owned(),
            },
        )
    }

    /// A fault is carried out in the text of an answer.
    pub(crate) fn fault(self, address: Address, action: &str) -> Self {
        self.provider(address, fault(action, FaultOutcome::Delivered))
    }

    /// Text reaches the client.
    pub(crate) fn delivers(self, run: u32, text: &str) -> Self {
        let text = text.to_owned();
        self.client(run, Fact::TextDelivered { text })
    }

    /// The run ends, the target says, with an answer.
    pub(crate) fn completes(self, run: u32, output: &str) -> Self {
        let output = Some(output.to_owned());
        self.ends(run, Terminal::Completed, output, None)
    }

    /// The run ends, the target says, with an error.
    pub(crate) fn fails(self, run: u32, error: &str) -> Self {
        let error = Some(error.to_owned());
        self.ends(run, Terminal::Failed, None, error)
    }

    /// The run ends, the target says, because it was stopped.
    pub(crate) fn cancels(self, run: u32) -> Self {
        self.ends(run, Terminal::Cancelled, None, None)
    }

    /// The run ends, the target says in its events.
    pub(crate) fn ends(
        self,
        run: u32,
        terminal: Terminal,
        output: Option<String>,
        error: Option<String>,
    ) -> Self {
        self.client(
            run,
            Fact::Terminal {
                terminal,
                output,
                error,
                usage: None,
                via: "events".to_owned(),
            },
        )
    }

    /// The client asks for a stop, and the target takes it.
    pub(crate) fn stops(self, run: u32) -> Self {
        self.client(run, Fact::StopRequested)
            .client(run, Fact::StopAnswered { status: 200 })
    }

    /// The target says that it built a client on the runtime `main`, with a transport of the same number.
    pub(crate) fn builds(self, client: &str, role: ClientRole) -> Self {
        self.target(built(client, role))
    }

    /// The target says that it closed a client.
    pub(crate) fn closes(self, client: &str, by: &str) -> Self {
        self.target(Fact::ClientClosed {
            client: client.to_owned(),
            by: by.to_owned(),
        })
    }

    /// The case ends.
    pub(crate) fn end(self) -> (Plan, Journal) {
        self.runner(Fact::CaseEnded).so_far()
    }

    /// The journal ends here, although the case does not.
    pub(crate) fn so_far(self) -> (Plan, Journal) {
        let records = self.records;
        (self.plan, Journal { records })
    }
}

fn plan() -> Plan {
    let bound = |seconds| Duration::from_secs(seconds);
    let mut bounds = Bounds {
        run: Default::default(),
        abort: Default::default(),
        shutdown: Default::default(),
        attempts_per_call: 6,
        retry_after_cap: Default::default(),
    };
    bounds.run.0 = bound(600);
    bounds.abort.0 = bound(2);
    bounds.shutdown.0 = bound(30);
    bounds.retry_after_cap.0 = bound(600);
    Plan {
        format: PLAN_FORMAT,
        scenario: "example".to_owned(),
        file: "example.toml".to_owned(),
        title: "An example".to_owned(),
        seed: 1,
        dialect: Dialect::OpenaiChat,
        streamed: true,
        judge_policy: true,
        delta_bytes: 8,
        bounds,
        needs: Vec::new(),
        runs: Vec::new(),
        steps: Vec::new(),
        expectations: Vec::new(),
        waivers: Vec::new(),
        script: Default::default(),
    }
}

/// What a rule says about a case.
#[cfg(test)]
pub(crate) fn ruling(
    rule: &crate::verdict::Rule,
    (plan, journal): &(Plan, Journal),
) -> crate::verdict::Ruling {
    (rule.judge)(plan, journal).ruling
}
