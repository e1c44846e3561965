//! Whole cases: plans from scenario text, against an agent inside the test and against scripts that are processes.

#[path = "cases/agent.rs"]
mod agent;
#[path = "cases/embedded.rs"]
mod embedded;
#[path = "cases/plans.rs"]
mod plans;
#[path = "cases/prompts.rs"]
mod prompts;
#[path = "cases/rude.rs"]
mod rude;
#[path = "cases/scripted.rs"]
mod scripted;
#[path = "cases/servers.rs"]
mod servers;
#[path = "cases/target_files.rs"]
mod target_files;
#[path = "cases/turns.rs"]
mod turns;
