//! The real SDKs accept the fake provider: every answer, every error, every retry is what it is to them in production.
//!
//! - `checks`: what is asked, what is answered, and what an SDK has to see
//! - `installed`: the SDKs, pinned, each installed once into a folder of its own
//!
//! Each SDK has a script of its own beside this file, which prints one line per check; a line that is missing fails too.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod installed;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::process::{Output, Stdio};
    use std::sync::Arc;
    use std::time::Duration;

    use fake_provider::{Credential, FakeProvider, Listen, ProviderOptions};
    use journal::{Fact, FaultOutcome, Record, Recorder};
    use provider_script::Script;
    use serde_json::{Value, json};
    use tokio::process::Command;
    use tokio::time::Instant;

    use crate::checks::{self, Check, Sdk};
    use crate::installed::Installed;

    const KEY: &str = "sk-conformance-0123456789";
    /// Both scripts take a few seconds, most of them spent in waiting for what `Retry-After` asks.
    const AT_MOST: Duration = Duration::from_secs(120);

    #[tokio::test]
    async fn openai_for_python() {
        conforms(Sdk::Python).await;
    }

    #[tokio::test]
    async fn openai_for_node() {
        conforms(Sdk::Node).await;
    }

    async fn conforms(sdk: Sdk) {
        let installed = tokio::task::spawn_blocking(move || Installed::ready(sdk));
        let installed = installed.await.expect("installing does not panic");
        let installed = installed.unwrap_or_else(|why| panic!("failed to {why}"));
        let checks = checks::of(sdk);
        let (recorder, provider) = provider(&checks).await;
        let output = run(installed.command(), &provider).await;
        provider.shutdown().await;
        let records = recorder.journal().records;
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sdk:?} failed:\n{told}");
        let differing = differing(&saw(&output.stdout, &checks, &records), &wanted(&checks));
        assert!(differing.is_empty(), "{differing:#?}\n{told}");
        for check in &checks {
            assert_eq!(attempts(&records, check.run), check.attempts, "{check:?}");
        }
        assert_eq!(refused(&records, &checks), checks::REFUSED, "{records:#?}");
        assert_eq!(undelivered(&records), Vec::<&Record>::new());
    }

    async fn provider(checks: &[Check]) -> (Recorder, FakeProvider) {
        let script: String = checks.iter().map(Check::script).collect();
        let credential = Credential {
            alias: "key-1".into(),
            key: KEY.into(),
        };
        let options = ProviderOptions {
            script: Script::parse(&script).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{script}")),
            markers: checks.iter().map(Check::marker).collect(),
            credentials: vec![credential],
            ..ProviderOptions::default()
        };
        let started = Instant::now();
        let recorder = Recorder::new(Arc::new(move || started.elapsed()), Arc::new(|| {}));
        let provider = FakeProvider::start(options, Listen::loopback(), recorder.clone()).await;
        (recorder, provider.expect("loopback has a free port"))
    }

    /// The script's output. It sees nothing of this machine but the path to programs.
    async fn run(
        command: (std::path::PathBuf, Vec<(String, String)>, String),
        provider: &FakeProvider,
    ) -> Output {
        let (program, environment, script) = command;
        let running = Command::new(program)
            .arg(script)
            .env_clear()
            .envs(environment)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("OPENAI_BASE_URL", provider.base_url())
            .env("OPENAI_API_KEY", KEY)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(AT_MOST, running).await;
        ended
            .unwrap_or_else(|_| panic!("the script did not end within {AT_MOST:?}"))
            .expect("the program that was installed can be started")
    }

    /// What was printed, by check. A nonce becomes `true` where it is the one that the provider sent there.
    fn saw(printed: &[u8], checks: &[Check], records: &[Record]) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for line in String::from_utf8_lossy(printed).lines() {
            let mut line: Value = serde_json::from_str(line).expect("every line is JSON");
            let check = line["check"]
                .as_str()
                .expect("a line names its check")
                .to_owned();
            let mut saw = line["saw"].take();
            if let Some(nonce) = saw.get("ref") {
                let run = checks
                    .iter()
                    .find(|known| known.name == check)
                    .map(|known| known.run);
                saw["ref"] = json!(sent_nonce(records, run) == nonce.as_str());
            }
            let twice = all.insert(check.clone(), saw);
            assert_eq!(twice, None, "{check} was printed twice");
        }
        all
    }

    fn sent_nonce(records: &[Record], run: Option<u32>) -> Option<&str> {
        let mut errors = records.iter().filter(|record| record.run == run);
        errors.find_map(|record| match &record.fact {
            Fact::ResponseStarted {
                error: Some(error), ..
            } => Some(error.nonce.as_str()),
            _ => None,
        })
    }

    fn wanted(checks: &[Check]) -> BTreeMap<String, Value> {
        let runs = checks
            .iter()
            .map(|check| (check.name.clone(), check.saw.clone()));
        let lists = checks::lists().map(|(name, saw)| (name.to_owned(), saw));
        runs.chain(lists).collect()
    }

    /// What was seen and not wanted, wanted and not seen, or seen otherwise.
    fn differing(saw: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>) -> Vec<String> {
        let checks: BTreeSet<&String> = saw.keys().chain(wanted.keys()).collect();
        let differing = checks
            .into_iter()
            .filter(|check| saw.get(*check) != wanted.get(*check));
        let shown = |all: &BTreeMap<String, Value>, check: &String| {
            all.get(check)
                .map_or_else(|| "nothing".to_owned(), Value::to_string)
        };
        differing
            .map(|check| {
                format!(
                    "{check}: saw {}, not {}",
                    shown(saw, check),
                    shown(wanted, check)
                )
            })
            .collect()
    }

    /// The calls and attempts of a run, in the order in which the provider counted them.
    fn attempts(records: &[Record], run: u32) -> Vec<(u32, u32)> {
        let requests = records
            .iter()
            .filter(|record| matches!(record.fact, Fact::Request { .. }));
        let of_run = requests.filter(|record| record.run == Some(run));
        of_run
            .map(|record| (record.call.unwrap_or(0), record.attempt.unwrap_or(0)))
            .collect()
    }

    /// Every request that the provider found wrong, or had no answer for: the check, and the rule.
    fn refused<'a>(records: &'a [Record], checks: &'a [Check]) -> Vec<(&'a str, &'a str)> {
        let refused = records.iter().filter_map(|record| {
            let check = checks.iter().find(|check| Some(check.run) == record.run);
            let name = check.map_or("none", |check| check.name.as_str());
            match &record.fact {
                Fact::RequestRefused { rule, .. } => Some((name, rule.as_str())),
                Fact::Unscripted { .. } => Some((name, "unscripted")),
                _ => None,
            }
        });
        refused.collect()
    }

    fn undelivered(records: &[Record]) -> Vec<&Record> {
        let undelivered = |record: &&Record| match record.fact {
            Fact::Fault { outcome, .. } => outcome != FaultOutcome::Delivered,
            _ => false,
        };
        records.iter().filter(undelivered).collect()
    }
}
