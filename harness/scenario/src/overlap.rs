//! Which turns of a scenario may go on at the same time. Knows the steps alone, so it errs on the side of *may*.

use crate::step::{Awaited, Step};

/// Every pair of runs, the earlier one first, of which the later one begins before the earlier one was waited for to its end.
pub(crate) fn overlaps(steps: &[Step]) -> Vec<(u32, u32)> {
    let mut latest = 0;
    let mut open: Vec<u32> = Vec::new();
    let mut pairs = Vec::new();
    for step in steps {
        match step {
            Step::Say { .. } => {
                latest += 1;
                pairs.extend(open.iter().map(|earlier| (*earlier, latest)));
                open.push(latest);
            }
            Step::WaitFor {
                awaited: Awaited::Terminal(_) | Awaited::AnyTerminal,
                run,
                ..
            } => {
                let ended = run.unwrap_or(latest);
                open.retain(|run| *run != ended);
            }
            _ => {}
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::TerminalName;
    use wire_faults::HumanDuration;

    fn say() -> Step {
        Step::Say {
            text: "go".into(),
            client: "user".into(),
            session: "main".into(),
        }
    }

    fn ends(run: Option<u32>) -> Step {
        Step::WaitFor {
            awaited: Awaited::Terminal(TerminalName::Completed),
            run,
            within: HumanDuration::default(),
        }
    }

    #[test]
    fn turns_that_are_waited_for_do_not_overlap() {
        assert_eq!(
            overlaps(&[say(), ends(None), say(), ends(Some(2))]),
            Vec::new()
        );
    }

    #[test]
    fn a_turn_that_is_not_waited_for_overlaps_all_later_ones() {
        assert_eq!(
            overlaps(&[say(), say(), ends(Some(2)), say()]),
            [(1, 2), (1, 3)]
        );
    }
}
