//! The outcome of a trial as tables: defect × rule, scenario × defect, and what is wrong with them.

use std::fmt::Write;

use crate::demands::{EXCUSED, convicting, of_suspect, rules_of};
use crate::trial::Record;

/// Everything there is to say.
pub(crate) fn told(record: &Record, complaints: &[String]) -> String {
    let mut text = String::new();
    by_rule(record, &mut text);
    by_scenario(record, &mut text);
    ending(record, complaints, &mut text);
    text
}

/// The numbers 1 to `count` written downwards above their columns, so that each takes one character.
fn heading(count: usize, indent: usize) -> String {
    let tens = (1..=count).map(|number| match number {
        _ if number % 10 == 0 => char::from_digit((number / 10 % 10) as u32, 10).unwrap_or(' '),
        _ => ' ',
    });
    let ones = (1..=count).map(|number| char::from_digit((number % 10) as u32, 10).unwrap_or(' '));
    let margin = " ".repeat(indent);
    let (tens, ones): (String, String) = (tens.collect(), ones.collect());
    format!("{margin}{tens}\n{margin}{ones}\n")
}

fn by_rule(record: &Record, text: &mut String) {
    let rules = invariants::registry();
    let _ = writeln!(
        text,
        "\nDefect × rule: # meant to convict, and does; + convicts besides, as declared; ! convicts undeclared; ? escaped\n"
    );
    for (index, rule) in rules.iter().enumerate() {
        let excused = EXCUSED.iter().find(|(excused, _)| *excused == rule.id);
        let why = excused.map_or(String::new(), |(_, why)| {
            format!("  (convicts nothing: {why})")
        });
        let _ = writeln!(
            text,
            "  {:>2}  {:<11} {}{why}",
            index + 1,
            rule.group,
            rule.id
        );
    }
    let _ = write!(text, "\n{}", heading(rules.len(), 27));
    for (index, suspect) in record.suspects.iter().enumerate() {
        let marks: String = rules
            .iter()
            .map(|rule| {
                let convicts =
                    of_suspect(record, index).any(|case| rules_of(case).any(|id| id == rule.id));
                let defect = suspect.defect;
                let meant = defect
                    .is_some_and(|defect| defect.meant.iter().any(|meant| meant.rule == rule.id));
                let also = defect.is_some_and(|defect| defect.also.contains(&rule.id));
                match (convicts, meant, also) {
                    (true, true, _) => '#',
                    (true, false, true) => '+',
                    (true, false, false) => '!',
                    (false, true, _) => '?',
                    (false, false, _) => '·',
                }
            })
            .collect();
        let _ = writeln!(text, "{:<26} {marks}", suspect.name());
    }
}

fn by_scenario(record: &Record, text: &mut String) {
    let defects: Vec<(usize, &str)> = record
        .suspects
        .iter()
        .enumerate()
        .filter_map(|(index, suspect)| Some((index, suspect.defect?.name)))
        .collect();
    let _ = writeln!(text, "\nScenario × defect: # convicts\n");
    for (column, (_, name)) in defects.iter().enumerate() {
        let _ = writeln!(text, "  {:>2}  {name}", column + 1);
    }
    let _ = write!(text, "\n{}", heading(defects.len(), 47));
    let convicting = convicting(record);
    for (row, scenario) in record.scenarios.iter().enumerate() {
        let marks: String = defects
            .iter()
            .map(|(suspect, _)| {
                let by = convicting.get(suspect);
                if by.is_some_and(|by| by.contains(&row)) {
                    '#'
                } else {
                    '·'
                }
            })
            .collect();
        let _ = writeln!(text, "{scenario:<46} {marks}");
    }
}

fn ending(record: &Record, complaints: &[String], text: &mut String) {
    let _ = writeln!(text);
    for complaint in complaints {
        let _ = writeln!(text, "FAIL {complaint}");
    }
    let defects = record
        .suspects
        .iter()
        .filter(|suspect| suspect.defect.is_some());
    let _ = writeln!(
        text,
        "{} defects, {} rules, {} scenarios, {} cases in {:.1} s: {}",
        defects.count(),
        invariants::registry().len(),
        record.scenarios.len(),
        record.cases.len(),
        record.took.as_secs_f64(),
        match complaints.len() {
            0 => "every demand is met".to_owned(),
            1 => "1 demand is not met".to_owned(),
            count => format!("{count} demands are not met"),
        }
    );
}
