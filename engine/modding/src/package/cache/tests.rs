//! The folder of a cache, with several processes, a bound, and everything that can be wrong with a folder.

use std::thread;

use super::*;

fn cache(folder: &Path, bytes_max: u64) -> FolderCache {
    FolderCache::new(folder.to_owned(), bytes_max)
}

fn get(cache: &FolderCache, key: u8) -> Option<Vec<u8>> {
    cache.get(&[key; 32]).map(Cow::into_owned)
}

/// The keys that are there, of those below 100.
fn keys(cache: &FolderCache) -> Vec<u8> {
    (0..100).filter(|&key| cache.file(&[key; 32]).exists()).collect()
}

/// Lets a file have been used this many seconds after the others' beginning.
fn used_at(cache: &FolderCache, key: u8, second: u64) {
    let file = File::options().write(true).open(cache.file(&[key; 32])).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + second)).unwrap();
}

fn bytes_in(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn what_is_kept_is_there_for_the_next_process() {
    let disk = tempfile::tempdir().unwrap();
    let folder = disk.path().join("made/when/needed");
    assert_eq!(get(&cache(&folder, 100), 1), None);
    assert!(!folder.exists(), "nothing is made before something is kept");
    assert!(cache(&folder, 100).insert(&[1; 32], b"one".to_vec()));
    assert!(cache(&folder, 100).insert(&[1; 32], b"another one".to_vec()));
    assert_eq!(get(&cache(&folder, 100), 1).unwrap(), b"another one");
    assert_eq!(get(&cache(&folder, 100), 2), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0, "others may not enter");
    }
}

#[test]
fn what_was_used_longest_ago_goes_first_and_the_bound_is_kept() {
    let disk = tempfile::tempdir().unwrap();
    let cache = cache(disk.path(), 80);
    for key in 0..8 {
        assert!(cache.insert(&[key; 32], vec![key; 10]));
        used_at(&cache, key, key.into());
    }
    assert_eq!(keys(&cache), [0, 1, 2, 3, 4, 5, 6, 7]);
    // It is used, and so stays longer than those that were written after it.
    get(&cache, 0).unwrap();
    for key in 8..60 {
        assert!(cache.insert(&[key; 32], vec![key; 10]));
        assert!(bytes_in(disk.path()) <= 80, "{:?}", keys(&cache));
        used_at(&cache, key, key.into());
        assert!(keys(&cache).contains(&0) && keys(&cache).contains(&key), "{:?}", keys(&cache));
    }
}

#[test]
fn what_another_process_adds_counts() {
    let disk = tempfile::tempdir().unwrap();
    let (one, other) = (cache(disk.path(), 80), cache(disk.path(), 80));
    for key in 0..50 {
        let writer = if key % 2 == 0 { &one } else { &other };
        assert!(writer.insert(&[key; 32], vec![key; 10]));
    }
    // Each lists the folder when it believes that it is full.
    assert!(bytes_in(disk.path()) <= 160, "{:?}", keys(&one));
}

#[test]
fn what_is_too_large_is_not_kept() {
    let disk = tempfile::tempdir().unwrap();
    let cache = cache(disk.path(), 80);
    assert!(cache.insert(&[1; 32], vec![1; 10]) && !cache.insert(&[2; 32], vec![2; 81]));
    assert_eq!(keys(&cache), [1]);
    fs::write(cache.file(&[3; 32]), [0; 81]).unwrap();
    assert_eq!(get(&cache, 3), None);
}

#[test]
fn files_of_others_are_neither_counted_nor_removed() {
    let disk = tempfile::tempdir().unwrap();
    let thesis = disk.path().join("thesis.txt");
    fs::write(&thesis, [0; 1_000]).unwrap();
    let cache = cache(disk.path(), 80);
    (0..20).for_each(|key| assert!(cache.insert(&[key; 32], vec![key; 10])));
    assert!(thesis.exists() && !keys(&cache).is_empty());
}

#[test]
fn what_a_crash_has_left_is_removed_later() {
    let disk = tempfile::tempdir().unwrap();
    let unfinished = disk.path().join(format!("00.7-0.{UNFINISHED}"));
    fs::write(&unfinished, [0; 10]).unwrap();
    assert!(cache(disk.path(), 80).insert(&[1; 32], vec![1; 10]));
    assert!(unfinished.exists(), "another process may be writing it");
    let file = File::options().write(true).open(&unfinished).unwrap();
    file.set_modified(SystemTime::now() - CACHE_LEFTOVER_AGE).unwrap();
    assert!(cache(disk.path(), 80).insert(&[2; 32], vec![2; 10]));
    assert!(!unfinished.exists());
}

#[test]
fn several_writers_at_once_leave_only_whole_files() {
    let disk = tempfile::tempdir().unwrap();
    let value = |key: u8| vec![key; 1_000 + usize::from(key)];
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // As processes, they share nothing but the folder.
                let cache = cache(disk.path(), 20_000);
                for round in 0..200_usize {
                    let key = (round % 30) as u8;
                    assert!(cache.insert(&[key; 32], value(key)));
                    for key in 0..30 {
                        assert!(get(&cache, key).is_none_or(|found| found == value(key)), "{key}");
                    }
                }
            });
        }
    });
    let is_unfinished = |name: &OsStr| name.to_string_lossy().ends_with(UNFINISHED);
    assert!(!fs::read_dir(disk.path()).unwrap().any(|entry| is_unfinished(&entry.unwrap().file_name())));
}

#[test]
fn a_folder_that_can_not_be_used_loses_everything_and_stops_nothing() {
    let disk = tempfile::tempdir().unwrap();
    let file = disk.path().join("a file");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("inside")] {
        let cache = cache(&folder, 100);
        assert!(!cache.insert(&[1; 32], b"one".to_vec()));
        assert_eq!(get(&cache, 1), None);
        assert!(cache.is_reported.load(Ordering::Relaxed));
    }
    let cache = cache(disk.path(), 100);
    fs::create_dir(cache.file(&[1; 32])).unwrap();
    assert_eq!(get(&cache, 1), None);
    assert!(!cache.insert(&[1; 32], b"one".to_vec()), "a folder is in its place");
    assert!(cache.insert(&[2; 32], b"two".to_vec()));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let disk = tempfile::tempdir().unwrap();
    let cache = cache(disk.path(), 100);
    let elsewhere = disk.path().join("elsewhere");
    fs::write(&elsewhere, "machine code").unwrap();
    std::os::unix::fs::symlink(&elsewhere, cache.file(&[1; 32])).unwrap();
    assert_eq!(get(&cache, 1), None);
    assert!(cache.insert(&[1; 32], b"one".to_vec()));
    assert_eq!(fs::read(&elsewhere).unwrap(), b"machine code");
    assert_eq!(get(&cache, 1).unwrap(), b"one");
}

#[test]
fn a_mods_folder_is_no_place_for_it() {
    let disk = tempfile::tempdir().unwrap();
    let mods = disk.path().join("mods");
    fs::create_dir_all(mods.join("flock")).unwrap();
    let why = |folder: &Path| why_not_there(folder, &[Path::new("elsewhere"), &mods]);
    for inside in ["", "flock", "flock/cache", "new/cache", "../mods/flock"] {
        let why = why(&mods.join(inside)).unwrap_or_else(|| panic!("{inside} is inside"));
        assert!(why.contains("where mods are"), "{why}");
    }
    for outside in ["../cache", "../modsandmore", ".."] {
        assert_eq!(why(&mods.join(outside)), None, "{outside}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        symlink(mods.join("flock"), disk.path().join("link")).unwrap();
        assert!(why(&disk.path().join("link/cache")).is_some(), "a link leads there");
        let open = disk.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(why(&open).unwrap().contains("every user"));
        assert!(why(&open.join("new/cache")).unwrap().contains("every user"), "it would be made there");
        fs::create_dir_all(open.join("mine/cache")).unwrap();
        assert!(why(&open.join("mine/cache")).unwrap().contains("in its place"));
        // As a system's folder for temporary files is: what is in it is its owner's.
        fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(why(&open.join("mine/cache")), None);
        assert!(why(&open.join("new")).unwrap().contains("every user"), "everyone may make it first");
    }
}
