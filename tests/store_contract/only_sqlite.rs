//! What concerns the file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rubentario::store::{Fault, Mode, Store, StoreError, Target};

use super::fixtures::{Place, cell, file_in, madrid, units};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_starts_at_once_all_find_the_tables() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let target = Target::Sqlite(file_in(&dir));
                tokio::spawn(async move { Store::open(&target, &madrid(), Mode::Write).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn the_files_are_their_owners_alone() {
    let place = Place::sqlite();
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 1)];
    store.commit(batch.clone().into()).await.unwrap();
    let Place::Sqlite(dir) = &place else { unreachable!() };
    let folder = file_in(dir).parent().unwrap().to_owned();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut seen = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 3, "the file, its journal and the lock");
}

#[tokio::test]
async fn a_path_that_can_t_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a file");
    fs::write(&file, "").unwrap();
    let target = Target::Sqlite(file.join("store.sqlite"));
    let error = Store::open(&target, &madrid(), Mode::Write).await.err().unwrap();
    let text = error.to_string();
    assert!(matches!(error, StoreError::Config(Fault::File { .. })), "{text}");
    assert!(text.contains("a file/store.sqlite") && text.contains("check the path"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("notes.txt");
    let notes = "remember the milk\n".repeat(100);
    fs::write(&file, &notes).unwrap();
    for mode in [Mode::Write, Mode::Read] {
        let error = Store::open(&Target::Sqlite(file.clone()), &madrid(), mode).await.err().unwrap();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Config(Fault::Damaged { .. })), "{text}");
        assert!(text.contains("notes.txt"), "{text}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), notes);
}

#[tokio::test]
async fn what_was_committed_survives_a_process_that_never_closed() {
    let place = Place::sqlite();
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 3)];
    store.commit(batch.clone().into()).await.unwrap();
    std::mem::forget(store);
    let loaded = place.open().await.load().await.unwrap();
    assert_eq!(loaded.stock[&cell("madrid", "P1", 0).0].on_hand, units(3));
}
