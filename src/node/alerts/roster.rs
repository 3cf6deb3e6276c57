//! Alerts of who belongs: somebody waits to be let in, or the cluster is of two minds.

use super::{Acknowledged, Alerts, Moment, Subject};
use crate::domain::AlertKind;
use crate::node::event::{PeerView, RosterStatus, Standing};

impl Alerts {
    /// The roster is shown anew. `asks`: nobody is let in without an operator's word.
    pub fn roster(
        &mut self,
        roster: &RosterStatus,
        peers: &[PeerView],
        asks: bool,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) {
        let mut found = Vec::new();
        for peer in peers {
            let new_key = peer.standing == Standing::OtherKey;
            if new_key || (asks && peer.standing == Standing::Candidate) {
                let what = AlertKind::WaitsForAdmission { peer: peer.id.clone(), new_key };
                found.push((self.id("waits_for_admission", &peer.id), what));
            }
        }
        if let Some(version) = roster.split {
            found.push((self.id("roster_split", &version), AlertKind::RosterSplit { version }));
        }
        if let Some(peer) = &roster.other_cluster {
            found.push((self.id("two_clusters", peer), AlertKind::TwoClusters { peer: peer.clone() }));
        }
        self.settle(Subject::Roster, found, moment, acknowledged);
    }
}
