//! Recognises how a WebAssembly file was damaged on its way: transferred as text, or with something appended.

use tinkerbox_wasm::Declarations;

/// How a module that can't be read was damaged, if its bytes show that.
pub(super) fn of(bytes: &[u8]) -> Option<String> {
    let is_readable = |bytes: &[u8]| Declarations::read(bytes).is_ok();
    if is_readable(bytes) {
        return None;
    }
    if is_readable(&without_carriage_returns(bytes)) {
        return Some("it was transferred as text, which has put a byte 13 before each byte 10".to_owned());
    }
    let end = end_of_module(bytes)?;
    let (module, rest) = bytes.split_at(end);
    if !is_readable(module) {
        return None;
    }
    Some(if rest.iter().all(|byte| *byte == 0) {
        format!("after {end} bytes the module ends, and {} zeros follow", rest.len())
    } else if rest.starts_with(b"\0asm") {
        format!("after {end} bytes the module ends, and another one follows in the same file")
    } else {
        format!("after {end} bytes the module ends, and {} bytes follow that are not part of it", rest.len())
    })
}

/// The file as it was before a program treated each byte 10 as the end of a line.
fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let is_inserted = |at: usize| bytes[at..].starts_with(b"\r\n");
    (0..bytes.len()).filter(|&at| !is_inserted(at)).map(|at| bytes[at]).collect()
}

/// Where the sections of a module end and something else follows. Sections have an order, and each has a length.
fn end_of_module(bytes: &[u8]) -> Option<usize> {
    /// The order of sections by their numbers. Custom sections have the number 0 and may be anywhere.
    const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
    let (mut at, mut next) = (8, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let place = ORDER[next..].iter().position(|number| *number == rest[0]);
        let length = rest.get(1..).and_then(leb);
        let section = length.and_then(|(length, size)| rest.get(..1 + size + length));
        let is_custom = rest[0] == 0
            && section.is_some_and(|section| {
                let name = &section[1 + length.map_or(0, |(_, size)| size)..];
                leb(name).is_some_and(|(len, size)| name.get(size..size + len).is_some_and(is_text))
            });
        match (place, section) {
            (_, Some(section)) if is_custom => at += section.len(),
            (Some(place), Some(section)) => (at, next) = (at + section.len(), next + place + 1),
            // The section is cut: the file ends too early, and not too late.
            (Some(_), None) => return None,
            (None, None) if is_cut_custom(rest) => return None,
            _ => return Some(at),
        }
    }
    None
}

fn is_cut_custom(rest: &[u8]) -> bool {
    rest[0] == 0 && !rest.starts_with(b"\0asm") && leb(&rest[1..]).is_some_and(|(length, _)| length > 0)
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// A number in LEB128, up to 32 bits, and its size in bytes.
fn leb(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}
