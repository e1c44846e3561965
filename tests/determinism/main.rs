//! The same seed gives the same journal: byte for byte in simulated time, record for record in real time.
//!
//! The case is the one where most could differ: eight turns at once, with the same words and different faults.
//!
//! - `cases`: running it; `load`: keeping the machine busy meanwhile
//! - `records`: what is compared where bytes cannot be

#[cfg(test)]
mod cases;
#[cfg(test)]
mod load;
#[cfg(test)]
mod records;

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Mutex, PoisonError};

    use super::cases::{self, Order, SEEDS};
    use super::load::Load;
    use super::records;

    /// Tells a process that it is one of the two, and where its journals go.
    const FOLDER: &str = "BROWNOUT_TEST_JOURNALS";

    /// Tells it in which order.
    const ORDER: &str = "BROWNOUT_TEST_ORDER";

    /// One test at a time, since one of them loads the machine, and the other waits in real time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    #[test]
    fn in_simulated_time_two_processes_write_the_same_bytes_on_a_loaded_machine() {
        if let Some(folder) = std::env::var_os(FOLDER) {
            let backward = std::env::var_os(ORDER).is_some_and(|order| order == "backward");
            let order = if backward {
                Order::Backward
            } else {
                Order::Forward
            };
            cases::write_all(Path::new(&folder), order);
            return;
        }
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folders = tempfile::tempdir().unwrap();
        // Paths of different lengths, and different cases before each: neither may matter.
        let one = folders.path().join("one");
        let other = folders.path().join("another-one-with-a-longer-name");
        let load = Load::begin();
        let processes = [process(&one, "forward"), process(&other, "backward")];
        let ended = processes.map(|process| process.wait_with_output().unwrap());
        drop(load);
        for ended in ended {
            let told = String::from_utf8_lossy(&ended.stdout);
            assert!(ended.status.success(), "{told}");
        }
        for name in (0..SEEDS).map(cases::name) {
            let read = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
            let (journal, again) = (read(&one), read(&other));
            records::assert_same_bytes(&name, &journal, &again);
            records::assert_tells_all(&name, &journal);
        }
    }

    fn process(folder: &Path, order: &str) -> Child {
        std::fs::create_dir(folder).unwrap();
        let name =
            "tests::in_simulated_time_two_processes_write_the_same_bytes_on_a_loaded_machine";
        Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--quiet"])
            .env(FOLDER, folder)
            .env(ORDER, order)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    #[test]
    fn in_real_time_every_actor_records_the_same_of_every_run() {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let journals = std::thread::scope(|scope| {
            let running =
                [1, 1, 2, 2, 3, 3].map(|seed| scope.spawn(move || cases::in_real_time(seed)));
            running.map(|thread| thread.join().unwrap())
        });
        for pair in journals.chunks(2) {
            assert_eq!(records::first_difference(&pair[0], &pair[1]), None);
        }
        let otherwise = records::first_difference(&journals[0], &journals[4]);
        assert!(otherwise.is_some(), "another seed makes no difference");
    }
}
