//! `brownout explain`: what an invariant, an exit code or a fault means, from the registries that the program itself uses.

mod fault;

use clap::Args;
use invariants::Rule;

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;

/// Explains an invariant, exit codes, or a point or action of a fault; without a topic it lists them all.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// An invariant's id, `invariants`, `exit-codes`, `faults`, `fault-table`, or the name of a point or an action
    topic: Option<String>,
}

/// Explains.
///
/// # Errors
///
/// There is no such topic.
pub(crate) fn explain(
    arguments: &ExplainArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    let text = match arguments.topic.as_deref() {
        None => contents(),
        Some("exit-codes" | "exit-code") => exit_codes(),
        Some("invariants") => invariants(),
        Some("faults") => fault::table(),
        Some("fault-table") => fault::markdown(),
        Some(topic) => {
            let rule = invariants::rule(topic).map(report::explain::rule);
            rule.or_else(|| fault::explain(topic))
                .ok_or_else(|| unknown(topic))?
        }
    };
    console.out.write_all(text.as_bytes())?;
    Ok(ExitCode::AllHold)
}

fn contents() -> String {
    let mut out = "exit-codes\nfaults\ninvariants\n".to_owned();
    let mut group = "";
    for rule in invariants::registry() {
        if rule.group != group {
            group = rule.group;
            out += &format!("\n{group}\n");
        }
        out += &format!("  {:<32} {}\n", rule.id, rule.sentence);
    }
    out += &format!(
        "\npoints\n{}\nactions\n{}",
        fault::points(),
        fault::actions()
    );
    out
}

fn invariants() -> String {
    let rules: Vec<String> = invariants::registry()
        .iter()
        .map(report::explain::rule)
        .collect();
    rules.join(&format!("\n{}\n\n", "─".repeat(100)))
}

fn exit_codes() -> String {
    let mut out = "The exit code of brownout, by number:\n\n".to_owned();
    for code in ExitCode::ALL {
        out += &format!("  {:>3}  {}\n", code.number(), code.meaning());
    }
    let precedence = ExitCode::PRECEDENCE.map(|code| code.number().to_string());
    out += &format!(
        "\nWhere several are true of one campaign, the first of these is answered: {}.\n",
        precedence.join(", ")
    );
    out
}

fn unknown(topic: &str) -> CommandError {
    let ids = invariants::registry().iter().map(|rule: &Rule| rule.id);
    let names = ids.chain(fault::names());
    let nearest = names
        .map(|name| (strsim::jaro_winkler(topic, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => "`brownout explain` lists what there is".to_owned(),
    };
    CommandError::Usage(format!("explain `{topic}`; {hint}"))
}
