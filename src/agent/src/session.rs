//! Conversations by session: one turn at a time each, kept in memory and, when asked for, on disk.
//!
//! Knows no provider. The tool runtime does the file work, so that a slow disk stalls no conversation.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;

use crate::failure::{Failure, FailureCode};
use crate::message::Message;
use crate::runtime::ToolRuntime;
use crate::store::Store;

/// Most sessions in memory; the oldest idle ones beyond that are let go.
const IN_MEMORY: usize = 1024;
/// Most bytes of a stored session.
const STORED: u64 = 64 * 1024 * 1024;

type Shared = Arc<tokio::sync::Mutex<Conversation>>;

#[derive(Debug, Default)]
struct Conversation {
    messages: Vec<Message>,
    loaded: bool,
}

/// Decides which session a turn belongs to, and when it gets it.
pub trait Sessions: Send + Sync {
    /// What the session is kept under: the name that the client gave it.
    fn key(&self, session: &str) -> String {
        session.to_owned()
    }

    /// Enters the session: `line` ends once every earlier turn of it has, and is waited for.
    fn enter<'a>(
        &'a self,
        session: &'a str,
        line: BoxFuture<'a, Result<OpenSession, Failure>>,
    ) -> BoxFuture<'a, Result<OpenSession, Failure>> {
        let _ = session;
        line
    }
}

/// Every session is its own, and its turns come one after the other.
#[derive(Debug, Default, Clone, Copy)]
pub struct OneTurnAtATime;

impl Sessions for OneTurnAtATime {}

/// All sessions of an agent.
pub(crate) struct SessionBook {
    store: Arc<dyn Store>,
    directory: Option<PathBuf>,
    sessions: Mutex<IndexMap<String, Shared>>,
}

/// A session that nobody else can have a turn on meanwhile. Dropping it lets the next one in.
pub struct OpenSession {
    conversation: OwnedMutexGuard<Conversation>,
    file: Option<PathBuf>,
    store: Arc<dyn Store>,
}

impl SessionBook {
    /// A book that stores sessions in `directory`, or nowhere.
    #[must_use]
    pub(crate) fn new(store: Arc<dyn Store>, directory: Option<PathBuf>) -> Self {
        Self {
            store,
            directory,
            sessions: Mutex::default(),
        }
    }

    /// Waits for the session's turn and opens it. Those who wait are let in in the order in which they came.
    ///
    /// # Errors
    /// The stored session cannot be read; it is left as it is.
    pub(crate) async fn open(&self, id: &str, files: &ToolRuntime) -> Result<OpenSession, Failure> {
        let conversation = self.shared(id).lock_owned().await;
        let file = self
            .directory
            .as_ref()
            .map(|directory| directory.join(file_name(id)));
        let mut session = OpenSession {
            conversation,
            file,
            store: Arc::clone(&self.store),
        };
        session.load(files).await?;
        Ok(session)
    }

    fn shared(&self, id: &str) -> Shared {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = Arc::clone(sessions.entry(id.to_owned()).or_default());
        if sessions.len() > IN_MEMORY {
            let idle = sessions
                .iter()
                .position(|(_, session)| Arc::strong_count(session) == 1);
            idle.map(|position| sessions.shift_remove_index(position));
        }
        shared
    }
}

impl OpenSession {
    /// What was said so far.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.conversation.messages
    }

    /// Makes `messages` what was said so far, on disk before in memory.
    ///
    /// # Errors
    /// It could not be stored; memory has it nevertheless.
    pub async fn commit(
        &mut self,
        messages: Vec<Message>,
        files: &ToolRuntime,
    ) -> Result<(), Failure> {
        self.conversation.messages.clone_from(&messages);
        let Some(file) = self.file.clone() else {
            return Ok(());
        };
        let store = Arc::clone(&self.store);
        let saved = files.run(async move {
            let text = serde_json::to_vec(&messages).map_err(|error| error.to_string())?;
            store
                .replace(&file, &text)
                .map_err(|error| error.to_string())
        });
        saved
            .await
            .map_err(|lost| lost.to_string())
            .flatten()
            .map_err(|why| unusable("stored", &why))
    }

    async fn load(&mut self, files: &ToolRuntime) -> Result<(), Failure> {
        if self.conversation.loaded {
            return Ok(());
        }
        if let Some(file) = self.file.clone() {
            let store = Arc::clone(&self.store);
            let read = files.run(async move {
                match store.read(&file, STORED) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
                    Err(error) => Err(error.to_string()),
                    Ok(text) => serde_json::from_slice::<Vec<Message>>(&text)
                        .map_err(|error| error.to_string()),
                }
            });
            let read = read.await.map_err(|lost| lost.to_string()).flatten();
            self.conversation.messages = read.map_err(|why| unusable("read", &why))?;
        }
        self.conversation.loaded = true;
        Ok(())
    }
}

fn unusable(what: &str, why: &str) -> Failure {
    Failure::new(
        FailureCode::Internal,
        format!("the session could not be {what}: {why}"),
    )
    .definite()
}

/// A name that any file system takes and no two sessions share.
fn file_name(id: &str) -> String {
    let readable: String = id
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character))
        .take(40)
        .collect();
    let digest: String = Sha256::digest(id)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{readable}-{digest}.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Disk;

    fn book(directory: Option<PathBuf>) -> SessionBook {
        SessionBook::new(Arc::new(Disk), directory)
    }

    #[tokio::test]
    async fn a_stored_session_survives_its_book() {
        let home = tempfile::tempdir().unwrap();
        let files = ToolRuntime::inline();
        let said = vec![Message::user("hello"), Message::assistant("hi")];
        let first = book(Some(home.path().to_owned()));
        first
            .open("../a b", &files)
            .await
            .unwrap()
            .commit(said.clone(), &files)
            .await
            .unwrap();
        let second = book(Some(home.path().to_owned()));
        assert_eq!(
            second.open("../a b", &files).await.unwrap().messages(),
            said
        );
        assert_eq!(second.open("../ab", &files).await.unwrap().messages(), []);
    }

    #[tokio::test]
    async fn a_damaged_session_is_an_error_and_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(file_name("s"));
        std::fs::write(&file, "[{").unwrap();
        let opened = book(Some(home.path().to_owned()))
            .open("s", &ToolRuntime::inline())
            .await;
        assert!(opened.err().unwrap().message.contains("could not be read"));
        assert_eq!(std::fs::read(&file).unwrap(), b"[{");
    }

    #[tokio::test]
    async fn the_second_turn_of_a_session_waits_for_the_first() {
        let files = ToolRuntime::inline();
        let book = book(None);
        let mut first = book.open("s", &files).await.unwrap();
        let second = book.open("s", &files);
        tokio::pin!(second);
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        assert!(futures_util::poll!(Box::pin(book.open("other", &files))).is_ready());
        first
            .commit(vec![Message::user("1")], &files)
            .await
            .unwrap();
        drop(first);
        assert_eq!(second.await.unwrap().messages(), [Message::user("1")]);
    }
}
