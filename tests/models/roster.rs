//! Every schedule of one version of the roster being decided: three members, two of which propose different changes,
//! with loss, doubling and any order of messages, and one crash, of a member that keeps its store or loses it.
//!
//! The functions are those that run in production (`protocol::roster`). Messages are never taken from the network, so
//! each may arrive never, once or often, in any order.

use std::collections::BTreeSet;

use rubentario::domain::WarehouseId;
use rubentario::ledger::roster::{Ballot, Change, Matter};
use rubentario::ledger::{Hash, PublicKey};
use rubentario::protocol::roster::{Acceptor, Balloting, Say, Vote};
use stateright::{Checker as _, Model, Property};

use crate::explore::{MINUTES, SECONDS, Upto, explore};
use crate::reduced::{Reduced, Whole};
use crate::walk::assert_walks;

const MEMBERS: [&str; 3] = ["a", "b", "c"];

fn id(i: usize) -> WarehouseId {
    WarehouseId::new(MEMBERS[i]).unwrap()
}

fn wish(i: usize) -> Change {
    let member = WarehouseId::new(["x", "y", "z"][i]).unwrap();
    Change::Admitted { member, key: PublicKey([u8::try_from(i).unwrap(); 32]) }
}

const MATTER: Matter = Matter { founding: Hash::ZERO, version: 4 };

fn balloting(i: usize, acceptor: Acceptor) -> Balloting {
    Balloting::new(id(i), MATTER, (0..MEMBERS.len()).map(id).collect(), acceptor)
}

/// What is explored.
#[derive(Debug, Clone)]
struct Schedules {
    /// Ballots that each member may begin.
    ballots: [usize; 3],
    /// How many members start anew.
    crashes: usize,
    /// How many of these lose their store, while all others run.
    losses: usize,
    fault: Option<Fault>,
    /// Whether states are without what can't matter any more.
    reduced: bool,
}

/// A protocol fault that must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// An acceptor doesn't store what it promised and accepted.
    ForgetsAtRestart,
    /// A member that lost its store votes again without asking the others.
    VotesAtOnce,
    /// A proposer ignores what others have accepted.
    IgnoresAccepted,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Member {
    /// Runs; none: it lost its store and asks the others for their votes.
    balloting: Option<Balloting>,
    stored: Acceptor,
    votes_heard: BTreeSet<(usize, Vote)>,
    begun: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Wire {
    Say(Say),
    /// What did you promise and accept?
    Ask,
    Vote(Vote),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    members: Vec<Member>,
    wires: BTreeSet<(usize, usize, Wire)>,
    crashes: usize,
    losses: usize,
    chosen: BTreeSet<Change>,
}

#[derive(Debug, Clone, PartialEq)]
enum Action {
    Propose(usize),
    PutForward(usize),
    Deliver(usize, usize, Wire),
    Crash { member: usize, loses_store: bool },
}

impl Schedules {
    fn send(state: &mut State, from: usize, said: Vec<(WarehouseId, Say)>) {
        for (to, say) in said {
            let to = MEMBERS.iter().position(|name| *name == to.as_str()).unwrap();
            state.wires.insert((from, to, Wire::Say(say)));
        }
    }

    fn put_forward(&self, state: &mut State, i: usize) {
        let ignores = self.fault == Some(Fault::IgnoresAccepted);
        let balloting = state.members[i].balloting.as_mut().unwrap();
        let mut said = balloting.put_forward(|wish| wish);
        if ignores {
            for (_, say) in &mut said {
                if let Say::Accept { change, .. } = say {
                    *change = wish(i);
                }
            }
        }
        Self::store(state, i);
        Self::send(state, i, said);
    }

    /// Stores the vote, and notes what is chosen: its proposer would write it into its ledger now.
    fn store(state: &mut State, i: usize) {
        let member = &mut state.members[i];
        if let Some(balloting) = &member.balloting {
            member.stored = balloting.acceptor().clone();
            state.chosen.extend(balloting.chosen().map(|chosen| chosen.change));
        }
    }

    fn deliver(&self, state: &mut State, from: usize, to: usize, wire: &Wire) {
        match wire {
            Wire::Say(say) => {
                let ignores = self.fault == Some(Fault::IgnoresAccepted);
                let say = match say {
                    Say::Promise { ballot, .. } if ignores => {
                        Say::Promise { ballot: ballot.clone(), accepted: None }
                    }
                    say => say.clone(),
                };
                let Some(balloting) = &mut state.members[to].balloting else { return };
                let answer = balloting.hear(&id(from), &say);
                Self::store(state, to);
                if let Some(answer) = answer {
                    state.wires.insert((to, from, Wire::Say(answer)));
                }
            }
            Wire::Ask => {
                // Who is recovering itself answers nothing.
                if let Some(balloting) = &state.members[to].balloting {
                    let vote = balloting.acceptor().vote().clone();
                    state.wires.insert((to, from, Wire::Vote(vote)));
                }
            }
            Wire::Vote(vote) => {
                let member = &mut state.members[to];
                if member.balloting.is_some() || member.votes_heard.iter().any(|(who, _)| *who == from) {
                    return;
                }
                member.votes_heard.insert((from, vote.clone()));
                if member.votes_heard.len() + 1 == MEMBERS.len() {
                    let others = member.votes_heard.iter().map(|(_, vote)| vote);
                    let resumed = Acceptor::resumed(member.stored.vote(), others);
                    member.votes_heard = BTreeSet::new();
                    member.balloting = Some(balloting(to, resumed));
                    Self::store(state, to);
                }
            }
        }
    }

    fn crash(&self, state: &mut State, i: usize, loses_store: bool) {
        state.crashes += 1;
        let member = &mut state.members[i];
        if loses_store {
            state.losses += 1;
            member.stored = Acceptor::default();
            if self.fault == Some(Fault::VotesAtOnce) {
                member.balloting = Some(balloting(i, Acceptor::default()));
                return;
            }
            member.balloting = None;
            for other in (0..MEMBERS.len()).filter(|other| *other != i) {
                state.wires.insert((i, other, Wire::Ask));
            }
        } else {
            if self.fault == Some(Fault::ForgetsAtRestart) {
                member.stored = Acceptor::default();
            }
            member.balloting = Some(balloting(i, member.stored.clone()));
        }
    }
}

impl Schedules {
    /// Whether no member loses its store from now on.
    const fn losses_are_over(&self, state: &State) -> bool {
        state.crashes >= self.crashes || state.losses >= self.losses
    }

    /// Whether nobody will ever heed a message, however often it comes.
    fn is_ignored(&self, state: &State, (from, to, wire): &(usize, usize, Wire)) -> bool {
        let member = &state.members[*to];
        let say = match wire {
            // Who has its vote again hears no more of others' votes.
            Wire::Ask => return self.losses_are_over(state) && state.members[*from].balloting.is_some(),
            Wire::Vote(_) => return self.losses_are_over(state) && member.balloting.is_some(),
            Wire::Say(say) => say,
        };
        match say {
            Say::Promise { ballot, .. } | Say::Accepted { ballot, .. } | Say::Refused { ballot, .. } => {
                // A ballot that is over is never begun again, unless by a member that has lost its store.
                let is_last = member.begun >= self.ballots[*to];
                let proposer = member.balloting.as_ref().and_then(Balloting::proposer);
                let proposer = proposer.filter(|proposer| proposer.ballot() == ballot);
                is_last
                    && proposer.is_none_or(|proposer| match say {
                        Say::Promise { .. } => proposer.forward().is_some(),
                        Say::Accepted { .. } => {
                            proposer.forward().is_some() && proposer.has_answered(&id(*from))
                        }
                        Say::Refused { promised, .. } => {
                            promised <= ballot || proposer.beaten_by().is_some_and(|by| promised <= by)
                        }
                        _ => false,
                    })
            }
            Say::Prepare { ballot } | Say::Accept { ballot, .. } => {
                // Votes only go forward where stores are kept. So what changes nothing now never will, and who
                // ignores this answer ignores all that may come instead.
                if !self.losses_are_over(state) || self.fault == Some(Fault::ForgetsAtRestart) {
                    return false;
                }
                let Some(balloting) = &member.balloting else { return false };
                let mut acceptor = balloting.acceptor().clone();
                let answer = match say {
                    Say::Accept { change, .. } => acceptor.accept(ballot, change),
                    _ => acceptor.prepare(ballot),
                };
                let answer = answer.map(|answer| (*to, *from, Wire::Say(answer.to(ballot))));
                acceptor == *balloting.acceptor()
                    && answer.is_none_or(|answer| self.is_ignored(state, &answer))
            }
        }
    }
}

impl Reduced for Schedules {
    fn reduce(&self, state: &mut State) {
        for (i, member) in state.members.iter_mut().enumerate() {
            let Some(balloting) = member.balloting.as_mut().filter(|_| member.begun >= self.ballots[i])
            else {
                continue;
            };
            // No later ballot begins here. What is chosen is noted; what was refused tells only from where on to begin.
            if balloting.chosen().is_some() {
                balloting.give_up();
            } else if let Some(ballot) = balloting.proposer().map(|p| p.ballot().clone()) {
                let other = id((i + 1) % MEMBERS.len());
                let promised = Ballot { n: 1_000, node: other.clone() };
                balloting.hear(&other, &Say::Refused { ballot, promised });
            }
        }
        let ignored: Vec<_> =
            state.wires.iter().filter(|wire| self.is_ignored(state, wire)).cloned().collect();
        for wire in ignored {
            state.wires.remove(&wire);
        }
    }

    fn whole(&self) -> Self {
        Self { reduced: false, ..self.clone() }
    }
}

/// Whether a change is decided from here once one member alone proposes and everything arrives.
fn can_decide(state: &State) -> bool {
    if !state.chosen.is_empty() {
        return true;
    }
    let model = Schedules { ballots: [0; 3], crashes: 0, losses: 0, fault: None, reduced: false };
    let mut state = state.clone();
    // Whoever lost its store comes back first.
    for (from, to, wire) in state.wires.clone() {
        if wire == Wire::Ask {
            model.deliver(&mut state, from, to, &wire);
        }
    }
    for (from, to, wire) in state.wires.clone() {
        if matches!(wire, Wire::Vote(_)) {
            model.deliver(&mut state, from, to, &wire);
        }
    }
    let Some(i) = (0..MEMBERS.len()).find(|i| state.members[*i].balloting.is_some()) else { return false };
    for _ in 0..4 {
        state.wires.clear();
        let said = state.members[i].balloting.as_mut().unwrap().propose(wish(i));
        Schedules::store(&mut state, i);
        Schedules::send(&mut state, i, said);
        for puts_forward in [false, true] {
            if puts_forward {
                model.put_forward(&mut state, i);
            }
            for _ in 0..2 {
                for (from, to, wire) in state.wires.clone() {
                    model.deliver(&mut state, from, to, &wire);
                }
            }
        }
        if !state.chosen.is_empty() {
            return true;
        }
    }
    false
}

impl Model for Schedules {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let member = |i| Member {
            balloting: Some(balloting(i, Acceptor::default())),
            stored: Acceptor::default(),
            votes_heard: BTreeSet::new(),
            begun: 0,
        };
        let members = (0..MEMBERS.len()).map(member).collect();
        vec![State { members, wires: BTreeSet::new(), crashes: 0, losses: 0, chosen: BTreeSet::new() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (i, member) in state.members.iter().enumerate() {
            if let Some(balloting) = &member.balloting {
                if member.begun < self.ballots[i] {
                    actions.push(Action::Propose(i));
                }
                if balloting.proposer().is_some_and(rubentario::protocol::roster::Proposer::can_put_forward) {
                    actions.push(Action::PutForward(i));
                }
            }
            if state.crashes < self.crashes {
                actions.push(Action::Crash { member: i, loses_store: false });
                let all_run = state.members.iter().all(|member| member.balloting.is_some());
                if state.losses < self.losses && all_run {
                    actions.push(Action::Crash { member: i, loses_store: true });
                }
            }
        }
        actions.extend(state.wires.iter().map(|(from, to, wire)| Action::Deliver(*from, *to, wire.clone())));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Propose(i) => {
                state.members[i].begun += 1;
                let said = state.members[i].balloting.as_mut()?.propose(wish(i));
                Self::store(&mut state, i);
                Self::send(&mut state, i, said);
            }
            Action::PutForward(i) => self.put_forward(&mut state, i),
            Action::Deliver(from, to, wire) => self.deliver(&mut state, from, to, &wire),
            Action::Crash { member, loses_store } => self.crash(&mut state, member, loses_store),
        }
        if self.reduced {
            self.reduce(&mut state);
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let safe = vec![Property::<Self>::always("never two changes for one version", |_, state: &State| {
            state.chosen.len() <= 1
        })];
        if self.fault.is_some() {
            // A search for the fault ends where it is found.
            return safe;
        }
        vec![
            Property::always("never two changes for one version", |_, state: &State| state.chosen.len() <= 1),
            Property::always("a change can still be decided", |_, state: &State| can_decide(state)),
            Property::sometimes("a change is decided", |_, state: &State| state.chosen.len() == 1),
        ]
    }
}

/// Two propose, each once.
const TWO: Schedules = Schedules { ballots: [1, 1, 0], crashes: 0, losses: 0, fault: None, reduced: true };

#[test]
fn two_proposers_with_a_crash_never_choose_two_changes_and_can_always_go_on() {
    explore("roster, two proposals", TWO, SECONDS);
    explore("roster, two proposals, one crash", Schedules { crashes: 1, ..TWO }, SECONDS);
    let lost = Schedules { crashes: 1, losses: 1, ..TWO };
    explore("roster, one crash with or without store, first states", lost, Upto::First(40_000));
}

#[test]
#[ignore = "takes minutes"]
fn reduced_states_stand_for_all() {
    explore("roster, whole and reduced", Whole::of(&TWO), MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn reduced_states_stand_for_all_that_walks_come_to() {
    let lost = Schedules { crashes: 1, losses: 1, ..TWO };
    assert_walks("roster::reduced_states_stand_for_all_that", &Whole::of(&lost), 1_000_000);
}

#[test]
#[ignore = "takes minutes"]
fn two_proposers_with_a_lost_store_to_the_end() {
    let lost = Schedules { crashes: 1, losses: 1, ..TWO };
    explore("roster, two proposals, one crash with or without store", lost, MINUTES);
}

#[test]
fn walks_with_many_ballots_and_crashes() {
    let rough = Schedules { ballots: [4, 3, 3], crashes: 4, losses: 1, fault: None, reduced: false };
    assert_walks("roster::walks_with_many_ballots", &rough, 20_000);
}

/// Each of these faults makes two changes possible, or the model would not see much.
fn finds_two_changes(schedules: Schedules) {
    let checker = schedules.checker().threads(2).spawn_bfs().join();
    assert!(checker.discovery("never two changes for one version").is_some(), "the fault was not found");
}

#[test]
fn an_acceptor_that_forgets_its_promise_at_a_restart_is_caught() {
    let fault = Some(Fault::ForgetsAtRestart);
    finds_two_changes(Schedules { ballots: [1, 1, 0], crashes: 1, losses: 0, fault, reduced: true });
}

#[test]
fn a_member_that_votes_at_once_after_losing_its_store_is_caught() {
    let fault = Some(Fault::VotesAtOnce);
    finds_two_changes(Schedules { ballots: [1, 1, 0], crashes: 1, losses: 1, fault, reduced: true });
}

#[test]
fn a_proposer_that_ignores_what_was_accepted_is_caught() {
    let fault = Some(Fault::IgnoresAccepted);
    finds_two_changes(Schedules { ballots: [1, 1, 0], crashes: 0, losses: 0, fault, reduced: true });
}
