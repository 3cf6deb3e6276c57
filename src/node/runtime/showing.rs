//! What is shown: views of what a turn commits, alerts that follow from them, peers and the node's own state.

use std::sync::Arc;

use super::{Ground, Runtime};
use crate::domain::Sku;
use crate::ledger::MovementRow;
use crate::ledger::book::StocktakeChange;
use crate::node::alerts::Moment;
use crate::node::clock;
use crate::node::event::{
    Changes, ClockView, LinkView, LockView, PeerView, ProductView, RosterStatus, Standing, Status,
};
use crate::node::views::{self, Issued};
use crate::protocol::Refusals;
use crate::protocol::batch::Batch;
use crate::protocol::effects::Changed;
use crate::protocol::input::Now;
use crate::store::Demand;

const MINUTE_MS: u64 = 60_000;
const PEERS_MS: u64 = 1_000;
/// The store is asked whether it answers when nothing was committed for so long.
const PING_MS: u64 = 10_000;
const ISSUED_MS: u64 = 60 * MINUTE_MS;
/// The list of alerts is told at most this often.
const ALERTS_MS: u64 = 100;
/// Round trips and offsets are told anew when they change by more than this many milliseconds and a fifth.
const WORTH_MS: f64 = 2.0;
const SEEN_STEP_MS: i64 = 10_000;
/// For so long after the start nobody is reported as down.
const GREETING_MS: u64 = 5_000;

/// How the node is before anything is known.
pub(super) fn first_status(ground: &Ground, store: &LinkView, bus: &LinkView) -> Status {
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        warehouse: ground.setup.me.clone(),
        name: ground.name.clone(),
        cluster: ground.setup.cluster.clone(),
        pid: std::process::id(),
        incarnation: ground.setup.incarnation,
        recorded: 0,
        published: 0,
        seen_by_all: 0,
        joined: false,
        joining: false,
        recovering: false,
        recovery: None,
        catching_up: None,
        awaited: Vec::new(),
        once_recorded: None,
        attached: 0,
        stopped: None,
        store: store.clone(),
        bus: bus.clone(),
        dropped_messages: 0,
        refused: Refusals::default(),
        dead_letters: 0,
        roster: RosterStatus::default(),
        refused_markers: 0,
        clock: ClockView::default(),
    }
}

impl Runtime {
    /// Shows everything once, and sets what is due when.
    pub(super) fn begin(&mut self, now: Now, movements: Vec<MovementRow>) {
        let moment = self.moment(now);
        let skus: Vec<Sku> = self.core.book().products().map(|(sku, _)| sku.clone()).collect();
        let mut changes = Changes {
            products: skus.iter().filter_map(|sku| self.product_view(sku)).collect(),
            transfers: self.core.book().transfers().cloned().map(Arc::new).collect(),
            stocktakes: self.core.book().stocktakes(self.core.me()).map(StocktakeChange::whole).collect(),
            snapshots: self.core.snapshots().all().cloned().map(Arc::new).collect(),
            movements: movements.into_iter().rev().map(Arc::new).collect(),
            peers: Some(self.peer_views(now)),
            ..Changes::default()
        };
        changes.status = Some(self.status(now));
        self.derive(&changes, moment);
        self.shown.take(&changes);
        self.derive_of_peers(self.shown.peers().to_vec().as_slice(), now);
        self.alerts.started();
        let undated = self.alerts.undated(self.core.book().transfers());
        if !undated.is_empty() {
            self.jobs.date(self.core.me().clone(), undated);
        }
        self.times = super::Times {
            started: now.mono_ms,
            core: now.mono_ms,
            peers: now.mono_ms + PEERS_MS,
            minute: now.mono_ms + MINUTE_MS,
            issued: now.mono_ms + ISSUED_MS,
            ping: now.mono_ms + PING_MS,
            alerts: now.mono_ms,
            today: moment.today,
        };
        self.begin_with_head();
        // A day that ended while the node was off is not waited for another minute.
        self.release_what_is_due(now);
        if let Some(claim) = self.ground.claim.take()
            && self.core.roster().is_none()
        {
            self.jobs.found(claim);
        }
    }

    /// The moment by cluster time.
    pub(super) fn moment(&self, now: Now) -> Moment {
        let ms = self.core.cluster_ms(now);
        Moment { wall_ms: i64::try_from(ms).unwrap_or(i64::MAX), today: clock::local_day_of(ms) }
    }

    fn product_view(&self, sku: &Sku) -> Option<Arc<ProductView>> {
        views::product(self.core.book(), sku, &self.issued).map(Arc::new)
    }

    /// What a turn changes, as it will be shown once it is committed.
    pub(super) fn changes_of(&mut self, changed: &Changed, batch: Option<&Batch>, now_ms: i64) -> Changes {
        if let Some(batch) = batch {
            let since_ms = views::recent_since(now_ms);
            self.dirty.issued_moved |= self.issued.count(&batch.movements, &batch.entries, since_ms);
        }
        let book = self.core.book();
        let transfers = changed.transfers.iter().filter_map(|id| book.transfer(id));
        Changes {
            transfers: transfers.cloned().map(Arc::new).collect(),
            stocktakes: changed
                .stocktakes
                .iter()
                .filter(|change| change.head.id.origin == *self.core.me())
                .cloned()
                .collect(),
            products: changed.products.iter().filter_map(|sku| self.product_view(sku)).collect(),
            movements: changed.movements.iter().cloned().map(Arc::new).collect(),
            snapshots: batch
                .into_iter()
                .flat_map(|batch| batch.rows.snapshots.iter().cloned().map(Arc::new))
                .collect(),
            ..Changes::default()
        }
    }

    /// Shows what was committed.
    pub(super) fn show(&mut self, changes: &Changes, now: Now) {
        if *changes == Changes::default() {
            return;
        }
        self.derive(changes, self.moment(now));
        self.shown.take(changes);
        self.doors.show(changes);
    }

    fn derive(&mut self, changes: &Changes, moment: Moment) {
        let recorded = &self.recorded;
        let acknowledged = |id: &str| recorded.acknowledged(id);
        for product in &changes.products {
            self.alerts.product(product, moment, &acknowledged);
        }
        for transfer in &changes.transfers {
            self.alerts.transfer(transfer, moment, &acknowledged);
        }
        for snapshot in &changes.snapshots {
            self.alerts.snapshot(snapshot, moment, &acknowledged);
        }
    }

    /// What time alone changes.
    pub(super) fn look_at_the_time(&mut self, now: Now) {
        if now.mono_ms >= self.times.peers {
            self.times.peers = now.mono_ms + PEERS_MS;
            self.dirty.peers = true;
            self.dirty.status = true;
            self.look_at_ledgers(now);
        }
        if now.mono_ms >= self.times.minute {
            self.times.minute = now.mono_ms + MINUTE_MS;
            self.a_minute_passed(now);
        }
        if now.mono_ms >= self.times.issued && !self.dirty.summing && self.unfinished.is_empty() {
            self.times.issued = now.mono_ms + ISSUED_MS;
            self.dirty.issued_moved = false;
            self.dirty.summing = true;
            let wall_ms = self.moment(now).wall_ms;
            self.jobs.issued(views::demand_since(wall_ms), wall_ms);
        }
        if now.mono_ms >= self.times.ping {
            self.times.ping = now.mono_ms + PING_MS;
            if !self.dirty.pinging && !self.committing {
                self.dirty.pinging = true;
                self.jobs.ping();
            }
        }
    }

    fn look_at_ledgers(&mut self, now: Now) {
        let was_behind = self.progress.view().is_some();
        self.progress.look(now.mono_ms, views::ledgers(self.core.ledgers(), &self.recorded));
        if was_behind && self.progress.view().is_none() {
            // Much of what came was of earlier days: the sums that reorder points rest on are taken anew.
            self.times.issued = now.mono_ms;
        }
    }

    fn a_minute_passed(&mut self, now: Now) {
        self.daily_snapshot(now);
        self.release_what_is_due(now);
        self.messages_changed(now);
        let moment = self.moment(now);
        let new_day = moment.today != self.times.today;
        self.times.today = moment.today;
        let recorded = &self.recorded;
        let acknowledged = |id: &str| recorded.acknowledged(id);
        if new_day {
            // The window moves on by a day, and the computed reorder points with it.
            self.times.issued = now.mono_ms;
            for product in self.shown.products() {
                self.alerts.product(&product, moment, &acknowledged);
            }
        }
        for id in self.alerts.overdue(moment) {
            if let Some(transfer) = self.shown.transfer(&id) {
                self.alerts.transfer(transfer, moment, &acknowledged);
            }
        }
    }

    /// What was issued of late is summed anew, as days have left the window; not if goods went out meanwhile, which
    /// the sums may or may not hold: then again in a minute.
    pub(super) fn summed(&mut self, sums: Option<Vec<Demand>>, now: Now) {
        self.dirty.summing = false;
        let Some(sums) = sums.filter(|_| !self.dirty.issued_moved) else {
            self.times.issued = now.mono_ms + MINUTE_MS;
            return;
        };
        self.issued = Issued::new(sums);
        let moved = self.shown.products().into_iter().filter_map(|product| {
            let issued_30d = self.issued.of(&product.product.sku);
            let points = self.issued.points(&product.product, &product.rules);
            let moved = issued_30d != product.issued_30d || points != product.points;
            moved.then(|| Arc::new(ProductView { issued_30d, points, ..(*product).clone() }))
        });
        let changes = Changes { products: moved.collect(), ..Changes::default() };
        self.show(&changes, now);
    }

    pub(super) fn peer_views(&self, now: Now) -> Vec<PeerView> {
        let peers = self.core.peers(now).into_iter();
        let views = peers.map(|peer| {
            let stored = self.recorded.head(&peer.id).seq;
            let has_ours = self.seen.of(&peer.id, peer.has_ours);
            views::peer(peer, stored, has_ours)
        });
        views.collect()
    }

    pub(super) fn lock_views(&self, now: Now) -> Vec<LockView> {
        let wall_ms = self.moment(now).wall_ms;
        views::locks(self.core.locks(now), wall_ms, now.mono_ms, self.shown.locks())
    }

    pub(super) fn status(&self, now: Now) -> Status {
        let recorded = self.recorded.head(self.core.me()).seq;
        let members = self.shown.peers().iter().filter(|peer| peer.standing == Standing::Member);
        let seen = members.map(|peer| peer.has_ours).min();
        let awaited = self.core.recovering();
        Status {
            incarnation: self.core.incarnation(),
            recorded,
            published: self.outbox.confirmed().min(recorded),
            seen_by_all: seen.unwrap_or(recorded).min(recorded),
            joined: self.core.joined() && !self.is_about_to_recover(),
            joining: self.core.joining(),
            recovering: awaited.is_some() && !self.core.joining(),
            recovery: self.core.recovery_status().map(|recovery| views::recovery(recovery, recorded)),
            catching_up: self.progress.view(),
            once_recorded: Some(self.head_written.seq).filter(|seq| awaited.is_some() && *seq > recorded),
            awaited: awaited.unwrap_or_default(),
            attached: self.doors.attached(),
            stopped: self.lost.clone().or_else(|| self.core.stopped().map(str::to_owned)),
            store: self.store.clone(),
            bus: self.bus.clone(),
            dropped_messages: self.inbox.dropped(),
            refused: self.core.refusals(),
            dead_letters: self.dead_letters,
            roster: self.core.roster_status(),
            refused_markers: self.core.refused_markers(),
            clock: views::clock(self.core.clock(now), self.shown.status().clock),
            ..self.shown.status().clone()
        }
    }

    /// Whether the head file tells of more than the store holds, and the first turn, which notes it, waits for the bus.
    fn is_about_to_recover(&self) -> bool {
        let stored = self.recorded.head(self.core.me());
        let (noted, stored) = [self.head_written, stored].map(|head| (head.incarnation, head.seq)).into();
        self.waits_for_bus && noted > stored
    }

    /// Tells peers, alerts and status where they changed.
    pub(super) fn tell(&mut self, now: Now) {
        let mut changes = Changes::default();
        if std::mem::take(&mut self.dirty.peers) {
            self.peers_changed(now, &mut changes);
            self.remember_seen(now);
            let locks = self.lock_views(now);
            changes.locks = (locks != self.shown.locks()).then_some(locks);
        }
        self.dirty.alerts |= self.alerts.take_changed();
        if self.dirty.alerts && now.mono_ms >= self.times.alerts {
            self.dirty.alerts = false;
            self.times.alerts = now.mono_ms + ALERTS_MS;
            changes.alerts = Some(self.alerts.list());
        }
        if std::mem::take(&mut self.dirty.status) {
            let status = self.status(now);
            changes.status = (status != *self.shown.status()).then_some(status);
        }
        if changes != Changes::default() {
            self.shown.take(&changes);
            self.doors.show(&changes);
            self.dirty.slow_doors = true;
        }
    }

    /// Keeps what the others tell of the own ledger for the next start.
    fn remember_seen(&mut self, now: Now) {
        for peer in self.core.peers(now) {
            if let Some(told) = peer.has_ours {
                self.seen.learn(&peer.id, told);
            }
        }
        if let Some(seen) = self.seen.take_new() {
            self.jobs.write_seen(seen);
        }
    }

    fn peers_changed(&mut self, now: Now, changes: &mut Changes) {
        let peers = self.peer_views(now);
        self.derive_of_peers(&peers, now);
        let before = self.shown.peers();
        let same_number = peers.len() == before.len();
        if same_number && !peers.iter().zip(before).any(|(new, old)| is_worth_telling(old, new)) {
            return;
        }
        changes.peers = Some(peers);
        self.dirty.status = true;
    }

    /// Alerts of peers and ledgers, the own one too where this node had to stop writing.
    fn derive_of_peers(&mut self, peers: &[PeerView], now: Now) {
        let moment = self.moment(now);
        let clock = self.core.clock(now);
        let recorded = &self.recorded;
        let acknowledged = |id: &str| recorded.acknowledged(id);
        // Beats need a moment to come: nobody is down before.
        if now.mono_ms >= self.times.started + GREETING_MS {
            // Whoever has left is answered by nobody any more, which is no trouble of theirs.
            let has_left = self.core.roster_status().left;
            self.alerts.peers(if has_left { &[] } else { peers }, moment, &acknowledged);
        }
        let asks = !self.ground.setup.admits;
        self.alerts.roster(&self.core.roster_status(), peers, asks, moment, &acknowledged);
        self.alerts.own_clock(views::clock(clock, ClockView::default()), moment, &acknowledged);
        // That another process is served is told of the bus.
        let stopped = self.lost.as_deref().or_else(|| self.core.stopped_for_good());
        let stopped = stopped.map(|why| (self.core.me(), why));
        let (forks, unread) = (recorded.quarantined().chain(stopped), self.core.unread_ledgers());
        self.alerts.ledgers(forks, unread, moment, &acknowledged);
    }
}

fn is_worth_telling(old: &PeerView, new: &PeerView) -> bool {
    let moved = |old: Option<f64>, new: Option<f64>| match (old, new) {
        (Some(old), Some(new)) => {
            let by = (old - new).abs();
            by >= WORTH_MS && by >= old.abs() / 5.0
        }
        (old, new) => old.is_some() != new.is_some(),
    };
    let seen = new.last_seen_ms.unwrap_or(0) - old.last_seen_ms.unwrap_or(0);
    old.id != new.id
        || old.standing != new.standing
        || old.state != new.state
        || old.quarantine != new.quarantine
        || (old.lag_entries, old.has_ours, old.applied) != (new.lag_entries, new.has_ours, new.applied)
        || moved(old.rtt_ms, new.rtt_ms)
        || moved(old.offset_ms, new.offset_ms)
        || seen >= SEEN_STEP_MS
}
