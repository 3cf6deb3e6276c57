//! What is told by ear. A terminal has one bell only, so what went wrong rings three times.

use std::time::Duration;

use super::wake::Sound;

/// Bells nearer to each other than this are heard as one.
const APART: Duration = Duration::from_millis(150);
const BAD: u8 = 3;

/// Which sounds are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    #[default]
    All,
    /// Only what went wrong.
    Errors,
    /// None.
    Nothing,
}

/// The bells that are still to ring.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chime {
    wanted: Wanted,
    left: u8,
    next: Duration,
}

impl Chime {
    /// With nothing to ring.
    #[must_use]
    pub const fn new(wanted: Wanted) -> Self {
        Self { wanted, left: 0, next: Duration::ZERO }
    }

    /// A sound is to be heard from now on. What went wrong is not cut short by what went well.
    pub fn sound(&mut self, sound: Sound, now: Duration) {
        let bells = match (sound, self.wanted) {
            (_, Wanted::Nothing) | (Sound::Good, Wanted::Errors) => 0,
            (Sound::Good, Wanted::All) => 1,
            (Sound::Bad, _) => BAD,
        };
        self.left = self.left.max(bells);
        self.next = self.next.max(now);
    }

    /// When the next bell rings, if one does.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        (self.left > 0).then_some(self.next)
    }

    /// Whether a bell is to ring now.
    pub fn strikes(&mut self, now: Duration) -> bool {
        let strikes = self.due().is_some_and(|due| now >= due);
        if strikes {
            self.left -= 1;
            self.next = now + APART;
        }
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bells(chime: &mut Chime, until: u64) -> usize {
        (0..until).filter(|ms| chime.strikes(Duration::from_millis(*ms))).count()
    }

    #[test]
    fn good_rings_once_and_bad_three_times_apart() {
        let mut chime = Chime::new(Wanted::All);
        chime.sound(Sound::Good, Duration::ZERO);
        assert_eq!(bells(&mut chime, 1000), 1);
        chime.sound(Sound::Bad, Duration::from_secs(1));
        assert!(chime.strikes(Duration::from_secs(1)));
        assert!(!chime.strikes(Duration::from_millis(1001)), "two at once are heard as one");
        chime.sound(Sound::Good, Duration::from_millis(1002));
        assert!(chime.strikes(Duration::from_millis(1150)));
        assert!(chime.strikes(Duration::from_millis(1300)));
        assert_eq!(chime.due(), None);
    }

    #[test]
    fn only_what_is_wanted_is_heard() {
        for (wanted, good, bad) in [(Wanted::Errors, 0, 3), (Wanted::Nothing, 0, 0)] {
            for (sound, many) in [(Sound::Good, good), (Sound::Bad, bad)] {
                let mut chime = Chime::new(wanted);
                chime.sound(sound, Duration::ZERO);
                assert_eq!(bells(&mut chime, 1000), many);
            }
        }
    }
}
