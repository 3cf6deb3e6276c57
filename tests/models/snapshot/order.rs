//! Steps that can be put off, so that exploring comes to an end.
//!
//! Who will write no more only applies, which nobody else looks at: neither does it change what others can do or write,
//! nor do they change what it makes of an entry; ledgers only grow from here on. So all its steps may come after those
//! of everybody who may still write, in any order among themselves, and one such node after the other. What is asked of
//! a node's state is asked of all the states that it can be in; that all know the same closings is asked in the end as
//! well, and what is known of a closing stays. Steps never lead back to where they began, so none is put off for ever.

use super::{NODES, Network, Snapshotting, Step, What, name};

impl Snapshotting {
    /// Leaves out steps that can wait.
    pub fn put_off(&self, now: &Network, steps: &mut Vec<Step>) {
        let writers: [bool; NODES] = std::array::from_fn(|at| self.may_write(now, at));
        if steps.iter().any(|step| writers[step.at()]) {
            steps.retain(|step| writers[step.at()]);
        } else if let Some(first) = steps.iter().map(Step::at).min() {
            steps.retain(|step| step.at() == first);
        }
    }

    /// Whether a node may still write, or lose what it has.
    fn may_write(&self, now: &Network, at: usize) -> bool {
        let node = &now.nodes[at];
        let bounds_are_reached =
            now.sent == self.sends && now.begun == self.snapshots && now.crashes == self.crashes;
        if !bounds_are_reached || node.recovering || node.snapshots.open_of(&name(at)).next().is_some() {
            return true;
        }
        now.within(std::array::from_fn(|of| now.end(of))).any(|(from, seq, fact)| match &fact.what {
            // A snapshot is marked when its beginning is applied, or never.
            What::Marker(marker) => marker.snapshot.is_none() && node.applied[from] < seq,
            What::Sent { to } => *to == at && !now.has_received(at, from, seq),
            _ => false,
        })
    }
}

impl Step {
    /// Whose step.
    pub const fn at(&self) -> usize {
        match self {
            Self::Send { from: at, .. }
            | Self::Receive { at, .. }
            | Self::Begin { at }
            | Self::Apply { at, .. }
            | Self::Overdue { at }
            | Self::LoseDisk { at }
            | Self::Resume { at } => *at,
        }
    }
}
