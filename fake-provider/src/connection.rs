//! One connection, from its opening to its end.

use std::sync::Arc;

use fault_io::Socket;
use journal::{Fact, Subject};

use crate::desk::Desk;

/// Serves one connection until one side ends it.
pub(crate) async fn serve(desk: Arc<Desk>, socket: Socket) {
    let connection = desk.connection_opened();
    desk.record(Subject::CASE, Fact::ConnectionOpened { connection });
    drop(socket);
    desk.connection_closed();
}
