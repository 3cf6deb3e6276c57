//! States without what can't matter any more, and a look at whether they stand for all.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash};

use stateright::{Model, Property};

/// A model that takes out of its states what can't matter any more, so that exploring comes to an end.
///
/// A message that nobody will ever heed doubles all the states that it lies about in. Whether a machine heeds one is
/// asked of a copy of the machine itself; so the machines are those of production here as well, with whatever fault.
pub trait Reduced: Model + Sized {
    /// Takes it out.
    fn reduce(&self, state: &mut Self::State);

    /// The same model that takes nothing out.
    fn whole(&self) -> Self;
}

/// A model that takes nothing out, beside the states that the reduced one comes to.
pub struct Whole<M> {
    whole: M,
    reduced: HashSet<u64>,
}

/// 64 bits of a state.
fn hash(state: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(state)
}

impl<M: Reduced<State: Hash>> Whole<M> {
    /// Of a model, all states of which are gone through in its reduced form.
    pub fn of(model: &M) -> Self {
        let mut reduced = HashSet::new();
        let mut open = model.init_states();
        let mut actions = Vec::new();
        while let Some(state) = open.pop() {
            if reduced.insert(hash(&state)) {
                model.actions(&state, &mut actions);
                open.extend(actions.drain(..).filter_map(|action| model.next_state(&state, action)));
            }
        }
        Self { whole: model.whole(), reduced }
    }
}

impl<M: Reduced<State: Hash + Clone>> Model for Whole<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        self.whole.init_states()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        self.whole.actions(state, actions);
    }

    fn next_state(&self, last: &M::State, action: M::Action) -> Option<M::State> {
        self.whole.next_state(last, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("the reduced model comes to it as well", |this: &Self, state: &M::State| {
            let mut reduced = state.clone();
            this.whole.reduce(&mut reduced);
            this.reduced.contains(&hash(&reduced))
        })]
    }
}
