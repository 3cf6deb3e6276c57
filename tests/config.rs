//! What the config accepts, which layer wins, and how it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use rubentario::config::{
    Admit, Bell, Borders, BusSettings, Config, ConfigError, Dirs, Flags, KEYS, Kind, SecretUrl,
    StoreSettings, Theme,
};
use rubentario::domain::{Operator, WarehouseId};
use rubentario::text::Lang;
use rubentario::ui::{keys::Keymap, theme};
use similar_asserts::assert_eq;
use tempfile::TempDir;

/// A user with a config directory, an environment and flags.
struct User {
    home: TempDir,
    env: HashMap<String, String>,
    flags: Flags,
}

impl User {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("config")).unwrap();
        Self { home, env: HashMap::new(), flags: Flags::default() }
    }

    fn of(node: &str) -> Self {
        let mut user = Self::new();
        user.flags.node = Some(node.to_owned());
        user
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join("config").join(name)
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let dirs = Dirs {
            config: self.home.path().join("config"),
            data: self.home.path().join("data"),
            runtime: self.home.path().join("run"),
        };
        Config::load(&self.flags, &|name| self.env.get(name).cloned(), &dirs)
    }

    fn refusal(&self) -> String {
        let home = self.home.path().join("config").display().to_string();
        self.load().unwrap_err().to_string().replace(&home, "CONFIG")
    }
}

fn example() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml.example")).unwrap()
}

/// The example with the `#` of every key taken away.
fn example_in_full() -> String {
    let is_key = |line: &str| {
        line.strip_prefix('#').and_then(|rest| rest.split_once(" = ")).is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_')
        })
    };
    example()
        .lines()
        .map(|line| if is_key(line) { &line[1..] } else { line })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn a_node_with_no_config_at_all_works_on_the_embedded_stores() {
    let config = User::of("madrid").load().unwrap();
    assert_eq!(config.node.id.as_str(), "madrid");
    assert_eq!(config.node.name, "Madrid");
    assert_eq!(config.cluster.name, "local");
    assert_eq!(config.cluster.admit, Admit::Auto);
    assert!(!config.cluster.found);
    assert_eq!(config.store, StoreSettings::Sqlite);
    assert_eq!(config.bus, BusSettings::Spool);
    assert!(config.paths.node_dir().ends_with("data/local/madrid"));
    assert_eq!(config.file, None);
}

#[test]
fn the_example_as_it_stands_is_the_defaults() {
    let written = User::of("madrid").file("config.toml", &example());
    let mut config = written.load().unwrap();
    assert_eq!(config.file.take(), Some(written.path("config.toml")));
    let mut plain = User::of("madrid").load().unwrap();
    plain.paths = config.paths.clone();
    assert_eq!(config, plain);
}

#[test]
fn the_example_in_full_has_every_key_there_is_with_its_default() {
    let text = example_in_full();
    let table: toml::Table = text.parse().unwrap();
    let shown: Vec<(String, String)> = table
        .iter()
        .flat_map(|(section, keys)| {
            keys.as_table().unwrap().keys().map(move |name| (section.clone(), name.clone()))
        })
        .collect();
    for (section, name) in &shown {
        assert!(KEYS.iter().any(|key| key.section == section && key.name == name), "[{section}] {name}");
    }
    for key in KEYS {
        let value = table.get(key.section).and_then(|section| section.get(key.name));
        let value = value.unwrap_or_else(|| panic!("the example lacks [{}] {}", key.section, key.name));
        if let Some(default) = key.default {
            let default: toml::Table = format!("it = {default}").parse().unwrap();
            assert_eq!(Some(value), default.get("it"), "[{}] {}", key.section, key.name);
        }
    }
    assert_eq!(shown.len(), KEYS.len());
    let config = User::of("madrid").file("madrid.toml", &text).load();
    let ui = config.expect("every value of the example is accepted").ui;
    let keys: BTreeMap<_, _> = ui.keys.into_iter().map(|row| (row.name, row.values)).collect();
    assert!(!keys.is_empty());
    Keymap::new(&keys).expect("every action and key of the example is accepted");
    let mut look = theme::Theme::new(theme::Palette::Dark, theme::Borders::Round);
    assert!(!ui.colors.is_empty());
    for row in &ui.colors {
        look =
            look.with_look(&row.name, &row.values.join(" ")).expect("every look of the example is accepted");
    }
}

#[test]
fn every_bad_file_is_refused_with_its_file_line_and_key_and_without_its_password() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/refused");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let expected = text.lines().next().unwrap().trim_start_matches("# ");
        // The node comes last: what the file says of it must be judged, too.
        let mut user = User::new().env("RUBENTARIO_NODE_NAME", "x");
        user.flags.config = Some(file.clone());
        if !text.contains("[node]\nid") {
            user.flags.node = Some("madrid".to_owned());
        }
        let error = user.load().expect_err(&file.display().to_string());
        let sentence = error.to_string().replace(&file.display().to_string(), "{file}");
        assert_eq!(sentence, expected, "{}", file.display());
        assert!(!format!("{error:?}").contains("s3c"), "{error:?}");
        // In Spanish the same place and key, and another sentence.
        let spanish = error.sentence(Lang::Es).replace(&file.display().to_string(), "{file}");
        let place = expected.split(' ').next().unwrap();
        assert!(spanish.starts_with(place) && spanish != expected, "{spanish}");
        let english = [" this ", " the ", " must ", " isn't ", " there ", " write ", " is "];
        // What the reader of TOML says is quoted.
        let own = spanish.split('«').next().unwrap();
        assert!(english.iter().all(|word| !own.contains(word)), "{spanish}");
        seen += 1;
    }
    assert!(seen >= 25, "only {seen} bad files found");
}

#[test]
fn the_language_is_known_before_the_config_is_read_and_where_it_is_wrong() {
    let lang = |user: &User| {
        let home = user.home.path();
        let (config, data, runtime) = (home.join("config"), home.join("data"), home.join("run"));
        let dirs = Dirs { config, data, runtime };
        rubentario::config::lang(&user.flags, &|name| user.env.get(name).cloned(), Some(&dirs))
    };
    let mut user = User::new().env("LANG", "en_GB.UTF-8");
    assert_eq!(lang(&user), Lang::En);
    // The file of the node goes over the system, whatever else is wrong with it.
    user = user.file("config.toml", "[node]\nlang = \"en\"\n");
    user = user.file("madrid.toml", "[node]\nlang = \"es\"\ncolour = 3\n[store\n");
    assert_eq!(lang(&user), Lang::En);
    user.flags.node = Some("madrid".to_owned());
    assert!(user.load().is_err());
    assert_eq!(lang(&user), Lang::Es);
    user = user.env("RUBENTARIO_NODE_LANG", "en");
    assert_eq!(lang(&user), Lang::En);
    user.flags.lang = Some("es".to_owned());
    assert_eq!(lang(&user), Lang::Es);
}

#[test]
fn a_file_that_is_not_text_is_refused_with_its_line() {
    let user = User::of("madrid");
    fs::write(user.path("madrid.toml"), b"[node]\nname = \"\xe1\"\n").unwrap();
    assert_eq!(user.refusal(), "CONFIG/madrid.toml:2: the file isn't UTF-8; save it as UTF-8");
}

#[test]
fn the_environment_goes_over_the_file_and_flags_over_the_environment() {
    let mut user = User::new()
        .file("madrid.toml", "[node]\nlang = \"es\"\n[ui]\noperator = \"ana\"\nmouse = true\n")
        .env("RUBENTARIO_NODE_ID", "madrid")
        .env("RUBENTARIO_OPERATOR", "luis")
        .env("RUBENTARIO_UI_MOUSE", "false");
    let config = user.load().unwrap();
    assert_eq!(config.node.lang, Lang::Es);
    assert_eq!(config.ui.operator_or_user().map(Operator::as_str), Some("luis"));
    assert!(!config.ui.mouse);

    user.flags.operator = Some("eva".to_owned());
    user.flags.lang = Some("en".to_owned());
    let config = user.load().unwrap();
    assert_eq!(config.ui.operator_or_user().map(Operator::as_str), Some("eva"));
    assert_eq!(config.node.lang, Lang::En);
}

#[test]
fn the_file_is_the_one_asked_for_else_the_nodes_own_else_the_machines() {
    let mut user = User::of("madrid").file("config.toml", "[node]\nname = \"all\"\n");
    assert_eq!(user.load().unwrap().node.name, "all");
    user =
        user.file("madrid.toml", "[node]\nname = \"own\"\n").file("other.toml", "[node]\nname = \"asked\"\n");
    assert_eq!(user.load().unwrap().node.name, "own");
    user.flags.config = Some(user.path("other.toml"));
    assert_eq!(user.load().unwrap().node.name, "asked");
    user.flags.config = Some(user.path("none.toml"));
    assert!(user.refusal().starts_with("CONFIG/none.toml: the config can't be read: "), "{}", user.refusal());
}

#[test]
fn a_file_named_after_a_node_must_not_speak_of_another() {
    let user = User::of("madrid").file("madrid.toml", "[node]\nid = \"sevilla\"\n");
    assert_eq!(
        user.refusal(),
        "CONFIG/madrid.toml:2: [node] id: this file is read for the node “madrid” by its file name but says \
         “sevilla”; make them one"
    );
}

#[test]
fn the_name_in_the_machines_file_is_not_lent_to_another_node() {
    let text = "[node]\nid = \"madrid\"\nname = \"Madrid centro\"\n";
    assert_eq!(User::new().file("config.toml", text).load().unwrap().node.name, "Madrid centro");
    assert_eq!(User::of("sevilla").file("config.toml", text).load().unwrap().node.name, "Sevilla");
}

#[test]
fn with_no_node_named_the_sentence_says_the_three_ways_to_name_one() {
    assert_eq!(
        User::new().refusal(),
        "no node is named: give --node ID, or set RUBENTARIO_NODE_ID, or write [node] id in CONFIG/config.toml"
    );
}

#[test]
fn a_bad_node_id_is_refused_at_the_flag_or_variable_that_gave_it() {
    assert!(User::of("../etc").refusal().starts_with("--node: [node] id: “../etc” is no node id"));
    let user = User::new().env("RUBENTARIO_NODE_ID", "MADRID");
    assert!(user.refusal().starts_with("environment RUBENTARIO_NODE_ID: [node] id: “MADRID” is no node id"));
}

#[test]
fn services_come_from_the_environment_with_the_node_in_the_database_name() {
    let config = User::of("sevilla-2")
        .env("RUBENTARIO_STORE_URL", "postgres://ana:s3cret@db/rubentario_{node}")
        .env("RUBENTARIO_BUS_URLS", "amqps://a:s3cret@one/acme, amqps://a:s3cret@two/acme")
        .env("RUBENTARIO_CLUSTER_NAME", "acme")
        .env("RUBENTARIO_CLUSTER_FOUND", "true")
        .load()
        .unwrap();
    let StoreSettings::Postgres(url) = &config.store else { panic!("{:?}", config.store) };
    assert_eq!(url.expose(), "postgres://ana:s3cret@db/rubentario_sevilla_2");
    let BusSettings::Rabbit { urls, allow_plain, ca_file } = &config.bus else { panic!("{:?}", config.bus) };
    assert_eq!(
        urls.iter().map(SecretUrl::expose).collect::<Vec<_>>(),
        ["amqps://a:s3cret@one/acme", "amqps://a:s3cret@two/acme"]
    );
    assert!(!allow_plain);
    assert_eq!(*ca_file, None);
    assert_eq!(config.cluster.name, "acme");
    assert!(config.cluster.found);
    assert_eq!(config.cluster.admit, Admit::Ask);
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn the_authority_of_the_brokers_comes_from_the_file_and_from_the_environment_over_it() {
    let text = "[bus]\nurls = [\"amqps://ana:s3cret@one/acme\"]\nca_file = \"/etc/acme/ca.pem\"\n";
    let authority = |user: User| match user.load().unwrap().bus {
        BusSettings::Rabbit { ca_file, .. } => ca_file.unwrap(),
        BusSettings::Spool => panic!("not RabbitMQ"),
    };
    let user = || User::of("madrid").file("config.toml", text);
    assert_eq!(authority(user()), Path::new("/etc/acme/ca.pem"));
    assert_eq!(authority(user().env("RUBENTARIO_BUS_CA_FILE", "/other.pem")), Path::new("/other.pem"));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let user = User::of("madrid").file("secret", "postgres://ana:s3cret@db/stock\n");
    let path = user.path("secret").display().to_string();
    let user = user.env("RUBENTARIO_STORE_URL_FILE", &path);
    let StoreSettings::Postgres(url) = user.load().unwrap().store else { panic!("not PostgreSQL") };
    assert_eq!(url.expose(), "postgres://ana:s3cret@db/stock");

    let both = user.env("RUBENTARIO_STORE_URL", "postgres://db/stock");
    assert_eq!(
        both.refusal(),
        "environment RUBENTARIO_STORE_URL_FILE: [store] url: RUBENTARIO_STORE_URL is set too; keep one of the two"
    );
    let missing = User::of("madrid").env("RUBENTARIO_BUS_URLS_FILE", "/nowhere/at/all");
    assert!(missing.refusal().contains("the file /nowhere/at/all can't be read"), "{}", missing.refusal());
}

#[test]
fn bad_values_of_the_environment_are_refused_by_the_name_of_their_variable() {
    for (name, value, expected) in [
        (
            "RUBENTARIO_CLUSTER_FOUND",
            "maybe",
            "environment RUBENTARIO_CLUSTER_FOUND: [cluster] found: this must be true or false",
        ),
        (
            "RUBENTARIO_CLUSTER_ADMIT",
            "no",
            "environment RUBENTARIO_CLUSTER_ADMIT: [cluster] admit: “no” isn't one of ask, auto",
        ),
        (
            "RUBENTARIO_BUS_URLS",
            ",",
            "environment RUBENTARIO_BUS_URLS: [bus] urls: the list is empty; name a broker, or leave the key out for the local spool",
        ),
    ] {
        assert_eq!(User::of("madrid").env(name, value).refusal(), expected);
    }
    assert_eq!(
        User::of("madrid").env("RUBENTARIO_STORE_URL", "").load().unwrap().store,
        StoreSettings::Sqlite
    );
}

#[test]
fn every_key_but_the_key_table_has_a_variable_of_its_own() {
    let mut variables: Vec<String> = KEYS.iter().filter_map(rubentario::config::Key::variable).collect();
    let tables = KEYS.iter().filter(|key| matches!(key.kind, Kind::Table(..))).count();
    assert_eq!(variables.len(), KEYS.len() - tables);
    assert!(variables.contains(&"RUBENTARIO_BUS_ALLOW_PLAIN".to_owned()));
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), KEYS.len() - tables);
}

#[test]
fn the_screens_take_their_choices_from_the_file() {
    let text = "[ui]\ntheme = \"light\"\nborders = \"ascii\"\nprint = \"lp\"\nbell = \"errors\"\n[ui.keys]\nreceipt = \"+\"\nissue = [\"-\", \"g i\"]\n[ui.badges]\n0412 = \"ana\"\n[ui.colors]\nok = \"green\"\n";
    let config = User::of("madrid").file("madrid.toml", text).load().unwrap();
    assert_eq!(config.ui.theme, Theme::Light);
    assert_eq!(config.ui.borders, Borders::Ascii);
    assert_eq!(config.ui.print.as_deref(), Some("lp"));
    let keys: Vec<_> =
        config.ui.keys.iter().map(|row| (row.name.as_str(), row.values.join(" or "))).collect();
    assert_eq!(keys, [("receipt", "+".to_owned()), ("issue", "- or g i".to_owned())]);
    assert!(config.ui.keys[1].place.in_words(Lang::Es).ends_with("madrid.toml:8"));
    assert_eq!(config.ui.bell, Bell::Errors);
    assert_eq!(config.ui.badges["0412"].as_str(), "ana");
    assert_eq!(config.ui.colors[0].values, ["green"]);
}

#[test]
fn a_badge_names_one_person() {
    let user =
        |badge: &str| User::of("madrid").file("madrid.toml", &format!("[ui.badges]\n0412 = {badge}\n"));
    assert!(user("[\"ana\", \"luis\"]").refusal().contains("a badge is one person's"));
    assert!(user("7").refusal().contains("must be a text"));
}

#[test]
fn the_language_is_the_systems_where_nothing_else_is_said() {
    for (variable, value, lang) in [
        ("LANG", "es_ES.UTF-8", Lang::Es),
        ("LANG", "en_GB.UTF-8", Lang::En),
        ("LANG", "C", Lang::En),
        ("LC_ALL", "es_MX", Lang::Es),
    ] {
        assert_eq!(
            User::of("madrid").env(variable, value).load().unwrap().node.lang,
            lang,
            "{variable}={value}"
        );
    }
    let user = User::of("madrid").env("LC_ALL", "en_US.UTF-8").env("LANG", "es_ES.UTF-8");
    assert_eq!(user.load().unwrap().node.lang, Lang::En);
}

#[test]
fn the_operator_is_the_user_of_the_system_where_nobody_is_named() {
    let user = User::of("madrid").env("USER", "root");
    assert_eq!(user.load().unwrap().ui.operator_or_user().map(Operator::as_str), Some("root"));
    let user = user.env("RUBENTARIO_OPERATOR", "ana");
    assert_eq!(user.load().unwrap().ui.operator_or_user().map(Operator::as_str), Some("ana"));
}

#[test]
fn the_data_directory_is_the_flags_else_the_environments_else_the_users() {
    let mut user = User::of("madrid").env("RUBENTARIO_DATA_DIR", "/srv/stock");
    assert_eq!(user.load().unwrap().paths.spool(), Path::new("/srv/stock/local/spool.db"));
    user.flags.data_dir = Some(PathBuf::from("/mnt/stock"));
    assert_eq!(user.load().unwrap().paths.store(), Path::new("/mnt/stock/local/madrid/store.db"));
}

#[test]
fn a_node_on_rabbitmq_makes_the_clusters_key_only_when_it_founds() {
    let user = User::of("madrid").env("RUBENTARIO_BUS_URLS", "amqp://guest@localhost");
    let config = user.load().unwrap();
    config.paths.create().unwrap();
    let sentence = config.cluster_key().unwrap_err().to_string();
    assert!(sentence.contains("copy cluster.key there"), "{sentence}");

    let user = user.env("RUBENTARIO_CLUSTER_FOUND", "true");
    let founder = user.load().unwrap();
    let key = founder.cluster_key().unwrap();
    assert_eq!(config.cluster_key().unwrap(), key, "the machine's other nodes read the same key");
}

#[test]
fn a_key_file_that_is_named_and_missing_is_not_made() {
    let user = User::of("madrid");
    let named = user.path("typo.key");
    let user = user.env("RUBENTARIO_CLUSTER_KEY_FILE", named.to_str().unwrap());
    let config = user.load().unwrap();
    config.paths.create().unwrap();
    let sentence = config.cluster_key().unwrap_err().to_string();
    assert!(sentence.contains("typo.key: the cluster's key is missing"), "{sentence}");
    assert!(!named.exists());
    // In its usual place the first node on the spool makes it.
    let usual = User::of("madrid");
    usual.load().unwrap().paths.create().unwrap();
    assert!(usual.load().unwrap().cluster_key().is_ok());
}

#[test]
fn whoever_names_no_node_is_told_which_file_could() {
    let mut user = User::new().file("shop.toml", "[node]\nname = \"Centro\"\n");
    assert!(user.refusal().ends_with("or write [node] id in CONFIG/config.toml"), "{}", user.refusal());
    user.flags.config = Some(user.path("shop.toml"));
    assert!(user.refusal().ends_with("or write [node] id in CONFIG/shop.toml"), "{}", user.refusal());
}

#[test]
fn a_demo_runs_other_nodes_on_the_embedded_stores_with_the_same_screens() {
    let user = User::of("madrid")
        .env("RUBENTARIO_STORE_URL", "postgres://db/stock")
        .env("RUBENTARIO_BUS_URLS", "amqps://broker")
        .env("RUBENTARIO_UI_THEME", "light");
    let config = user.load().unwrap();
    let other =
        config.embedded(&WarehouseId::new("sevilla").unwrap(), "Sevilla", user.home.path(), user.home.path());
    assert_eq!((other.store, other.bus), (StoreSettings::Sqlite, BusSettings::Spool));
    assert_eq!(other.ui.theme, Theme::Light);
    assert_eq!(other.paths.node_dir(), user.home.path().join("local/sevilla"));
    assert!(other.cluster.found);
}
