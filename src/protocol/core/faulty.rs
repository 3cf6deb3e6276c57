//! Where the deliberate faults of `protocol/fault.rs` take hold.

use super::Core;
use crate::protocol::quorum_lock;

#[cfg(feature = "faults")]
use crate::{domain::TransferId, ledger::Body, protocol::fault::Fault};

impl Core {
    /// Whether entries are written while the own ledger is being got back.
    #[cfg_attr(
        not(feature = "faults"),
        allow(clippy::unused_self, reason = "no core is ever broken without faults")
    )]
    pub(super) const fn writes_while_recovering(&self) -> bool {
        #[cfg(feature = "faults")]
        return matches!(self.fault, Some(Fault::AppendWhileRecovering));
        #[cfg(not(feature = "faults"))]
        false
    }
}

impl Core {
    /// The lock's rule that is broken.
    #[cfg_attr(
        not(feature = "faults"),
        allow(clippy::unused_self, reason = "no core is ever broken without faults")
    )]
    pub(super) const fn lock_fault(&self) -> Option<quorum_lock::Fault> {
        #[cfg(feature = "faults")]
        return match self.fault {
            Some(Fault::Lock(fault)) => Some(fault),
            _ => None,
        };
        #[cfg(not(feature = "faults"))]
        None
    }
}

#[cfg(feature = "faults")]
impl Core {
    /// Breaks a rule from now on.
    pub fn commit_fault(&mut self, fault: Fault) {
        self.fault = Some(fault);
        self.snapshots.cuts_where_it_began = fault == Fault::PartialCutNotClosed;
        if let Fault::Lock(fault) = fault {
            self.locks.commit_fault(&self.setup.me, self.incarnation, fault);
        }
    }

    /// Whether this rule is broken.
    pub(super) fn commits(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(super) fn allow_doubled_receipt(&mut self, body: &Body) {
        if let Body::TransferReceived { transfer, .. } = body {
            self.allow_doubled_receipt_of(transfer);
        }
    }

    pub(super) fn allow_doubled_receipt_of(&mut self, transfer: &TransferId) {
        if self.commits(Fault::DoubledReceipt) {
            self.book.forget_receipt(transfer);
        }
    }
}
