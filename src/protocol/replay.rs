//! Replays: of what a sender has numbered, each control message is taken once.

use uuid::Uuid;

/// How far behind the newest a message may come in and still be new.
const WIDTH: u64 = 1_024;
/// Starts of a sender that ended and are remembered as such.
const ENDED: usize = 8;

/// What was heard of one sender.
#[derive(Debug, Clone, Default)]
pub struct Window {
    incarnation: u32,
    nonce: Option<Uuid>,
    ended: Vec<Uuid>,
    newest: u64,
    seen: [u64; (WIDTH / 64) as usize],
}

impl Window {
    /// Whether a message of this number, of the start with this incarnation and nonce, is new; it isn't any more
    /// afterwards. Of an incarnation below one that was heard nothing is new.
    pub fn takes(&mut self, incarnation: u32, nonce: Uuid, counter: u64) -> bool {
        if incarnation < self.incarnation {
            return false;
        }
        if incarnation > self.incarnation {
            *self = Self { incarnation, ..Self::default() };
        }
        if self.nonce != Some(nonce) {
            if self.ended.contains(&nonce) {
                return false;
            }
            if let Some(before) = self.nonce.replace(nonce) {
                self.ended.push(before);
                if self.ended.len() > ENDED {
                    self.ended.remove(0);
                }
            }
            self.newest = counter;
            self.seen = [0; (WIDTH / 64) as usize];
        } else if counter > self.newest {
            if counter - self.newest >= WIDTH {
                self.seen = [0; (WIDTH / 64) as usize];
            } else {
                for passed in self.newest + 1..=counter {
                    *self.word(passed) &= !bit(passed);
                }
            }
            self.newest = counter;
        } else if self.newest - counter >= WIDTH || *self.word(counter) & bit(counter) != 0 {
            return false;
        }
        *self.word(counter) |= bit(counter);
        true
    }

    /// Whether this start is taken for one that ended, since another of the same incarnation was heard after it. Which
    /// of two came first can't be told from what was delayed: a start that lives should take a greater incarnation.
    #[must_use]
    pub fn has_ended(&self, incarnation: u32, nonce: Uuid) -> bool {
        incarnation == self.incarnation && self.ended.contains(&nonce)
    }

    fn word(&mut self, counter: u64) -> &mut u64 {
        // Below WIDTH / 64, which fits any size.
        let place = usize::try_from(counter / 64 % (WIDTH / 64)).unwrap_or(0);
        &mut self.seen[place]
    }
}

const fn bit(counter: u64) -> u64 {
    1 << (counter % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_a_start_is_taken_once_in_any_order_within_the_window() {
        let (mut window, nonce) = (Window::default(), Uuid::from_u128(1));
        for counter in [5, 3, 700, 4, 1_028] {
            assert!(window.takes(1, nonce, counter), "{counter} is new");
            assert!(!window.takes(1, nonce, counter), "{counter} is not new any more");
        }
        assert!(!window.takes(1, nonce, 4), "too far behind");
        assert!(window.takes(1, nonce, 10));
        assert!(window.takes(1, nonce, 900_000));
        assert!(window.takes(1, nonce, 899_999));
        assert!(!window.takes(1, nonce, 1_029));
    }

    #[test]
    fn a_start_that_ended_is_not_heard_again_until_it_shows_a_greater_incarnation() {
        let mut window = Window::default();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(window.takes(3, one, 9));
        assert!(window.takes(3, two, 1));
        assert!(!window.takes(3, one, 10) && window.has_ended(3, one));
        assert!(window.takes(3, two, 2));
        assert!(window.takes(4, one, 11) && !window.has_ended(4, one));
        assert!(!window.takes(3, two, 3), "of an earlier incarnation");
    }
}
