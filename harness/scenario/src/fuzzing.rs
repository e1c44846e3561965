//! What the fuzz target of scenarios and the replay of its corpus call. Built for tests and for fuzzing only; see
//! `docs/fuzzing.md`.

use std::path::Path;

use crate::draw::Draw;
use crate::load::parse;
use crate::plan::Plan;
use crate::render::render;

/// A file with a scenario. Every mistake in it has its place in the text and can be shown, and what loads can be planned, and its
/// plan stored and loaded again.
///
/// # Panics
///
/// If one of these is not so.
pub fn scenario(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match parse(text, Path::new("scenarios/fuzzed.toml"), "fuzzed") {
        Ok(scenario) => {
            // A plan may be refused; that is no mistake of the file.
            let Ok(plan) = Plan::draw(&scenario, &Draw::new(7)) else {
                return;
            };
            let stored = plan.to_toml().expect("came from TOML");
            let loaded = Plan::from_toml(&stored).expect("was stored by us");
            assert_eq!(loaded, plan, "{stored}");
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let shown = render(Path::new("fuzzed.toml"), text, &mistakes);
            assert!(shown.lines().count() > mistakes.len(), "{shown}");
            for mistake in &mistakes {
                assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpus_of_scenarios_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        let mut inputs = 0;
        for input in fs::read_dir(folder.join("scenario_loader")).expect("the corpus is committed")
        {
            let path = input.expect("is there").path();
            super::scenario(&fs::read(&path).expect("is readable"));
            inputs += 1;
        }
        assert!(inputs > 0, "there is no corpus");
    }
}
