//! How many bytes all namespaces may hold together, of one kind of thing. Where it becomes too many, whoever holds most forgets its oldest:
//! a busy namespace costs the others nothing. Knows not what is held.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What somebody holds in a [`Room`]. It asks the room with nothing of its own locked.
pub(crate) trait Holds: Debug + Send + Sync {
    /// How many bytes.
    fn bytes(&self) -> usize;

    /// Forgets the oldest of it. Whether there was any.
    fn forget_oldest(&self) -> bool;
}

/// Room for so many bytes.
#[derive(Debug)]
pub(crate) struct Room {
    most: usize,
    held: AtomicUsize,
    holders: Mutex<Vec<Weak<dyn Holds>>>,
}

impl Room {
    pub(crate) fn of(most: usize) -> Self {
        Self {
            most,
            held: AtomicUsize::new(0),
            holders: Mutex::default(),
        }
    }

    /// Somebody else holds something.
    pub(crate) fn enter(&self, holder: Weak<dyn Holds>) {
        let mut holders = self.holders();
        holders.retain(|holder| holder.strong_count() > 0);
        holders.push(holder);
    }

    /// So many bytes more are about to be held.
    pub(crate) fn take(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::AcqRel);
    }

    /// So many bytes are held no more.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Has the oldest forgotten of whoever holds most, until what is held fits.
    pub(crate) fn settle(&self) {
        while self.held.load(Ordering::Acquire) > self.most {
            let most = self.who_holds_most();
            if !most.is_some_and(|holder| holder.forget_oldest()) {
                return;
            }
        }
    }

    fn who_holds_most(&self) -> Option<Arc<dyn Holds>> {
        let holders = self.holders();
        let holders = holders.iter().filter_map(Weak::upgrade);
        holders.max_by_key(|holder| holder.bytes())
    }

    fn holders(&self) -> MutexGuard<'_, Vec<Weak<dyn Holds>>> {
        // Every change is whole or not done.
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Holder {
        room: Arc<Room>,
        held: Mutex<Vec<usize>>,
    }

    impl Holder {
        fn within(room: &Arc<Room>) -> Arc<Self> {
            let holder = Arc::new(Self {
                room: Arc::clone(room),
                held: Mutex::default(),
            });
            let weak = Arc::downgrade(&holder);
            room.enter(weak);
            holder
        }

        fn hold(&self, bytes: usize) {
            self.room.take(bytes);
            self.held.lock().expect("nobody panics").push(bytes);
            self.room.settle();
        }

        fn held(&self) -> Vec<usize> {
            self.held.lock().expect("nobody panics").clone()
        }
    }

    impl Holds for Holder {
        fn bytes(&self) -> usize {
            self.held().iter().sum()
        }

        fn forget_oldest(&self) -> bool {
            let mut held = self.held.lock().expect("nobody panics");
            if held.is_empty() {
                return false;
            }
            self.room.give_back(held.remove(0));
            true
        }
    }

    #[test]
    fn whoever_holds_most_forgets_its_oldest() {
        let room = Arc::new(Room::of(100));
        let (quiet, busy) = (Holder::within(&room), Holder::within(&room));
        quiet.hold(20);
        for bytes in 31..=40 {
            busy.hold(bytes);
        }
        assert_eq!((quiet.held(), busy.held()), (vec![20], vec![39, 40]));
        quiet.hold(70);
        assert_eq!((quiet.held(), busy.held()), (vec![], vec![40]));
        assert_eq!(room.held.load(Ordering::Acquire), 40);
    }

    #[test]
    fn what_is_larger_than_the_room_is_not_held() {
        let room = Arc::new(Room::of(100));
        let holder = Holder::within(&room);
        holder.hold(101);
        assert!(holder.held().is_empty());
        drop(Holder::within(&room));
        room.take(101);
        // There is nobody who could forget anything.
        room.settle();
    }
}
