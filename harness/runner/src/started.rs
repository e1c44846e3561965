//! What every target that is started by command is given: filled-in command, environment, files.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fake_provider::FakeProvider;
use journal::Fact;
use scenario::Dialect;

use crate::case_log::CaseLog;
use crate::error::RunError;
use crate::free_address::free_address;
use crate::home::Home;
use crate::lifecycle::Intake;
use crate::process::gauges::Gauges;
use crate::process::tree::{MARK, ProcessTree};
use crate::process::{Launch, Process};
use crate::settings::CaseSettings;
use crate::spoken;
use crate::target::TargetFile;
use crate::target::template::{Name, Values, fill};

/// The surroundings of a started target, the same for each of its processes.
pub(crate) struct Premises {
    pub(crate) file: Arc<TargetFile>,
    pub(crate) log: Arc<CaseLog>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) tree: Arc<ProcessTree>,
    pub(crate) gauges: Arc<Gauges>,
    /// Where a gateway of it has to listen.
    pub(crate) address: SocketAddr,
    values: Values,
    environment: BTreeMap<String, String>,
    workspace: PathBuf,
}

/// Where clients look for authorities to trust: OpenSSL's variable, which Rust and httpx heed as well, that of `requests`, and
/// that of Node.
const AUTHORITIES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// What premises are made from.
pub(crate) struct Ground<'a> {
    pub(crate) file: &'a Arc<TargetFile>,
    pub(crate) settings: &'a CaseSettings,
    pub(crate) log: &'a Arc<CaseLog>,
    pub(crate) provider: &'a FakeProvider,
    /// The file with the authority that vouches for it over TLS.
    pub(crate) ca_file: Option<&'a Path>,
    pub(crate) dialect: Dialect,
    pub(crate) lifecycle: &'a Path,
    pub(crate) streamed: bool,
}

impl Premises {
    /// Fills in the target file and writes the files that it asks for.
    pub(crate) fn prepare(ground: &Ground<'_>, home: &mut Home) -> Result<Self, RunError> {
        let address = free_address()?;
        ground.log.aliases.add(address.to_string(), "{gateway}");
        let mut premises = Self {
            file: ground.file.clone(),
            log: ground.log.clone(),
            intake: Intake::new(ground.log.clone()),
            tree: Arc::new(ProcessTree::new(&home.mark())),
            gauges: Arc::default(),
            address,
            values: values(ground, home, address),
            environment: BTreeMap::new(),
            workspace: home.workspace.clone(),
        };
        premises.environment = premises.environment(ground, home)?;
        for (name, content) in &ground.file.files {
            home.give(name, &premises.filled(content, &premises.values)?)?;
        }
        Ok(premises)
    }

    /// Starts the target's process, for the whole case or for one run with values of its own.
    pub(crate) fn start(&self, run: Option<(u32, &Values)>) -> Result<Process, RunError> {
        let command = self.command(run.map(|(_, values)| values))?;
        let launch = self.launch(&command, run.map(|(run, _)| run));
        let process = Process::start(&launch, &self.log, &self.tree)?;
        self.gauges.add(process.pid);
        Ok(process)
    }

    /// The command with everything filled in. A program that is named by a relative path lies beside the target file.
    pub(crate) fn command(&self, more: Option<&Values>) -> Result<Vec<String>, RunError> {
        let mut values = self.values.clone();
        values.extend(more.cloned().unwrap_or_default());
        let words = self.file.command.iter();
        let mut command = words
            .map(|word| self.filled(word, &values))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(program) = command.first_mut()
            && program.contains('/')
            && !program.starts_with('/')
        {
            *program = self
                .file
                .folder
                .join(&program)
                .to_string_lossy()
                .into_owned();
        }
        Ok(command)
    }

    /// How a process with this command is started.
    pub(crate) fn launch<'a>(&'a self, command: &'a [String], run: Option<u32>) -> Launch<'a> {
        Launch {
            command,
            environment: &self.environment,
            folder: &self.workspace,
            run,
        }
    }

    /// Counts what the target holds before its first run, and says that it is ready.
    pub(crate) async fn ready(&self, pid: i32) {
        self.gauges.before(pid).await;
        self.log.runner(Fact::ProcessReady);
    }

    fn environment(
        &self,
        ground: &Ground<'_>,
        home: &Home,
    ) -> Result<BTreeMap<String, String>, RunError> {
        let mut environment = ground.settings.inherited.clone();
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let (url, key) = spoken::variables(ground.dialect);
        let made = [
            ("HOME", path(&home.home)),
            ("TMPDIR", path(&home.scratch)),
            (url, spoken::base_url(ground.provider, ground.dialect)),
            (key, self.log.provider_key().key.clone()),
        ];
        environment.extend(made.map(|(name, value)| (name.to_owned(), value)));
        if let Some(file) = ground.ca_file {
            environment.extend(AUTHORITIES.map(|name| (name.to_owned(), path(file))));
        }
        for (name, value) in &self.file.env {
            environment.insert(name.clone(), self.filled(value, &self.values)?);
        }
        // Last, since it is how the processes of this case are found again.
        environment.insert(MARK.to_owned(), home.mark());
        Ok(environment)
    }

    fn filled(&self, text: &str, values: &Values) -> Result<String, RunError> {
        fill(text, values).map_err(|template| RunError::TemplateWithoutValue {
            template,
            target: self.file.name.clone(),
        })
    }
}

fn values(ground: &Ground<'_>, home: &Home, address: SocketAddr) -> Values {
    let mut values = ground.file.places(ground.settings.bin_dir.as_deref());
    let mut set = |name: Name, value: String| values.insert(name.as_str(), value);
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let base_url = spoken::base_url(ground.provider, ground.dialect);
    set(Name::PROVIDER, base_url);
    set(Name::PROVIDER_ROOT, spoken::root_url(ground.provider));
    set(Name::CA, ground.ca_file.map(path).unwrap_or_default());
    set(Name::DIALECT, ground.dialect.to_string());
    set(Name::KEY, ground.log.provider_key().key.clone());
    set(Name::GATEWAY_KEY, ground.log.gateway_key().key.clone());
    set(Name::HOME, path(&home.home));
    set(Name::WORKSPACE, path(&home.workspace));
    set(Name::LEDGER, path(&home.ledger));
    set(Name::HOST, address.ip().to_string());
    set(Name::PORT, address.port().to_string());
    set(Name::STREAMED, ground.streamed.to_string());
    set(Name::LIFECYCLE, path(ground.lifecycle));
    values
}
