//! Who works in a warehouse: books at the door of its node, and asks again under the same id what wasn't answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rubentario::domain::{
    Lot, Operator, ProductFields, Quantity, ShortageReason, Sku, TransferId, TransferState, WarehouseId,
};
use rubentario::ledger::act::{Act, ArrivalLine, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::node::client::Client;
use rubentario::node::{Event, Intent};
use rubentario::ui::Model;
use tokio::sync::watch;
use uuid::Uuid;

use super::process::Settings;

/// Products and whether they have lots.
const PRODUCTS: [(&str, bool); 4] =
    [("GU-NIT-M", false), ("ALCOHOL-1L", true), ("GASA-10", true), ("CINTA-50", false)];
const LOTS: [&str; 3] = ["L-01", "L-02", "L-03"];
/// Requests without an answer at one time.
const AT_ONCE: usize = 3;
/// New requests after each start, and for each kill anywhere.
const PER_START: u64 = 8;
const PER_ROUND: u64 = 5;
/// Answered requests that are asked again after a start.
const TRIED_AGAIN: usize = 3;

/// What all clerks are told.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    pub rounds: u64,
    pub finish: bool,
}

/// A request and what became of it.
#[derive(Debug, Clone)]
pub struct Done {
    pub request: Request,
    pub outcome: Outcome,
    /// The node's incarnation when it was asked first, and when it was answered.
    pub first_asked: u64,
    pub answered: u64,
}

/// All that a clerk did.
#[derive(Debug)]
pub struct Work {
    pub me: WarehouseId,
    pub done: BTreeMap<Uuid, Done>,
}

/// What ended a conversation.
enum End {
    Cut,
    Finished,
}

pub struct Clerk {
    me: WarehouseId,
    others: Vec<WarehouseId>,
    socket: PathBuf,
    rng: ChaCha8Rng,
    orders: watch::Receiver<Orders>,
    model: Model,
    start: u64,
    allowed: u64,
    rounds: u64,
    /// With the incarnation in which each was asked first, oldest first.
    unanswered: Vec<(Request, u64)>,
    tried_again: Vec<Uuid>,
    done: BTreeMap<Uuid, Done>,
}

impl Clerk {
    pub fn new(settings: &Settings, others: Vec<&str>, seed: u64, orders: watch::Receiver<Orders>) -> Self {
        let mut clerk = Self {
            me: settings.id(),
            others: others.into_iter().map(|name| WarehouseId::new(name).unwrap()).collect(),
            socket: settings.socket(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            orders,
            model: Model::default(),
            start: 0,
            allowed: 0,
            rounds: 0,
            unanswered: Vec::new(),
            tried_again: Vec::new(),
            done: BTreeMap::new(),
        };
        if clerk.me.as_str() == "madrid" {
            for (sku, lots) in PRODUCTS {
                let fields = ProductFields {
                    name: Some(sku.to_owned()),
                    lot_tracked: Some(lots),
                    ..ProductFields::default()
                };
                clerk.take_up(Act::SetProduct { sku: Sku::new(sku).unwrap(), fields });
            }
        }
        clerk
    }

    /// Works from the first start of the node to the order to finish; tells the answers since each start.
    pub async fn work(mut self, mut running: watch::Receiver<u64>, tell: watch::Sender<(u64, u64)>) -> Work {
        loop {
            let last = self.start;
            self.start = *running.wait_for(|start| *start > last).await.expect("the warehouse stands");
            self.allowed += PER_START;
            let Ok(mut client) = Client::connect(&self.socket).await else { continue };
            if matches!(self.converse(&mut client, &tell).await, End::Finished) {
                return Work { me: self.me, done: self.done };
            }
        }
    }

    async fn converse(&mut self, client: &mut Client, tell: &watch::Sender<(u64, u64)>) -> End {
        let mut answers = 0;
        let mut greeted = false;
        self.model = Model::default();
        if client.send(&Intent::Subscribe).await.is_err() {
            return End::Cut;
        }
        tell.send_replace((self.start, 0));
        loop {
            let joined = self.model.status.as_ref().is_some_and(|status| status.joined);
            let requests = match (joined, greeted) {
                (true, false) => self.what_was_not_answered(),
                (true, true) => self.more(),
                (false, _) => Vec::new(),
            };
            greeted |= joined;
            if !requests.is_empty() && client.send(&Intent::Do { requests }).await.is_err() {
                return End::Cut;
            }
            if self.orders.borrow().finish
                && greeted
                && self.unanswered.is_empty()
                && self.tried_again.is_empty()
            {
                return End::Finished;
            }
            tokio::select! {
                event = client.next() => match event {
                    Ok(Some(Event::Lagged)) => if client.send(&Intent::Subscribe).await.is_err() {
                        return End::Cut;
                    },
                    Ok(Some(event)) => {
                        answers += self.hear(event);
                        tell.send_replace((self.start, answers));
                    }
                    Ok(None) | Err(_) => return End::Cut,
                },
                _ = self.orders.changed() => {}
            }
        }
    }

    /// The requests to ask again: all without an answer, in their order, and some that were answered.
    fn what_was_not_answered(&mut self) -> Vec<Request> {
        let recorded = self.done.values().filter(|done| matches!(done.outcome, Outcome::Recorded { .. }));
        let recorded: Vec<_> = recorded.map(|done| done.request.clone()).collect();
        let again: Vec<_> = recorded.sample(&mut self.rng, TRIED_AGAIN).cloned().collect();
        self.tried_again = again.iter().map(|request| request.id).collect();
        self.unanswered.iter().map(|(request, _)| request.clone()).chain(again).collect()
    }

    fn more(&mut self) -> Vec<Request> {
        let orders = self.orders.borrow_and_update().clone();
        self.allowed += (orders.rounds - self.rounds) * PER_ROUND;
        self.rounds = orders.rounds;
        let mut more = Vec::new();
        let ready = self.model.products.len() == PRODUCTS.len() && !orders.finish;
        while ready && self.allowed > 0 && self.unanswered.len() < AT_ONCE {
            self.allowed -= 1;
            let act = self.think_of_something();
            more.push(self.take_up(act));
        }
        more
    }

    fn take_up(&mut self, act: Act) -> Request {
        let request = Request { id: Uuid::now_v7(), operator: Operator::new("ana").unwrap(), act };
        self.unanswered.push((request.clone(), self.incarnation()));
        request
    }

    fn incarnation(&self) -> u64 {
        self.model.status.as_ref().map_or(0, |status| status.incarnation.into())
    }

    /// Takes what the node says; counts the answers to what was open.
    fn hear(&mut self, event: Event) -> u64 {
        match event {
            Event::Picture { picture } => self.model.take_picture(*picture),
            Event::Changed { changes } => self.model.take_changes(*changes),
            Event::Answered { answers } => {
                let before = self.unanswered.len();
                for (id, outcome) in answers {
                    self.settle(id, outcome);
                }
                return (before - self.unanswered.len()).try_into().unwrap();
            }
            Event::Stopping { reason } => panic!("{} stops: {reason}", self.me),
            Event::Reply { .. } | Event::Lagged => {}
        }
        0
    }

    fn settle(&mut self, id: Uuid, outcome: Outcome) {
        if let Some(at) = self.unanswered.iter().position(|(request, _)| request.id == id) {
            let (request, first_asked) = self.unanswered.remove(at);
            self.done.insert(id, Done { request, outcome, first_asked, answered: self.incarnation() });
        } else {
            self.tried_again.retain(|again| *again != id);
            assert_eq!(self.done[&id].outcome, outcome, "{}: the same request, another answer", self.me);
        }
    }

    fn think_of_something(&mut self) -> Act {
        let act = match self.rng.random_range(0..10) {
            0..3 => None,
            3..5 => self.issue(),
            5..8 => self.send(),
            _ => self.answer_a_transfer(),
        };
        act.unwrap_or_else(|| self.receive())
    }

    fn receive(&mut self) -> Act {
        let (sku, lots) = *PRODUCTS.choose(&mut self.rng).unwrap();
        let lot = if lots { *LOTS.choose(&mut self.rng).unwrap() } else { "" };
        let line = ReceiptLine {
            sku: Sku::new(sku).unwrap(),
            lot: Lot::new(lot).unwrap(),
            expiry: lots.then(|| NaiveDate::from_ymd_opt(2099, 1, 1).unwrap()),
            qty: Quantity::units(self.rng.random_range(1..20)).unwrap(),
        };
        Act::Receive { lines: vec![line], reference: String::new() }
    }

    /// Some of what lies here; nothing where there is nothing.
    fn something_here(&mut self) -> Option<TakeLine> {
        let cells = self.model.products.values().flat_map(|product| {
            let here =
                product.cells.iter().filter(|cell| cell.warehouse == self.me && cell.on_hand.is_positive());
            here.map(|cell| (product.product.sku.clone(), cell.lot.clone(), cell.on_hand))
        });
        let cells: Vec<_> = cells.collect();
        let (sku, lot, on_hand) = cells.choose(&mut self.rng)?.clone();
        let units = on_hand.thousandths() / Quantity::SCALE;
        let qty = Quantity::units(self.rng.random_range(1..=units)).unwrap();
        Some(TakeLine { sku, lot: Some(lot), qty })
    }

    fn issue(&mut self) -> Option<Act> {
        let line = self.something_here()?;
        Some(Act::Issue { lines: vec![line], reference: String::new(), allow_expired: false })
    }

    fn send(&mut self) -> Option<Act> {
        let mut lines = vec![self.something_here()?];
        if let Some(second) = self.something_here().filter(|line| line.sku != lines[0].sku) {
            lines.push(second);
        }
        let to = self.others.choose(&mut self.rng).unwrap().clone();
        Some(Act::Send { to, lines, reference: String::new() })
    }

    fn answer_a_transfer(&mut self) -> Option<Act> {
        let mine = self.model.transfers.values().filter(|transfer| match transfer.state() {
            TransferState::Dispatched => transfer.to == self.me,
            TransferState::Rejected => transfer.from == self.me,
            _ => false,
        });
        let mine: Vec<_> = mine.cloned().collect();
        let transfer = mine.choose(&mut self.rng)?.clone();
        let id: TransferId = transfer.id.clone();
        if transfer.state() == TransferState::Rejected {
            return Some(Act::TakeBack { transfer: id, lines: Vec::new() });
        }
        if self.rng.random_bool(0.2) {
            return Some(Act::Reject { transfer: id, reason: "wet".into() });
        }
        let first = &transfer.dispatch.as_ref()?.lines[0];
        let short = self.rng.random_bool(0.3).then(|| ArrivalLine {
            sku: first.sku.clone(),
            lot: Some(first.lot.clone()),
            arrived: first.qty.minus(Quantity::units(1).unwrap()).unwrap(),
            reason: Some(ShortageReason::Damaged),
        });
        Some(Act::TakeIn { transfer: id, lines: short.into_iter().collect() })
    }
}
