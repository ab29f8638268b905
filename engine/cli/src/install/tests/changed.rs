//! Installed folders in every state that an author may leave them in: none that was changed is replaced or removed.

use super::*;

/// What an author may do to an installed folder, and part of the reason why it is not replaced then.
type Change = (&'static str, fn(&Path), &'static str);

const REFUSED: [Change; 18] = [
    ("edit the manifest", |f| append(&f.join("mod.toml"), "# mine"), "\"mod.toml\" was changed"),
    (
        "edit the code",
        |f| fs::write(f.join("two-words.wasm"), "mine").unwrap(),
        "\"two-words.wasm\" was changed",
    ),
    ("empty a file", |f| fs::write(f.join("mod.toml"), "").unwrap(), "\"mod.toml\" was changed"),
    ("add a file", |f| fs::write(f.join("note.txt"), "mine").unwrap(), "\"note.txt\" was added"),
    ("add a hidden file", |f| fs::write(f.join(".mine"), "mine").unwrap(), "\".mine\" was added"),
    ("add a folder", |f| fs::create_dir(f.join("notes")).unwrap(), "\"notes\" was added"),
    ("add a link", |f| symlink("/", f.join("root")).unwrap(), "\"root\" was added"),
    (
        "rename a file",
        |f| fs::rename(f.join("mod.toml"), f.join("mod.old")).unwrap(),
        "\"mod.old\" was added",
    ),
    (
        "swap the files",
        |f| {
            fs::rename(f.join("mod.toml"), f.join("swap")).unwrap();
            fs::rename(f.join("two-words.wasm"), f.join("mod.toml")).unwrap();
            fs::rename(f.join("swap"), f.join("two-words.wasm")).unwrap();
        },
        "\"mod.toml\" was changed, \"two-words.wasm\" was changed",
    ),
    ("put a link in place of a file", |f| link_away(f, "mod.toml"), "\"mod.toml\" was changed"),
    (
        "put a folder in place of a file",
        |f| {
            fs::remove_file(f.join("mod.toml")).unwrap();
            fs::create_dir(f.join("mod.toml")).unwrap();
        },
        "\"mod.toml\" was changed",
    ),
    ("put a link in place of the mark", |f| link_away(f, MARK), "is not a text file"),
    ("remove the mark", |f| fs::remove_file(f.join(MARK)).unwrap(), "did not make it"),
    ("empty the mark", |f| fs::write(f.join(MARK), "").unwrap(), "-build was changed"),
    ("edit the mark", |f| append(&f.join(MARK), "mine\n"), "-build was changed"),
    ("put bytes into the mark", |f| fs::write(f.join(MARK), [0xff, 0]).unwrap(), "is not a text file"),
    (
        "claim a file in the mark",
        |f| {
            fs::write(f.join("x"), "mine").unwrap();
            append(&f.join(MARK), &format!("sha256 {} x\n", "0".repeat(64)));
        },
        "was changed",
    ),
    (
        "put the mark of an older version",
        |f| fs::write(f.join(MARK), "mod.toml\ntwo-words.wasm\n").unwrap(),
        "was written by an older version",
    ),
];

fn append(file: &Path, text: &str) {
    let old = fs::read_to_string(file).unwrap();
    fs::write(file, old + text).unwrap();
}

/// Moves a file out of the installed folder and puts a link to it in its place.
fn link_away(folder: &Path, name: &str) {
    let away = folder.parent().unwrap().with_file_name("away");
    fs::rename(folder.join(name), &away).unwrap();
    symlink(&away, folder.join(name)).unwrap();
}

/// Nothing of the folder is replaced or removed, and the refusal says which folder, why, and what to do.
#[track_caller]
fn check_kept(case: &Case, done: &str, because: &str) {
    let before = case.tree();
    let error = case.install("[mod] # new", b"new").unwrap_err().to_string();
    for part in ["installed/two-words\" is not replaced: ", because, "Move the folder away, or delete it"] {
        assert!(error.contains(part), "{done}: {error}");
    }
    let (removed, kept) = case.remove_all();
    assert_eq!((removed, case.tree()), (vec![], before), "{done}");
    if because == "did not make it" {
        return assert_eq!(kept, [""; 0], "{done}");
    }
    for part in
        ["two-words\" is not removed, although there is no mod of this name: ", because, "Delete it if", MARK]
    {
        assert!(kept.len() == 1 && kept[0].contains(part), "{done}: {kept:?}");
    }
}

#[test]
fn a_folder_that_was_changed_is_neither_replaced_nor_removed() {
    for (done, change, because) in REFUSED {
        let case = Case::new();
        case.install("[mod]", b"wasm").unwrap();
        change(&case.folder());
        check_kept(&case, done, because);
    }
}

#[test]
fn every_byte_of_every_file_counts() {
    let case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    for name in FILES {
        let file = case.folder().join(name);
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut edited = whole.clone();
            edited[at] ^= 1;
            for bytes in [&edited, &whole[..at]] {
                fs::write(&file, bytes).unwrap();
                assert!(case.install("[mod] # new", b"new").is_err(), "{name}: {bytes:?}");
                assert!(case.remove_all().0.is_empty(), "{name}: {bytes:?}");
                assert_eq!(fs::read(&file).unwrap(), *bytes, "{name}");
            }
        }
        fs::write(&file, &whole).unwrap();
    }
    assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Unchanged);
}

#[test]
fn copies_and_renamed_folders_are_their_owners() {
    for is_copy in [false, true] {
        let mut case = Case::new();
        case.install_as("flock");
        let (flock, own) = (case.to.join("flock"), case.folder());
        if is_copy {
            fs::create_dir(&own).unwrap();
            for name in [MARK, "mod.toml", "flock.wasm"] {
                fs::copy(flock.join(name), own.join(name)).unwrap();
            }
            fs::remove_dir_all(&flock).unwrap();
        } else {
            fs::rename(&flock, &own).unwrap();
        }
        check_kept(&case, "copy or rename", "it was installed as \"flock\", and copied or renamed since");
    }
}

#[test]
fn what_is_not_a_folder_is_left_alone() {
    let other = tempfile::tempdir().unwrap();
    let make: [fn(&Path, &Path); 4] = [
        |own, other| symlink(other, own).unwrap(),
        |own, other| symlink(other.join("nowhere"), own).unwrap(),
        |own, _| fs::write(own, "mine").unwrap(),
        // Like an installed mod, but without a mark.
        |own, _| {
            fs::create_dir(own).unwrap();
            fs::write(own.join("mod.toml"), "mine").unwrap();
            fs::write(own.join("two-words.wasm"), "mine").unwrap();
        },
    ];
    for make in make {
        let case = Case::new();
        fs::create_dir_all(&case.to).unwrap();
        make(&case.folder(), other.path());
        check_kept(&case, "not ours", "did not make it");
    }
    // A link to a folder that was installed is the author's own, too.
    let case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    fs::rename(case.folder(), other.path().join("two-words")).unwrap();
    symlink(other.path().join("two-words"), case.folder()).unwrap();
    check_kept(&case, "link to an installed folder", "did not make it");
}
