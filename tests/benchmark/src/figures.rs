//! Figures of several rounds, and the table of them. Ratios are to the floor of the same round.

use std::collections::BTreeMap;

/// What was measured of a server.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// By workload, a figure a round; CPU-µs an answer.
    cpu: BTreeMap<(usize, String), Vec<f64>>,
    /// Bytes of memory a stream.
    memory: BTreeMap<usize, u64>,
}

/// The servers' names in the order of the table; the first is the floor.
pub(crate) struct Table<'a> {
    pub(crate) servers: &'a [&'static str],
    pub(crate) workloads: &'a [&'static str],
    pub(crate) streams: usize,
}

impl Figures {
    /// Notes what an answer cost in one round.
    pub(crate) fn cost(&mut self, server: usize, workload: &str, microseconds: f64) {
        let key = (server, workload.to_owned());
        self.cpu.entry(key).or_default().push(microseconds);
    }

    /// Notes what an idle stream holds.
    pub(crate) fn holds(&mut self, server: usize, bytes: u64) {
        self.memory.insert(server, bytes);
    }

    /// The table, in Markdown.
    pub(crate) fn render(&self, table: &Table<'_>) -> String {
        let mut text = String::from("| server |");
        for workload in table.workloads {
            text.push_str(&format!(" {workload}: CPU-µs | ÷ floor |"));
        }
        text.push_str(&format!(
            " KB per idle stream of {} |\n|---|",
            table.streams
        ));
        text.push_str(&"---|".repeat(table.workloads.len() * 2 + 1));
        text.push('\n');
        for (index, name) in table.servers.iter().enumerate() {
            text.push_str(&format!("| {name} |"));
            for workload in table.workloads {
                text.push_str(&self.cell(index, workload));
            }
            let memory = self.memory.get(&index);
            let memory = memory.map(|bytes| format!(" {:.1} |\n", *bytes as f64 / 1024.0));
            text.push_str(memory.as_deref().unwrap_or(" – |\n"));
        }
        text
    }

    fn cell(&self, server: usize, workload: &str) -> String {
        let of = |server: usize| self.cpu.get(&(server, workload.to_owned()));
        let Some(costs) = of(server) else {
            return " – | – |".to_owned();
        };
        let ratios = of(0).map(|floor| {
            let pairs = costs.iter().zip(floor);
            pairs.map(|(cost, floor)| cost / floor).collect::<Vec<_>>()
        });
        let ratios = ratios.unwrap_or_default();
        let (least, most) = bounds(&ratios);
        format!(
            " {:.1} | {:.2} [{least:.2}–{most:.2}] |",
            median(costs),
            median(&ratios)
        )
    }
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(figures: &[f64]) -> f64 {
    let sorted = sorted(figures);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn bounds(figures: &[f64]) -> (f64, f64) {
    let sorted = sorted(figures);
    let bound = |figure: Option<&f64>| figure.copied().unwrap_or(f64::NAN);
    (bound(sorted.first()), bound(sorted.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_same_round() {
        let mut figures = Figures::default();
        for (floor, own) in [(10.0, 12.0), (20.0, 20.0), (10.0, 13.0)] {
            figures.cost(0, "chat", floor);
            figures.cost(1, "chat", own);
        }
        figures.holds(1, 2048);
        let table = Table {
            servers: &["floor", "own"],
            workloads: &["chat"],
            streams: 5,
        };
        let text = figures.render(&table);
        assert!(
            text.contains("| own | 13.0 | 1.20 [1.00–1.30] | 2.0 |"),
            "{text}"
        );
    }
}
