//! Where a command writes, and what it may know of its surroundings. Handed down from `main`, so that nothing below it
//! prints or reads the environment by itself.

use std::collections::BTreeMap;
use std::io::{self, Write};

use report::Ink;

/// The edges of the process.
pub struct Console<'a> {
    /// For data and reports.
    pub out: &'a mut dyn Write,
    /// For hints and errors.
    pub err: &'a mut dyn Write,
    /// Whether what goes to `out` is coloured.
    pub ink: Ink,
    /// Whether what goes to `err` is coloured.
    pub err_ink: Ink,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

/// A writer that goes quiet once nobody reads any more: `brownout run | head` finishes its work and answers truthfully.
pub struct QuietPipe<W> {
    inner: W,
    broken: bool,
}

impl<W: Write> QuietPipe<W> {
    /// Writes to `inner` until it breaks.
    pub const fn new(inner: W) -> Self {
        Self {
            inner,
            broken: false,
        }
    }

    fn forgive<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.broken = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for QuietPipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.broken {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.broken {
            return Ok(());
        }
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn nobody_reading_is_no_error() {
        let mut pipe = QuietPipe::new(Closed);
        assert!(pipe.write_all(b"much").and_then(|()| pipe.flush()).is_ok());
    }
}
