//! Reservations: what is over is kept no longer than somebody has to see it.

use rubentario::domain::AdjustmentReason;
use rubentario::ledger::book::Part;

use super::*;

#[test]
fn a_reservation_that_is_over_is_forgotten_and_one_that_was_cut_is_shown_until_it_is_seen() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    madrid.receives("A", 10);
    let reserve =
        |qty| Act::Reserve { sku: sku("A"), lot: None, qty: q(qty), purpose: "order".into(), until: None };
    let released = madrid.does("ana", reserve(2)).remove(0);
    let cut = madrid.does("ana", reserve(3)).remove(0);
    madrid.does("ana", Act::Release { reservation: released.clone(), due: false });
    let delta = q(-10);
    let reason = AdjustmentReason::Damaged;
    let act = Act::Adjust {
        sku: sku("A"),
        lot: Lot::none(),
        expiry: None,
        delta,
        reason,
        reference: String::new(),
        transfer: None,
    };
    madrid.does("ana", act);
    let shown = |madrid: &Madrid| -> Vec<TransferId> {
        madrid.core.book().reservations_of(&sku("A")).map(|r| r.id.clone()).collect()
    };
    assert_eq!(madrid.core.book().reservation(&released), None);
    assert_eq!(shown(&madrid), std::slice::from_ref(&cut));
    let alert = madrid.core.book().reservation(&cut).unwrap().cut.unwrap().alert(&cut);
    madrid.does("luis", Act::AcknowledgeAlert { alert });
    assert_eq!(shown(&madrid), []);
    let part = Part::of(madrid.core.book(), &id("madrid")).listing();
    madrid.start_again();
    assert_eq!(shown(&madrid), []);
    assert_eq!(Part::of(madrid.core.book(), &id("madrid")).listing(), part, "a start knows the same");
}
