//! Who belongs, as an operator sees it: one of two away, a network of two minds, a warehouse that was given up.

use std::sync::Arc;

use insta::assert_snapshot;
use rubentario::domain::{Alert, AlertKind, WarehouseId};
use rubentario::node::event::{Changes, Event, PeerState, Picture, Standing};
use rubentario::text::Lang;

use super::desk::Desk;
use super::world;

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

/// A network of madrid and one other, which is heard of or not.
fn of_two(other: &str, state: PeerState) -> Picture {
    let mut picture = world::full();
    picture.peers.retain(|peer| peer.id.as_str() == other);
    picture.peers[0].state = state;
    picture.status.roster.version = 2;
    picture.status.roster.members = vec![id("madrid"), id(other)];
    picture.alerts.clear();
    picture
}

#[test]
fn of_two_while_one_is_away_the_peers_pane_says_what_cant_be_done_and_what_works() {
    for (lang, tag) in LANGS {
        for (width, height) in [(120, 40), (80, 24), (60, 15)] {
            let mut desk = Desk::showing(of_two("valencia", PeerState::Down), lang, width, height);
            desk.keys("3");
            assert_snapshot!(format!("one_of_two_{width}x{height}_{tag}"), desk.screen());
            let said = match lang {
                Lang::Es => "Se oye a 1 de 2: sin mayoría no hay cerrojos, altas ni bajas; lo propio sigue.",
                Lang::En => {
                    "1 of 2 are heard: without a majority no locks, nobody admitted or retired; own work goes on."
                }
            };
            desk.resize(120, 40).keys("e");
            assert!(desk.words().contains(said), "{}", desk.screen());
        }
        let both = Desk::showing(of_two("valencia", PeerState::Alive), lang, 120, 40).keys("3").words();
        assert!(!both.contains("1 de 2") && !both.contains("1 of 2"), "{both}");
    }
}

#[test]
fn two_different_rosters_of_one_version_are_an_alert_in_both_languages() {
    for (lang, tag) in LANGS {
        let mut picture = world::full();
        picture.status.roster.version = 4;
        picture.status.roster.split = Some(4);
        picture.alerts = vec![Alert {
            id: "roster_split:4".into(),
            warehouse: id("madrid"),
            raised_ms: world::now_ms() - 60_000,
            acknowledged_by: None,
            what: AlertKind::RosterSplit { version: 4 },
        }];
        let mut desk = Desk::showing(picture, lang, 120, 40);
        assert_snapshot!(format!("roster_split_{tag}"), desk.keys("4").screen());
        desk.keys("e");
        let said = match lang {
            Lang::Es => "la red se decidió de dos maneras (versión 4): no admite ni retira a nadie",
            Lang::En => "the network decided in two ways (version 4): nobody is admitted or retired",
        };
        assert!(desk.words().contains(said), "{}", desk.screen());
    }
}

#[test]
fn what_was_given_up_stands_apart_in_the_stock_and_on_the_card_and_in_no_total() {
    for (lang, tag) in LANGS {
        let mut picture = world::full();
        picture.peers[0].standing = Standing::GivenUp;
        picture.peers[0].state = PeerState::Down;
        for product in &mut picture.products {
            Arc::make_mut(product).given_up = vec![id("sevilla")];
        }
        let mut desk = Desk::showing(picture, lang, 120, 40);
        assert_snapshot!(format!("given_up_stock_{tag}"), desk.keys("e").screen());
        // 1,120 here, 40 lost in sevilla and 12 on the road from there.
        let screen = desk.screen().replace("1,120", "1120");
        let row = screen.lines().find(|line| line.contains("GU-NIT-M")).unwrap();
        let figures: Vec<_> = row.split_whitespace().filter(|word| word.parse::<u32>().is_ok()).collect();
        assert_eq!(figures, ["1120", "0", "1120", "52", "50"], "{row}");
        assert_snapshot!(format!("given_up_card_{tag}"), desk.keys("jj{enter}").screen());
    }
}

#[test]
fn at_120_columns_the_peers_pane_shows_each_round_trip_and_offset_with_its_error_whole() {
    for (lang, tag, expected) in [
        (Lang::Es, "es", ["3,1 ms   +1,2 ms ±2", "180 ms +3 h 0 min ±12 ms"]),
        (Lang::En, "en", ["3.1 ms   +1.2 ms ±2", "180 ms +3 h 0 min ±12 ms"]),
    ] {
        let mut picture = world::full();
        let valencia = &mut picture.peers[1];
        valencia.state = PeerState::Alive;
        (valencia.rtt_ms, valencia.offset_ms, valencia.error_ms) =
            (Some(180.0), Some(10_805_000.0), Some(12.0));
        valencia.lag_entries = 0;
        let mut desk = Desk::showing(picture, lang, 120, 40);
        assert_snapshot!(format!("wrong_clock_{tag}"), desk.keys("3").screen());
        let home = desk.screen();
        let zoomed = desk.keys("e").screen();
        for screen in [home, zoomed] {
            let rows: Vec<_> = ["sevilla ", "valencia "]
                .map(|name| screen.lines().rfind(|line| line.contains(name) && line.contains('±')).unwrap())
                .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
                .into();
            for (row, figures) in rows.iter().zip(expected) {
                let figures = figures.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(row.contains(&figures), "{figures}: {screen}");
            }
        }
    }
}

#[test]
fn with_another_key_in_a_network_of_two_the_pane_says_that_admitting_it_works() {
    for (lang, said) in [
        (Lang::Es, "y a valencia con otra clave: admítala (a)"),
        (Lang::En, "and valencia with another key: admit it (a)"),
    ] {
        let mut picture = of_two("valencia", PeerState::Alive);
        picture.peers[0].standing = Standing::OtherKey;
        let words = Desk::showing(picture, lang, 120, 40).keys("3e").words();
        assert!(words.contains(said) && !words.contains("nobody admitted"), "{words}");
    }
}

#[test]
fn the_question_whether_to_admit_closes_when_another_warehouse_has_answered_it() {
    for (now, said) in [
        (Standing::Member, "valencia ya está admitido: lo hizo otro almacén"),
        (Standing::Retired, "valencia ya se ha retirado de la red"),
    ] {
        let mut picture = of_two("valencia", PeerState::Alive);
        picture.peers[0].standing = Standing::Candidate;
        let mut peers = picture.peers.clone();
        let mut desk = Desk::showing(picture, Lang::Es, 120, 40);
        desk.keys("3a");
        assert!(desk.words().contains("¿Admitir a valencia?"), "{}", desk.screen());
        desk.tell(Event::Changed {
            changes: Box::new(Changes { peers: Some(peers.clone()), ..Changes::default() }),
        });
        assert!(desk.words().contains("¿Admitir a valencia?"), "nothing has changed");
        peers[0].standing = now;
        desk.tell(Event::Changed { changes: Box::new(Changes { peers: Some(peers), ..Changes::default() }) });
        let words = desk.words();
        assert!(!words.contains("¿Admitir a valencia?") && words.contains(said), "{}", desk.screen());
    }
}

#[test]
fn who_left_or_comes_back_with_a_new_key_or_waits_is_told_so_at_its_own_terminal() {
    let told = |change: &dyn Fn(&mut Picture)| {
        let mut picture = world::full();
        change(&mut picture);
        [(Lang::Es, 120, 40), (Lang::En, 80, 24)]
            .map(|(lang, width, height)| Desk::showing(picture.clone(), lang, width, height).words())
    };
    let [es, en] = told(&|p| p.status.roster.left = true);
    assert!(es.contains("ya no es de la red") && en.contains("has left the network"), "{es} {en}");
    let [es, en] =
        told(&|p| (p.status.recovering, p.status.joined, p.status.roster.new_key) = (true, false, true));
    for words in [es, en] {
        assert!(words.contains("«peers admit madrid --replace-key»"), "{words}");
    }
    let [es, en] = told(&|p| p.status.joined = false);
    for words in [es, en] {
        assert!(words.contains("«peers admit madrid»"), "{words}");
    }
}
