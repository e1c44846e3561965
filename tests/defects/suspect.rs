//! Who is tried: the agent that ships, and every defect of it, each as the target that it is seen at.

use std::path::Path;
use std::sync::Arc;

use brownout::Embedded;
use defective_agent::{Defect, Stage};
use runner::Target;

use crate::prompt;

/// One agent.
pub(crate) struct Suspect {
    /// The mistake, or none: then it is the agent that ships.
    pub(crate) defect: Option<&'static Defect>,
    /// Where it is seen.
    pub(crate) target: Target,
    /// At a prompt, only these scenarios; elsewhere all.
    pub(crate) scenarios: Option<Vec<&'static str>>,
}

impl Suspect {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self.defect {
            Some(defect) => defect.name,
            None if self.is_embedded() => "(none)",
            None => "(none, at a prompt)",
        }
    }

    /// Whether it lives in simulated time.
    pub(crate) fn is_embedded(&self) -> bool {
        self.scenarios.is_none()
    }
}

/// Everyone who is tried: those at a prompt first, since they are in a hurry with the machine to themselves.
pub(crate) fn suspects(root: &Path, only: Option<&str>) -> Result<Vec<Suspect>, String> {
    let defects: Vec<&Defect> = defective_agent::registry()
        .iter()
        .filter(|defect| only.is_none_or(|only| only == defect.name))
        .collect();
    if defects.is_empty() {
        return Err(format!("find the defect `{}`", only.unwrap_or_default()));
    }
    let mut suspects = Vec::new();
    let mut at_prompts = Vec::new();
    for defect in &defects {
        if let Stage::Prompt(scenarios) = defect.stage {
            at_prompts.extend_from_slice(scenarios);
            suspects.push(Suspect {
                defect: Some(defect),
                target: prompt::target(root, Some(defect.name))?,
                scenarios: Some(scenarios.to_vec()),
            });
        }
    }
    if !at_prompts.is_empty() {
        suspects.push(Suspect {
            defect: None,
            target: prompt::target(root, None)?,
            scenarios: Some(at_prompts),
        });
    }
    suspects.push(Suspect {
        defect: None,
        target: Target::Embedded(Arc::new(Embedded::reference())),
        scenarios: None,
    });
    let embedded = defects
        .iter()
        .filter(|defect| defect.stage == Stage::Gateway);
    suspects.extend(embedded.map(|defect| Suspect {
        defect: Some(defect),
        target: Target::Embedded(Arc::new(Embedded::with_seams(defect.name, defect.seams))),
        scenarios: None,
    }));
    Ok(suspects)
}
