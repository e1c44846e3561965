//! Points and actions of faults, explained with the words of the vocabulary itself.

use scenario::Dialect;
use schemars::{JsonSchema, schema_for};
use wire_faults::{ActionName, PointName, Shape, legality, legality_table};

/// As wide as the longest name.
const WIDTH: usize = "short-content-length".len();

/// Every name of a point or an action.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let points = PointName::ALL.into_iter().map(PointName::as_str);
    points.chain(ActionName::ALL.into_iter().map(ActionName::as_str))
}

/// The points, a line each.
pub(super) fn points() -> String {
    lines::<PointName>(PointName::ALL.map(PointName::as_str))
}

/// The actions, a line each.
pub(super) fn actions() -> String {
    lines::<ActionName>(ActionName::ALL.map(ActionName::as_str))
}

/// Where faults happen, what happens there, and what goes with what.
pub(super) fn table() -> String {
    let (points, actions) = (points(), actions());
    let mut out = format!(
        "Where a fault happens:\n{points}\nWhat happens there:\n{actions}\nWhat is possible where:\n"
    );
    for action in ActionName::ALL {
        let possible = |point: &PointName| legality(*point, action).is_ok();
        let (yes, no): (Vec<_>, Vec<_>) = PointName::ALL.into_iter().partition(possible);
        let names = |points: &[PointName]| {
            let names: Vec<_> = points.iter().map(|point| point.as_str()).collect();
            names.join(", ")
        };
        // Whatever is shorter to say.
        let places = match no.len() {
            0 => "everywhere".to_owned(),
            few if few < yes.len() => format!("everywhere but {}", names(&no)),
            _ => names(&yes),
        };
        out += &line(action.as_str(), &places);
    }
    out
}

/// Every cell with its reason, as Markdown; then what each dialect lacks, and what other transports have.
pub(super) fn markdown() -> String {
    let modes = Dialect::ALL
        .into_iter()
        .flat_map(|dialect| [(dialect, true), (dialect, false)]);
    let mut shapes: Vec<(String, Shape)> = modes
        .map(|(dialect, streamed)| {
            let mode = if streamed { "streamed" } else { "not streamed" };
            let name = format!("{dialect}, {mode}, over plain HTTP/1.1");
            (name, dialect.shape(streamed))
        })
        .collect();
    let over_tls = Shape {
        tls: true,
        ..Shape::STREAMED
    };
    shapes.push((
        "a stream that has everything, over TLS".to_owned(),
        over_tls,
    ));
    let shapes: Vec<_> = { shapes.iter() }
        .map(|(name, shape)| (name.as_str(), *shape))
        .collect();
    legality_table(&shapes)
}

/// A point or an action, with what it goes with and the reasons where it does not.
pub(super) fn explain(name: &str) -> Option<String> {
    let point = PointName::ALL
        .into_iter()
        .find(|point| point.as_str() == name);
    let action = ActionName::ALL
        .into_iter()
        .find(|action| action.as_str() == name);
    match (point, action) {
        (Some(point), _) => Some(of_point(point)),
        (None, Some(action)) => Some(of_action(action)),
        (None, None) => None,
    }
}

fn of_point(point: PointName) -> String {
    let name = point.as_str();
    let mut out = format!(
        "{name} (a point: `at = \"{name}\"`)\n\n  {}\n\nWhat can happen there\n",
        meaning::<PointName>(name)
    );
    for action in ActionName::ALL {
        out += &cell(action.as_str(), legality(point, action));
    }
    out
}

fn of_action(action: ActionName) -> String {
    let name = action.as_str();
    let mut out = format!(
        "{name} (an action: `action = \"{name}\"`)\n\n  {}\n\nWhere it can happen\n",
        meaning::<ActionName>(name)
    );
    for point in PointName::ALL {
        out += &cell(point.as_str(), legality(point, action));
    }
    out
}

fn cell(name: &str, legality: Result<(), &str>) -> String {
    match legality {
        Ok(()) => format!("  {name}\n"),
        Err(reason) => format!("  {name}: no, {reason}\n"),
    }
}

fn lines<T: JsonSchema>(names: impl IntoIterator<Item = &'static str>) -> String {
    let names = names.into_iter();
    names.map(|name| line(name, &meaning::<T>(name))).collect()
}

/// A name and what is said of it, below each other's kind.
fn line(name: &str, text: &str) -> String {
    format!("  {name:<WIDTH$}  {text}\n")
}

/// What the vocabulary itself says of a name; the schema of scenario files says the same.
fn meaning<T: JsonSchema>(name: &str) -> String {
    let schema = schema_for!(T).to_value();
    let named = |choice: &&serde_json::Value| choice["const"] == name;
    let choices = schema["oneOf"].as_array();
    let choice = choices.and_then(|choices| choices.iter().find(named));
    let text = choice.and_then(|choice| choice["description"].as_str());
    text.unwrap_or_default().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_meaning() {
        for name in names() {
            let text = explain(name).expect("is a name");
            let meaning = text.lines().nth(2).unwrap_or_default();
            assert!(meaning.trim().len() > 5, "{name}: {text}");
        }
        assert!(explain("nothing").is_none());
    }

    #[test]
    fn the_table_says_where_and_why_not() {
        insta::assert_snapshot!(table());
        insta::assert_snapshot!(explain("truncate").expect("is an action"));
    }
}
