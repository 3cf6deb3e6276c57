//! `replenish`: what is low, what other warehouses can spare of it, and what is to be bought.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::failure::REFUSED;
use super::json::{number, optional_number};
use super::moment::today;
use super::reach::{Need, Session};
use super::read::print_json;
use super::table::{Align, Table};
use super::{Desk, Failure};
use crate::domain::replenish::AbcClass;
use crate::domain::{Quantity, Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::act::{Act, TakeLine};
use crate::node::event::ProductView;
use crate::node::replenish::{Classes, Low, along, judged, low};
use crate::text::number::{quantity, quantity_fixed};
use crate::text::{Lang, replenish as words};

/// What is listed, written or carried out.
#[derive(Debug, Args)]
pub struct Replenish {
    /// Only these products
    #[arg(value_name = "SKU")]
    pub skus: Vec<String>,
    /// Write what is to be bought to this file; without one, to stdout
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "act")]
    pub csv: Option<PathBuf>,
    /// Ask the other warehouses for what they can spare, under the products' locks
    #[arg(long = "do", id = "act")]
    pub act: bool,
}

impl Replenish {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        if self.act { Need::Write } else { Need::Read }
    }
}

/// A row of `replenish`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    sku: &'a Sku,
    name: &'a str,
    #[serde(serialize_with = "number")]
    on_hand: Quantity,
    #[serde(serialize_with = "number")]
    position: Quantity,
    #[serde(serialize_with = "number")]
    reorder_point: Quantity,
    computed: bool,
    days_of_cover: Option<f64>,
    abc: AbcClass,
    #[serde(serialize_with = "number")]
    requested: Quantity,
    #[serde(serialize_with = "number")]
    order: Quantity,
    bring: Vec<Brought<'a>>,
    #[serde(serialize_with = "number")]
    buy: Quantity,
}

/// What one warehouse gives.
#[derive(Debug, Serialize)]
struct Brought<'a> {
    warehouse: &'a WarehouseId,
    #[serde(serialize_with = "number")]
    qty: Quantity,
    #[serde(serialize_with = "number")]
    keeps: Quantity,
}

/// What became of a request.
#[derive(Debug, Serialize)]
struct Asked {
    sku: Sku,
    from: WarehouseId,
    #[serde(serialize_with = "number")]
    qty: Quantity,
    /// `claimed`, `claimed_by_other`, `no_majority`, `refused`; `unknown` where the node was lost before it answered, and
    /// `not_tried` from there on.
    outcome: &'static str,
    transfer: Option<TransferId>,
    /// Who has claimed what is there.
    by: Vec<WarehouseId>,
    #[serde(serialize_with = "optional_number")]
    claimable: Option<Quantity>,
    /// Why not, for people.
    message: Option<String>,
    #[serde(skip)]
    exit: u8,
}

/// `replenish`
pub(super) async fn replenish(
    args: Replenish,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let products = session.products().await?;
    let all = lows(&products, &args.skus, desk)?;
    if args.act {
        return carry_out(&all, session, desk).await;
    }
    let sheet = || words::purchase(all.iter().map(|(view, low)| (&***view, low)), &desk.setting.warehouse);
    let to_stdout = args.csv.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if to_stdout && !desk.json {
        let sheet = sheet();
        return Ok(write!(desk.out, "{sheet}")?);
    }
    if to_stdout {
        return Err(Failure::usage("--csv", Some("--csv FILE --json")));
    }
    if let Some(path) = &args.csv {
        std::fs::write(path, sheet()).map_err(|error| {
            let lang = desk.setting.lang;
            let what = lang.pick("no se puede escribir", "can't be written");
            Failure::usage(format!("{}: {what}: {error}", path.display()), None)
        })?;
    }
    let classes = session.classes().await?;
    if desk.json {
        let rows: Vec<Row> = all.iter().map(|(view, low)| row(view, low, &classes)).collect();
        return print_json(desk, &rows);
    }
    let empty = desk.setting.lang.pick("nada está bajo", "nothing is low");
    Ok(table(desk.setting.lang, &all, &classes).write(desk.out, empty)?)
}

/// What is low, of all products or of those that are named.
fn lows<'a>(
    products: &'a [Arc<ProductView>],
    named: &[String],
    desk: &Desk<'_>,
) -> Result<Vec<(&'a Arc<ProductView>, Low)>, Failure> {
    let named = named.iter().map(|sku| Sku::new(sku)).collect::<Result<BTreeSet<_>, _>>()?;
    for sku in &named {
        if !products.iter().any(|view| view.product.sku == *sku) {
            return Err(Refusal::UnknownSku { sku: sku.clone() }.into());
        }
    }
    let here = &desk.setting.warehouse;
    let today = today(desk.now_ms);
    let meant = products.iter().filter(|view| named.is_empty() || named.contains(&view.product.sku));
    Ok(meant.filter_map(|view| Some((view, low(view, here, today)?))).collect())
}

fn row<'a>(view: &'a ProductView, low: &'a Low, classes: &Classes) -> Row<'a> {
    let bring = low.proposal.bring.iter();
    Row {
        sku: &view.product.sku,
        name: &view.product.name,
        on_hand: low.on_hand,
        position: low.position,
        reorder_point: low.point,
        computed: low.is_computed,
        days_of_cover: low.cover.days(),
        abc: classes.of(&view.product.sku),
        requested: low.asked,
        order: low.proposal.order,
        bring: bring.map(|b| Brought { warehouse: &b.warehouse, qty: b.qty, keeps: b.keeps }).collect(),
        buy: low.proposal.buy,
    }
}

fn table(lang: Lang, all: &[(&Arc<ProductView>, Low)], classes: &Classes) -> Table {
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Producto", "Product"), Align::Left),
        (lang.pick("Hay", "On hand"), Align::Right),
        (lang.pick("Posición", "Position"), Align::Right),
        (lang.pick("Punto de pedido", "Reorder point"), Align::Right),
        (lang.pick("Días", "Days"), Align::Right),
        ("ABC", Align::Left),
        (lang.pick("Pedido ya", "Requested"), Align::Right),
        (lang.pick("Comprar", "Buy"), Align::Right),
        (lang.pick("Traer", "Bring"), Align::Left),
    ]);
    for (view, low) in all {
        let qty = |amount| quantity_fixed(lang, amount, view.product.decimals);
        let or_none = |amount: Quantity| if amount.is_zero() { "—".to_owned() } else { qty(amount) };
        let computed = if low.is_computed { lang.pick(" calc.", " comp.") } else { "" };
        let bring: Vec<_> = low.proposal.bring.iter().map(|b| words::bring(lang, b, qty)).collect();
        table.row(vec![
            view.product.sku.to_string(),
            view.product.name.clone(),
            qty(low.on_hand),
            qty(low.position),
            format!("{}{computed}", qty(low.point)),
            words::cover(lang, low),
            classes.of(&view.product.sku).to_string(),
            or_none(low.asked),
            or_none(low.proposal.buy),
            bring.join(", "),
        ]);
    }
    table
}

/// Asks for what other warehouses can spare, a request per product and warehouse: each is told on its own.
async fn carry_out(
    all: &[(&Arc<ProductView>, Low)],
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let here = &desk.setting.warehouse.clone();
    let operator = desk.setting.operator()?.clone();
    let mut asked = Vec::new();
    let mut cut_off: Option<Failure> = None;
    for (view, low) in all {
        for bring in &low.proposal.bring {
            let sku = view.product.sku.clone();
            let line = TakeLine { sku: sku.clone(), lot: None, qty: bring.qty };
            let act = Act::RequestTransfer {
                from: bring.warehouse.clone(),
                lines: vec![line],
                reference: String::new(),
                unlocked: false,
                judged: vec![judged(
                    view,
                    here,
                    &bring.warehouse,
                    bring.qty,
                    along(&low.proposal.bring, &bring.warehouse),
                )],
            };
            let done = match &cut_off {
                None => session.act(Uuid::now_v7(), &operator, act).await,
                Some(_) => Ok(Vec::new()),
            };
            let (said, failure) =
                outcome(sku, bring.warehouse.clone(), bring.qty, done, cut_off.is_some(), lang);
            cut_off = cut_off.or(failure);
            if !desk.json {
                writeln!(desk.out, "{}", in_words(lang, &said))?;
            }
            asked.push(said);
        }
    }
    if let Some(failure) = cut_off {
        let (exit, message) = (failure.exit(), failure.said(lang).message);
        return Err(Failure::Some { exit, message, lines: json!(asked) });
    }
    let refused = asked.iter().filter(|line| line.exit != 0).count();
    if refused > 0 {
        let all = asked.len();
        let exit = asked.iter().map(|line| line.exit).filter(|exit| *exit != 0).min().unwrap_or(REFUSED);
        let message = match lang {
            Lang::Es => format!("{refused} de {all} no se han podido pedir"),
            Lang::En => format!("{refused} of {all} could not be requested"),
        };
        return Err(Failure::Some { exit, message, lines: json!(asked) });
    }
    if desk.json {
        return print_json(desk, &asked);
    }
    if asked.is_empty() {
        let nothing =
            lang.pick("nada que traer de otros almacenes", "nothing to bring from other warehouses");
        writeln!(desk.out, "{nothing}")?;
    }
    Ok(())
}

/// What became of one, and the failure after which the others are not tried.
fn outcome(
    sku: Sku,
    from: WarehouseId,
    qty: Quantity,
    done: Result<Vec<TransferId>, Failure>,
    is_over: bool,
    lang: Lang,
) -> (Asked, Option<Failure>) {
    let mut asked = Asked {
        sku,
        from,
        qty,
        outcome: if is_over { "not_tried" } else { "claimed" },
        transfer: None,
        by: Vec::new(),
        claimable: None,
        message: is_over.then(|| lang.pick("no se ha intentado", "not tried").to_owned()),
        exit: 0,
    };
    match done {
        Ok(entries) => asked.transfer = entries.into_iter().next(),
        Err(failure) => {
            asked.exit = failure.exit();
            asked.message = Some(failure.said(lang).message);
            let Failure::Refused(why) = failure else {
                asked.outcome =
                    if matches!(failure, Failure::Unanswered { .. }) { "unknown" } else { "not_tried" };
                return (asked, Some(failure));
            };
            asked.outcome = match why {
                Refusal::Claimed { claimable, claims, .. } => {
                    asked.by = claims.into_iter().map(|(who, _)| who).collect();
                    asked.claimable = Some(claimable);
                    "claimed_by_other"
                }
                Refusal::NoMajority { .. } | Refusal::NoQuorum { .. } => "no_majority",
                _ => "refused",
            };
        }
    }
    (asked, None)
}

fn in_words(lang: Lang, asked: &Asked) -> String {
    let Asked { sku, from, .. } = asked;
    let qty = quantity(lang, asked.qty);
    let said = match (&asked.transfer, &asked.message) {
        (Some(id), _) => format!("{} ({id})", lang.pick("pedidas", "requested")),
        (None, Some(message)) => message.clone(),
        (None, None) => String::new(),
    };
    match lang {
        Lang::Es => format!("{sku}: {qty} de {from}: {said}"),
        Lang::En => format!("{sku}: {qty} from {from}: {said}"),
    }
}
