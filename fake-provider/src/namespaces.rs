//! Namespaces: each has a script, an addressing, a memory, a journal and counts of its own, so that tests that run at the same
//! time against one provider do not see each other. Which one a request means is in its path or in a header; a request that
//! names none belongs to the default one, and so does whatever happens before a request is read.

mod kept;
mod name;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use journal::{Actor, Record, Recorder};
use provider_script::Script;
use tokio::time::Instant;

use crate::desk::Desk;
use crate::http::Request;
use crate::lobby::Lobby;
use crate::options::{Dialect, ProviderOptions};

pub(crate) use kept::{Held, Kept};
pub(crate) use name::{DEFAULT, check_name};

/// So many namespaces there may be at once: each costs memory and lines of metrics.
pub(crate) const MOST: usize = 1000;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Namespace {
    pub(crate) desk: Arc<Desk>,
    /// What was recorded; nothing where nobody can ask for it.
    pub(crate) kept: Option<Arc<Kept>>,
    /// The script as it was given, where it was given as text.
    pub(crate) source: Option<Arc<str>>,
}

impl Namespace {
    /// The same with another script, whose counts begin anew. What was answered before is remembered.
    fn saying(&self, script: Script, source: Option<Arc<str>>) -> Self {
        Self {
            desk: Arc::new(self.desk.saying(script)),
            kept: self.kept.clone(),
            source,
        }
    }
}

/// So many bytes their scripts may have together, as they are given.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Why a namespace is not given a script.
#[derive(Debug)]
pub(crate) enum Full {
    /// There are [`MOST`] already.
    Namespaces,
    /// Their scripts would have more than [`MOST_BYTES`].
    Scripts,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Namespaces {
    pub(crate) lobby: Arc<Lobby>,
    /// What all of them are started with, but for the script.
    options: ProviderOptions,
    started: Instant,
    default: RwLock<Namespace>,
    others: RwLock<BTreeMap<String, Namespace>>,
}

impl Namespaces {
    pub(crate) fn new(options: ProviderOptions, lobby: Arc<Lobby>, recorder: Recorder) -> Self {
        let started = Instant::now();
        let (kept, recorder) = match options.keeps {
            None => (None, recorder),
            Some(most) => {
                let kept = Kept::new(most, &lobby.records);
                let recorder = keeping(&kept, started, Some(recorder));
                (Some(kept), recorder)
            }
        };
        let desk = Desk::new(options.clone(), Arc::clone(&lobby), recorder);
        let default = Namespace {
            desk: Arc::new(desk),
            kept,
            source: None,
        };
        Self {
            lobby,
            options: ProviderOptions {
                script: Script::default(),
                ..options
            },
            started,
            default: RwLock::new(default),
            others: RwLock::default(),
        }
    }

    /// Listens, and refuses the first connection where the script wants that. Whether it did not listen before.
    pub(crate) fn open(&self) -> io::Result<bool> {
        let opened = self.lobby.open()?;
        if opened {
            self.default_desk().before_the_first_call();
        }
        Ok(opened)
    }

    /// The dialect that is spoken; all of them unless said.
    pub(crate) const fn dialect(&self) -> Option<Dialect> {
        self.options.dialect
    }

    /// What the default one has.
    pub(crate) fn default_desk(&self) -> Arc<Desk> {
        Arc::clone(&read(&self.default).desk)
    }

    /// What the namespace has that a request means. What only names the namespace is taken from its path.
    ///
    /// # Errors
    ///
    /// The name that it names, where there is no such namespace.
    pub(crate) fn of(&self, request: &mut Request) -> Result<Arc<Desk>, String> {
        // Without the admin API there is none but the default one, and nobody has to look.
        if self.options.keeps.is_none() {
            return Ok(self.default_desk());
        }
        let Some(name) = name::named(request) else {
            return Ok(self.default_desk());
        };
        match self.get(&name) {
            Some(namespace) => Ok(namespace.desk),
            None => Err(name),
        }
    }

    /// The namespace of this name.
    pub(crate) fn get(&self, name: &str) -> Option<Namespace> {
        match name {
            DEFAULT => Some(read(&self.default).clone()),
            _ => read(&self.others).get(name).cloned(),
        }
    }

    /// Every name, the default one first.
    pub(crate) fn names(&self) -> Vec<String> {
        let others = read(&self.others);
        let names = others.keys().cloned();
        [DEFAULT.to_owned()].into_iter().chain(names).collect()
    }

    /// All of them with their names, the default one first.
    pub(crate) fn all(&self) -> Vec<(String, Namespace)> {
        let default = (DEFAULT.to_owned(), read(&self.default).clone());
        let others = read(&self.others);
        let others = others.iter();
        let others = others.map(|(name, namespace)| (name.clone(), namespace.clone()));
        [default].into_iter().chain(others).collect()
    }

    /// Gives a namespace a script, and makes it where there is none. Whether it was made.
    pub(crate) fn put(
        &self,
        name: &str,
        script: Script,
        source: Option<&str>,
    ) -> Result<bool, Full> {
        let source: Option<Arc<str>> = source.map(Arc::from);
        if name == DEFAULT {
            let mut default = write(&self.default);
            *default = default.saying(script, source);
            default.desk.before_the_first_call();
            return Ok(false);
        }
        let mut others = write(&self.others);
        let stay = others.iter().filter(|(other, _)| *other != name);
        let sources = stay.filter_map(|(_, namespace)| namespace.source.as_deref());
        let bytes: usize = { sources.chain(source.as_deref()) }.map(str::len).sum();
        if bytes > MOST_BYTES {
            return Err(Full::Scripts);
        }
        if let Some(namespace) = others.get_mut(name) {
            *namespace = namespace.saying(script, source);
            return Ok(false);
        }
        if others.len() + 1 >= MOST {
            return Err(Full::Namespaces);
        }
        let kept = Kept::new(self.options.keeps.unwrap_or(0), &self.lobby.records);
        let recorder = keeping(&kept, self.started, None);
        let options = ProviderOptions {
            script,
            ..self.options.clone()
        };
        let desk = Desk::new(options, Arc::clone(&self.lobby), recorder);
        let namespace = Namespace {
            desk: Arc::new(desk),
            kept: Some(kept),
            source,
        };
        others.insert(name.to_owned(), namespace);
        Ok(true)
    }

    /// Takes a namespace away. Answers that are under way go on. Whether there was one.
    pub(crate) fn remove(&self, name: &str) -> bool {
        write(&self.others).remove(name).is_some()
    }

    /// Begins anew: the counts, what is remembered, what was recorded, and the faults. The script stays. Whether there is one.
    pub(crate) fn reset(&self, name: &str) -> bool {
        let renew = |namespace: &mut Namespace| {
            namespace.desk = Arc::new(namespace.desk.renewed());
            if let Some(kept) = &namespace.kept {
                kept.clear();
            }
        };
        if name != DEFAULT {
            return write(&self.others).get_mut(name).map(renew).is_some();
        }
        let mut default = write(&self.default);
        renew(&mut default);
        default.desk.before_the_first_call();
        true
    }
}

/// A recorder whose records are kept, and handed to somebody else as well.
fn keeping(kept: &Arc<Kept>, started: Instant, further: Option<Recorder>) -> Recorder {
    let further = further.filter(Recorder::listens);
    let kept = Arc::clone(kept);
    let sink = move |record: &Record| {
        kept.keep(record.clone());
        if let Some(further) = &further {
            further.record(Actor::Provider, record.subject(), record.fact.clone());
        }
    };
    Recorder::forwarding(Arc::new(move || started.elapsed()), Arc::new(sink))
}

// Every change is one assignment or insertion, so a panic elsewhere leaves nothing half done.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
