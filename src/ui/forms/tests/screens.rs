//! Pictures of every form, in both languages, at 80×24 and in a small window.

use super::sample::{Desk, GLOVES_CODE};
use super::soup::kinds;
use crate::text::Lang;
use crate::ui::forms::FormKind;

/// What is typed into a form before its picture is taken.
fn typed(kind: &FormKind) -> &'static str {
    match kind {
        FormKind::Receipt => "12*6+3",
        FormKind::Issue => "6",
        FormKind::Count => "17",
        FormKind::Adjust => "-4{enter}",
        FormKind::NewProduct => "CA-001{tab}Casco blanco{tab}5901234123458",
        FormKind::Send | FormKind::Request => "5",
        FormKind::Reserve => "1p{tab}Pedido 9001{tab}+3d",
        FormKind::Expect => "2p{tab}+1m{tab}Proveedor Sur 118",
        FormKind::TakeIn(_) => "{down}4{tab}",
        FormKind::UnknownCode { .. } => "guan",
        FormKind::EditProduct => "{clear}Guante azul M",
        _ => "",
    }
}

fn name(kind: &FormKind) -> String {
    let word = format!("{kind:?}");
    word.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
}

#[test]
fn every_form_has_its_picture() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        for kind in kinds() {
            for (lang, code) in [(Lang::Es, "es"), (Lang::En, "en")] {
                let selected = if kind == FormKind::Issue { "SU-FIS-500" } else { "GU-NIT-M" };
                let mut desk = Desk::new(Some(selected));
                desk.lang = lang;
                let mut desk = desk.open(kind.clone());
                desk.keys(typed(&kind));
                for (width, height) in [(80, 24), (40, 12)] {
                    let picture = desk.screen(width, height);
                    insta::assert_snapshot!(format!("{}_{code}_{width}x{height}", name(&kind)), picture);
                }
            }
        }
    });
}

#[test]
fn a_list_and_a_search_have_their_pictures() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        for (lang, code) in [(Lang::Es, "es"), (Lang::En, "en")] {
            let mut desk = Desk::new(None);
            desk.lang = lang;
            let mut desk = desk.open(FormKind::Receipt);
            for scan in [GLOVES_CODE, "SU-FIS-500", "HA-TRI", GLOVES_CODE] {
                desk.scan(scan);
            }
            insta::assert_snapshot!(format!("list_{code}_80x24"), desk.screen(80, 24));
            desk.keys("{book}");
            insta::assert_snapshot!(format!("list_refused_{code}_80x24"), desk.screen(80, 24));
            let mut desk = Desk::new(None);
            desk.lang = lang;
            let mut desk = desk.open(FormKind::Issue);
            desk.keys("ni");
            insta::assert_snapshot!(format!("search_{code}_80x24"), desk.screen(80, 24));
        }
    });
}

/// Words that stand only on an English screen must not stand on a Spanish one, and the other way round.
#[test]
fn no_screen_mixes_languages() {
    let english = ["Quantity", "Product ", "Lot ", "On hand", "optional", "leave", "Reason", "Seen by"];
    let spanish = ["Cantidad", "Producto", "Lote", "Existencias", "opcional", "salir", "Motivo", "Lo verán"];
    for kind in kinds() {
        for (lang, foreign) in [(Lang::Es, english), (Lang::En, spanish)] {
            let mut desk = Desk::new(Some("SU-FIS-500"));
            desk.lang = lang;
            let mut desk = desk.open(kind.clone());
            desk.keys(typed(&kind));
            let screen = desk.screen(80, 24);
            for word in foreign {
                assert!(!screen.contains(word), "{word}\n{screen}");
            }
        }
    }
}
