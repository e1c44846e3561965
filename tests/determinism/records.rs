//! What is compared, and how a difference is shown.
//!
//! In simulated time: bytes. In real time: what each actor recorded of each run, in its order, without times. Connections and
//! clients are numbered in the order in which they come, which is chance between runs, so here they are numbered within the
//! run that they serve; their records belong to that run.

use std::collections::BTreeMap;

use journal::{Actor, Fact, Journal};
use serde_json::Value;

/// Both journals are the same bytes; else the first line that differs is shown.
pub(crate) fn assert_same_bytes(name: &str, one: &[u8], other: &[u8]) {
    if one == other {
        return;
    }
    let [one, other] = [one, other].map(String::from_utf8_lossy);
    let (mut lines, mut others) = (one.lines(), other.lines());
    let mut line = 1;
    loop {
        match (lines.next(), others.next()) {
            (one, other) if one != other => panic!("{name}, line {line}:\n{one:?}\n{other:?}"),
            (None, _) => panic!("{name}: the same lines, ended differently"),
            _ => line += 1,
        }
    }
}

/// The journal is worth comparing: every turn has ended, faults took place, and what was sent is in it by its digest.
pub(crate) fn assert_tells_all(name: &str, bytes: &[u8]) {
    let journal = journal::read(bytes).unwrap();
    let count = |wanted: fn(&Fact) -> bool| {
        let records = journal.records.iter();
        records.filter(|record| wanted(&record.fact)).count()
    };
    let turns = journal.runs().len();
    assert_eq!(turns, 9, "{name}: eight turns and the probe");
    let endings = count(|fact| matches!(fact, Fact::Terminal { .. }));
    assert_eq!(endings, turns, "{name}");
    let faults = count(|fact| matches!(fact, Fact::Fault { .. }));
    assert_eq!(faults, 6, "{name}");
    let digests = count(|fact| match fact {
        Fact::Request { digest, .. } | Fact::ResponseEnded { digest, .. } => digest.len() == 64,
        _ => false,
    });
    assert!(digests >= 2 * turns, "{name}");
    assert_eq!(count(|fact| *fact == Fact::CaseEnded), 1, "{name}");
}

/// What an actor recorded otherwise of a run, or of what belongs to none; nothing, if all recorded the same.
pub(crate) fn first_difference(one: &Journal, other: &Journal) -> Option<String> {
    let (one, other) = (strands(one), strands(other));
    let all = one.keys().chain(other.keys());
    let mut differing = all.filter(|strand| one.get(strand) != other.get(strand));
    differing.next().map(|strand| {
        let [one, other] = [one.get(strand), other.get(strand)];
        format!("{strand:?}:\n{one:#?}\n{other:#?}")
    })
}

/// Whose records of what.
type Strand = (Actor, Option<u32>);

fn strands(journal: &Journal) -> BTreeMap<Strand, Vec<String>> {
    let owners = Owners::of(journal);
    let mut strands: BTreeMap<Strand, Vec<String>> = BTreeMap::new();
    for record in &journal.records {
        // That the machine was slow is no record of what happened.
        if matches!(record.fact, Fact::HeartbeatLagged { .. }) {
            continue;
        }
        let mut fact = serde_json::to_value(&record.fact).unwrap();
        let owner = owners.name(&mut fact);
        let strand = strands.entry((record.actor, record.run.or(owner)));
        strand.or_default().push(fact.to_string());
    }
    strands
}

/// Which run each connection and each client serves, and as which of them.
#[derive(Default)]
struct Owners {
    connections: BTreeMap<String, (u32, usize)>,
    clients: BTreeMap<String, (u32, usize)>,
}

impl Owners {
    fn of(journal: &Journal) -> Self {
        let mut owners = Self::default();
        for record in &journal.records {
            let (known, name) = match &record.fact {
                Fact::Request { connection, .. } => {
                    (&mut owners.connections, connection.to_string())
                }
                Fact::AttemptStarted { client, .. } => (&mut owners.clients, client.clone()),
                _ => continue,
            };
            if let Some(run) = record.run {
                let number = known.values().filter(|owner| owner.0 == run).count() + 1;
                known.entry(name).or_insert((run, number));
            }
        }
        owners
    }

    /// Gives connections and clients their names within their run, and takes times out. The run, if there is one.
    fn name(&self, fact: &mut Value) -> Option<u32> {
        let fields = fact.as_object_mut().expect("a fact is an object");
        if fields.contains_key("after_ms") {
            // A drawn wait is a time; only whether there is one is not.
            let waits = !fields["after_ms"].is_null();
            fields.insert("after_ms".to_owned(), waits.into());
        }
        let mut run = None;
        for (field, owners) in [("connection", &self.connections), ("client", &self.clients)] {
            let Some(value) = fields.get_mut(field) else {
                continue;
            };
            let name = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let Some((of, number)) = owners.get(&name) else {
                continue;
            };
            run = Some(*of);
            *value = format!("{field} {number} of run {of}").into();
            // A transport is known by its client.
            if let Some(transport) = fields.get_mut("transport") {
                *transport = Value::Null;
            }
        }
        run
    }
}
