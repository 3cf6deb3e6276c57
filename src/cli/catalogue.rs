//! Verbs of the catalogue and of the own reorder rules.

use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::book::record;
use super::reach::Session;
use super::{Desk, Failure, Retry, failure};
use crate::domain::ProductFields;
use crate::domain::gtin::Gtin;
use crate::domain::reorder::ServiceLevel;
use crate::domain::{Pack, Quantity, QuantityError, Refusal, ReorderRule, Sku};
use crate::ledger::act::Act;
use crate::text::Lang;
use crate::text::refusal::quantity_error;
use crate::text::typing::gtin_error;

/// What to do with a product.
#[derive(Debug, Subcommand)]
pub enum ProductVerb {
    /// Make a product, or change what is given of one
    Set(Set),
    /// Take a product out of the catalogue, once nothing of it is left in any warehouse or on the road
    Retire(Retire),
}

/// What is said of a product; what isn't given stays.
#[derive(Debug, Args)]
pub struct Set {
    /// Its reference
    pub sku: String,
    /// Without the product's lock: where others change the same meanwhile, the later word wins
    #[arg(long)]
    pub unlocked: bool,
    /// Its name
    #[arg(long)]
    pub name: Option<String>,
    /// The unit it is counted in, such as ud or kg; fixed once goods have moved
    #[arg(long)]
    pub unit: Option<String>,
    /// Decimals that quantities may have
    #[arg(long, value_name = "0-3", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub decimals: Option<u8>,
    /// Barcodes of one unit; may be given several times, all of them replace those that were; "" for none
    #[arg(long, value_name = "GTIN")]
    pub barcode: Option<Vec<String>>,
    /// Packs, each a size or `SIZE:GTIN`; may be given several times, all of them replace those that were; "" for none
    #[arg(long, value_name = "SIZE[:GTIN]")]
    pub pack: Option<Vec<String>>,
    /// A free grouping
    #[arg(long)]
    pub category: Option<String>,
    /// Whether every receipt must name a lot
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub lot_tracked: Option<bool>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A product that goes.
#[derive(Debug, Args)]
pub struct Retire {
    /// Its reference
    pub sku: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// What to do with a rule.
#[derive(Debug, Subcommand)]
pub enum RuleVerb {
    /// Set what is given of this warehouse's rule and shelf for a product; the rest stays
    Set(SetRule),
}

/// What is said of a rule; `none` takes a number away.
#[derive(Debug, Args)]
pub struct SetRule {
    /// The product
    pub sku: String,
    /// An alert is raised at or below this position; "none": computed where there is a service level, else no alert
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub reorder_point: Option<String>,
    /// Order up to this
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub maximum: Option<String>,
    /// Order multiples of this
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub multiple: Option<String>,
    /// Never order less than this
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub minimum_order: Option<String>,
    /// Days from order to goods
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    pub lead_time: Option<String>,
    /// By how many days deliveries stray from that
    #[arg(long, value_name = "DAYS")]
    pub lead_time_deviation: Option<String>,
    /// How sure not to run out, in percent: what a reorder point is computed from where none is fixed
    #[arg(long, value_name = "90|95|97.5|99")]
    pub service_level: Option<String>,
    /// Where it stands in this warehouse
    #[arg(long, value_name = "TEXT")]
    pub shelf: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// `product …`
pub(super) async fn product(
    verb: ProductVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    match verb {
        ProductVerb::Set(set) => {
            let sku = Sku::new(&set.sku)?;
            let fields = fields(&set, &sku, lang)?;
            if fields == ProductFields::default() {
                return Err(nothing_said(&sku, session).await?.into());
            }
            must_be_free(&sku, &fields, session).await?;
            let what = format!("{} {sku}", lang.pick("producto", "product"));
            if sku.as_str().contains(char::is_whitespace) {
                let words = lang.pick(
                    "aviso: el SKU lleva un espacio; en las líneas hay que entrecomillarlo",
                    "warning: the SKU holds a blank; on lines it must be quoted",
                );
                writeln!(desk.err, "rubentario: {words}")?;
            }
            let act = Act::SetProduct { sku, fields, unlocked: set.unlocked };
            record_unless_so(set.retry.id(), act, &what, session, desk).await
        }
        ProductVerb::Retire(retire) => {
            let sku = Sku::new(&retire.sku)?;
            let what = format!("{} {sku}", lang.pick("retirada de", "retirement of"));
            let act = Act::RetireProduct { sku };
            record(retire.retry.id(), act, &what, session, desk).await.map(drop)
        }
    }
}

/// `rule …`
pub(super) async fn rule(
    RuleVerb::Set(set): RuleVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let sku = Sku::new(&set.sku)?;
    let said = [
        &set.reorder_point,
        &set.maximum,
        &set.multiple,
        &set.minimum_order,
        &set.lead_time,
        &set.lead_time_deviation,
        &set.service_level,
    ];
    if said.iter().all(|text| text.is_none()) && set.shelf.is_none() {
        return Err(Refusal::Nothing.into());
    }
    let rule = if said.iter().any(|text| text.is_some()) {
        let known = known_rule(&sku, session, desk).await?;
        Some(changed(known, &set, &sku, desk.setting.lang)?)
    } else {
        None
    };
    let what = format!("{} {sku}", desk.setting.lang.pick("regla de", "rule of"));
    let act = Act::SetRule { sku, rule, shelf: set.shelf };
    record_unless_so(set.retry.id(), act, &what, session, desk).await
}

/// A barcode that another product in use bears already would make every scan of it a question.
async fn must_be_free(sku: &Sku, fields: &ProductFields, session: &mut Session) -> Result<(), Failure> {
    let packs = fields.packs.iter().flatten().filter_map(|pack| pack.barcode);
    let given: Vec<Gtin> = fields.barcodes.iter().flatten().copied().chain(packs).collect();
    if given.is_empty() {
        return Ok(());
    }
    for view in session.products().await?.iter().filter(|v| v.product.sku != *sku && !v.product.retired) {
        let product = &view.product;
        let theirs = product.barcodes.iter().copied().chain(product.packs.iter().filter_map(|p| p.barcode));
        if let Some(code) = theirs.into_iter().find(|code| given.contains(code)) {
            return Err(field("barcodes", format!("{} is {}'s already", code.short(), product.sku)));
        }
    }
    Ok(())
}

/// Why a product of which nothing is said can't be set.
async fn nothing_said(sku: &Sku, session: &mut Session) -> Result<Refusal, Failure> {
    let products = session.products().await?;
    if products.iter().any(|view| view.product.sku == *sku) {
        return Ok(Refusal::Nothing);
    }
    let problem = "a new product needs a name".to_owned();
    Ok(Refusal::Field { field: "name".to_owned(), problem })
}

/// Records an act that says how something is to be. What is so already is done, as in an import.
async fn record_unless_so(
    id: Uuid,
    act: Act,
    what: &str,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    match record(id, act, what, session, desk).await {
        Err(Failure::Refused(Refusal::Nothing)) if desk.json => {
            Ok(writeln!(desk.out, "{}", json!({"request": id, "entries": []}))?)
        }
        Err(Failure::Refused(Refusal::Nothing)) => {
            let so = desk
                .setting
                .lang
                .pick("ya es así; no hay nada que registrar", "it is so already; nothing to record");
            Ok(writeln!(desk.out, "{what}: {so}")?)
        }
        done => done.map(drop),
    }
}

/// The own rule as it stands: the act replaces it whole.
async fn known_rule(sku: &Sku, session: &mut Session, desk: &Desk<'_>) -> Result<ReorderRule, Failure> {
    let products = session.products().await?;
    let known = products.iter().find(|view| view.product.sku == *sku);
    let known = known.ok_or_else(|| Refusal::UnknownSku { sku: sku.clone() })?;
    let rule = known.rule(&desk.setting.warehouse);
    Ok(rule.map(|state| state.rule.clone()).unwrap_or_default())
}

fn changed(mut rule: ReorderRule, set: &SetRule, sku: &Sku, lang: Lang) -> Result<ReorderRule, Failure> {
    let qty = |option: &str, known: &mut Option<Quantity>, said: &Option<String>| {
        if let Some(said) = said {
            let amount = |said: &str| match failure::quantity(lang, sku, said)? {
                less if less.is_negative() => {
                    let problem = quantity_error(lang, &QuantityError::Negative);
                    Err(field(option, format!("«{said}»: {problem}")))
                }
                amount => Ok(amount),
            };
            *known = if is_none(said) { None } else { Some(amount(said)?) };
        }
        Ok::<(), Failure>(())
    };
    qty("--reorder-point", &mut rule.reorder_point, &set.reorder_point)?;
    qty("--maximum", &mut rule.maximum, &set.maximum)?;
    qty("--multiple", &mut rule.multiple, &set.multiple)?;
    qty("--minimum-order", &mut rule.minimum_order, &set.minimum_order)?;
    days(&mut rule.lead_time_days, set.lead_time.as_deref(), "--lead-time", lang)?;
    let deviation = set.lead_time_deviation.as_deref();
    days(&mut rule.lead_time_deviation_days, deviation, "--lead-time-deviation", lang)?;
    match set.service_level.as_deref() {
        None => {}
        Some(said) if is_none(said) => rule.service_level = None,
        Some(said) => {
            let level = ServiceLevel::parse(said).ok_or_else(|| {
                let levels = ServiceLevel::ALL.map(ServiceLevel::word).join(", ");
                field(
                    "--service-level",
                    format!("«{said}» {} {levels}", lang.pick("no es ninguno de", "is none of")),
                )
            })?;
            rule.service_level = Some(level);
        }
    }
    Ok(rule)
}

fn days(known: &mut Option<u32>, said: Option<&str>, option: &str, lang: Lang) -> Result<(), Failure> {
    match said {
        None => {}
        Some(said) if is_none(said) => *known = None,
        Some(said) => {
            let days = said.parse().map_err(|_| {
                let why = lang.pick("no es un número de días", "is not a number of days");
                field(option, format!("«{said}» {why}"))
            })?;
            *known = Some(days);
        }
    }
    Ok(())
}

fn is_none(said: &str) -> bool {
    said.is_empty() || said == "none"
}

fn fields(set: &Set, sku: &Sku, lang: Lang) -> Result<ProductFields, Failure> {
    let barcodes = set
        .barcode
        .as_ref()
        .map(|texts| {
            let given = texts.iter().filter(|text| !text.is_empty());
            given.map(|text| gtin("--barcode", text, lang)).collect()
        })
        .transpose()?;
    let packs = set
        .pack
        .as_ref()
        .map(|texts| {
            let given = texts.iter().filter(|text| !text.is_empty());
            given.map(|text| pack(sku, text, lang)).collect()
        })
        .transpose()?;
    Ok(ProductFields {
        name: set.name.clone(),
        unit: set.unit.clone(),
        decimals: set.decimals,
        barcodes,
        packs,
        category: set.category.clone(),
        lot_tracked: set.lot_tracked,
    })
}

fn pack(sku: &Sku, text: &str, lang: Lang) -> Result<Pack, Failure> {
    let (size, barcode) = match text.split_once(':') {
        Some((size, barcode)) => (size, Some(gtin("--pack", barcode, lang)?)),
        None => (text, None),
    };
    Ok(Pack { size: super::line::positive(lang, sku, size)?, barcode })
}

fn gtin(option: &str, text: &str, lang: Lang) -> Result<Gtin, Failure> {
    Gtin::parse(text).map_err(|error| field(option, format!("«{text}»: {}", gtin_error(lang, &error))))
}

fn field(field: &str, problem: String) -> Failure {
    Refusal::Field { field: field.to_owned(), problem }.into()
}
