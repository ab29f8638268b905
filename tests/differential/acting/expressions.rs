//! Parts of the statements of programs: addresses, and the values stored there.

use super::acts::HOT;
use super::programs::{Place, Writer};

impl Writer {
    pub fn local(&mut self) -> &'static str {
        if self.place == Place::Leaf { "$a" } else { self.one(&["$a", "$b", "$c", "$d"]) }
    }

    /// Usually one of a few addresses; sometimes the end of memory, or an address that may not exist yet.
    pub fn address(&mut self) -> String {
        match self.below(20) {
            0..2 => "(i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 20))".to_string(),
            2..4 => format!("(i32.and (local.get {}) (i32.const 0x3fc))", self.local()),
            4 if self.below(20) == 0 => "(i32.const 0x1fff0)".to_string(),
            _ => {
                let hot = self.random.pick(&HOT).min(65_500);
                format!("(i32.const {hot})")
            }
        }
    }

    pub fn number(&mut self, depth: usize) -> String {
        let kind = if depth == 0 { self.below(60) } else { self.below(100) };
        match kind {
            0..10 => format!("(i32.const {})", self.below(1_000)),
            10..24 => format!("(local.get {})", self.local()),
            24..40 => {
                let width = self.one(&["i32.load", "i32.load", "i32.load", "i32.load8_u", "i32.load16_s"]);
                format!("({width} {})", self.address())
            }
            40..48 => "(global.get $n)".to_string(),
            48..52 => "(memory.size)".to_string(),
            52..54 => "(table.size $table)".to_string(),
            54..56 => format!("(ref.is_null {})", self.function_reference()),
            56..58 if self.kind.references => format!("(ref.is_null {})", self.reference()),
            56..60 => "(i32.wrap_i64 (global.get $w))".to_string(),
            60..64 if self.place != Place::Leaf => self.call(),
            60..68 => {
                let (first, second) = (self.number(depth - 1), self.number(depth - 1));
                format!("(select {first} {second} (local.get {}))", self.local())
            }
            68..72 => format!("(i32.wrap_i64 (i64.load {}))", self.address()),
            72..74 => format!(
                "(i32.div_u {} (i32.or {} (i32.const 1)))",
                self.number(depth - 1),
                self.number(depth - 1)
            ),
            _ => {
                let operator = self.one(&["i32.add", "i32.add", "i32.xor", "i32.mul", "i32.sub", "i32.lt_s"]);
                format!("({operator} {} {})", self.number(depth - 1), self.number(depth - 1))
            }
        }
    }

    pub fn wide(&mut self) -> String {
        match self.below(5) {
            0 => "(global.get $w)".to_string(),
            1 => format!("(i64.load {})", self.address()),
            2 => format!("(i64.load32_s offset=4 {})", self.address()),
            3 => format!("(i64.extend_i32_u {})", self.number(1)),
            _ => "(i64.add (local.get $w) (global.get $w))".to_string(),
        }
    }

    pub fn function_reference(&mut self) -> String {
        if self.place == Place::Leaf {
            return "(global.get $f)".to_string();
        }
        match self.below(7) {
            0 => "(global.get $f)".to_string(),
            1 => "(local.get $f)".to_string(),
            2 | 3 => format!("(table.get $table (i32.const {}))", self.below(8)),
            4 => format!("(table.get $all (i32.const {}))", self.below(7)),
            5 if self.below(4) == 0 => "(ref.null func)".to_string(),
            _ => format!("(ref.func {})", self.one(&["$leaf0", "$leaf1", "$leaf2", "$leaf3", "$act"])),
        }
    }

    /// A reference to a value of the host.
    pub fn reference(&mut self) -> String {
        if self.place == Place::Leaf {
            return "(global.get $e)".to_string();
        }
        match self.below(6) {
            0 | 1 => "(global.get $e)".to_string(),
            2 => "(local.get $e)".to_string(),
            3 if self.place == Place::Run => "(call $pass (local.get $e))".to_string(),
            4 if self.below(4) == 0 => "(ref.null extern)".to_string(),
            _ => format!("(table.get $externs (i32.const {}))", self.below(4)),
        }
    }
}
