//! The home screen: its panes at every size, empty, waiting, full and in trouble.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use rubentario::domain::{AdjustmentReason, Trouble, TroubleKind};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::event::{CatchingUp, Changes, Event, LedgerView, RecoveryView, Status};
use rubentario::text::Lang;
use rubentario::ui::theme::{Borders, Palette, Theme};
use rubentario::ui::wake::{Effect, Wake};

use super::desk::Desk;
use super::world;

#[test]
fn home_shows_four_panes_side_by_side_where_there_is_room() {
    assert_snapshot!("home_120x40_es", Desk::full(Lang::Es, 120, 40).screen());
    assert_snapshot!("home_120x40_en", Desk::full(Lang::En, 120, 40).screen());
    assert_snapshot!("home_160x50_es", Desk::full(Lang::Es, 160, 50).screen());
    assert_snapshot!("home_160x50_en", Desk::full(Lang::En, 160, 50).screen());
}

#[test]
fn a_narrow_home_shows_stock_and_one_more_and_a_tiny_one_the_pane_with_the_keys() {
    assert_snapshot!("home_80x24_es", Desk::full(Lang::Es, 80, 24).screen());
    assert_snapshot!("home_80x24_en", Desk::full(Lang::En, 80, 24).screen());
    assert_snapshot!("home_40x12_es", Desk::full(Lang::Es, 40, 12).screen());
    assert_snapshot!("home_40x12_en", Desk::full(Lang::En, 40, 12).screen());
}

#[test]
fn home_says_that_it_waits_for_the_node() {
    assert_snapshot!("home_loading_es", Desk::loading(Lang::Es, 120, 40).screen());
    assert_snapshot!("home_loading_en", Desk::loading(Lang::En, 80, 24).screen());
}

#[test]
fn an_empty_warehouse_says_what_to_do_first() {
    assert_snapshot!("home_empty_es", Desk::showing(world::empty(), Lang::Es, 120, 40).screen());
    assert_snapshot!("home_empty_en", Desk::showing(world::empty(), Lang::En, 120, 40).screen());
}

fn told(desk: &mut Desk, status: Status) -> String {
    let changes = Changes { status: Some(status), ..Changes::default() };
    desk.tell(Event::Changed { changes: Box::new(changes) });
    desk.screen()
}

#[test]
fn trouble_stands_in_a_banner_with_what_still_works() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    let mut status = world::status();
    status.bus.up = false;
    status.bus.trouble = Some(Trouble::silent("connection refused"));
    assert_snapshot!("home_broker_down_es", told(&mut desk, status));
    let mut status = world::status();
    status.store.up = false;
    status.store.trouble = Some(Trouble::silent("the database system is shutting down"));
    assert_snapshot!("home_store_down_es", told(&mut desk, status));
}

#[test]
fn whatever_is_the_matter_is_told_in_the_operators_language_with_the_cause_quoted() {
    for what in TroubleKind::ALL {
        let mut banners = [Lang::Es, Lang::En].map(|lang| {
            let mut desk = Desk::full(lang, 160, 40);
            let mut status = world::status();
            status.bus.up = false;
            status.bus.trouble = Some(Trouble::new(*what, "SEEN AT THE BROKER"));
            told(&mut desk, status).lines().nth(1).unwrap().trim().to_owned()
        });
        for banner in &mut banners {
            assert!(banner.contains("RabbitMQ"), "{what}: {banner}");
            if let Some((sentence, cause)) = banner.split_once(" («") {
                assert!(cause.starts_with("SEEN"), "{what}: {banner}");
                *banner = sentence.to_owned();
            }
            assert!(!banner.contains("SEEN"), "the cause is quoted or left out: {banner}");
        }
        assert_ne!(banners[0], banners[1], "{what}");
    }
}

#[test]
fn a_new_node_joins_and_one_behind_its_own_word_recovers_with_what_to_do() {
    let asking = || {
        let mut status = world::status();
        status.joined = false;
        status.awaited = vec!["sevilla".parse().unwrap(), "valencia".parse().unwrap()];
        status
    };
    for (lang, name) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let joining = Status { joining: true, recorded: 0, ..asking() };
        assert_snapshot!(format!("home_joining_{name}"), told(&mut Desk::full(lang, 120, 40), joining));
        let other_store = Status { recovering: true, recorded: 0, once_recorded: Some(44), ..asking() };
        let mut desk = Desk::full(lang, 80, 24);
        assert_snapshot!(format!("home_other_store_80x24_{name}"), told(&mut desk, other_store));
    }
}

/// Much of sevilla's ledger is missing.
fn behind() -> Status {
    let ledger =
        |warehouse: &str, entries, of| LedgerView { warehouse: warehouse.parse().unwrap(), entries, of };
    let ledgers = vec![ledger("sevilla", 12_323, 79_923), ledger("valencia", 77, 77)];
    let catching_up = Some(CatchingUp { ledgers, per_second: 9_800, seconds_left: Some(7) });
    Status { catching_up, ..world::status() }
}

#[test]
fn while_much_is_missing_it_is_said_how_much_has_come_and_that_figures_are_still_coming() {
    for (lang, name) in [(Lang::Es, "es"), (Lang::En, "en")] {
        for (width, height) in [(120, 40), (80, 24), (40, 12)] {
            let mut desk = Desk::full(lang, width, height);
            let name = format!("home_catching_up_{width}x{height}_{name}");
            assert_snapshot!(name, told(&mut desk, behind()));
        }
        let mut desk = Desk::showing(world::empty(), lang, 100, 30);
        assert_snapshot!(format!("home_catching_up_from_nothing_{name}"), told(&mut desk, behind()));
    }
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.theme = Theme::new(Palette::Dark, Borders::Ascii);
    assert_snapshot!("home_catching_up_ascii_es", told(&mut desk, behind()));
    let mut desk = Desk::full(Lang::En, 100, 30);
    desk.keys("3e");
    assert_snapshot!("zoom_peers_catching_up_en", told(&mut desk, behind()));
    let mut desk = Desk::showing(world::empty(), Lang::Es, 80, 24);
    let new = Status { joined: false, recorded: 0, ..behind() };
    assert_snapshot!("home_catching_up_new_80x24_es", told(&mut desk, new));
    let mut desk = Desk::full(Lang::En, 100, 30);
    assert!(told(&mut desk, behind()).contains("catching up"));
    let gone = told(&mut desk, world::status());
    assert!(!gone.contains("catching up"), "{gone}");
}

#[test]
fn a_recovery_says_how_many_have_answered_and_what_has_come_back() {
    let recovery = Some(RecoveryView { asked: 3, answered: 1, entries: 1_200, of: 4_400 });
    let status = Status {
        joined: false,
        recovering: true,
        recovery,
        awaited: vec!["valencia".parse().unwrap()],
        ..world::status()
    };
    for (lang, name) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 80, 24);
        assert_snapshot!(format!("home_recovering_80x24_{name}"), told(&mut desk, status.clone()));
    }
}

#[test]
fn a_node_that_ended_leaves_the_last_picture_and_says_so() {
    let mut desk = Desk::full(Lang::En, 120, 40);
    desk.wake(Wake::Gone);
    assert_snapshot!("home_stopped_en", desk.screen());
}

#[test]
fn each_pane_can_be_alone() {
    for (name, keys) in [("stock", "e"), ("movements", "2e"), ("peers", "3e"), ("alerts", "4e")] {
        let mut desk = Desk::full(Lang::Es, 100, 30);
        assert_snapshot!(format!("zoom_{name}_es"), desk.keys(keys).screen());
        let mut desk = Desk::full(Lang::En, 80, 24);
        assert_snapshot!(format!("zoom_{name}_en"), desk.keys(keys).screen());
    }
}

#[test]
fn the_filter_narrows_the_stock_without_minding_accents() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("/latex");
    assert!(desk.screen().contains("GU-LAT-S"));
    assert!(!desk.screen().contains("HA-TRI"));
    assert_snapshot!("stock_filtered_es", desk.screen());
    desk.keys("{esc}");
    assert!(desk.screen().contains("HA-TRI"));
    desk.keys("/zzzz");
    assert_snapshot!("stock_filter_without_a_match_es", desk.screen());
}

#[test]
fn the_movements_narrow_to_what_is_typed_and_can_be_held_still() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("2/8812{enter}");
    assert!(desk.screen().contains("14:03:07") && !desk.screen().contains("12:03:19"), "{}", desk.screen());
    desk.keys("{esc}f");
    assert_snapshot!("movements_frozen_es", desk.screen());
}

#[test]
fn movements_that_come_while_a_filter_stands_are_shown_where_they_match_it() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("2/8812{enter}");
    let coming = |seq, reference: &str| {
        let mut row = world::movements().remove(0);
        row.seq = seq;
        row.sort_key += seq;
        row.reference = reference.into();
        Arc::new(row)
    };
    let movements = vec![coming(50, "pedido 9000"), coming(51, "resto del 8812")];
    desk.tell(Event::Changed { changes: Box::new(Changes { movements, ..Changes::default() }) });
    assert!(desk.words().contains("resto del 8812"), "{}", desk.screen());
    assert!(!desk.words().contains("9000"), "{}", desk.screen());
    desk.keys("{esc}");
    assert!(desk.words().contains("9000"), "{}", desk.screen());
}

#[test]
fn without_its_filter_the_stock_stays_on_the_product_that_was_found() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("/suero{enter}{esc}+");
    assert!(desk.words().contains("Producto SU-FIS-500"), "{}", desk.screen());
}

#[test]
fn an_expired_lot_is_proposed_to_be_taken_off_whole() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("4");
    while !desk.view.model().alerts[desk.view.alerts_cursor().at].id.starts_with("lot_expired") {
        desk.keys("j");
    }
    desk.keys("r");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
    let [Act::Adjust { sku, lot, delta, reason, .. }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!((sku.as_str(), lot.as_str(), *delta), ("SU-FIS-500", "L-VIEJO", world::q(-5)));
    assert_eq!(*reason, AdjustmentReason::Expired);
}

#[test]
fn an_act_is_shown_from_pending_to_seen_by_the_others() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("+");
    desk.press_only("5");
    desk.press_only("{enter}");
    assert_snapshot!("receipt_pending_es", desk.screen());
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
    assert_eq!(acts.len(), 1);
    assert!(desk.words().contains("registrado madrid:45"), "{}", desk.screen());
    assert_snapshot!("receipt_recorded_es", desk.screen());
    desk.wait(Duration::from_secs(4));
    assert!(!desk.words().contains("registrado"), "what went well fades");
}

#[test]
fn what_is_copied_and_exported_is_what_is_shown() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("y");
    assert!(desk.effects.iter().any(|e| matches!(e, Effect::Copy(text) if text.contains("GU-LAT-S"))));
    desk.effects.clear();
    desk.keys("x");
    let [Effect::Do(job)] = &desk.effects[..] else { panic!("{:?}", desk.effects) };
    assert_snapshot!("export_stock", format!("{job:#?}").replace("\\n", "\n"));
}

#[test]
fn other_warehouses_of_the_demo_are_a_function_key_away() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("{f3}");
    assert!(desk.effects.contains(&Effect::Switch(1)));
}

#[test]
fn without_colours_and_boxes_the_same_is_said_in_ascii() {
    let mut desk = Desk::full(Lang::En, 120, 40);
    desk.theme = Theme::new(Palette::Mono, Borders::Ascii);
    let screen = desk.screen();
    let strange: Vec<char> = screen.chars().filter(|c| !c.is_ascii() && !"áéíóúñü−".contains(*c)).collect();
    assert!(strange.is_empty(), "{strange:?}\n{screen}");
    assert_snapshot!("home_ascii_en", screen);
}

#[test]
fn a_ledger_that_is_set_apart_and_what_was_refused_are_told_in_the_peers() {
    for (lang, apart, refused) in [
        (Lang::Es, "libro apartado", "Rechazado desde el arranque: 2 falsos, 1 con un turno ya pasado"),
        (Lang::En, "set apart", "Refused since the start: 2 forged, 1 under a token from the past"),
    ] {
        let mut shown = world::full();
        let mut desk = Desk::showing(shown.clone(), lang, 120, 40);
        assert!(!desk.words().contains(apart));
        let sevilla = shown.peers.iter_mut().find(|peer| peer.id.as_str() == "sevilla").unwrap();
        sevilla.quarantine = Some("another history under this name was seen at entry 7".into());
        shown.status.refused.forged = 2;
        shown.status.refused.from_the_past = 1;
        desk = Desk::showing(shown, lang, 120, 40);
        assert!(desk.words().contains(apart), "{}", desk.screen());
        assert!(desk.keys("3e").words().contains(refused), "{}", desk.screen());
    }
}

/// The line that says something, as it stands on the screen.
fn line_with(screen: &str, text: &str) -> String {
    screen
        .lines()
        .find(|line| line.contains(text))
        .unwrap_or_else(|| panic!("no {text} in\n{screen}"))
        .to_owned()
}

#[test]
fn alerts_are_counted_by_how_much_they_press_without_colour_and_in_ascii_too() {
    for (lang, alerts) in [(Lang::Es, "4 Alertas"), (Lang::En, "4 Alerts")] {
        let screen = Desk::full(lang, 120, 40).screen();
        assert!(line_with(&screen, alerts).contains("✗2 ⚠4 i2"), "{screen}");
        // Where the pane isn't in sight the top line says it, in small windows too.
        for (width, height, keys) in [(120, 40, "5"), (80, 24, ""), (80, 24, "5"), (60, 15, "")] {
            let mut desk = Desk::full(lang, width, height);
            desk.keys(keys);
            let screen = desk.screen();
            assert!(screen.lines().next().unwrap().contains("✗2 ⚠4 i2"), "{width}x{height} {keys}\n{screen}");
        }
    }
    let mut desk = Desk::full(Lang::En, 80, 24);
    desk.theme = Theme::new(Palette::Mono, Borders::Ascii);
    assert!(desk.screen().lines().next().unwrap().contains("x2 !4 i2"));
    // What somebody has seen doesn't count any more.
    let mut picture = world::full();
    for alert in &mut picture.alerts {
        alert.acknowledged_by = Some("ana".into());
    }
    picture.alerts[0].acknowledged_by = None;
    desk = Desk::showing(picture, Lang::Es, 120, 40);
    let title = line_with(&desk.screen(), "4 Alertas");
    assert!(title.contains("✗1") && !title.contains('⚠'), "{title}");
}

#[test]
fn rows_of_products_and_of_warehouses_show_which_alerts_are_about_them() {
    let mut picture = world::full();
    let sevilla = line_with(&Desk::showing(world::full(), Lang::Es, 160, 50).screen(), "● sevilla");
    assert!(sevilla.contains("⚠1 i1"), "{sevilla}");
    let about = picture.products.iter().find(|p| p.product.sku.as_str() == "GU-NIT-M").unwrap();
    let late = rubentario::domain::AlertKind::ReceiptOverdue {
        expectation: "madrid:7".parse().unwrap(),
        sku: about.product.sku.clone(),
        left: rubentario::domain::Quantity::from_thousandths(5_000).unwrap(),
        due: chrono::NaiveDate::from_ymd_opt(2026, 4, 30).unwrap(),
    };
    let plain = Desk::showing(picture.clone(), Lang::Es, 120, 40).screen();
    let row = |screen: &str| {
        screen.lines().find(|l| l.contains("GU-NIT-M")).unwrap().chars().take(50).collect::<String>()
    };
    assert!(!row(&plain).contains('⚠'), "{plain}");
    picture.alerts[0].what = late;
    let told = Desk::showing(picture.clone(), Lang::Es, 120, 40).screen();
    assert!(row(&told).contains('⚠'), "{told}");
    picture.alerts[0].acknowledged_by = Some("ana".into());
    let seen = Desk::showing(picture, Lang::Es, 120, 40).screen();
    assert!(!row(&seen).contains('⚠'), "{seen}");
}
