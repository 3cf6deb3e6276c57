//! Letting a warehouse in, or go: who leaves is named by typing its id, for it does not come back.

use super::press::Press;
use super::sheet::{Row, Tone};
use super::{Answer, FormContext};
use crate::domain::WarehouseId;
use crate::ledger::act::Act;
use crate::node::event::{PeerState, PeerView, Standing};
use crate::text::Lang;
use crate::ui::keys::FormKey;
use crate::ui::model::Model;
use crate::ui::parts::field::TextField;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Admit,
    ReplaceKey,
    Retire,
    GiveUp,
}

/// The form.
#[derive(Debug, Clone)]
pub struct MembershipForm {
    who: WarehouseId,
    what: What,
    typed: TextField,
}

impl MembershipForm {
    /// Whether to let a warehouse in.
    pub fn admit(who: &WarehouseId, cx: &FormContext) -> Result<Self, String> {
        let lang = cx.lang;
        let what = match peer(who, cx).map(|p| p.standing) {
            Some(Standing::OtherKey) => What::ReplaceKey,
            Some(Standing::Retired | Standing::GivenUp) => {
                return Err(lang.pick("Ya no es de la red.", "It does not belong any more.").to_owned());
            }
            _ => What::Admit,
        };
        Ok(Self { who: who.clone(), what, typed: TextField::default() })
    }

    /// Whether to let a warehouse go; one that isn't heard of can only be given up.
    pub fn retire(who: &WarehouseId, cx: &FormContext) -> Result<Self, String> {
        let lang = cx.lang;
        let peer = peer(who, cx);
        if !peer.is_some_and(|p| matches!(p.standing, Standing::Member | Standing::OtherKey)) {
            return Err(lang.pick("No es de la red.", "It does not belong to the network.").to_owned());
        }
        let is_down = peer.is_some_and(|p| p.state == PeerState::Down);
        let what = if is_down { What::GiveUp } else { What::Retire };
        Ok(Self { who: who.clone(), what, typed: TextField::default() })
    }

    /// What became of it elsewhere, where there is nothing left to ask.
    pub fn settled(&self, model: &Model, lang: Lang) -> Option<String> {
        let standing = model.peers.iter().find(|peer| peer.id == self.who)?.standing;
        let still = match self.what {
            What::Admit => matches!(standing, Standing::Candidate | Standing::Stranger),
            What::ReplaceKey => standing == Standing::OtherKey,
            What::Retire | What::GiveUp => standing.belongs(),
        };
        if still {
            return None;
        }
        let who = &self.who;
        Some(match (standing, lang) {
            (Standing::Retired, Lang::Es) => format!("{who} ya se ha retirado de la red"),
            (Standing::Retired, Lang::En) => format!("{who} has been retired meanwhile"),
            (Standing::GivenUp, Lang::Es) => format!("{who} ya se ha dado por perdido"),
            (Standing::GivenUp, Lang::En) => format!("{who} has been given up meanwhile"),
            (Standing::Member | Standing::OtherKey, Lang::Es) => {
                format!("{who} ya está admitido: lo hizo otro almacén")
            }
            (Standing::Member | Standing::OtherKey, Lang::En) => {
                format!("{who} has been admitted: another warehouse did it")
            }
            (Standing::Candidate | Standing::Stranger, Lang::Es) => format!("{who} ya no es de la red"),
            (Standing::Candidate | Standing::Stranger, Lang::En) => format!("{who} does not belong any more"),
        })
    }

    pub fn is_dirty(&self) -> bool {
        !self.typed.is_empty()
    }

    pub fn title(&self, lang: Lang) -> String {
        let who = &self.who;
        match (lang, self.what) {
            (Lang::Es, What::Admit) => format!("¿Admitir a {who}?"),
            (Lang::En, What::Admit) => format!("Admit {who}?"),
            (Lang::Es, What::ReplaceKey) => format!("¿Admitir la clave nueva de {who}?"),
            (Lang::En, What::ReplaceKey) => format!("Admit the new key of {who}?"),
            (Lang::Es, What::Retire) => format!("¿Retirar {who}?"),
            (Lang::En, What::Retire) => format!("Retire {who}?"),
            (Lang::Es, What::GiveUp) => format!("¿Dar por perdido {who}?"),
            (Lang::En, What::GiveUp) => format!("Give up {who}?"),
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Enter | Press::Book => {
                if self.what != What::Admit && self.typed.text().trim() != self.who.as_str() {
                    let text = match cx.lang {
                        Lang::Es => format!("Escriba {} para confirmarlo.", self.who),
                        Lang::En => format!("Type {} to confirm it.", self.who),
                    };
                    return Answer::Say(Tone::Error, text);
                }
                Answer::Submit(vec![self.act()])
            }
            Press::Text(key) => {
                if self.what != What::Admit {
                    self.typed.key(key);
                }
                Answer::Stay
            }
            _ => Answer::Stay,
        }
    }

    fn act(&self) -> Act {
        let warehouse = self.who.clone();
        match self.what {
            What::Admit => Act::AdmitWarehouse { warehouse, replace_key: false },
            What::ReplaceKey => Act::AdmitWarehouse { warehouse, replace_key: true },
            What::Retire => Act::RetireWarehouse { warehouse, force: false },
            What::GiveUp => Act::RetireWarehouse { warehouse, force: true },
        }
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        for text in self.words(lang) {
            rows.push(Row::text(Tone::Plain, text));
        }
        if self.what != What::Admit {
            rows.push(Row::blank());
            rows.push(Row::Field {
                label: lang.pick("Su nombre", "Its id").to_owned(),
                field: &self.typed,
                room: 40,
                ghost: self.who.to_string(),
                note: (Tone::Plain, String::new()),
                focus: true,
            });
        }
        let word = match self.what {
            What::Admit | What::ReplaceKey => lang.pick("admitir", "admit"),
            What::Retire => lang.pick("retirar", "retire"),
            What::GiveUp => lang.pick("dar por perdido", "give up"),
        };
        keys.push((cx.key(FormKey::Enter), word));
    }

    fn words(&self, lang: Lang) -> [&'static str; 2] {
        match self.what {
            What::Admit => [
                lang.pick("Verá todo lo que hay en la red", "It will see all that is in the network"),
                lang.pick("y podrá enviar, pedir y votar en ella.", "and may send, ask and vote in it."),
            ],
            What::ReplaceKey => [
                lang.pick("Solo si perdió su disco o su clave.", "Only if it lost its disk or its key."),
                lang.pick("Desde ahora firmará con la nueva.", "From now on it signs with the new one."),
            ],
            What::Retire => [
                lang.pick(
                    "Ha de estar vacío y sin transferencias abiertas.",
                    "It must be empty and have no open transfers.",
                ),
                lang.pick("Su nombre no se vuelve a dar.", "Its name is not given again."),
            ],
            What::GiveUp => [
                lang.pick(
                    "Lo que había allí se da por perdido, y lo que venía de camino.",
                    "What was there is given up, and what was on the road from there.",
                ),
                lang.pick(
                    "Si solo perdió el disco, arránquelo de nuevo con su nombre.",
                    "If it only lost its disk, start it anew under its name.",
                ),
            ],
        }
    }
}

fn peer<'a>(who: &WarehouseId, cx: &'a FormContext) -> Option<&'a PeerView> {
    cx.model.peers.iter().find(|peer| peer.id == *who)
}
