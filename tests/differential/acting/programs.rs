//! Programs from a seed that read state that the host may change, wait, and read it again.
//!
//! wasm-smith's modules rarely access one address twice. These do little else: few addresses, many loads and stores
//! of each, with loops, branches, calls and long straight code between them, where a run may stop.

use std::fmt::Write;

use crate::generate::Random;

/// The exported functions; each takes a number and returns one.
pub const RUNS: [&str; 3] = ["run0", "run1", "run2"];

/// Calls the element of the table at an index.
pub const PROBE: &str = "probe";

/// The function that the host calls from within a call.
pub const INNER: &str = "inner";

/// The properties of a program.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Whether there are references to values of the host: if so, it stops by calls, and nothing is inlined.
    pub references: bool,
    /// Whether small functions can be inlined.
    pub inlined: bool,
    pub vectors: bool,
    pub imports_memory: bool,
    pub imports_table: bool,
    pub imports_globals: bool,
}

impl Kind {
    /// Every combination occurs, the most important ones first.
    pub fn of(seed: u64) -> Kind {
        let is = |bit: u32| seed >> bit & 1 == 1;
        Kind {
            references: seed % 4 == 3 || seed % 8 == 5,
            inlined: seed % 4 != 1,
            imports_memory: is(3),
            imports_table: is(4),
            imports_globals: is(5),
            vectors: is(6),
        }
    }
}

/// The program of a seed.
pub fn program(seed: u64) -> String {
    let mut writer = Writer {
        random: Random(seed ^ 0x0009_1a9e),
        kind: Kind::of(seed),
        place: Place::Leaf,
        rounds: 1,
        loops: 0,
        left: 0,
    };
    writer.module()
}

/// The statements that a function may contain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Neither loops nor calls.
    Leaf,
    /// Calls of leaves and of the host.
    Middle,
    /// All statements.
    Run,
}

pub struct Writer {
    pub random: Random,
    pub kind: Kind,
    pub place: Place,
    /// How often the statement being written runs for each call of its function.
    rounds: u64,
    /// The enclosing loops.
    loops: usize,
    /// The number of statements left for the function.
    left: usize,
}

impl Writer {
    pub fn below(&mut self, end: u64) -> u64 {
        self.random.next() % end
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        self.random.pick(of)
    }

    fn module(&mut self) -> String {
        let mut text = String::from("(module\n(type $unary (func (param i32) (result i32)))\n");
        let Kind { references, imports_memory, imports_table, imports_globals, .. } = self.kind;
        text += "(import \"host\" \"act\" (func $act (type $unary)))\n";
        text += "(import \"host\" \"nest\" (func $nest (type $unary)))\n";
        if references {
            text += "(import \"host\" \"pass\" (func $pass (param externref) (result externref)))\n";
        }
        let globals = ["(mut i32)", "(mut i64)", "(mut funcref)", "(mut externref)"];
        let names = ["n", "w", "f", "e"];
        let shown: Vec<usize> = (0..4).filter(|at| *at != 3 || references).collect();
        if imports_globals {
            for at in &shown {
                let (name, ty) = (names[*at], globals[*at]);
                writeln!(text, "(import \"host\" \"{name}\" (global ${name} {ty}))").expect("it is a string");
            }
        }
        if imports_memory {
            text += "(import \"host\" \"memory\" (memory $memory 1 40))\n";
        }
        if imports_table {
            text += "(import \"host\" \"table\" (table $table 8 30 funcref))\n";
        }
        if !imports_globals {
            let inits =
                ["(i32.const 5)", "(i64.const 0x1_0000_0007)", "(ref.func $leaf1)", "(ref.null extern)"];
            for at in &shown {
                let (name, ty, init) = (names[*at], globals[*at], inits[*at]);
                writeln!(text, "(global ${name} {ty} {init})").expect("it is a string");
            }
        }
        for at in &shown {
            writeln!(text, "(export \"{0}\" (global ${0}))", names[*at]).expect("it is a string");
        }
        if !imports_memory {
            let min = self.random.pick(&[1, 1, 2, 15]);
            let max = self.random.pick(&[16, 20, 40, 40]);
            writeln!(text, "(memory $memory {min} {max})").expect("it is a string");
        }
        if !imports_table {
            text += "(table $table 8 30 funcref)\n";
        }
        text += "(export \"memory\" (memory $memory)) (export \"table\" (table $table))\n";
        text += "(table $all (export \"all\") 10 10 funcref)\n";
        if references {
            text += "(table $externs (export \"externs\") 4 20 externref)\n";
        }
        // The host finds the functions of the first two segments in the tables.
        text += "(elem (table $table) (i32.const 0) func $leaf0 $leaf1 $leaf2 $act $leaf3 $middle0 $leaf1)\n";
        text += "(elem (table $all) (i32.const 0) func $leaf0 $leaf1 $leaf2 $leaf3 $middle0 $middle1 $act $leaf0)\n";
        text += "(elem $elements func $leaf2 $leaf0 $act $leaf3)\n";
        text += "(data (i32.const 0) \"\\01\\02\\03\\04\\05\\06\\07\\08programs\") (data (i32.const 64) \"and hosts\")\n";
        text += "(data $bytes \"passive bytes\")\n";
        for leaf in 0..4 {
            text += &self.leaf(leaf);
        }
        for middle in ["$middle0", "$middle1", "$inner (export \"inner\")"] {
            text += &self.function(middle, Place::Middle, 8);
        }
        for run in RUNS {
            let statements = 12 + self.below(20) as usize;
            text += &self.function(&format!("${run} (export \"{run}\")"), Place::Run, statements);
        }
        text += "(func (export \"probe\") (type $unary) (i32.const 9) (call_indirect $table (type $unary) (local.get 0))))\n";
        text
    }

    /// A function that is small enough to be inlined, unless it contains a loop.
    fn leaf(&mut self, number: usize) -> String {
        self.place = Place::Leaf;
        let barrier = if self.kind.inlined { "" } else { "(loop)" };
        let first = self.statement_of_leaf();
        let result = self.number(1);
        format!(
            "(func $leaf{number} (type $unary) (param $a i32) (result i32) {barrier} {first}\n    (i32.add (local.get $a) {result}))\n"
        )
    }

    fn statement_of_leaf(&mut self) -> String {
        match self.below(6) {
            0 => String::new(),
            1 => format!("(i32.store {} (local.get $a))", self.address()),
            2 => "(global.set $n (i32.add (global.get $n) (local.get $a)))".to_string(),
            3 => "(global.set $w (i64.add (global.get $w) (i64.const 3)))".to_string(),
            4 => format!("(if (local.get $a) (then (local.set $a (i32.load {}))))", self.address()),
            _ => format!("(i32.store8 offset=2 {} (i32.const 9))", self.address()),
        }
    }

    fn function(&mut self, name: &str, place: Place, statements: usize) -> String {
        (self.place, self.left, self.rounds, self.loops) = (place, statements, 1, 0);
        let mut locals =
            "(local $b i32) (local $c i32) (local $d i32) (local $w i64) (local $f funcref)\n    \
            (local $i0 i32) (local $i1 i32)"
                .to_string();
        if self.kind.references {
            locals += " (local $e externref)";
        }
        if self.kind.vectors {
            locals += " (local $v v128)";
        }
        // tinywasm initializes such locals with a function.
        let mut body = "    (local.set $f (ref.null func))\n".to_string();
        if self.kind.references {
            body += "    (local.set $e (ref.null extern))\n";
        }
        while self.left > 0 {
            body += &self.statement();
        }
        let lanes = if self.kind.vectors {
            "(local.set $d (i32.xor (local.get $d) (i32x4.extract_lane 1 (local.get $v))))"
        } else {
            ""
        };
        format!(
            "(func {name} (type $unary) (param $a i32) (result i32) {locals}\n{body}    {lanes}
            (i32.add (i32.mul (local.get $b) (i32.const 31)) (i32.add (i32.mul (local.get $c) (i32.const 7))
                (i32.add (local.get $d) (i32.add (i32.wrap_i64 (local.get $w)) (ref.is_null (local.get $f)))))))\n"
        )
    }

    fn statements(&mut self, most: u64) -> String {
        let mut body = String::new();
        for _ in 0..1 + self.below(most) {
            if self.left == 0 {
                break;
            }
            body += &self.statement();
        }
        body
    }

    fn statement(&mut self) -> String {
        self.left = self.left.saturating_sub(1);
        let text = match self.below(100) {
            0..14 => format!("(local.set {} {})", self.local(), self.number(2)),
            14..26 => self.store(),
            26..34 => self.set_global(),
            34..40 => self.set_element(),
            40..48 => self.again(),
            48..56 => self.straight(),
            56..64 => {
                let (condition, then, other) = (self.number(1), self.statements(2), self.statements(2));
                format!("(if {condition}\n(then {then})\n(else {other}))")
            }
            64..72 if self.may_loop() => self.a_loop(),
            72..78 => format!("(local.set {} {})", self.local(), self.call()),
            78..82 => self.host(),
            82..90 => self.bulk(),
            90..94 => self.grow(),
            94..96 => {
                let (condition, body) = (self.number(1), self.statements(2));
                format!("(block $out (br_if $out {condition}) {body})")
            }
            96..98 => {
                let (body, other) = (self.statements(1), self.statements(1));
                let which = self.number(1);
                format!("(block $x (block $y (br_table $x $y $x {which})) {body}) {other}")
            }
            _ => format!("(local.set $w {})", self.wide()),
        };
        format!("    {text}\n")
    }

    /// Reads an address, lets something happen, and reads it again, or writes there before and after.
    fn again(&mut self) -> String {
        let [first, second] = [self.local(), self.local()];
        let (place, write) = match self.below(6) {
            0 => ("(global.get $n)".to_string(), "(global.set $n (local.get $b))".to_string()),
            1 => ("(memory.size)".to_string(), String::new()),
            2 => ("(table.size $table)".to_string(), String::new()),
            3 => {
                let at = self.below(9);
                (
                    format!("(ref.is_null (table.get $table (i32.const {at})))"),
                    format!("(table.set $table (i32.const {at}) (local.get $f))"),
                )
            }
            _ => {
                let (address, offset) = (self.address(), self.random.pick(&[0, 1, 4]));
                (
                    format!("(i32.load offset={offset} {address})"),
                    format!("(i32.store offset={offset} {address} (local.get $c))"),
                )
            }
        };
        let before = if self.below(3) == 0 { write.clone() } else { String::new() };
        let after = if self.below(3) == 0 { write } else { String::new() };
        let between = match self.below(4) {
            0 => self.straight(),
            1 if self.may_loop() => self.a_loop(),
            2 => format!("(if {} (then {}))", self.number(1), self.statements(1)),
            _ => self.statements(2),
        };
        format!(
            "{before} (local.set {first} {place})\n{between} {after} (local.set {second} \
             (i32.add (i32.mul (local.get {first}) (i32.const 13)) {place}))"
        )
    }

    /// Long code without branches: it costs more than one charge.
    fn straight(&mut self) -> String {
        let local = self.local();
        let times = 10 + self.below(40) as usize;
        format!("(local.set {local} (i32.add (i32.mul (local.get {local}) (i32.const 3)) (i32.const 7)))\n")
            .repeat(times)
    }

    fn may_loop(&self) -> bool {
        self.loops < 2 && self.rounds < if self.place == Place::Run { 20 } else { 3 }
    }

    fn a_loop(&mut self) -> String {
        let (counter, again) = (format!("$i{}", self.loops), format!("$again{}", self.loops));
        let rounds = 2 + self.below(5);
        self.loops += 1;
        self.rounds *= rounds;
        let body = self.statements(3);
        self.rounds /= rounds;
        self.loops -= 1;
        let back = format!("(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))");
        format!("(local.set {counter} (i32.const {rounds}))\n(loop {again}\n{body}(br_if {again} {back}))")
    }

    pub fn call(&mut self) -> String {
        let argument = self.number(1);
        let callee = match (self.place, self.below(5)) {
            (Place::Run, 0) if self.rounds < 10 => self.one(&["$middle0", "$middle1"]),
            (Place::Run, 1 | 2) => {
                let at = self.below(8);
                return format!("(call_indirect $table (type $unary) {argument} (i32.const {at}))");
            }
            _ => self.one(&["$leaf0", "$leaf1", "$leaf2", "$leaf3"]),
        };
        format!("(call {callee} {argument})")
    }

    fn host(&mut self) -> String {
        let argument = self.number(1);
        match self.below(4) {
            0 if self.place == Place::Run => format!("(local.set {} (call $nest {argument}))", self.local()),
            1 | 2 if self.kind.references => "(local.set $e (call $pass (local.get $e)))".to_string(),
            _ => format!("(local.set {} (call $act {argument}))", self.local()),
        }
    }

    fn store(&mut self) -> String {
        let (address, offset) = (self.address(), self.random.pick(&[0, 0, 1, 4]));
        match self.below(8) {
            0 => format!("(i64.store offset={offset} {address} {})", self.wide()),
            1 => format!("(i32.store8 offset={offset} {address} {})", self.number(2)),
            2 => format!("(i64.store16 offset={offset} {address} {})", self.wide()),
            3 => {
                format!("(f64.store offset={offset} {address} (f64.load offset={offset} {}))", self.address())
            }
            4 if self.kind.vectors => format!("(v128.store {address} (local.get $v))"),
            5 if self.kind.vectors => {
                format!("(local.set $v (i32x4.add (local.get $v) (v128.load offset={offset} {address})))")
            }
            6 => format!("(i32.store {address} (i32.add (i32.load {address}) {}))", self.number(1)),
            _ => format!("(i32.store offset={offset} {address} {})", self.number(2)),
        }
    }

    fn set_global(&mut self) -> String {
        match self.below(8) {
            0 | 1 => format!("(global.set $w {})", self.wide()),
            2 => format!("(global.set $f {})", self.function_reference()),
            3 if self.kind.references => format!("(global.set $e {})", self.reference()),
            4 => "(global.set $n (i32.add (global.get $n) (i32.const 1)))".to_string(),
            _ => format!("(global.set $n {})", self.number(2)),
        }
    }

    fn set_element(&mut self) -> String {
        let at = self.below(8);
        match self.below(4) {
            0 if self.kind.references => {
                format!("(table.set $externs (i32.const {}) {})", at % 4, self.reference())
            }
            1 => format!("(local.set $f {})", self.function_reference()),
            2 => format!(
                "(table.set $table (i32.sub (table.size $table) (i32.const {})) {})",
                1 + at % 3,
                self.function_reference()
            ),
            _ => format!("(table.set $table (i32.const {at}) {})", self.function_reference()),
        }
    }

    fn bulk(&mut self) -> String {
        let (len, at) = (self.below(9), self.below(6));
        let (to, from) = (self.address(), self.address());
        match self.below(12) {
            0 | 1 => format!("(memory.fill {to} {} (i32.const {}))", self.number(1), len.min(8)),
            2 | 3 => format!("(memory.copy {to} {from} (i32.const {}))", len.min(8)),
            4 => format!("(memory.init $bytes {to} (i32.const {at}) (i32.const {}))", len.min(7)),
            5 => format!("(memory.fill (i32.const 2048) (i32.const {at}) (i32.const {}))", 100 * len),
            6 => format!("(table.copy $table $table (i32.const {at}) (i32.const {}) (i32.const 2))", len % 6),
            7 => format!("(table.copy $table $all (i32.const {at}) (i32.const {}) (i32.const 2))", len % 6),
            8 => format!(
                "(table.init $table $elements (i32.const {at}) (i32.const {}) (i32.const 2))",
                len % 3
            ),
            9 => {
                let what = self.function_reference();
                format!("(table.fill $table (i32.const {at}) {what} (i32.const {}))", len % 3)
            }
            10 if at == 0 => self.one(&["(data.drop $bytes)", "(elem.drop $elements)"]).to_string(),
            _ => format!("(memory.copy {to} {from} (i32.const {len}))"),
        }
    }

    fn grow(&mut self) -> String {
        let local = self.local();
        let by = self.random.pick(&[0, 1, 1, 1, 2]);
        match self.below(5) {
            0 | 1 => format!("(local.set {local} (memory.grow (i32.const {by})))"),
            2 if self.kind.references => {
                format!("(local.set {local} (table.grow $externs {} (i32.const {by})))", self.reference())
            }
            _ => format!(
                "(local.set {local} (table.grow $table {} (i32.const {by})))",
                self.function_reference()
            ),
        }
    }
}
