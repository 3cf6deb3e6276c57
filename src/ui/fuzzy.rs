//! Finding by a few typed letters: fuzzy, without regard to case and accents.

use nucleo_matcher::chars::normalize;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// In how many pieces a typed word of so many letters may lie in a text. Letters that are strewn about by accident lie in
/// more, however many words begin with them.
const fn most_pieces(letters: usize) -> usize {
    1 + letters / 3
}

/// What was typed, ready to match.
pub struct Finder {
    words: Vec<Word>,
    matcher: Matcher,
    plain: String,
    chars: Vec<char>,
    /// Where the letters of a word were found.
    places: Vec<u32>,
}

impl Finder {
    /// For what was typed; blanks part words that must all be found.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let plain: String = plain(typed).collect();
        let mut config = Config::DEFAULT;
        config.prefer_prefix = true;
        Self {
            words: plain.split_whitespace().map(Word::new).collect(),
            matcher: Matcher::new(config),
            plain: String::new(),
            chars: Vec::new(),
            places: Vec::new(),
        }
    }

    /// How well a text matches; none when it doesn't.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        // Without accents nearly every text is ASCII, which is matched many times faster.
        let text = if text.is_ascii() {
            text
        } else {
            self.plain.clear();
            self.plain.extend(plain(text));
            &self.plain
        };
        if !self.words.iter().all(|word| holds_in_order(text.as_bytes(), &word.letters)) {
            return None;
        }
        let text = Utf32Str::new(text, &mut self.chars);
        let mut sum = 0;
        for word in &self.words {
            if word.is_in_one_piece {
                sum += u32::from(word.atom.score(text, &mut self.matcher)?);
                continue;
            }
            self.places.clear();
            sum += u32::from(word.atom.indices(text, &mut self.matcher, &mut self.places)?);
            let gaps = self.places.windows(2).filter(|pair| matches!(pair, [a, b] if a + 1 != *b));
            if 1 + gaps.count() > most_pieces(self.places.len()) {
                return None;
            }
        }
        Some(sum)
    }

    /// The places of those texts that match, the best first; equal ones keep their order.
    pub fn best<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) -> Vec<usize> {
        let mut found: Vec<_> = texts
            .into_iter()
            .enumerate()
            .filter_map(|(i, text)| Some((self.score(text.as_ref())?, i)))
            .collect();
        found.sort_by_key(|&(score, i)| (std::cmp::Reverse(score), i));
        found.into_iter().map(|(_, i)| i).collect()
    }
}

/// A text without its accents.
pub fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(normalize)
}

/// One typed word.
struct Word {
    atom: Atom,
    /// Its ASCII letters, in lower case.
    letters: Vec<u8>,
    /// It is too short to lie in more pieces than one: where its letters were found need not be asked.
    is_in_one_piece: bool,
}

impl Word {
    fn new(word: &str) -> Self {
        // The matcher misses pieces of other scripts that end a text.
        let is_in_one_piece = word.is_ascii() && most_pieces(word.len()) == 1;
        let kind = if is_in_one_piece { AtomKind::Substring } else { AtomKind::Fuzzy };
        let atom = Atom::new(word, CaseMatching::Ignore, Normalization::Smart, kind, false);
        Self { atom, letters: ascii_letters(word), is_in_one_piece }
    }
}

fn ascii_letters(word: &str) -> Vec<u8> {
    word.bytes().filter(u8::is_ascii).map(|b| b.to_ascii_lowercase()).collect()
}

/// Whether the letters stand in the text in that order: what every match needs, and cheap to tell.
fn holds_in_order(text: &[u8], letters: &[u8]) -> bool {
    let mut bytes = text.iter();
    letters.iter().all(|letter| bytes.any(|b| b.eq_ignore_ascii_case(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_don_t_matter_either_way() {
        assert!(Finder::new("latex").score("Guante LÁTEX talla S").is_some());
        assert!(Finder::new("LÁTEX").score("guante latex").is_some());
        assert!(Finder::new("gunit").score("GU-NIT-M Guante nitrilo").is_some());
        assert!(Finder::new("nit guante").score("GU-NIT-M Guante nitrilo").is_some());
    }

    #[test]
    fn letters_strewn_about_don_t_match() {
        let long = "Gasa estéril urgencias, apósito de ancho normal, tira elástica";
        assert!(Finder::new("guante").score(long).is_none());
        assert!(Finder::new("gasa guante").score(long).is_none(), "a word that is there saves no other");
        assert!(Finder::new("esteril gasa").score(long).is_some());
    }

    #[test]
    fn a_letter_left_out_or_the_middle_of_a_word_is_found() {
        assert!(Finder::new("gante").score("Guante nitrilo").is_some());
        for typed in ["trilo", "gnit", "guante nit", "9", "it"] {
            assert!(Finder::new(typed).score("GU-ANT-9 Guante nitrilo").is_some(), "{typed}");
        }
        for typed in ["x", "guatal"] {
            assert!(Finder::new(typed).score("GU-ANT-9 Guante nitrilo").is_none(), "{typed}");
        }
    }

    #[test]
    fn letters_of_other_scripts_are_found_too() {
        assert!(Finder::new("ñandú").score("Pluma de ñandu").is_some());
        assert!(Finder::new("手套").score("GU-1 手套").is_some());
        assert!(Finder::new("手套").score("GU-1 手").is_none());
    }

    #[test]
    fn the_best_come_first() {
        let texts = ["recuento de guantes", "Guante nitrilo", "casco"];
        assert_eq!(Finder::new("guante").best(texts), [1, 0]);
        assert_eq!(Finder::new("guante n").best(texts).first(), Some(&1));
        assert_eq!(Finder::new("").best(texts), [0, 1, 2]);
    }
}
