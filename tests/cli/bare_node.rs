//! Warehouses that share one book and answer at their doors as nodes do, without store and bus.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use rubentario::cli::reach::{Session, Setting};
use rubentario::cli::{self, Desk, Verb};
use rubentario::domain::{MovementKind, Operator, Refusal, Sku, TransferId, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, Request};
use rubentario::ledger::book::Book;
use rubentario::ledger::plan::{Ground, RecentMoves, plan};
use rubentario::ledger::{CommandId, Entry, MovementRow, StoredEntry};
use rubentario::node::event::{
    AskedView, CatchingUp, CellView, ClockView, LedgerView, LinkView, LockView, PeerState, PeerView,
    ProductView, Reply, RoadView, RosterStatus, SeatView, Standing, Status,
};
use rubentario::node::{Event, Intent, Question};
use rubentario::store::{HistoryPage, HistoryQuery};
use rubentario::text::Lang;
use tokio::sync::mpsc;
use uuid::Uuid;

/// 2026-06-15 12:00 UTC.
pub const NOW_MS: i64 = 1_781_524_800_000;

#[derive(Default)]
struct Shared {
    book: Book,
    done: HashMap<Uuid, (Act, Vec<TransferId>)>,
    entries: HashMap<TransferId, StoredEntry>,
    movements: Vec<MovementRow>,
    clock: u64,
    /// What was asked of all nodes, in order.
    seen: Vec<usize>,
    /// Requests for these products are answered so.
    refusals: HashMap<Sku, Refusal>,
}

/// Some warehouses.
#[derive(Clone, Default)]
pub struct Cluster {
    shared: Arc<Mutex<Shared>>,
}

/// What a node does once it has booked an act.
#[derive(Clone, Copy)]
pub enum Then {
    Answers,
    Goes,
    IsSilent,
}

/// What a verb printed.
#[derive(Debug)]
pub struct Told {
    pub exit: u8,
    pub out: String,
    pub err: String,
}

impl Told {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

pub fn id(text: &str) -> WarehouseId {
    WarehouseId::new(text).unwrap()
}

impl Cluster {
    /// Runs a verb in a warehouse as a script would, in English with `--json` unless told otherwise.
    pub async fn run(&self, warehouse: &str, words: &[&str]) -> Told {
        self.run_in(Lang::En, true, warehouse, words).await
    }

    /// For a person.
    pub async fn run_for_people(&self, lang: Lang, warehouse: &str, words: &[&str]) -> Told {
        self.run_in(lang, false, warehouse, words).await
    }

    /// As [`Self::run`], with a node that books what it is asked and then says nothing of it.
    pub async fn run_unanswered(&self, warehouse: &str, words: &[&str], then: Then) -> Told {
        self.run_with(self.session_that(warehouse, Lang::En, then), Lang::En, true, warehouse, words).await
    }

    async fn run_in(&self, lang: Lang, json: bool, warehouse: &str, words: &[&str]) -> Told {
        self.run_with(self.session(warehouse, lang), lang, json, warehouse, words).await
    }

    async fn run_with(
        &self,
        mut session: Session,
        lang: Lang,
        json: bool,
        warehouse: &str,
        words: &[&str],
    ) -> Told {
        let args = std::iter::once("rubentario").chain(words.iter().copied());
        let invocation = cli::parse(args.map(OsString::from)).expect("a well-formed command line");
        let Some(Verb::Talk(verb)) = invocation.verb else {
            panic!("not a verb that talks to a node");
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut desk = Desk {
            out: &mut out,
            err: &mut err,
            json,
            operator_flag: invocation.global.operator.clone(),
            setting: Setting { warehouse: id(warehouse), operator: Operator::new("ana").ok(), lang },
            now_ms: NOW_MS,
        };
        let exit = match cli::talk(verb, &mut session, &mut desk).await {
            Ok(()) => 0,
            Err(failure) => failure.tell(lang, json, &mut out, &mut err),
        };
        Told { exit, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

    /// A conversation with a warehouse's node.
    pub fn session(&self, warehouse: &str, lang: Lang) -> Session {
        self.session_that(warehouse, lang, Then::Answers)
    }

    fn session_that(&self, warehouse: &str, lang: Lang, then: Then) -> Session {
        let (intents, mut wanted) = mpsc::channel(64);
        let (events, told) = mpsc::channel(64);
        let (shared, me) = (self.shared.clone(), id(warehouse));
        tokio::spawn(async move {
            while let Some(intent) = wanted.recv().await {
                let is_act = matches!(intent, Intent::Do { .. });
                let said = shared.lock().unwrap().answer(&me, intent);
                match then {
                    Then::Goes if is_act => return,
                    Then::IsSilent if is_act => continue,
                    _ => {}
                }
                for event in said {
                    if events.send(event).await.is_err() {
                        return;
                    }
                }
            }
        });
        Session::over(intents, told, lang)
    }

    /// What the products are, as a node in this warehouse tells.
    pub fn products(&self) -> Vec<Arc<ProductView>> {
        self.shared.lock().unwrap().products()
    }

    /// Entries of a warehouse.
    pub fn recorded(&self, warehouse: &str) -> u64 {
        self.shared.lock().unwrap().book.head(&id(warehouse)).seq
    }

    /// From now on a request for this product is refused so.
    pub fn refuses(&self, sku: &str, refusal: Refusal) {
        self.shared.lock().unwrap().refusals.insert(sku.parse().unwrap(), refusal);
    }

    /// How many requests each message carried.
    pub fn messages(&self) -> Vec<usize> {
        self.shared.lock().unwrap().seen.clone()
    }
}

impl Shared {
    fn answer(&mut self, me: &WarehouseId, intent: Intent) -> Vec<Event> {
        match intent {
            Intent::Do { requests } => {
                self.seen.push(requests.len());
                let answers =
                    requests.into_iter().map(|request| (request.id, self.perform(me, &request))).collect();
                vec![Event::Answered { answers }]
            }
            Intent::Ask { id, question } => {
                let reply = Ok(self.reply(me, question));
                vec![Event::Reply { id, reply }]
            }
            Intent::StepBack { id, sku } => {
                let known = Ok(self.reply(me, Question::Locks));
                let reply = if sku.as_str() == "A" { known } else { Err("nothing waits".to_owned()) };
                vec![Event::Reply { id, reply }]
            }
            Intent::Subscribe | Intent::RecoverWithout { .. } | Intent::HandOver => Vec::new(),
        }
    }

    fn perform(&mut self, me: &WarehouseId, request: &Request) -> Outcome {
        if let Some((act, entries)) = self.done.get(&request.id) {
            return if *act == request.act {
                Outcome::Recorded { entries: entries.clone() }
            } else {
                Outcome::Refused { refusal: Refusal::RequestReused }
            };
        }
        if let Act::RequestTransfer { lines, .. } = &request.act
            && let Some(refusal) = lines.iter().find_map(|line| self.refusals.get(&line.sku))
        {
            return Outcome::Refused { refusal: refusal.clone() };
        }
        let others: Vec<_> = ["madrid", "sevilla", "valencia", "nyc", "boston", "chicago"]
            .into_iter()
            .map(id)
            .filter(|other| other != me)
            .collect();
        let target = match &request.act {
            Act::Reverse { entry, .. } => self.entries.get(entry),
            _ => None,
        };
        let recent = RecentMoves::since(0);
        let ground = Ground {
            book: &self.book,
            me,
            others: &others,
            today: chrono::NaiveDate::from_ymd_opt(2026, 6, 15).unwrap(),
            target,
            recent: &recent,
        };
        let planned = match plan(&ground, request) {
            Ok(planned) => planned,
            Err(refusal) => return Outcome::Refused { refusal },
        };
        let mut entries = Vec::new();
        for (index, planned) in planned.into_iter().enumerate() {
            let head = self.book.head(me);
            self.clock += 1;
            let stored = StoredEntry::write(Entry {
                origin: me.clone(),
                incarnation: 1,
                seq: head.seq + 1,
                hlc: (u64::try_from(NOW_MS).unwrap() << 16) + self.clock,
                error_ms: None,
                operator: request.operator.clone(),
                command: CommandId {
                    id: request.id,
                    index: u32::try_from(index).unwrap(),
                    digest: 0,
                    entries: 0,
                },
                names: planned.names,
                fences: Vec::new(),
                after: None,
                prev_hash: head.hash,
                body: planned.body,
            })
            .unwrap();
            let fold = self.book.fold(&stored).expect("what was planned breaks no invariant");
            self.book.take(&fold);
            self.movements.extend(fold.movements);
            let name = TransferId { origin: me.clone(), seq: head.seq + 1 };
            self.entries.insert(name.clone(), stored);
            entries.push(name);
        }
        self.done.insert(request.id, (request.act.clone(), entries.clone()));
        Outcome::Recorded { entries }
    }

    fn reply(&self, me: &WarehouseId, question: Question) -> Reply {
        match question {
            Question::Status => Reply::Status { status: Box::new(self.status(me)) },
            Question::Products => Reply::Products { products: self.products() },
            Question::History { query } => Reply::History { page: self.history(&query) },
            Question::Alerts => Reply::Alerts { alerts: Vec::new() },
            Question::Peers => Reply::Peers {
                peers: vec![PeerView {
                    id: id("sevilla"),
                    standing: Standing::Member,
                    state: PeerState::Down,
                    rtt_ms: Some(2.5),
                    offset_ms: Some(1.2),
                    error_ms: Some(0.4),
                    lag_entries: 7,
                    has_ours: 0,
                    applied: 1_200,
                    last_seen_ms: Some(NOW_MS - 240_000),
                    quarantine: None,
                }],
            },
            Question::Locks => Reply::Locks {
                locks: vec![LockView {
                    sku: "A".parse().unwrap(),
                    holder: Some(SeatView { warehouse: id("sevilla"), since_ms: NOW_MS - 4_000 }),
                    waiting: vec![SeatView { warehouse: me.clone(), since_ms: NOW_MS - 2_000 }],
                }],
            },
            Question::Transfers => {
                Reply::Transfers { transfers: self.book.transfers().cloned().map(Arc::new).collect() }
            }
            Question::Snapshots | Question::Snapshot { .. } | Question::StockAt { .. } => {
                unimplemented!("a bare node keeps no snapshots")
            }
            Question::Stocktakes => Reply::Stocktakes { stocktakes: Vec::new() },
            Question::Demand { .. } => Reply::Demand { days: Vec::new() },
            Question::DoneSince { .. } => Reply::DoneSince { done: Vec::new() },
            Question::IssueCounts => Reply::IssueCounts { counts: self.issue_counts(me) },
        }
    }

    fn status(&self, me: &WarehouseId) -> Status {
        let link = |kind: &str| LinkView { kind: kind.into(), up: true, trouble: None };
        Status {
            version: "0.1.0".into(),
            warehouse: me.clone(),
            name: "Madrid centro".into(),
            cluster: "local".into(),
            pid: 4711,
            incarnation: 1,
            recorded: self.book.head(me).seq,
            published: 0,
            seen_by_all: 0,
            joined: true,
            joining: false,
            recovering: false,
            recovery: None,
            catching_up: Some(CatchingUp {
                ledgers: vec![LedgerView { warehouse: id("sevilla"), entries: 1_200, of: 8_000 }],
                per_second: 100,
                seconds_left: Some(68),
            }),
            awaited: Vec::new(),
            once_recorded: None,
            attached: 0,
            stopped: None,
            store: link("SQLite"),
            bus: link("spool"),
            dropped_messages: 0,
            refused: rubentario::protocol::Refusals::default(),
            dead_letters: 0,
            roster: RosterStatus::default(),
            refused_markers: 0,
            clock: ClockView { offset_ms: 10_805_000, error_ms: Some(12), synchronised: true },
        }
    }

    fn products(&self) -> Vec<Arc<ProductView>> {
        let views = self.book.products().map(|(sku, state)| {
            let cells = self.book.cells(sku).map(|(key, cell)| CellView {
                warehouse: key.warehouse.clone(),
                lot: key.lot.clone(),
                expiry: cell.expiry,
                on_hand: cell.on_hand,
                reserved: cell.reserved,
                counted_ms: self.book.counted_ms(key),
            });
            let roads = self.book.roads(sku).flat_map(|transfer| {
                let sent = transfer.dispatch.iter().flat_map(|dispatch| &dispatch.lines);
                sent.filter(|line| line.sku == *sku).map(|line| RoadView {
                    transfer: transfer.id.clone(),
                    from: transfer.from.clone(),
                    to: transfer.to.clone(),
                    lot: line.lot.clone(),
                    qty: line.qty,
                })
            });
            let rules = self.book.rules_of(sku).map(|(w, rule)| (w.clone(), rule.clone()));
            Arc::new(ProductView {
                product: state.product.clone(),
                cells: cells.collect(),
                rules: rules.collect(),
                roads: roads.collect(),
                issued_30d: Vec::new(),
                points: Vec::new(),
                asked: self.asked(sku),
                given_up: Vec::new(),
                reservations: self.book.reservations_of(sku).cloned().collect(),
                expectations: self.book.expectations_of(sku).cloned().collect(),
            })
        });
        views.collect()
    }

    fn asked(&self, sku: &Sku) -> Vec<AskedView> {
        let open = self.book.open_requests(sku).map(|transfer| AskedView {
            from: transfer.from.clone(),
            to: transfer.to.clone(),
            qty: transfer.request.as_ref().unwrap().lines.iter().find(|line| line.sku == *sku).unwrap().qty,
        });
        open.collect()
    }

    fn issue_counts(&self, me: &WarehouseId) -> Vec<(Sku, u64)> {
        let mut counts = BTreeMap::new();
        let issues = self.movements.iter().filter(|row| row.origin == *me && row.kind == MovementKind::Issue);
        for row in issues {
            *counts.entry(row.sku.clone()).or_default() += 1;
        }
        counts.into_iter().collect()
    }

    fn history(&self, query: &HistoryQuery) -> HistoryPage {
        assert!((1..=1000).contains(&query.limit), "a page has 1 to 1000 rows");
        let found = self.movements.iter().rev().filter(|row| {
            query.sku.as_ref().is_none_or(|sku| row.sku == *sku)
                && query.warehouse.as_ref().is_none_or(|warehouse| row.origin == *warehouse)
                && (query.kinds.is_empty() || query.kinds.contains(&row.kind))
                && query.operator.as_ref().is_none_or(|who| row.operator.as_str() == who)
                && query.since_ms.is_none_or(|since| row.at_ms >= since)
                && query.until_ms.is_none_or(|until| row.at_ms < until)
                && query.after.as_ref().is_none_or(|after| row.sort_key < after.sort_key)
        });
        let limit = usize::try_from(query.limit).unwrap();
        let mut rows: Vec<_> = found.take(limit + 1).cloned().collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| rubentario::store::history::PageKey {
            sort_key: row.sort_key,
            origin: row.origin.clone(),
            seq: row.seq,
            line: row.line,
        });
        HistoryPage { rows, next }
    }
}
