//! Acknowledging: a task of its own, so that a socket that takes no bytes holds up nobody.

use std::collections::BTreeSet;

use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicRejectOptions};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::bus::PREFETCH;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ack { delivery: u64, multiple: bool },
    Reject { delivery: u64 },
}

/// The deliveries of a link that aren't answered, and the way for their answers.
pub(super) struct Acknowledger {
    open: BTreeSet<u64>,
    answers: mpsc::Sender<Answer>,
    task: JoinHandle<()>,
}

impl Acknowledger {
    pub(super) fn start(channel: Channel) -> Self {
        // Never more answers than open deliveries.
        let (answers, mut taken) = mpsc::channel(usize::from(PREFETCH) * 4);
        let task = tokio::spawn(async move {
            while let Some(answer) = taken.recv().await {
                let sent = match answer {
                    Answer::Ack { delivery, multiple } => {
                        channel.basic_ack(delivery, BasicAckOptions { multiple }).await
                    }
                    Answer::Reject { delivery } => {
                        channel.basic_reject(delivery, BasicRejectOptions { requeue: false }).await
                    }
                };
                // A broken channel ends the session by way of its consumer.
                if sent.is_err() {
                    return;
                }
            }
        });
        Self { open: BTreeSet::new(), answers, task }
    }

    pub(super) fn delivered(&mut self, delivery: u64) {
        self.open.insert(delivery);
    }

    /// Acknowledges those that are open; `false` where the link takes no answers any more.
    pub(super) fn ack(&mut self, deliveries: impl IntoIterator<Item = u64>) -> bool {
        let acked = deliveries.into_iter().filter(|delivery| self.open.remove(delivery)).collect();
        grouped(&acked, self.open.first().copied())
            .into_iter()
            .all(|answer| self.answers.try_send(answer).is_ok())
    }

    /// Rejects a delivery that is open; `false` where the link takes no answers any more.
    pub(super) fn reject(&mut self, delivery: u64) -> bool {
        !self.open.remove(&delivery) || self.answers.try_send(Answer::Reject { delivery }).is_ok()
    }

    /// Waits until the answers given are on their way.
    pub(super) async fn finish(self) {
        drop(self.answers);
        // The task doesn't panic and is never aborted.
        let _ = self.task.await;
    }
}

/// One answer for all below the first that is still open, one each for the rest.
fn grouped(acked: &BTreeSet<u64>, first_open: Option<u64>) -> Vec<Answer> {
    let below = first_open.unwrap_or(u64::MAX);
    let group = acked.range(..below).next_back().map(|last| Answer::Ack { delivery: *last, multiple: true });
    let rest = acked.range(below..).map(|delivery| Answer::Ack { delivery: *delivery, multiple: false });
    group.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_of_many_never_covers_an_open_delivery() {
        let acked = BTreeSet::from([1, 2, 4, 6]);
        let ack = |delivery, multiple| Answer::Ack { delivery, multiple };
        assert_eq!(grouped(&acked, Some(3)), [ack(2, true), ack(4, false), ack(6, false)]);
        assert_eq!(grouped(&acked, Some(9)), [ack(6, true)]);
        assert_eq!(grouped(&acked, None), [ack(6, true)]);
        assert_eq!(grouped(&BTreeSet::new(), None), []);
    }
}
