//! Rules that hold for every scenario, judged from a plan and a journal.
