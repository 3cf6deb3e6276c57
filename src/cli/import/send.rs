//! Hands the acts of an import to the node: in chunks, with a bounded number under way.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use uuid::Uuid;

use super::Step;
use super::problem::{Problem, Why};
use crate::cli::reach::Session;
use crate::cli::{Desk, Failure};
use crate::domain::{Operator, Refusal};
use crate::ledger::act::{Outcome, Request};
use crate::node::{Event, Intent};
use crate::text::Lang;

/// Acts of one message to the node.
pub const CHUNK: usize = 500;
/// Acts under way at most.
pub const WINDOW: usize = 8 * CHUNK;

/// What became of the acts.
#[derive(Debug, Default)]
pub struct Sent {
    /// Rows recorded now.
    pub booked: usize,
    /// Rows that were recorded by an earlier import.
    pub already_there: usize,
    /// Of those, rows that were recorded with another content or by another person.
    pub changed: usize,
    /// Rows and what goes with them that the node refused.
    pub problems: Vec<Problem>,
}

/// Sends all acts and waits for all answers. `before` is the last own entry that was there before.
pub async fn send(
    steps: Vec<Step>,
    before: u64,
    session: &mut Session,
    desk: &Desk<'_>,
) -> Result<Sent, Failure> {
    let bar = progress(steps.len() as u64, desk.setting.lang);
    let mut sent = Sent::default();
    let mut waiting = steps.into_iter();
    let mut under_way: HashMap<Uuid, (u64, bool)> = HashMap::new();
    loop {
        if under_way.len() + CHUNK <= WINDOW {
            let requests = next_chunk(&mut waiting, &mut under_way, desk.setting.operator()?);
            if !requests.is_empty() {
                session.send(Intent::Do { requests }).await?;
                continue;
            }
        }
        if under_way.is_empty() {
            break;
        }
        let Event::Answered { answers } = session.next().await? else {
            continue;
        };
        for (id, outcome) in answers {
            if let Some((line, is_row)) = under_way.remove(&id) {
                sent.take(outcome, line, is_row, before);
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    sent.problems.sort_by_key(|problem| problem.line);
    Ok(sent)
}

fn next_chunk(
    waiting: &mut impl Iterator<Item = Step>,
    under_way: &mut HashMap<Uuid, (u64, bool)>,
    operator: &Operator,
) -> Vec<Request> {
    let chunk = waiting.take(CHUNK);
    chunk
        .map(|step| {
            under_way.insert(step.id, (step.line, step.is_row));
            Request { id: step.id, operator: operator.clone(), act: step.act }
        })
        .collect()
}

impl Sent {
    fn take(&mut self, outcome: Outcome, line: u64, is_row: bool, before: u64) {
        match outcome {
            Outcome::Recorded { entries } => {
                let is_old = entries.iter().all(|entry| entry.seq <= before);
                self.booked += usize::from(is_row && !is_old);
                self.already_there += usize::from(is_row && is_old);
            }
            Outcome::Refused { refusal: Refusal::Nothing } => self.already_there += usize::from(is_row),
            Outcome::Refused { refusal: Refusal::RequestReused } => {
                self.already_there += usize::from(is_row);
                self.changed += usize::from(is_row);
            }
            Outcome::Refused { refusal } => {
                self.problems.push(Problem { line, column: None, why: Why::Refused(refusal) });
            }
        }
    }
}

/// On a terminal, a bar with what is done and the time left; else nothing.
fn progress(acts: u64, lang: Lang) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(acts), ProgressDrawTarget::stderr());
    let template = lang.pick(
        "{bar:30} {percent:>3} %  {pos} de {len}  quedan {eta}",
        "{bar:30} {percent:>3} %  {pos} of {len}  {eta} left",
    );
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
