//! What a request asks for, as far as it decides which entry answers. Knows no dialect: whoever read the request tells.

use std::time::Duration;

/// What a request asks for, as the provider has understood it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The run, unless the request belongs to none.
    pub run: Option<u32>,
    /// The call of the run; 0 for auxiliary requests.
    pub call: u32,
    /// The attempt of the call.
    pub attempt: u32,
    /// The model that is asked.
    pub model: &'a str,
    /// Whether the request carries neither a marker nor a known tool-call id.
    pub auxiliary: bool,
    /// The time since the provider started, on its clock.
    pub elapsed: Duration,
    /// What else the request carries; nothing where it is only foreseen, so that conditions on it do not hold.
    pub carried: Option<&'a dyn Carried>,
}

/// What a request carries besides its conversation. Only asked where an entry has a condition on it.
pub trait Carried {
    /// The path, without the query.
    fn path(&self) -> &str;

    /// The value of the first header of this name, whatever its case.
    fn header(&self, name: &str) -> Option<&str>;

    /// The newest text of the user.
    fn prompt(&self) -> Option<&str>;

    /// Every name that the request gives its conversation.
    fn conversations(&self) -> Vec<&str>;
}
