//! Operators who let warehouses in, give them new keys, and let them go.

use rubentario::domain::Operator;
use rubentario::ledger::PublicKey;
use rubentario::ledger::act::{Act, Request};
use rubentario::protocol::Core;
use rubentario::protocol::core::Standing;
use uuid::Uuid;

use super::world::World;

/// Whether the members decide on it.
pub fn is_of_roster(act: &Act) -> bool {
    matches!(act, Act::AdmitWarehouse { .. } | Act::RetireWarehouse { .. })
}

impl World {
    /// Whoever waits to be let in, or shows another key, is let go on by an operator at some member; whoever burnt down
    /// is given up, by one operator only: two who use force on the two sides of a partition may split the roster.
    pub(super) fn keep_members(&mut self) {
        for who in 0..self.nodes.len() {
            let warehouse = self.nodes[who].name.clone();
            let standing = |core: &Core| core.standing(&warehouse);
            let is_burnt = self.nodes[who].burnt;
            let wanted = |core: &Core| match standing(core) {
                _ if !core.is_member() => None,
                Standing::OtherKey => {
                    Some(Act::AdmitWarehouse { warehouse: warehouse.clone(), replace_key: true })
                }
                Standing::Candidate if !self.nodes[0].admits => {
                    Some(Act::AdmitWarehouse { warehouse: warehouse.clone(), replace_key: false })
                }
                Standing::Member if is_burnt => {
                    Some(Act::RetireWarehouse { warehouse: warehouse.clone(), force: true })
                }
                _ => None,
            };
            let by_force = |r: &Request| matches!(r.act, Act::RetireWarehouse { force: true, .. });
            if is_burnt && (self.forced_alone || self.nodes.iter().any(|n| n.asking.iter().any(by_force))) {
                continue;
            }
            let cores = self.nodes.iter().enumerate().filter_map(|(at, n)| Some((at, n.core.as_ref()?)));
            let cores = cores.filter(|(_, core)| core.may_append());
            let found = cores.into_iter().find_map(|(at, core)| Some((at, wanted(core)?)));
            if let Some((at, act)) = found
                && !self.nodes[at].asking.iter().any(|r| r.act == act)
            {
                self.ask(at, act);
            }
        }
    }

    /// Somebody wants some warehouse retired; mostly it is not empty.
    pub(super) fn retire(&mut self, who: usize) {
        let warehouse = self.nodes[who].name.clone();
        let at = (0..self.nodes.len()).find(|at| self.nodes[*at].core.is_some());
        if let Some(at) = at.filter(|_| self.members() > 3) {
            self.ask(at, Act::RetireWarehouse { warehouse, force: false });
        }
    }

    /// A warehouse burns down: its machine never comes back. Others hold all that it wrote.
    pub(super) fn burn_down(&mut self, i: usize) {
        if self.members() > 3 && !self.nodes.iter().any(|n| n.burnt) && self.may_lose_its_key(i) {
            self.nodes[i].burnt = true;
            self.nodes[i].asking.clear();
            self.crash(i, "fault: burnt down");
        }
    }

    fn members(&self) -> usize {
        let rosters = self.nodes.iter().filter_map(|n| n.core.as_ref()?.roster());
        rosters.map(|roster| roster.members.len()).min().unwrap_or(0)
    }

    /// Whether somebody belongs, by the newest roster that is known.
    pub(super) fn belongs(&self, i: usize) -> bool {
        let rosters = self.nodes.iter().filter_map(|n| n.core.as_ref()?.roster());
        let newest = rosters.max_by_key(|roster| roster.version);
        !self.nodes[i].burnt && newest.is_some_and(|roster| roster.has(&self.nodes[i].name))
    }

    /// Whether somebody was retired or has burnt down.
    pub(super) fn has_left(&self, i: usize) -> bool {
        let name = &self.nodes[i].name;
        let rosters = self.nodes.iter().filter_map(|n| n.core.as_ref()?.roster());
        self.nodes[i].burnt || rosters.into_iter().any(|roster| roster.former.contains_key(name))
    }

    /// Whether a node's disk may go with its key. Where several of few have lost what they promised, only an operator's
    /// force helps, which the tests of the roster look after; so all others are whole, and one knows it.
    pub(super) fn may_lose_its_key(&self, i: usize) -> bool {
        let name = &self.nodes[i].name;
        let is_whole = |c: &Core| c.joined() && c.recovering().is_none() && c.is_member();
        let mut others = (0..self.nodes.len()).filter(|j| *j != i && !self.has_left(*j));
        let all_whole = others.clone().all(|j| self.nodes[j].core.as_ref().is_some_and(is_whole));
        let belongs = |c: &Core| c.standing(name) == Standing::Member;
        all_whole && !self.is_last_copy(i) && others.any(|j| self.nodes[j].core.as_ref().is_some_and(belongs))
    }

    /// Whether somebody goes by a key that is not the roster's.
    pub(super) fn a_key_is_lost(&self) -> bool {
        self.nodes.iter().any(|n| {
            let key = PublicKey(n.key.verifying_key().to_bytes());
            let cores = self.nodes.iter().filter_map(|o| o.core.as_ref());
            cores.filter_map(|c| c.roster()?.key(&n.name)).any(|known| known != key)
        })
    }

    fn ask(&mut self, i: usize, act: Act) {
        self.wishes += 1;
        let id = Uuid::from_u128(u128::from(self.wishes));
        let operator = Operator::new("luis").unwrap();
        self.nodes[i].asking.push_back(Request { id, operator, act });
    }
}
