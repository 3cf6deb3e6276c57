//! What is shown, as CSV; and the row under the cursor, as text.

use std::path::PathBuf;

use chrono::{SecondsFormat, Utc};

use super::keys::Place;
use super::moment::Moment;
use super::screens::board;
use super::screens::snapshots::{Grid, Opened};
use super::screens::stocktake::open_one;
use super::view::View;
use crate::domain::{LineState, Quantity, Sku};
use crate::ledger::MovementRow;
use crate::ledger::book::StocktakeLine;
use crate::node::snapshots::differences;
use crate::text::sheet::table;
use crate::text::{Lang, alert_line, format, replenish};

/// Where an export goes, below the data dir: `exports/stock-20261124-140319.csv`.
#[must_use]
pub fn path(what: &str, now: &Moment) -> PathBuf {
    let when = format::local(now.wall_ms, now.zone).format("%Y%m%d-%H%M%S");
    PathBuf::from("exports").join(format!("{what}-{when}.csv"))
}

/// What is shown where the keys are: its name and its rows, with a line of headings.
#[must_use]
pub fn shown(view: &View) -> (&'static str, String) {
    match view.place() {
        Place::Stock => ("stock", stock(view, &view.stock().rows)),
        Place::Card => ("product", stock(view, view.card().map(|c| c.sku.clone()).as_slice())),
        Place::History => ("history", history(view)),
        Place::Peers => ("peers", peers(view)),
        Place::Alerts => ("alerts", alerts(view)),
        Place::Transfers => ("transfers", transfers(view)),
        Place::Snapshots => snapshots(view),
        Place::Promises => ("promises", promises(view)),
        Place::Stocktake => ("stocktake", stocktake(view)),
        Place::Replenish => ("purchase", purchase(view)),
        Place::Today => ("today", today(view)),
    }
}

/// What is shown as JSON, where the screen has that: what is opened of the snapshots.
#[must_use]
pub fn shown_as_json(view: &View) -> Option<String> {
    if view.place() != Place::Snapshots {
        return None;
    }
    match &view.viewer().opened {
        Opened::One(detail) => serde_json::to_string_pretty(detail).ok(),
        Opened::Two(first, second) => serde_json::to_string_pretty(&(first, second)).ok(),
        Opened::Then(then) => serde_json::to_string_pretty(then).ok(),
        Opened::List | Opened::Waiting => None,
    }
}

/// The list, what lay where, or what differs.
fn snapshots(view: &View) -> (&'static str, String) {
    let grid = |grid: Grid| {
        let mut records = grid.records().into_iter();
        let heading = records.next().unwrap_or_default();
        let heading: Vec<_> = heading.iter().map(String::as_str).collect();
        table(&heading, records)
    };
    match &view.viewer().opened {
        Opened::One(detail) => ("snapshot", grid(Grid::of(&detail.stock, &detail.riding))),
        Opened::Then(then) => ("stock-as-of", grid(Grid::of(&then.stock, &then.riding))),
        Opened::Two(first, second) => {
            let rows = differences(first, second).into_iter().map(|d| {
                let place = d.warehouse.map_or_else(|| "in_transit".to_owned(), |w| w.to_string());
                vec![d.sku.to_string(), d.lot.to_string(), place, d.before.to_string(), d.after.to_string()]
            });
            ("snapshot-diff", table(&["sku", "lot", "where", "before", "after"], rows))
        }
        Opened::List | Opened::Waiting => {
            let known = view.viewer().rows.iter().filter_map(|id| view.model().snapshots.get(id));
            let rows = known.map(|s| {
                let closed = s.closed.as_ref();
                let missing: Vec<_> =
                    closed.iter().flat_map(|c| &c.missing).map(|m| format!("{}:{}", m.id, m.seq)).collect();
                vec![
                    s.id.to_string(),
                    moment(s.begun_ms),
                    s.operator.to_string(),
                    closed.is_some_and(|c| c.missing.is_empty()).to_string(),
                    missing.join(" "),
                    s.digests_agree().to_string(),
                ]
            });
            (
                "snapshots",
                table(&["id", "taken_at", "operator", "complete", "missing", "digests_agree"], rows),
            )
        }
    }
}

/// What is to be bought: of those that are ticked, or of all.
fn purchase(view: &View) -> String {
    let (run, Some(here)) = (view.run(), view.own()) else { return String::new() };
    let meant = run.rows.iter().filter(|sku| run.ticked.is_empty() || run.ticked.contains(*sku));
    let rows = meant.filter_map(|sku| Some((view.model().products.get(sku)?.as_ref(), run.lows.get(sku)?)));
    replenish::purchase(rows, here)
}

fn moment(ms: i64) -> String {
    chrono::DateTime::<Utc>::from_timestamp_millis(ms)
        .map_or_else(String::new, |t| t.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn number(q: Option<Quantity>) -> String {
    q.map_or_else(String::new, |q| q.to_string())
}

fn stock(view: &View, skus: &[Sku]) -> String {
    let heading = [
        "sku",
        "name",
        "lot",
        "expiry",
        "warehouse",
        "shelf",
        "on_hand",
        "reserved",
        "available",
        "reorder_point",
        "given_up",
    ];
    let products = skus.iter().filter_map(|sku| view.model().products.get(sku));
    let rows = products.flat_map(|p| {
        p.cells.iter().map(move |c| {
            let rule = p.rule(&c.warehouse);
            let lost = p.is_given_up(&c.warehouse);
            let counted = |qty| if lost { Quantity::ZERO } else { qty };
            vec![
                p.product.sku.to_string(),
                p.product.name.clone(),
                c.lot.to_string(),
                c.expiry.map_or_else(String::new, |day| day.to_string()),
                c.warehouse.to_string(),
                rule.map_or_else(String::new, |r| r.shelf.clone()),
                counted(c.on_hand).to_string(),
                counted(c.reserved).to_string(),
                number(c.on_hand.minus(c.reserved).ok().map(counted)),
                number(p.reorder_point(&c.warehouse)),
                if lost { c.on_hand } else { Quantity::ZERO }.to_string(),
            ]
        })
    });
    table(&heading, rows)
}

fn history_row(row: &MovementRow) -> Vec<String> {
    vec![
        format!("{}:{}", row.origin, row.seq),
        row.kind.to_string(),
        row.sku.to_string(),
        row.lot.to_string(),
        row.qty.to_string(),
        row.origin.to_string(),
        moment(row.at_ms),
        row.operator.to_string(),
        row.reason.clone(),
        row.reference.clone(),
        row.transfer.as_ref().map_or_else(String::new, ToString::to_string),
    ]
}

fn history(view: &View) -> String {
    let heading =
        ["entry", "kind", "sku", "lot", "qty", "warehouse", "at", "operator", "reason", "ref", "transfer"];
    table(&heading, view.history().rows().iter().map(|r| history_row(r)))
}

fn peers(view: &View) -> String {
    let heading = ["id", "state", "rtt_ms", "offset_ms", "error_ms", "lag_entries", "last_seen"];
    let real = |n: Option<f64>| n.map_or_else(String::new, |n| format!("{n:.3}"));
    let rows = view.model().peers.iter().map(|p| {
        let state = serde_json::to_value(p.state).ok();
        let state = state.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        vec![
            p.id.to_string(),
            state,
            real(p.rtt_ms),
            real(p.offset_ms),
            real(p.error_ms),
            p.lag_entries.to_string(),
            p.last_seen_ms.map_or_else(String::new, moment),
        ]
    });
    table(&heading, rows)
}

fn alerts(view: &View) -> String {
    let heading = ["id", "kind", "severity", "sku", "warehouse", "text", "raised_at", "acknowledged_by"];
    let rows = view.model().alerts.iter().map(|a| {
        vec![
            a.id.clone(),
            a.what.word().to_owned(),
            a.what.severity().to_string(),
            a.what.sku().map_or_else(String::new, ToString::to_string),
            a.warehouse.to_string(),
            alert_line(view.lang(), a, view.now().wall_ms),
            moment(a.raised_ms),
            a.acknowledged_by.clone().unwrap_or_default(),
        ]
    });
    table(&heading, rows)
}

fn transfers(view: &View) -> String {
    let heading = [
        "id",
        "from",
        "to",
        "state",
        "sku",
        "lot",
        "requested",
        "dispatched",
        "arrived",
        "shortage",
        "reason",
    ];
    let ids = view.board().columns.iter().flatten();
    let rows = ids.filter_map(|id| view.model().transfers.get(id)).flat_map(|t| {
        board::line_facts(t).into_iter().map(move |l| {
            let (short, reason) = l.short.map_or((None, String::new()), |(q, why)| (Some(q), why));
            vec![
                t.id.to_string(),
                t.from.to_string(),
                t.to.to_string(),
                t.state().to_string(),
                l.sku.to_string(),
                l.lot,
                number(l.requested),
                number(l.dispatched),
                number(l.arrived),
                number(short),
                reason,
            ]
        })
    });
    table(&heading, rows)
}

fn promises(view: &View) -> String {
    let heading = ["kind", "id", "warehouse", "sku", "lot", "qty", "left", "day", "text"];
    let rows = view.promises().rows.iter().map(|p| {
        vec![
            p.kind.word(Lang::En).to_owned(),
            p.id.to_string(),
            p.id.origin.to_string(),
            p.sku.to_string(),
            p.lot.to_string(),
            p.qty.to_string(),
            p.left.to_string(),
            p.day.map_or_else(String::new, |day| day.to_string()),
            p.text.clone(),
        ]
    });
    table(&heading, rows)
}

/// What was done and is to be done today; `urgent` of them should have been dealt with by now.
fn today(view: &View) -> String {
    let rows = view.today().rows.iter().map(|row| {
        let matter = row.matter.name(view.lang()).to_owned();
        vec![matter, row.count.map_or_else(String::new, |n| n.to_string()), row.late.to_string()]
    });
    table(&["matter", "count", "urgent"], rows)
}

/// The lines in sight of the stocktake; the book stays hidden from whoever counts blind.
fn stocktake(view: &View) -> String {
    let heading = [
        "stocktake",
        "shelf",
        "sku",
        "name",
        "lot",
        "state",
        "book",
        "counted",
        "difference",
        "moved_since",
        "times",
        "counted_by",
        "counted_at",
        "reviewed_by",
        "reason",
    ];
    let id = view.sheet().id.as_ref().map_or_else(String::new, ToString::to_string);
    let is_open = open_one(view.model()).is_some();
    let rows = view.sheet().shown().map(|row| {
        let line = row.line.as_ref();
        let seen = line.filter(|_| !row.hides_book);
        let review = line.and_then(|line| line.review.as_ref());
        let book = if row.hides_book { None } else { Some(line.map_or(row.on_hand, |line| line.book)) };
        vec![
            id.clone(),
            row.shelf.clone(),
            row.sku.to_string(),
            row.name.clone(),
            row.lot.to_string(),
            row.state.map_or("to_count", LineState::word).to_owned(),
            number(book),
            number(line.map(|line| line.counted)),
            number(seen.map(StocktakeLine::difference)),
            number(seen.filter(|_| is_open).map(|_| row.moved())),
            line.map_or(0, |line| line.times).to_string(),
            line.map_or_else(String::new, |line| line.by.to_string()),
            line.map_or_else(String::new, |line| moment(line.at_ms)),
            review.map_or_else(String::new, |review| review.by.to_string()),
            review.map_or("", |review| review.reason.word()).to_owned(),
        ]
    });
    table(&heading, rows)
}

/// The row under the cursor as one line of text; empty when there is none.
#[must_use]
pub fn row(view: &View) -> String {
    match view.place() {
        Place::Stock | Place::Card | Place::Replenish => view.selected_sku().map(ToString::to_string),
        Place::History => view.history().selected().map(|r| history_row(r).join(" ")),
        Place::Peers => view.model().peers.get(view.peers_cursor().at).map(|p| p.id.to_string()),
        Place::Alerts => {
            let alert = view.model().alerts.get(view.alerts_cursor().at);
            alert.map(|a| alert_line(view.lang(), a, view.now().wall_ms))
        }
        Place::Transfers => view.board().selected().map(ToString::to_string),
        Place::Snapshots => view.viewer().selected().map(ToString::to_string),
        Place::Promises => view.promises().selected().map(|p| p.id.to_string()),
        Place::Today => view
            .today()
            .selected()
            .map(|row| [&[row.matter.name(view.lang()).to_owned()], &row.named[..]].concat().join("\n")),
        Place::Stocktake => {
            view.sheet().selected().map(|row| format!("{} {}", row.sku, row.lot).trim_end().to_owned())
        }
    }
    .unwrap_or_default()
}
