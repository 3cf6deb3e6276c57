//! Two processes under one name, each with its own copy of the folder: the one that isn't served writes nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

use rubentario::bus::BusConfig;
use rubentario::domain::Refusal;
use rubentario::ledger::act::Outcome;
use rubentario::node::{Intent, Node, NodeConfig};
use rubentario::ui::Model;
use tempfile::TempDir;

use super::hand::{self, Hand, has, product, receipt};

pub struct OneName {
    bus: BusConfig,
    cluster: String,
    home: TempDir,
    away: TempDir,
}

impl OneName {
    pub fn on(bus: impl FnOnce(&Path) -> BusConfig, cluster: String) -> Self {
        let (home, away) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        Self { bus: bus(home.path()), cluster, home, away }
    }

    pub async fn start(&self, home: &Path, name: &str) -> Node {
        let config =
            NodeConfig { bus: self.bus.clone(), cluster: self.cluster.clone(), ..hand::config(home, name) };
        rubentario::node::start(config).await.unwrap()
    }

    /// Madrid and sevilla at work, and another sevilla on a copy of her folder; two pieces are there.
    pub async fn at_work(&self) -> ([Node; 3], [Hand; 3]) {
        let madrid = self.start(self.home.path(), "madrid").await;
        let mut ana = Hand::at(&madrid).await;
        let first = self.start(self.home.path(), "sevilla").await;
        let mut luis = Hand::at(&first).await;
        luis.books(product()).await;
        luis.books(receipt(2)).await;
        ana.until(|model| has(model, "sevilla", 2)).await;
        first.stop().await;
        let copy = self.away.path().join("sevilla");
        fs::create_dir(&copy).unwrap();
        for file in fs::read_dir(self.home.path().join("sevilla")).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), copy.join(file.file_name())).unwrap();
            }
        }
        let first = self.start(self.home.path(), "sevilla").await;
        let luis = Hand::at(&first).await;
        let second = self.start(self.away.path(), "sevilla").await;
        let (intents, events) = second.door();
        let mut eva = Hand { intents, events, model: Model::default() };
        eva.intents.send(Intent::Subscribe).await.unwrap();
        eva.until(|model| model.status.is_some()).await;
        ([madrid, first, second], [ana, luis, eva])
    }
}

/// Refused with what happened, why, and what to do.
pub async fn is_refused(hand: &mut Hand) {
    match hand.does(receipt(90)).await {
        Outcome::Refused { refusal: Refusal::Stopped { why } } => {
            assert!(
                why.contains("another process is served") && why.contains("stop one of the two"),
                "{why}"
            );
        }
        other => panic!("{other:?}"),
    }
    let status = hand.status().await;
    assert!(status.stopped.is_some_and(|why| why.contains("another process is served")));
}

pub fn forks(model: &Model) -> usize {
    model.alerts.iter().filter(|alert| alert.what.word() == "ledger_fork").count()
}

/// The second writes nothing, from its first moment on; once the first has gone it goes on behind what that one wrote.
pub async fn the_second_writes_nothing_before_it_knows_what_the_first_wrote(place: OneName) {
    let ([madrid, first, second], [mut ana, mut luis, mut eva]) = place.at_work().await;
    is_refused(&mut eva).await;
    luis.books(receipt(3)).await;
    ana.until(|model| has(model, "sevilla", 5)).await;
    is_refused(&mut eva).await;
    eva.until(|model| model.alerts.iter().any(|alert| alert.what.word() == "bus_down")).await;

    first.stop().await;
    eva.until(|model| model.status.as_ref().is_some_and(|s| s.stopped.is_none() && s.joined)).await;
    assert!(has(&eva.model, "sevilla", 5), "what the first wrote has come back");
    eva.books(receipt(4)).await;
    ana.until(|model| has(model, "sevilla", 9)).await;
    assert_eq!((forks(&ana.model), forks(&eva.model)), (0, 0));
    second.stop().await;
    madrid.stop().await;
}
