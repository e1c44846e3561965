//! Whole cases: plans from scenario text, against an agent inside the test and against scripts that are processes.

#[path = "cases/agent.rs"]
mod agent;
#[path = "cases/embedded.rs"]
mod embedded;
#[path = "cases/plans.rs"]
mod plans;
#[path = "cases/processes.rs"]
mod processes;
#[path = "cases/rude.rs"]
mod rude;
#[path = "cases/target_files.rs"]
mod target_files;
