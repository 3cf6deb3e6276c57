//! Why an action can't be done now.

use super::{Link, View};
use crate::domain::MovementKind;
use crate::text::{Lang, words};
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::panes::alerts;

impl View {
    /// Why an action can't be done now, in words; none when it can.
    #[must_use]
    pub fn why_not(&self, action: Action) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        if self.place() == Place::Replenish
            && let Some(why) = self.why_not_replenish(action)
        {
            return Some(why);
        }
        match action {
            Action::Count if self.place() == Place::Stocktake => self.why_not_stocktake(action),
            Action::Receipt
            | Action::Issue
            | Action::Count
            | Action::Reserve
            | Action::Expect
            | Action::NewProduct
            | Action::Acknowledge
            | Action::Resolve
            | Action::TakeSnapshot
            | Action::CarryOut
                if self.cannot_write().is_some() =>
            {
                self.cannot_write()
            }
            Action::Adjust | Action::EditProduct | Action::Rule => self.cannot_write().or_else(|| {
                if self.selected_sku().is_none() {
                    return because("seleccione un producto", "select a product");
                }
                None
            }),
            Action::Send | Action::Request => self.cannot_write().or_else(|| {
                if self.model.peers.is_empty() {
                    return because("no se conoce otro almacén", "no other warehouse is known");
                }
                None
            }),
            Action::TakeIn | Action::Refuse | Action::Withdraw => self.cannot_write().or_else(|| {
                if self.transfer_form(action).is_some() { None } else { Some(self.why_not_transfer(action)) }
            }),
            Action::Admit | Action::Retire => self.cannot_write().or_else(|| {
                if self.model.peers.get(self.peers.at).is_none() {
                    return because("seleccione un almacén", "select a warehouse");
                }
                None
            }),
            Action::LetGo => self.cannot_write().or_else(|| self.why_not_let_go()),
            Action::Reverse => self.cannot_write().or_else(|| self.why_not_reverse()),
            Action::Resolve if self.place() == Place::Replenish => None,
            Action::Resolve => match self.model.alerts.get(self.alerts.at) {
                Some(alert) if alerts::resolves(alert, self.own.as_ref()) => None,
                Some(alert) => Some(alerts::why_nothing(alert, lang).to_owned()),
                None => because("no hay alertas", "there are no alerts"),
            },
            Action::Acknowledge => match self.model.alerts.get(self.alerts.at) {
                Some(alert) if alert.acknowledged_by.is_some() => {
                    because("ya está enterado", "acknowledged already")
                }
                Some(_) => None,
                None => because("no hay alertas", "there are no alerts"),
            },
            Action::StepBack if self.lock_to_leave().is_none() => {
                because("este almacén no espera ningún cerrojo", "this warehouse waits for no lock")
            }
            Action::Note => match self.selected_transfer() {
                Some(t) if t.dispatch.is_some() => None,
                _ => because("seleccione un envío", "select a dispatch"),
            },
            Action::Open => self.why_not_open(),
            Action::Mark | Action::Compare if self.place() == Place::Snapshots => {
                self.why_not_snapshot(action)
            }
            Action::Stocktake
            | Action::CountOther
            | Action::Review
            | Action::CloseStocktake
            | Action::DropStocktake
            | Action::Report => self.why_not_stocktake(action),
            Action::Warehouse(n) => {
                let (here, of) = self.place;
                if usize::from(n) >= of {
                    because("no hay tantos almacenes en este terminal", "this terminal has fewer warehouses")
                } else if usize::from(n) == here {
                    because("ya está en él", "you are there")
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// Why nothing can be booked at all.
    pub(super) fn cannot_write(&self) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        match (&self.link, &self.model.status) {
            (Link::Away(_), _) => because("sin nodo: se busca", "no node: looking for it"),
            (Link::Stopped(_), _) => because("el nodo se ha parado", "the node has stopped"),
            (Link::Loading, _) | (_, None) => {
                because("el nodo aún no ha contestado", "the node has not answered yet")
            }
            (Link::Live, Some(s)) if s.stopped.is_some() => {
                because("el nodo ha dejado de registrar", "the node has stopped recording")
            }
            (Link::Live, Some(s)) if s.roster.left => {
                because("este almacén ya no es de la red", "this warehouse has left the network")
            }
            (Link::Live, Some(s)) if s.roster.new_key => because(
                "falta que otro miembro admita su clave nueva",
                "another member must admit its new key first",
            ),
            (Link::Live, Some(s)) if s.joining => {
                because("aún se está uniendo a la red", "it is still joining the cluster")
            }
            (Link::Live, Some(s)) if s.recovering => {
                because("recuperando el libro propio", "the own ledger is being recovered")
            }
            (Link::Live, Some(s)) if !s.joined => {
                because("aún no se ha unido a la red", "it has not joined the network yet")
            }
            _ => None,
        }
    }

    fn why_not_open(&self) -> Option<String> {
        let is_nothing = match self.place() {
            Place::Stock | Place::History | Place::Promises | Place::Replenish => {
                self.selected_sku().is_none()
            }
            Place::Alerts => self.model.alerts.get(self.alerts.at).is_none(),
            Place::Transfers => self.board.selected().is_none(),
            Place::Snapshots => self.viewer.selected().is_none(),
            Place::Today => self.today.selected().is_none(),
            Place::Stocktake | Place::Peers | Place::Card => true,
        };
        is_nothing.then(|| self.lang.pick("nada seleccionado", "nothing selected").to_owned())
    }

    fn why_not_reverse(&self) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        let Some(row) = self.history.selected() else {
            return because("seleccione un movimiento", "select a movement");
        };
        if self.own.as_ref() != Some(&row.origin) {
            return Some(match lang {
                Lang::Es => format!("es de {}: solo allí se puede anular", row.origin),
                Lang::En => format!("it is {}'s: only there can it be reversed", row.origin),
            });
        }
        if row.kind == MovementKind::TransferDispatched {
            return because(
                "un envío lo deshace el destino, rechazándolo",
                "a dispatch is undone by its destination, by rejecting it",
            );
        }
        if !row.kind.is_reversible() {
            let kind = words::movement(lang, row.kind);
            return Some(format!("{} {kind}", lang.pick("no se puede anular:", "can't be reversed:")));
        }
        None
    }
}
