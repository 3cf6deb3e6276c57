//! Two clusters on one bus: of one key, and both with a Madrid, so that only their names keep them apart.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use rubentario::node::event::{PeerState, Reply};
use rubentario::node::{Node, Question};
use rubentario::store::HistoryQuery;

use super::hand::{Hand, has, product, receipt};

/// Madrid and another warehouse of one cluster, at work.
struct Pair {
    madrid: Hand,
    other: Hand,
    names: [&'static str; 2],
    received: [i64; 2],
}

impl Pair {
    async fn at_work(nodes: [&Node; 2], name: &'static str, received: [i64; 2]) -> Self {
        let (mut madrid, mut other) = (Hand::at(nodes[0]).await, Hand::at(nodes[1]).await);
        madrid.books(product()).await;
        madrid.books(receipt(received[0])).await;
        other.until(|model| has(model, "madrid", received[0])).await;
        other.books(receipt(received[1])).await;
        madrid.until(|model| has(model, name, received[1])).await;
        let alive = PeerState::Alive;
        madrid.until(|model| model.peers.iter().any(|p| p.id.as_str() == name && p.state == alive)).await;
        other.until(|model| model.peers.iter().any(|p| p.id.as_str() == "madrid" && p.state == alive)).await;
        Self { madrid, other, names: ["madrid", name], received }
    }

    async fn dropped(&mut self) -> [u64; 2] {
        [self.madrid.status().await.dropped_messages, self.other.status().await.dropped_messages]
    }

    async fn knows_only_itself(&mut self) {
        for (at, hand) in [&mut self.madrid, &mut self.other].into_iter().enumerate() {
            let Reply::History { page } = hand
                .reply(Question::History { query: HistoryQuery { limit: 100, ..HistoryQuery::default() } })
                .await
            else {
                panic!("no history")
            };
            let stored: BTreeSet<_> =
                page.rows.iter().map(|row| (row.origin.to_string(), row.qty.thousandths() / 1000)).collect();
            let booked = self.names.iter().map(|name| (*name).to_owned()).zip(self.received).collect();
            assert_eq!(stored, booked, "{}", self.names[at]);
            let status = hand.status().await;
            let members: Vec<_> =
                status.roster.members.iter().map(rubentario::domain::WarehouseId::as_str).collect();
            let mut names = self.names;
            names.sort_unstable();
            assert_eq!(members, names);
            assert_eq!((status.roster.other_cluster, status.dead_letters), (None, 0));
            let peers: Vec<_> = hand.model.peers.iter().map(|peer| peer.id.as_str()).collect();
            assert_eq!(peers, [self.names[1 - at]]);
        }
    }
}

/// Both were founded, both work, and neither shows, stores or is even sent anything of the other.
pub async fn neither_sees_the_other(one: [&Node; 2], two: [&Node; 2]) {
    let mut one = Pair::at_work(one, "sevilla", [50, 5]).await;
    let before = one.dropped().await;
    let mut two = Pair::at_work(two, "bilbao", [7, 2]).await;
    assert_eq!(one.dropped().await, before, "nothing of the other comes even to be dropped");
    one.knows_only_itself().await;
    two.knows_only_itself().await;
}
