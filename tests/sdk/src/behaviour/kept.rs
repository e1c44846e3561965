//! What a document says that was written before, so that a few faults can be measured without all the others. Knows no cell.

use std::collections::BTreeMap;

/// The section that counts the cells of each fault.
pub(super) const TOGETHER: &str = "All clients together";

/// Its lines, by what they are about.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// By the fault's title.
    counted: BTreeMap<String, String>,
    /// By the section's heading and the fault's name.
    rows: BTreeMap<(String, String), String>,
}

impl Kept {
    /// Reads a document.
    pub(crate) fn read(document: &str) -> Self {
        let mut kept = Self::default();
        let mut heading = "";
        for line in document.lines() {
            if let Some(next) = line.strip_prefix("## ") {
                heading = next;
            }
            let mut columns = line.split(" | ");
            let (Some(title), Some(second)) = (columns.next(), columns.next()) else {
                continue;
            };
            let Some(title) = title.strip_prefix("| ") else {
                continue;
            };
            let name = second
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            match name {
                _ if heading == TOGETHER => {
                    kept.counted.insert(title.to_owned(), line.to_owned());
                }
                Some(name) => {
                    let place = (heading.to_owned(), name.to_owned());
                    kept.rows.insert(place, line.to_owned());
                }
                None => {}
            }
        }
        kept
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether there is anything about a fault.
    pub(crate) fn knows(&self, fault: &str) -> bool {
        self.rows.keys().any(|(_, name)| name == fault)
    }

    /// What is said of a fault in a section.
    pub(super) fn row(&self, heading: &str, fault: &str) -> Option<String> {
        let place = (heading.to_owned(), fault.to_owned());
        self.rows.get(&place).map(|line| format!("{line}\n"))
    }

    /// How many cells of a fault ended in each way, as a line and in all.
    pub(super) fn counted(&self, title: &str) -> Option<(String, usize)> {
        let line = self.counted.get(title)?;
        let counts = line.split(" | ").skip(1);
        let counts = counts.filter_map(|count| count.trim_end_matches(" |").parse::<usize>().ok());
        Some((format!("{line}\n"), counts.sum()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# A document\n\n| a | `b` | c |\n\n## All clients together\n\n| fault | exception | silent |\n|---|---|---|\n\
        | **Group** | | |\n| it breaks | 94 | 5 | – |\n\n## client 1.0, chat\n\n| fault | name | whole |\n|---|---|---|\n\
        | it breaks | `breaks` | `Error` ×3 |\n";

    #[test]
    fn what_was_written_is_known() {
        let kept = Kept::read(DOCUMENT);
        assert!(kept.knows("breaks") && !kept.knows("other"));
        let row = kept.row("client 1.0, chat", "breaks");
        assert_eq!(
            row.as_deref(),
            Some("| it breaks | `breaks` | `Error` ×3 |\n")
        );
        assert_eq!(kept.row("client 2.0, chat", "breaks"), None);
        let counted = kept.counted("it breaks").expect("was counted");
        assert_eq!(counted, ("| it breaks | 94 | 5 | – |\n".to_owned(), 99));
    }
}
