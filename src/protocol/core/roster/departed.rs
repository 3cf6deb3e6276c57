//! What warehouses that left had asked for: nobody waits for it any more, so the source declines it.

use super::super::Core;
use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::Body;
use crate::protocol::input::Now;

impl Core {
    /// A request to this warehouse was applied; that of one that has left is declined, too.
    pub(in super::super) fn note_request_of(&mut self, asker: &WarehouseId) {
        let has_left = self.book.roster().is_some_and(|roster| roster.former.contains_key(asker));
        self.membership.declines_owed |= has_left;
    }

    /// Declines what those who left had asked of this warehouse, as soon as it can write.
    pub(super) fn decline_for_the_departed(&mut self, now: Now) {
        if !self.membership.declines_owed || !self.may_append() {
            return;
        }
        self.membership.declines_owed = false;
        let Some(roster) = self.book.roster() else { return };
        let open = self.book.transfers().filter(|t| t.from == self.setup.me && t.is_open_request());
        let of_former = open.filter_map(|t| Some((t, roster.former.get(&t.to)?)));
        let declines: Vec<(TransferId, Vec<_>)> = of_former
            .map(|(transfer, former)| {
                let steps = transfer.marks().map(|mark| mark.entry.clone());
                let names = steps.chain([former.entry.clone()]).filter(|e| e.origin != self.setup.me);
                (transfer.id.clone(), names.collect())
            })
            .collect();
        for (transfer, names) in declines {
            let body = Body::RequestDeclined { transfer, reason: String::new(), stale: None };
            let command = self.own_command();
            self.write(now, &Operator::system(), command, body, names);
        }
    }
}
