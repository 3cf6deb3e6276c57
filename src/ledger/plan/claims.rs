//! What may still be asked of another warehouse: what is available there, less what others asked for before.

use super::Ground;
use super::goods::available;
use crate::domain::{Lot, Quantity, Refusal, Sku, WarehouseId};
use crate::ledger::act::Judged;
use crate::ledger::book::Transfer;
use crate::ledger::entry::RequestLine;

impl Ground<'_> {
    /// Refuses a request for what others' open requests claim. Where nobody claims anything, more may be asked for
    /// than is there: the source sends what it has.
    pub(super) fn leave_what_is_claimed(
        &self,
        from: &WarehouseId,
        asked: &[RequestLine],
        judged: &[Judged],
    ) -> Result<(), Refusal> {
        for (place, line) in asked.iter().enumerate() {
            let claims = self.claims(from, &line.sku);
            if claims.is_empty() {
                continue;
            }
            let so_far = &asked[..=place];
            let mut left = self.claimable(from, &line.sku, None, &claims, so_far);
            if !line.lot.is_none() {
                left = left.min(self.claimable(from, &line.sku, Some(&line.lot), &claims, so_far));
            }
            let kept = judged.iter().find(|judged| judged.sku == line.sku).map(|judged| judged.left);
            let left = left.saturating_plus(kept.unwrap_or_default().max(Quantity::ZERO).negated());
            if left.is_negative() {
                let claimable = left.saturating_plus(line.qty).max(Quantity::ZERO);
                let (sku, from, wanted) = (line.sku.clone(), from.clone(), line.qty);
                return Err(Refusal::Claimed { sku, from, wanted, claimable, claims: by_warehouse(&claims) });
            }
        }
        Ok(())
    }

    /// Refuses what was computed while less was coming than comes now: two who see to the same need at once, or one who
    /// does it twice, would bring it twice.
    pub(super) fn still_missing(&self, judged: &[Judged]) -> Result<(), Refusal> {
        for Judged { sku, coming: seen, .. } in judged {
            let is_ours = |transfer: &&Transfer| transfer.to == *self.me;
            let requests = self.book.open_requests(sku).filter(is_ours).filter_map(|t| t.request.as_ref());
            let asked = requests.flat_map(|r| &r.lines).filter(|line| line.sku == *sku).map(|line| line.qty);
            let sent = self.book.roads(sku).filter(is_ours).filter_map(|t| t.dispatch.as_ref());
            let sent = sent.flat_map(|d| &d.lines).filter(|line| line.sku == *sku).map(|line| line.qty);
            let coming = asked.chain(sent).fold(Quantity::ZERO, Quantity::saturating_plus);
            if coming > *seen {
                return Err(Refusal::MoreComing { sku: sku.clone(), coming, seen: *seen });
            }
        }
        Ok(())
    }

    /// What is claimed of a product: by whom, of which lot, how much.
    fn claims(&self, from: &WarehouseId, sku: &Sku) -> Vec<(WarehouseId, Lot, Quantity)> {
        // What one that left had asked for counts as declined before its source has written so.
        let has_left = |who| self.book.roster().is_some_and(|roster| roster.former.contains_key(who));
        let open = self.book.open_requests(sku).filter(|t| t.from == *from && !has_left(&t.to));
        let claiming = open.filter_map(|t| Some((&t.to, t.request.as_ref()?)));
        let claiming = claiming.filter(|(_, r)| r.fences.iter().any(|(locked, _)| locked == sku));
        let lines = claiming.flat_map(|(to, r)| r.lines.iter().map(move |line| (to, line)));
        let of_it = lines.filter(|(_, line)| line.sku == *sku);
        of_it.map(|(to, line)| (to.clone(), line.lot.clone(), line.qty)).collect()
    }

    /// Available − claimed − asked for here, of one lot or of all.
    fn claimable(
        &self,
        from: &WarehouseId,
        sku: &Sku,
        lot: Option<&Lot>,
        claims: &[(WarehouseId, Lot, Quantity)],
        asked: &[RequestLine],
    ) -> Quantity {
        let is_meant = |other: &Lot| lot.is_none_or(|lot| lot == other);
        let there = self.book.cells_in(from, sku).filter(|(key, _)| is_meant(&key.lot));
        let there = there.map(|(_, cell)| available(cell));
        let claimed = claims.iter().filter(|(_, lot, _)| is_meant(lot)).map(|(.., qty)| *qty);
        let wanted = asked.iter().filter(|line| line.sku == *sku && is_meant(&line.lot)).map(|line| line.qty);
        let gone = claimed.chain(wanted).map(Quantity::negated);
        there.chain(gone).fold(Quantity::ZERO, Quantity::saturating_plus)
    }
}

fn by_warehouse(claims: &[(WarehouseId, Lot, Quantity)]) -> Vec<(WarehouseId, Quantity)> {
    let mut sums: Vec<(WarehouseId, Quantity)> = Vec::new();
    for (who, _, qty) in claims {
        match sums.iter_mut().find(|(known, _)| known == who) {
            Some((_, sum)) => *sum = sum.saturating_plus(*qty),
            None => sums.push((who.clone(), *qty)),
        }
    }
    sums
}
