//! Verbs that move goods between warehouses.

use clap::{Args, Subcommand};
use serde_json::json;

use super::book::{record, tell_person};
use super::json::{ShortLine, short_lines};
use super::line::{arrival_line, take_lines};
use super::reach::Session;
use super::{Desk, Failure, Retry};
use crate::domain::{TransferId, WarehouseId};
use crate::ledger::act::{Act, ArrivalLine, TakeLine};
use crate::text::Lang;
use crate::text::number::{one_or_more, quantity};

/// A step of a transfer.
#[derive(Debug, Subcommand)]
pub enum TransferVerb {
    /// Ask another warehouse for goods
    Request(Request),
    /// Withdraw an own request
    Withdraw(Step),
    /// Decline a request that another warehouse made of us
    Decline(Reasoned),
    /// Send goods to another warehouse, of one's own accord or on its request
    Send(Send),
    /// Take in what another warehouse sent; lines that aren't named came whole
    Receive(Arrival),
    /// Refuse what another warehouse sent
    Reject(Reasoned),
    /// Take back what the destination rejected; lines that aren't named came back whole
    Return(Arrival),
}

/// Goods asked for.
#[derive(Debug, Args)]
pub struct Request {
    /// A product, perhaps with its lot behind an @, and how much; repeated
    #[arg(required = true, num_args = 1.., allow_negative_numbers = true, value_name = "SKU[@LOT] QTY")]
    pub lines: Vec<String>,
    /// Who is asked
    #[arg(long, value_name = "W")]
    pub from: String,
    /// Anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    /// Without the products' locks, where too few warehouses answer: the request claims nothing
    #[arg(long)]
    pub unlocked: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Goods sent.
#[derive(Debug, Args)]
pub struct Send {
    /// A product, perhaps with its lot behind an @, and how much; repeated. Without a lot, first expired first out
    #[arg(required_unless_present = "request", num_args = 1.., allow_negative_numbers = true, value_name = "SKU[@LOT] QTY")]
    pub lines: Vec<String>,
    /// Where to
    #[arg(long, value_name = "W", conflicts_with = "request", required_unless_present = "request")]
    pub to: Option<String>,
    /// The request that is answered; without lines all it asks for, as far as stock goes
    #[arg(long, value_name = "ID")]
    pub request: Option<TransferId>,
    /// Anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A step that needs no more than the transfer.
#[derive(Debug, Args)]
pub struct Step {
    /// The transfer, such as madrid:42
    pub id: TransferId,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A step that has a reason.
#[derive(Debug, Args)]
pub struct Reasoned {
    /// The transfer, such as madrid:42
    pub id: TransferId,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Goods that arrive.
#[derive(Debug, Args)]
pub struct Arrival {
    /// The transfer, such as madrid:42
    pub id: TransferId,
    /// What came of a line, and why not all of it.
    #[arg(
        long = "line",
        value_name = "LINE",
        help = "What came of a line, and why not all: SKU[@LOT]=QTY[:missing|damaged|expired|wrong_product|other]"
    )]
    pub lines: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// `transfer …`
pub(super) async fn transfer(
    verb: TransferVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (id, act, what) = match verb {
        TransferVerb::Request(args) => {
            let from = WarehouseId::new(&args.from)?;
            let what = format!("{} {from}", lang.pick("solicitud a", "request to"));
            let lines = take_lines(lang, &args.lines)?;
            let act = Act::RequestTransfer {
                from,
                lines,
                reference: args.reference,
                unlocked: args.unlocked,
                judged: Vec::new(),
            };
            (args.retry.id(), act, what)
        }
        TransferVerb::Withdraw(args) => {
            let what = format!("{} {}", lang.pick("retirada de", "withdrawal of"), args.id);
            (args.retry.id(), Act::AskWithdrawal { transfer: args.id }, what)
        }
        TransferVerb::Decline(args) => {
            let what = format!("{} {}", lang.pick("denegación de", "refusal of"), args.id);
            let act = Act::Decline { transfer: args.id, reason: args.reason };
            (args.retry.id(), act, what)
        }
        TransferVerb::Send(args) => return send(args, session, desk).await,
        TransferVerb::Receive(args) => {
            let what = format!("{} {}", lang.pick("recepción de", "arrival of"), args.id);
            let act = Act::TakeIn { lines: arrivals(lang, &args.lines)?, transfer: args.id };
            (args.retry.id(), act, what)
        }
        TransferVerb::Reject(args) => {
            let what = format!("{} {}", lang.pick("rechazo de", "rejection of"), args.id);
            let act = Act::Reject { transfer: args.id, reason: args.reason };
            (args.retry.id(), act, what)
        }
        TransferVerb::Return(args) => {
            let what = format!("{} {}", lang.pick("devolución de", "return of"), args.id);
            let act = Act::TakeBack { lines: arrivals(lang, &args.lines)?, transfer: args.id };
            (args.retry.id(), act, what)
        }
    };
    record(id, act, &what, session, desk).await.map(drop)
}

/// `transfer send`
async fn send(args: Send, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let id = args.retry.id();
    let lines: Vec<TakeLine> = take_lines(lang, &args.lines)?;
    let Some(transfer) = args.request else {
        let to = WarehouseId::new(&args.to.unwrap_or_default())?;
        let what = format!("{} {to}", lang.pick("envío a", "dispatch to"));
        let act = Act::Send { to, lines, reference: args.reference };
        return record(id, act, &what, session, desk).await.map(drop);
    };
    let act = Act::SendRequested {
        transfer: transfer.clone(),
        lines: (!lines.is_empty()).then_some(lines),
        reference: args.reference,
    };
    let entries = session.act(id, desk.setting.operator()?, act).await?;
    let transfers = session.transfers().await.map_err(|failure| failure.of_act(id))?;
    let sent = transfers.iter().find(|known| known.id == transfer);
    let short = sent.map(|sent| short_lines(sent)).unwrap_or_default();
    if desk.json {
        writeln!(desk.out, "{}", json!({"request": id, "entries": entries, "short": short}))?;
        return Ok(());
    }
    let what = format!("{} {transfer}", lang.pick("envío según", "dispatch on"));
    tell_person(&what, &entries, desk)?;
    for line in short {
        writeln!(desk.out, "{}", short_text(lang, &line))?;
    }
    Ok(())
}

fn short_text(lang: Lang, line: &ShortLine) -> String {
    let q = |amount| quantity(lang, amount);
    let (requested, sent, missing) = (q(line.requested), q(line.dispatched), q(line.missing));
    match lang {
        Lang::Es => {
            let lacks = one_or_more(line.missing, ("falta", "faltan"));
            format!("  {}: {lacks} {missing} (pedidas {requested}, enviadas {sent})", line.sku)
        }
        Lang::En => format!("  {}: {missing} missing ({requested} requested, {sent} sent)", line.sku),
    }
}

fn arrivals(lang: Lang, lines: &[String]) -> Result<Vec<ArrivalLine>, Failure> {
    lines.iter().map(|line| arrival_line(lang, line)).collect()
}
