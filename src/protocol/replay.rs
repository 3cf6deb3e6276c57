//! Replays: of what a sender has numbered, each control message is taken once.

use uuid::Uuid;

/// How far behind the newest a message may come in and still be new.
const WIDTH: u64 = 1_024;
/// Starts of a sender that ended and are remembered as such.
const ENDED: usize = 8;

/// What was heard of one sender.
#[derive(Debug, Clone, Default)]
pub struct Window {
    nonce: Option<Uuid>,
    ended: Vec<Uuid>,
    newest: u64,
    seen: [u64; (WIDTH / 64) as usize],
}

impl Window {
    /// Whether a message of this number, of the start with this nonce, is new; it isn't any more afterwards.
    pub fn takes(&mut self, nonce: Uuid, counter: u64) -> bool {
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
            assert!(window.takes(nonce, counter), "{counter} is new");
            assert!(!window.takes(nonce, counter), "{counter} is not new any more");
        }
        assert!(!window.takes(nonce, 4), "too far behind");
        assert!(window.takes(nonce, 10));
        assert!(window.takes(nonce, 900_000));
        assert!(window.takes(nonce, 899_999));
        assert!(!window.takes(nonce, 1_029));
    }

    #[test]
    fn a_start_that_ended_is_not_heard_again() {
        let mut window = Window::default();
        assert!(window.takes(Uuid::from_u128(1), 9));
        assert!(window.takes(Uuid::from_u128(2), 1));
        assert!(!window.takes(Uuid::from_u128(1), 10));
        assert!(window.takes(Uuid::from_u128(2), 2));
    }
}
