//! The board of transfers and what is done from it.

use insta::assert_snapshot;
use rubentario::text::Lang;

use super::desk::Desk;
use super::world;

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

/// A desk with a transfer of the board selected.
fn at(transfer: &str, lang: Lang) -> Desk {
    let mut desk = Desk::full(lang, 100, 30);
    desk.keys("5");
    let id = world::id(transfer);
    for _ in 0..4 {
        for _ in 0..8 {
            if desk.view.board().selected() == Some(&id) {
                return desk;
            }
            desk.keys("j");
        }
        desk.keys("gg{right}");
    }
    panic!("{transfer} is not on the board\n{}", desk.screen());
}

#[test]
fn the_board_has_a_column_per_state() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 120, 40);
        assert_snapshot!(format!("board_{tag}"), desk.keys("5").screen());
        let mut desk = Desk::full(lang, 80, 24);
        assert_snapshot!(format!("board_80x24_{tag}"), desk.keys("5").screen());
        let mut desk = Desk::full(lang, 40, 12);
        assert_snapshot!(format!("board_40x12_{tag}"), desk.keys("5").screen());
        let mut desk = Desk::showing(world::empty(), lang, 100, 30);
        assert_snapshot!(format!("board_empty_{tag}"), desk.keys("5").screen());
        let mut desk = Desk::loading(lang, 100, 30);
        assert_snapshot!(format!("board_loading_{tag}"), desk.keys("5").screen());
    }
}

#[test]
fn a_transfer_tells_its_story() {
    for (lang, tag) in LANGS {
        let mut desk = at("madrid:22", lang);
        assert_snapshot!(format!("transfer_short_{tag}"), desk.keys("{enter}").screen());
        let mut desk = at("sevilla:117", lang);
        assert_snapshot!(format!("transfer_coming_{tag}"), desk.keys("{enter}").screen());
    }
}

#[test]
fn every_step_of_a_transfer_has_its_form() {
    let steps = [
        ("take_in", "sevilla:117", "v"),
        ("take_back", "madrid:30", "v"),
        ("reject", "sevilla:117", "d"),
        ("decline", "sevilla:98", "d"),
        ("withdraw", "madrid:40", "w"),
        ("send_requested", "sevilla:98", "t"),
    ];
    for (name, transfer, keys) in steps {
        for (lang, tag) in LANGS {
            let mut desk = at(transfer, lang);
            assert_snapshot!(format!("form_{name}_{tag}"), desk.keys(keys).screen());
        }
    }
}

#[test]
fn what_cannot_be_done_with_a_transfer_says_why() {
    for (lang, tag) in LANGS {
        let mut desk = at("madrid:22", lang);
        assert_snapshot!(format!("transfer_nothing_to_take_in_{tag}"), desk.keys("v").screen());
    }
}
