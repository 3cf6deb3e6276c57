//! The viewer of snapshots.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use rubentario::domain::{Lot, TransferId};
use rubentario::ledger::act::Act;
use rubentario::ledger::book::Riding;
use rubentario::ledger::entry::MissingPart;
use rubentario::ledger::{EntryRef, Hash, Head};
use rubentario::node::Snapshot;
use rubentario::node::event::{Event, Picture, Reply};
use rubentario::node::intent::{Intent, Question};
use rubentario::node::snapshots::{Balance, Imbalance, Lying, SnapshotDetail, StockThen};
use rubentario::protocol::snapshot::{Closing, Marker};
use rubentario::text::Lang;
use rubentario::ui::wake::{Effect, Job};

use super::desk::Desk;
use super::world;

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];
const BEGUN_MS: i64 = 1_795_528_800_000;

fn head(seq: u64) -> Head {
    Head { incarnation: 1, seq, hash: Hash::of(&seq.to_be_bytes()) }
}

fn snapshot(id: &str, seqs: &[(&str, u64)], marked: usize, closed: bool) -> Snapshot {
    let id: TransferId = id.parse().unwrap();
    let at = |(name, seq): &(&str, u64)| (name.parse().unwrap(), head(*seq));
    let cross = |(name, seq): &(&str, u64)| {
        let digest = Hash::of(name.as_bytes());
        (
            name.parse().unwrap(),
            Marker { at: head(*seq), cut: BTreeMap::default(), claimed: digest, computed: digest },
        )
    };
    let missing = seqs[marked..].iter().map(|(name, seq)| MissingPart {
        id: name.parse().unwrap(),
        seq: *seq,
        age_ms: Some(240_000),
    });
    Snapshot {
        begun: EntryRef { origin: id.origin.clone(), seq: id.seq, hash: Hash::ZERO },
        begun_ms: BEGUN_MS + i64::try_from(id.seq).unwrap() * 60_000,
        operator: "ana".parse().unwrap(),
        expected: seqs.iter().map(|(name, _)| name.parse().unwrap()).collect(),
        markers: seqs[..marked].iter().map(cross).collect(),
        closed: closed.then(|| Closing {
            seq: id.seq + 1,
            at_ms: BEGUN_MS,
            cut: seqs.iter().map(at).collect(),
            missing: missing.collect(),
        }),
        id,
    }
}

fn some() -> Vec<Snapshot> {
    vec![
        snapshot("madrid:40", &[("madrid", 40), ("sevilla", 117), ("valencia", 64)], 3, true),
        snapshot("sevilla:120", &[("madrid", 42), ("sevilla", 120), ("valencia", 64)], 2, true),
        snapshot("madrid:44", &[("madrid", 44), ("sevilla", 121), ("valencia", 64)], 1, false),
    ]
}

fn detail(snapshot: Snapshot) -> SnapshotDetail {
    let lying = |warehouse: &str, sku: &str, n| Lying {
        warehouse: warehouse.parse().unwrap(),
        sku: sku.parse().unwrap(),
        lot: Lot::none(),
        on_hand: rubentario::domain::Quantity::units(n).unwrap(),
    };
    let units = |n| rubentario::domain::Quantity::units(n).unwrap();
    let seq = snapshot.id.seq.try_into().unwrap_or(0);
    let riding = Riding {
        transfer: "madrid:39".parse().unwrap(),
        sku: "GU-NIT-M".parse().unwrap(),
        lot: Lot::none(),
        qty: units(12),
        from: "madrid".parse().unwrap(),
        to: "sevilla".parse().unwrap(),
    };
    SnapshotDetail {
        stock: vec![
            lying("madrid", "GU-NIT-M", seq),
            lying("sevilla", "GU-NIT-M", 40),
            lying("valencia", "GU-LAT-S", 33),
        ],
        riding: vec![riding],
        balance: Balance {
            on_hand: units(73 + seq),
            riding: units(12),
            receipts: units(90 + seq),
            issues: units(4),
            adjustments: units(0),
            shortages: units(1),
            violations: Vec::new(),
        },
        snapshot,
    }
}

fn picture() -> Picture {
    Picture { snapshots: some().into_iter().map(std::sync::Arc::new).collect(), ..world::full() }
}

/// Answers what the viewer asked; acts come back.
fn answer(desk: &mut Desk) -> Vec<Act> {
    let mut acts = Vec::new();
    let intents: Vec<_> = desk.view.outbox().drain(..).collect();
    for intent in intents {
        match intent {
            Intent::Ask { id, question: Question::Snapshot { id: of } } => {
                let known = some().into_iter().find(|s| s.id == of).map(|s| Box::new(detail(s)));
                desk.tell(Event::Reply { id, reply: Ok(Reply::Snapshot { detail: known }) });
            }
            Intent::Ask { id, question: Question::StockAt { at_ms } } => {
                let SnapshotDetail { stock, riding, .. } = detail(some().remove(0));
                let then = Box::new(StockThen { at_ms, places: BTreeMap::default(), stock, riding });
                desk.tell(Event::Reply { id, reply: Ok(Reply::StockAt { then }) });
            }
            Intent::Do { requests } => acts.extend(requests.into_iter().map(|r| r.act)),
            _ => {}
        }
    }
    acts
}

#[test]
fn the_list_shows_who_has_marked_and_draws_the_cut() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::showing(picture(), lang, 120, 30);
        assert_snapshot!(format!("snapshots_{tag}"), desk.keys("6").screen());
        assert_snapshot!(format!("snapshots_partial_{tag}"), desk.keys("j").screen());
        let mut desk = Desk::showing(picture(), lang, 80, 24);
        assert_snapshot!(format!("snapshots_80x24_{tag}"), desk.keys("6").screen());
        let mut desk = Desk::showing(picture(), lang, 40, 12);
        assert_snapshot!(format!("snapshots_40x12_{tag}"), desk.keys("6").screen());
        let mut desk = Desk::showing(world::empty(), lang, 100, 24);
        assert_snapshot!(format!("snapshots_empty_{tag}"), desk.keys("6").screen());
        let mut desk = Desk::loading(lang, 100, 24);
        assert_snapshot!(format!("snapshots_loading_{tag}"), desk.keys("6").screen());
    }
}

#[test]
fn an_opened_one_shows_goods_the_road_the_equation_and_the_cut() {
    for (lang, tag) in LANGS {
        for (width, height) in [(120, 40), (80, 24), (40, 12)] {
            let mut desk = Desk::showing(picture(), lang, width, height);
            desk.keys("6jj").press_only("{enter}");
            answer(&mut desk);
            assert_snapshot!(format!("snapshot_open_{width}x{height}_{tag}"), desk.screen());
        }
    }
}

#[test]
fn two_that_are_marked_are_compared_the_earlier_first() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::showing(picture(), lang, 100, 24);
        desk.keys("6 jj ").press_only("d");
        answer(&mut desk);
        assert_snapshot!(format!("snapshot_diff_{tag}"), desk.screen());
        // Out of the comparison, then out of the screen.
        assert!(desk.keys("{esc}").screen().contains("6 "));
    }
}

#[test]
fn the_stock_as_of_a_moment_is_asked_for_by_typing_it() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::showing(picture(), lang, 100, 24);
        assert_snapshot!(format!("as_of_typing_{tag}"), desk.keys("6o2026-05-17").screen());
        desk.press_only("{enter}");
        answer(&mut desk);
        assert_snapshot!(format!("as_of_{tag}"), desk.screen());
        let mut desk = Desk::showing(picture(), lang, 100, 24);
        desk.keys("6oayer").press_only("{enter}");
        assert!(answer(&mut desk).is_empty());
        assert_snapshot!(format!("as_of_nonsense_{tag}"), desk.screen());
    }
}

#[test]
fn a_moment_that_has_not_come_yet_is_refused_and_asked_of_nobody() {
    for (lang, words) in [(Lang::Es, "no ha llegado todavía"), (Lang::En, "has not come yet")] {
        for typed in ["23:59", "2026-05-18", "2027-01-01 10:00"] {
            let mut desk = Desk::showing(picture(), lang, 100, 24);
            desk.keys("6o").keys(typed).press_only("{enter}");
            assert!(desk.words().contains(words), "{typed}: {}", desk.screen());
            assert!(!desk.intents().iter().any(|i| matches!(i, Intent::Ask { .. })), "{typed}");
        }
    }
}

#[test]
fn the_card_shows_its_product_as_of_a_moment_and_goes_back_to_now() {
    for (lang, tag) in LANGS {
        for (width, height) in [(120, 40), (80, 24)] {
            let mut desk = Desk::showing(picture(), lang, width, height);
            desk.keys("1gg");
            while desk.view.stock().selected().is_some_and(|sku| sku.as_str() != "GU-NIT-M") {
                desk.press_only("j");
            }
            desk.press_only("{enter}");
            let here = desk.screen().contains("A-03-2");
            assert!(here, "{}", desk.screen());
            desk.keys("o2026-05-16 14:30");
            assert_snapshot!(format!("card_then_typing_{width}_{tag}"), desk.screen());
            desk.press_only("{enter}");
            let asked = desk.intents().into_iter().find_map(|intent| match intent {
                Intent::Ask { id, question: Question::StockAt { at_ms } } => Some((id, at_ms)),
                _ => None,
            });
            let (id, at_ms) = asked.expect("a question");
            let SnapshotDetail { stock, riding, .. } = detail(some().remove(0));
            let then = Box::new(StockThen { at_ms, places: BTreeMap::default(), stock, riding });
            desk.tell(Event::Reply { id, reply: Ok(Reply::StockAt { then }) });
            assert_snapshot!(format!("card_then_{width}_{tag}"), desk.screen());
            desk.press_only("{esc}");
            assert!(desk.screen().contains("A-03-2"), "the first Esc goes back to the present");
            desk.press_only("{esc}");
            assert!(desk.view.card().is_none());
        }
    }
}

#[test]
fn one_is_taken_anywhere_with_one_key() {
    for screen in ["1", "2", "3", "4", "5", "6"] {
        let mut desk = Desk::showing(picture(), Lang::En, 100, 24);
        desk.keys(screen).press_only("s");
        assert_eq!(answer(&mut desk), [Act::TakeSnapshot], "{screen}");
    }
}

#[test]
fn what_does_not_add_up_and_digests_that_differ_are_shown_as_errors() {
    let mut snapshot = some().remove(0);
    snapshot.markers.values_mut().last().unwrap().claimed = Hash::ZERO;
    let units = |n| rubentario::domain::Quantity::units(n).unwrap();
    let wrong = Imbalance {
        sku: "GU-NIT-M".parse().unwrap(),
        lot: Lot::none(),
        found: units(92),
        expected: units(93),
    };
    let mut shown = detail(snapshot.clone());
    shown.balance.violations = vec![wrong];
    let mut desk =
        Desk::showing(Picture { snapshots: vec![snapshot.into()], ..world::full() }, Lang::En, 110, 30);
    desk.keys("6").press_only("{enter}");
    let asked: Vec<_> = desk.view.outbox().drain(..).collect();
    for intent in asked {
        if let Intent::Ask { id, question: Question::Snapshot { .. } } = intent {
            let detail = Some(Box::new(shown.clone()));
            desk.tell(Event::Reply { id, reply: Ok(Reply::Snapshot { detail }) });
        }
    }
    assert_snapshot!("snapshot_wrong_en", desk.screen());
}

#[test]
fn what_is_opened_is_exported_as_a_table_and_as_json() {
    let mut desk = Desk::showing(picture(), Lang::En, 100, 24);
    desk.keys("6jj").press_only("{enter}");
    answer(&mut desk);
    desk.keys("x");
    let written: Vec<_> = desk
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Do(Job::Write { path, text }) => {
                Some((path.extension()?.to_str()?.to_owned(), text.clone()))
            }
            _ => None,
        })
        .collect();
    let json = written.iter().find(|(kind, _)| kind == "json").expect("a JSON file");
    assert_eq!(serde_json::from_str::<SnapshotDetail>(&json.1).unwrap(), detail(some().remove(0)));
    let csv = written.iter().find(|(kind, _)| kind == "csv").expect("a table");
    assert_snapshot!("export_snapshot", csv.1);
}

#[test]
fn refused_markers_are_told_where_a_snapshot_is_open() {
    for (lang, words) in [
        (Lang::Es, "marcas rechazadas desde el arranque: 3"),
        (Lang::En, "markers refused since the start: 3"),
    ] {
        let mut shown = picture();
        shown.status.refused_markers = 3;
        let mut desk = Desk::showing(shown, lang, 120, 40);
        desk.keys("6jj").press_only("{enter}");
        answer(&mut desk);
        assert!(desk.words().contains(words), "{}", desk.screen());
    }
}

/// Goods on the road from one warehouse of nine with long names, some of them counted with decimals.
fn crowded(from: &str) -> (Snapshot, Vec<Riding>) {
    let names = [
        ("madrid", 44),
        ("barcelona-puerto-sur", 12),
        ("bilbao", 3),
        ("malaga", 7),
        ("palma-de-mallorca-2", 9),
        ("sevilla", 121),
        ("valencia", 64),
        ("vigo", 2),
        ("zaragoza", 31),
    ];
    let riding = |transfer: &str, sku: &str, thousandths, lot: &str| Riding {
        transfer: transfer.parse().unwrap(),
        sku: sku.parse().unwrap(),
        lot: lot.parse().unwrap(),
        qty: rubentario::domain::Quantity::from_thousandths(thousandths).unwrap(),
        from: from.parse().unwrap(),
        to: "palma-de-mallorca-2".parse().unwrap(),
    };
    let goods = vec![
        riding("madrid:39", "GU-NIT-M", 12_000, ""),
        riding("madrid:41", "HA-TRI", 2_500, ""),
        riding("madrid:42", "SU-FIS-500", 6_000, "L-PRONTO"),
        riding("madrid:43", "GU-NIT-L", 8_000, ""),
        riding("madrid:43", "GU-LAT-S", 9_000, ""),
    ];
    (snapshot("madrid:44", &names, 7, true), goods)
}

fn opened(lang: Lang, width: u16, height: u16) -> Desk {
    let (snapshot, riding) = crowded("madrid");
    let picture = Picture { snapshots: vec![std::sync::Arc::new(snapshot.clone())], ..world::full() };
    let mut desk = Desk::showing(picture, lang, width, height);
    desk.press_only("6");
    desk.press_only("{enter}");
    let id = desk.intents().into_iter().find_map(|intent| match intent {
        Intent::Ask { id, question: Question::Snapshot { .. } } => Some(id),
        _ => None,
    });
    let balance = Balance::default();
    let told = SnapshotDetail { stock: Vec::new(), riding, balance, snapshot };
    desk.tell(Event::Reply { id: id.unwrap(), reply: Ok(Reply::Snapshot { detail: Some(Box::new(told)) }) });
    desk
}

#[test]
fn the_cut_of_many_warehouses_with_long_names_is_drawn_at_every_size_and_scrolls() {
    for (lang, tag) in LANGS {
        for (width, height) in [(160, 50), (120, 40), (80, 24)] {
            assert_snapshot!(format!("cut_{width}x{height}_{tag}"), opened(lang, width, height).screen());
        }
    }
    let mut desk = opened(Lang::Es, 120, 40);
    desk.theme = rubentario::ui::theme::Theme::new(
        rubentario::ui::theme::Palette::Mono,
        rubentario::ui::theme::Borders::Ascii,
    );
    assert_snapshot!("cut_ascii_es", desk.screen());
    let mut desk = opened(Lang::Es, 80, 24);
    let before = desk.screen();
    desk.keys("G");
    assert_ne!(before, desk.screen());
    assert!(desk.words().contains("zaragoza"), "{}", desk.screen());
}

#[test]
fn goods_on_the_road_cross_the_cut_with_their_name_and_exact_quantity() {
    let desk = opened(Lang::Es, 120, 40);
    let screen = desk.screen();
    let line = |text: &str| screen.lines().find(|line| line.contains(text)).unwrap().to_owned();
    let column = |line: &str, text: &str| line.split(text).next().unwrap().chars().count();
    // madrid marked where the first line has its sign.
    let cut = column(screen.lines().find(|l| l.contains("madrid") && l.contains('┃')).unwrap(), "┃");
    let arrow = line("2,50 HA-TRI");
    assert!(column(&arrow, "→ palma-de-mallorca-2") > cut, "{screen}");
    assert!(column(&arrow, "╰") < cut, "{screen}");
    assert!(line("SU-FIS-500@L-PRONTO").contains("madrid:42 6 "), "{screen}");
    assert!(screen.contains("+1"), "the fifth is counted\n{screen}");
    assert!(screen.contains("barcelona-puerto-sur"), "{screen}");
}
