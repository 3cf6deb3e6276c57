//! Why an act is refused: facts of the domain, put in words (in either language) only at the edge.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    AdjustmentReason, Lot, NameError, Quantity, QuantityError, ShortageReason, Sku, StocktakeProblem,
    TransferId, TransferState, WarehouseId,
};

/// Why an act was not done. Nothing of it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// No product of that reference in the catalogue.
    #[error("there is no product {sku} in the catalogue")]
    UnknownSku {
        /// The reference as given.
        sku: Sku,
    },
    /// The product was taken out of the catalogue.
    #[error("{sku} is retired from the catalogue")]
    RetiredSku {
        /// The product.
        sku: Sku,
    },
    /// Not an amount that can be booked of that product.
    #[error("{sku}: {problem}")]
    Quantity {
        /// The product.
        sku: Sku,
        /// What is wrong with it.
        problem: QuantityError,
    },
    /// More than is there to take.
    #[error("only {available} of {sku} available here: {on_hand} on hand, {reserved} reserved")]
    NotEnough {
        /// The product.
        sku: Sku,
        /// The lot asked for, if one was.
        lot: Lot,
        /// What was asked for.
        wanted: Quantity,
        /// What can be taken.
        available: Quantity,
        /// What is there.
        on_hand: Quantity,
        /// What of it is promised.
        reserved: Quantity,
    },
    /// An adjustment that would take more away than is there.
    #[error("{sku}: {delta} would leave less than nothing of the {on_hand} on hand")]
    BelowZero {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// What was to be booked.
        delta: Quantity,
        /// What is there.
        on_hand: Quantity,
    },
    /// Less would be left than is reserved.
    #[error("{sku}: {delta} would leave less than the {reserved} reserved of the {on_hand} on hand")]
    BelowReserved {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// What was to be booked.
        delta: Quantity,
        /// What is there.
        on_hand: Quantity,
        /// What of it is promised.
        reserved: Quantity,
    },
    /// A reservation for nobody.
    #[error("a reservation must say for whom or what it is")]
    NoPurpose,
    /// A day that lies behind.
    #[error("{day} has passed")]
    DayPassed {
        /// The day as given.
        day: NaiveDate,
    },
    /// A day that can't be of goods or promises.
    #[error("{day} lies outside of the years 1900 to 9999")]
    DayUnusual {
        /// The day as given.
        day: NaiveDate,
    },
    /// No such reservation, or nothing is left of it.
    #[error("nothing is reserved as {reservation} (any more)")]
    NoReservation {
        /// The id as given.
        reservation: TransferId,
    },
    /// The reservation has less left.
    #[error("{left} of {sku} are left of reservation {reservation}, not {wanted}")]
    LessReserved {
        /// The reservation.
        reservation: TransferId,
        /// The product.
        sku: Sku,
        /// What is left of it.
        left: Quantity,
        /// What was asked for.
        wanted: Quantity,
    },
    /// No such expected receipt, or nothing is to come of it.
    #[error("nothing is expected as {expectation} (any more)")]
    NoExpectation {
        /// The id as given.
        expectation: TransferId,
    },
    /// A lot-tracked product needs its lot named.
    #[error("{sku} is tracked by lot: name the lot")]
    LotMissing {
        /// The product.
        sku: Sku,
    },
    /// No such lot here.
    #[error("there is no lot {lot} of {sku} here")]
    UnknownLot {
        /// The product.
        sku: Sku,
        /// The lot as given.
        lot: Lot,
    },
    /// The lot is past its date and nobody said that this is meant.
    #[error("lot {lot} of {sku} expired on {expiry}")]
    LotExpired {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Its date.
        expiry: NaiveDate,
        /// What can go of lots that have not expired, where no lot was named.
        #[serde(default)]
        fresh: Quantity,
    },
    /// The lot is here with another date.
    #[error("lot {lot} of {sku} is here with expiry {known}, not {given}")]
    LotExpiryDiffers {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// The date it has here.
        known: NaiveDate,
        /// The date given.
        given: NaiveDate,
    },
    /// A date is a lot's, and no lot is named.
    #[error("{sku}: an expiry belongs to a lot, and none is named")]
    ExpiryWithoutLot {
        /// The product.
        sku: Sku,
    },
    /// Goods moved while people counted, and the count would leave less than nothing.
    #[error("{sku} moved by {moved} since the count began; count it again")]
    Recount {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Sum of the movements since.
        moved: Quantity,
    },
    /// The count began too long ago to know what moved since.
    #[error("the count of {sku} began too long ago; count it again")]
    CountTooOld {
        /// The product.
        sku: Sku,
    },
    /// A step of a stocktake that can't be taken.
    #[error("{problem}")]
    Stocktake {
        /// Why.
        #[serde(flatten)]
        problem: StocktakeProblem,
    },
    /// A product's unit is fixed once goods moved.
    #[error("{sku} has moved, its unit {unit} stays")]
    UnitFixed {
        /// The product.
        sku: Sku,
        /// The unit it has.
        unit: String,
    },
    /// A text that can't be what it should be.
    #[error("{problem}")]
    Name {
        /// What is wrong with it.
        problem: NameError,
    },
    /// A field of a form or verb that can't be taken.
    #[error("{field}: {problem}")]
    Field {
        /// Name of the field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing to book.
    #[error("there is nothing to book")]
    Nothing,
    /// More lines than one act may have.
    #[error("{lines} lines, at most {limit} in one act")]
    TooManyLines {
        /// How many came.
        lines: usize,
        /// How many may.
        limit: usize,
    },
    /// A transfer to or from oneself.
    #[error("{warehouse} is this warehouse; a transfer needs another one")]
    ToOneself {
        /// This warehouse.
        warehouse: WarehouseId,
    },
    /// Nobody of that name in the cluster.
    #[error("there is no warehouse {warehouse} in the cluster; known: {known:?}")]
    UnknownWarehouse {
        /// The name as given.
        warehouse: WarehouseId,
        /// The others that are known.
        known: Vec<WarehouseId>,
    },
    /// No such transfer.
    #[error("there is no transfer {transfer}")]
    UnknownTransfer {
        /// The id as given.
        transfer: TransferId,
    },
    /// The transfer has gone too far, or not far enough, for that.
    #[error("transfer {transfer} is {state} already")]
    WrongState {
        /// The transfer.
        transfer: TransferId,
        /// Its state.
        state: TransferState,
    },
    /// Another warehouse decides that.
    #[error("only {decider} can do that to {transfer}")]
    NotYours {
        /// The transfer.
        transfer: TransferId,
        /// Who can.
        decider: WarehouseId,
    },
    /// A line that the transfer doesn't have.
    #[error("transfer {transfer} has no line {sku} {lot}")]
    NoSuchLine {
        /// The transfer.
        transfer: TransferId,
        /// The product of the line.
        sku: Sku,
        /// Its lot.
        lot: Lot,
    },
    /// More came than was sent.
    #[error("{sku}: {sent} were sent, {given} can't be taken in; book the rest as found")]
    MoreThanSent {
        /// The product.
        sku: Sku,
        /// What was dispatched.
        sent: Quantity,
        /// What was said to have come.
        given: Quantity,
    },
    /// All came, and a reason was given for what did not.
    #[error("{sku}: all {sent} came, so nothing is {reason}")]
    NothingShort {
        /// The product.
        sku: Sku,
        /// What was dispatched, and came.
        sent: Quantity,
        /// The reason given.
        reason: ShortageReason,
    },
    /// A reason for more given where less is booked, or the other way round.
    #[error("{sku}: {delta} can't be booked as {reason}")]
    ReasonUnfit {
        /// The product.
        sku: Sku,
        /// What was to be booked.
        delta: Quantity,
        /// The reason given.
        reason: AdjustmentReason,
    },
    /// Less came than was sent and nobody said why.
    #[error("{sku}: {short} are missing; say why")]
    ReasonMissing {
        /// The product.
        sku: Sku,
        /// How much.
        short: Quantity,
    },
    /// The entry to undo isn't one of ours, or none at all.
    #[error("there is no own movement {entry}")]
    UnknownEntry {
        /// The id as given.
        entry: TransferId,
    },
    /// The entry can't be undone by a reversal.
    #[error("{entry} can't be reversed: it is a {kind}")]
    NotReversible {
        /// The entry.
        entry: TransferId,
        /// What it is.
        kind: String,
    },
    /// It was undone before.
    #[error("{entry} is reversed already")]
    AlreadyReversed {
        /// The entry.
        entry: TransferId,
    },
    /// No such alert now.
    #[error("there is no alert {alert}")]
    UnknownAlert {
        /// The id as given.
        alert: String,
    },
    /// The same request id came with another content.
    #[error("this request was already answered with another content")]
    RequestReused,
    /// A disk was lost before others held the whole of the request.
    #[error("only {kept} of the {of} entries of this request came back after a disk was lost")]
    HalfRecorded {
        /// Its entries that are known.
        kept: u32,
        /// Its entries.
        of: u32,
    },
    /// The node has founded no cluster and heard of none.
    #[error("this warehouse has not joined the network yet")]
    NotJoined,
    /// The node is new here, and asks the others whether it is.
    #[error("this warehouse is joining the cluster")]
    Joining,
    /// The node comes back with a key that the network doesn't know for its warehouse's.
    #[error("{warehouse} comes back with a new key, which the network does not know yet")]
    NewKey {
        /// Its warehouse.
        warehouse: WarehouseId,
    },
    /// The warehouse left the network, or was given up.
    #[error("{warehouse} was retired")]
    WarehouseRetired {
        /// Which.
        warehouse: WarehouseId,
    },
    /// This warehouse is leaving and books nothing until that is decided.
    #[error("this warehouse is being retired and books nothing more")]
    Retiring,
    /// Nobody of that name wants to be let in.
    #[error("no warehouse {warehouse} waits to be admitted")]
    NobodyWaits {
        /// The name as given.
        warehouse: WarehouseId,
    },
    /// It belongs, and shows the key that is known.
    #[error("{warehouse} belongs to the network already")]
    MemberAlready {
        /// Which.
        warehouse: WarehouseId,
    },
    /// It belongs, but shows another key: that is a graver matter than letting it in.
    #[error("{warehouse} shows another key than the network knows")]
    OtherKey {
        /// Which.
        warehouse: WarehouseId,
    },
    /// It has not got its ledger back yet.
    #[error("{warehouse} is still getting its ledger back")]
    StillRecovering {
        /// Which.
        warehouse: WarehouseId,
    },
    /// The roster can't change like that.
    #[error("{warehouse}: {why}")]
    Unfit {
        /// Whom it is about.
        warehouse: WarehouseId,
        /// What stands against it.
        why: String,
    },
    /// A warehouse with goods or open transfers can't be retired.
    #[error("{warehouse} still has goods in {lots} places and {transfers} open transfers")]
    NotEmpty {
        /// Which.
        warehouse: WarehouseId,
        /// Products and lots on hand.
        lots: usize,
        /// Transfers that aren't closed.
        transfers: usize,
    },
    /// The warehouse doesn't answer.
    #[error("{warehouse} does not answer")]
    NoAnswer {
        /// Which.
        warehouse: WarehouseId,
    },
    /// Too few members answer to decide anything.
    #[error("only {answered} of the {needed} warehouses that must agree answer")]
    NoQuorum {
        /// How many answer, this one included.
        answered: usize,
        /// How many must.
        needed: usize,
    },
    /// Two different changes of one version are known.
    #[error("two different changes of version {version} of the network's roster are known")]
    RosterSplit {
        /// The version.
        version: u64,
    },
    /// The node is getting its own ledger back.
    #[error("this warehouse is getting its own ledger back from the others")]
    Recovering,
    /// The node stopped writing for good reason.
    #[error("this node has stopped writing: {why}")]
    Stopped {
        /// Why.
        why: String,
    },
    /// What is there at the source is claimed by requests that it has not answered yet.
    #[error("{claimable} of {sku} at {from} are not claimed, {wanted} were asked for; claimed by {claims:?}")]
    Claimed {
        /// The product.
        sku: Sku,
        /// The source.
        from: WarehouseId,
        /// What was asked for.
        wanted: Quantity,
        /// What nobody has claimed.
        claimable: Quantity,
        /// Who has claimed how much.
        claims: Vec<(WarehouseId, Quantity)>,
    },
    /// More is on its way here, or asked for, than when the amount was computed.
    #[error("{coming} of {sku} are on their way here or asked for by now, not {seen}")]
    MoreComing {
        /// The product.
        sku: Sku,
        /// What is coming or asked for now.
        coming: Quantity,
        /// What was, at most, when the amount was computed.
        seen: Quantity,
    },
    /// Too few warehouses answer to give a lock.
    #[error("{answered} of {members} warehouses answer, no majority: nobody can lock {sku} now")]
    NoMajority {
        /// The product.
        sku: Sku,
        /// How many answered, this one included.
        answered: usize,
        /// How many there are.
        members: usize,
    },
    /// The lock was had and lost before anything could be written under it.
    #[error("the lock of {sku} was lost before this warehouse had caught up")]
    LockLost {
        /// The product.
        sku: Sku,
    },
    /// An operator stepped back from the queue of a lock.
    #[error("this warehouse stepped back from the queue for {sku}")]
    SteppedBack {
        /// The product.
        sku: Sku,
        /// Who holds it, as far as is known.
        holder: Option<WarehouseId>,
    },
    /// The node has more waiting than it can hold.
    #[error("too much is waiting; try again in a moment")]
    Busy,
}

impl Refusal {
    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.get("code").and_then(|c| c.as_str().map(str::to_owned)))
            .unwrap_or_else(|| "name".to_owned())
    }
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        Self::Name { problem: error }
    }
}
