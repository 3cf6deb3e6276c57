//! The two machines against each other, step by step, with the durations of production.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use super::{GREATEST_JUMP, LEASE_MS, Number, Out, Priority, Requester, Says, Timing, Voter};
use crate::ledger::entry::Fence;

type Node = &'static str;
type Outs = Vec<Out<u8, Node, u8>>;

const R: u8 = 0;
const VOTERS: [Node; 3] = ["bilbao", "lugo", "vigo"];

fn requester(me: Node, incarnation: u32) -> Requester<u8, Node, u8> {
    let mut requester = Requester::new(me, Timing::USUAL, incarnation, None);
    requester.members(1, BTreeSet::from(VOTERS), &mut Vec::new());
    requester
}

/// A voter that has just started.
fn voter() -> Voter<u8, Node> {
    Voter::new(Timing::USUAL, 1, 0, None)
}

const OPEN: u64 = 10_200;

fn request(node: Node, n: u64, hlc: u64, attempt: u64) -> Says<Node, u8> {
    Says::Request {
        priority: Priority { hlc, node },
        fence: Fence { n, node },
        attempt: Number { incarnation: 1, n: attempt },
    }
}

fn hear(voter: &mut Voter<u8, Node>, now: u64, from: Node, says: &Says<Node, u8>) -> Vec<Says<Node, u8>> {
    let mut out = Outs::new();
    voter.hear(now, &from, &R, says, &0, &mut out);
    out.into_iter().map(|out| out.says).collect()
}

/// A requester that has asked at a moment, and the votes of two for that.
fn holder(now: u64) -> Requester<u8, Node, u8> {
    let mut requester = requester("madrid", 1);
    let mut out = Outs::new();
    requester.tick(now, &mut out);
    requester.begin(now, &R, 1, &mut out);
    let asked = out.pop().unwrap().says;
    for voter in &VOTERS[..2] {
        let Says::Request { fence, attempt, .. } = asked.clone() else { panic!("{asked:?}") };
        let vote = Says::Vote { fence, grant_no: Number { incarnation: 1, n: 1 }, attempt, cut: 0 };
        requester.hear(now + 100, voter, &R, vote, &mut out);
    }
    requester
}

#[test]
fn a_hold_is_counted_from_the_sending_with_a_margin_for_drift() {
    let requester = holder(50);
    assert!(requester.held(&R, 50 + 9_799).is_some());
    assert!(requester.held(&R, 50 + 9_800).is_none());
    assert_eq!(requester.held_until(&R), Some(50 + 9_800));
}

#[test]
fn a_pause_longer_than_a_renewal_ends_a_hold_though_it_has_not_lapsed() {
    for (pause, stays) in [(LEASE_MS / 3, true), (LEASE_MS / 3 + 1, false)] {
        let mut requester = holder(0);
        let mut out = Outs::new();
        requester.tick(pause, &mut out);
        assert_eq!(requester.held(&R, pause).is_some(), stays, "{pause}");
        let released = out.iter().any(|out| matches!(out.says, Says::Release { .. }));
        assert_eq!(released, !stays);
    }
}

#[test]
fn a_voter_that_has_started_gives_no_vote_for_a_lease_and_its_margin_then_to_the_oldest() {
    let mut voter = voter();
    let said = hear(&mut voter, OPEN - 2, "sevilla", &request("sevilla", 1, 9, 1));
    assert_eq!(said, [Says::Wait { holder: None, ahead: 0 }]);
    hear(&mut voter, OPEN - 1, "madrid", &request("madrid", 1, 5, 1));
    let mut out = Outs::new();
    voter.tick(OPEN - 1, &0, &mut out);
    assert_eq!(out, []);
    voter.tick(OPEN, &0, &mut out);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].to, Some("madrid"));
    assert!(matches!(out[0].says, Says::Vote { .. }));
}

#[test]
fn an_older_request_asks_the_vote_back_and_a_yield_of_another_grant_changes_nothing() {
    let mut voter = voter();
    let said = hear(&mut voter, OPEN, "sevilla", &request("sevilla", 1, 9, 1));
    let [Says::Vote { fence, grant_no, .. }] = &said[..] else { panic!("{said:?}") };
    let said = hear(&mut voter, OPEN, "madrid", &request("madrid", 1, 5, 1));
    assert!(said.contains(&Says::Inquire { fence: fence.clone(), grant_no: *grant_no }));
    let other = Number { incarnation: 1, n: grant_no.n + 1 };
    assert_eq!(hear(&mut voter, OPEN, "sevilla", &Says::Yield { fence: fence.clone(), grant_no: other }), []);
    let forged = Says::Yield { fence: fence.clone(), grant_no: *grant_no };
    assert_eq!(hear(&mut voter, OPEN, "madrid", &forged), [], "only the owner yields");
    let said = hear(&mut voter, OPEN, "sevilla", &forged);
    assert!(matches!(&said[..], [Says::Vote { fence: Fence { node: "madrid", .. }, .. }]), "{said:?}");
}

#[test]
fn a_yield_that_is_lost_is_said_again_when_the_vote_is_extended() {
    let mut requester = requester("madrid", 1);
    let mut out = Outs::new();
    requester.tick(50, &mut out);
    requester.begin(50, &R, 1, &mut out);
    let Says::Request { fence, attempt, .. } = out.pop().unwrap().says else { panic!("it asks") };
    let (old, new) = (Number { incarnation: 1, n: 1 }, Number { incarnation: 1, n: 2 });
    let inquire = Says::Inquire { fence: fence.clone(), grant_no: old };
    requester.hear(60, &"bilbao", &R, inquire, &mut out);
    let given_back = Says::Yield { fence: fence.clone(), grant_no: old };
    assert_eq!(out.pop().unwrap().says, given_back);

    let vote = |grant_no| Says::Vote { fence: fence.clone(), grant_no, attempt, cut: 0 };
    requester.hear(70, &"lugo", &R, vote(old), &mut out);
    requester.hear(70, &"bilbao", &R, vote(old), &mut out);
    assert_eq!(out.pop().map(|out| (out.to, out.says)), Some((Some("bilbao"), given_back)));
    assert_eq!(requester.held(&R, 71), None, "it counts no more");
    requester.hear(80, &"bilbao", &R, vote(new), &mut out);
    assert!(requester.held(&R, 81).is_some());
}

#[test]
fn what_was_held_once_is_stale_and_a_jump_too_far_is_ignored() {
    let mut voter = voter();
    hear(&mut voter, OPEN, "madrid", &request("madrid", 3, 5, 1));
    let upto = Number { incarnation: 1, n: 1 };
    hear(&mut voter, OPEN, "madrid", &Says::Release { fence: Fence { n: 3, node: "madrid" }, upto });
    let said = hear(&mut voter, OPEN, "madrid", &request("madrid", 3, 5, 2));
    let fence = Fence { n: 3, node: "madrid" };
    assert_eq!(said, [Says::Stale { fence: fence.clone(), high: fence }]);
    assert_eq!(hear(&mut voter, OPEN, "madrid", &request("madrid", 4 + GREATEST_JUMP, 5, 3)), []);
    let forged = request("madrid", 9, 5, 4);
    assert_eq!(hear(&mut voter, OPEN, "sevilla", &forged), [], "nobody asks for another");
}

#[test]
fn a_release_of_an_earlier_start_does_not_end_the_grant_of_a_later_one_with_the_same_fence() {
    let mut voter = voter();
    hear(&mut voter, OPEN, "madrid", &request("madrid", 1, 5, 1));
    let fence = Fence { n: 1, node: "madrid" };
    let attempt = Number { incarnation: 2, n: 1 };
    let again =
        Says::Request { priority: Priority { hlc: 8, node: "madrid" }, fence: fence.clone(), attempt };
    let said = hear(&mut voter, OPEN, "madrid", &again);
    let [Says::Vote { grant_no, .. }] = &said[..] else { panic!("{said:?}") };
    assert_eq!(grant_no.n, 2, "another grant");
    let late = Says::Release { fence: fence.clone(), upto: Number { incarnation: 1, n: 7 } };
    hear(&mut voter, OPEN, "madrid", &late);
    hear(&mut voter, OPEN, "madrid", &request("madrid", 1, 5, 2));
    assert_eq!(voter.granted(&R), Some(&fence));
    hear(&mut voter, OPEN, "madrid", &Says::Release { fence, upto: attempt });
    assert_eq!(voter.granted(&R), None);
}

#[test]
fn a_vote_for_no_wish_of_this_start_is_given_back_and_the_next_fence_is_above_it() {
    let mut requester = requester("madrid", 2);
    let mut out = Outs::new();
    let fence = Fence { n: 4, node: "madrid" };
    let number = Number { incarnation: 1, n: 1 };
    let vote = Says::Vote { fence: fence.clone(), grant_no: number, attempt: number, cut: 0 };
    requester.hear(0, &"vigo", &R, vote.clone(), &mut out);
    assert!(matches!(&out.pop().unwrap().says, Says::Release { fence: released, .. } if *released == fence));
    requester.hear(0, &"paris", &R, vote, &mut out);
    assert_eq!(out, [], "who is no member is not heard");
    requester.begin(0, &R, 1, &mut out);
    assert!(matches!(&out.pop().unwrap().says, Says::Request { fence: Fence { n: 5, .. }, .. }));
}

#[test]
fn a_holder_leaves_when_a_majority_shows_what_it_wrote() {
    let mut requester = holder(0);
    requester.leave(&R);
    assert!(!requester.may_leave(&R, |cut| *cut >= 1));
    let attempt = Number { incarnation: 1, n: 1 };
    let fence = requester.held(&R, 200).unwrap().clone();
    for (voter, may) in [(VOTERS[1], false), (VOTERS[0], true)] {
        let grant_no = Number { incarnation: 1, n: 1 };
        let vote = Says::Vote { fence: fence.clone(), grant_no, attempt, cut: 1 };
        requester.hear(200, &voter, &R, vote, &mut Outs::new());
        assert_eq!(requester.may_leave(&R, |cut| *cut >= 1), may);
    }
}

#[test]
fn an_unknown_kind_of_a_newer_version_is_read_and_changes_nothing() {
    let says: Says<String, u8> = serde_json::from_str(r#"{"kind":"handover","to":"lugo"}"#).unwrap();
    assert_eq!(says, Says::Unknown);
    assert_eq!(hear(&mut voter(), OPEN, "madrid", &Says::Unknown), []);
}
