//! Saved states that are cut or changed: a mod in any language refuses them or takes what fits, and none makes it trap.

use super::super::{assemblyscript, c, zig};
use super::alone::Alone;

/// The first bytes of every kind of value, and the last ones that a number or a text can have.
const HEADS: [u8; 16] =
    [0, 0x17, 0x18, 0x1b, 0x1f, 0x3b, 0x5b, 0x7b, 0x80, 0x9b, 0xa0, 0xbb, 0xdb, 0xf6, 0xf9, 0xff];

fn sweep(wasm: &[u8]) {
    let mut guest = Alone::new(wasm);
    guest.call::<(), ()>("sys_write_diary", ());
    let saved = guest.save();
    assert_eq!(saved[0], 0xa6, "a map of six fields");
    for len in 0..saved.len() {
        assert!(guest.load(&saved[..len]) < 0, "cut to {len} bytes");
    }
    for at in 0..saved.len() {
        for byte in HEADS {
            let mut changed = saved.clone();
            changed[at] = byte;
            guest.load(&changed);
        }
    }
    let foreign: [&[u8]; 4] =
        [&[0x01], &[0x80], &[0xbf, 0xff], &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]];
    for bytes in foreign {
        assert!(guest.load(bytes) < 0, "{bytes:x?}");
    }
    // Nothing of a field, of other types, in arrays and maps, and more than the mod itself ever saves.
    let mut large = vec![0xa1, 0x61, b'x', 0x59, 0x40, 0x00];
    large.resize(large.len() + 0x4000, 7);
    for bytes in
        [&[0xa0][..], &[0xa1, 0x01, 0x02], &[0xa1, 0x61, b'x', 0x82, 0xa1, 0x01, 0x02, 0xc1, 0x03], &large]
    {
        assert_eq!(guest.load(bytes), 0, "{bytes:x?}");
    }
    // Texts that are not UTF-8, in the place of a number, of a text, and as a name: they are cut for messages and fields.
    for name in [&b"days"[..], b"title", b"\x80"] {
        for len in 0..100 {
            let mut text = [&[0xa1, 0x60 + name.len() as u8], name, &[0x78, len]].concat();
            text.resize(text.len() + usize::from(len), 0x80);
            assert_eq!(guest.load(&text), 0, "{text:x?}");
        }
    }
    assert_eq!(guest.load(&saved), 0);
    assert_eq!(guest.save(), saved);
}

#[test]
fn no_damaged_state_makes_a_mod_trap() {
    let c = c::has_clang().then(|| c::broad(&["-O2"]));
    let zig = zig::has_zig().then(|| zig::broad("-OReleaseSafe"));
    let assemblyscript = assemblyscript::has_asc().then(|| assemblyscript::broad(&["-O3s"]));
    for [first, _] in [c, zig, assemblyscript].into_iter().flatten() {
        sweep(&first);
    }
}
