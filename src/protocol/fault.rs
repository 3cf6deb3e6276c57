//! Deliberate faults, to see that the simulator finds them. Only a build with the feature `faults` has them.

/// A rule of the protocol that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Entries are applied before those that they name.
    SkipCausalWait,
    /// Requests are written while the own ledger is being got back.
    AppendWhileRecovering,
    /// The receipt of a transfer that came in already is written and applied once more.
    DoubledReceipt,
    /// Times from too far ahead are adopted.
    AdoptFarAhead,
    /// One of the lock's.
    Lock(super::quorum_lock::Fault),
    /// The source takes what was asked for under any fence.
    TakeAnyFence,
    /// A partial snapshot cuts a silent ledger where whoever began it had applied it then, and everybody takes that.
    PartialCutNotClosed,
}
