//! How often what happened: a simulation that never loses a message proves nothing about loss.

use std::collections::BTreeMap;
use std::fmt;

/// Faults, messages, answers and recoveries that must have happened at least once over a run of many seeds.
const EXPECTED: &[&str] = &[
    "fault: message lost",
    "fault: message doubled",
    "fault: message overtaken",
    "fault: message late by minutes",
    "fault: partition",
    "fault: one-way partition",
    "fault: link down",
    "fault: crash",
    "fault: crash before commit",
    "fault: crash after commit",
    "fault: crash among the sends",
    "fault: crash before the acknowledgements",
    "fault: slow store",
    "fault: disk set back",
    "fault: disk lost",
    "fault: store lost",
    "fault: burnt down",
    "fault: stood still",
    "fault: stood still before a commit under a lock",
    "fault: request cut by a lost disk",
    "late comer",
    "fault: clock jumped",
    "fault: clock drifted",
    "fault: clock lied",
    "message: entries",
    "message: heads",
    "message: fetch",
    "message: beat",
    "message: pong",
    "message: recover_ask",
    "message: recover_answer",
    "message: known",
    "message: lock request",
    "message: lock vote",
    "message: lock wait",
    "message: lock stale",
    "message: lock inquire",
    "message: lock yield",
    "message: lock release",
    "lock: written under",
    "lock: claimed by somebody",
    "lock: no majority",
    "lock: stepped back",
    "lock: left in order",
    "lock: overtaken",
    "lock: asked anew",
    "message: hello",
    "message: prepare",
    "message: promise",
    "message: accept",
    "message: accepted",
    "message: refused",
    "message: chosen",
    "message: retire_ask",
    "message: retire_answer",
    "operator: recorded",
    "operator: refused",
    "operator: asked again",
    "operator: half recorded",
    "operator: declared absent",
    "operator: admitted",
    "operator: retired",
    "operator: given up",
    "operator: key replaced",
    "ledger: resumed",
    "ledger: resumed without somebody",
    "ledger: clock corrected",
    "ledger: stamped far ahead",
    "snapshot: complete",
    "snapshot: partial",
    "snapshot: with goods on the road",
];

/// Counts by what happened.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Coverage(BTreeMap<&'static str, u64>);

impl Coverage {
    /// It happened once more.
    pub fn saw(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    /// What never happened though it should have.
    pub fn missing(&self) -> Vec<&'static str> {
        EXPECTED.iter().copied().filter(|what| !self.0.contains_key(what)).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>12}  {what}"))
    }
}
