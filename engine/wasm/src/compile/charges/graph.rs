//! The control flow graph of a function, found on its operators alone.
//!
//! A block is a run of operators that is entered at the top and left at the bottom, unless it traps. It also ends
//! where the host may look at the counter, and where it gets long. Unreachable code is in no block.
//!
//! ```text
//!   operators            blocks            edges
//!   loop                 ┌ 0 ┐  opened before the first operator
//!     local.get 0        ├ 1 ┤  opened by `loop`          0 -> 1
//!     br_if $out         │   │                            1 -> 3 (the operator's second edge)
//!     call $f            ├ 2 ┤  opened by `br_if`         1 -> 2
//!     br 0               ├ 4 ┤  opened by `call`          2 -> 4 (watched), 4 -> 1 (back)
//!   end, end $out        └ 3 ┘  opened by `end`
//! ```

use wasmparser::Operator;

use crate::base::limits::fuel::LONGEST_BLOCK;
use crate::compile::body::Operators;
use crate::compile::body::operators::is_watched;
use crate::compile::prices::fuel;

/// A run of operators.
#[derive(Debug, Default)]
pub struct Block {
    /// The operator after which the block begins; `None` for the first block.
    pub opened_by: Option<u32>,
    /// Its first operator, and the one after its last.
    pub start: u32,
    pub end: u32,
    /// What its operators cost; for the first block, plus entering the function.
    pub cost: u32,
    /// How many edges lead here.
    pub entries: u32,
    pub exit: Exit,
    /// Edges that lead to later blocks or back.
    pub edges: Vec<Edge>,
    /// Whether it is the header of a loop, and how the loop is repeated.
    pub header: Option<Back>,
}

impl Block {
    /// Whether a single edge leads here, so that what is charged ahead need not be equal on several edges.
    pub fn has_one_entry(&self) -> bool {
        self.entries == 1 && self.header.is_none()
    }
}

/// How a block is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exit {
    /// Along its edges.
    #[default]
    Edges,
    /// At a call, a return, or the end of the function, where the count is exact.
    Watched,
    /// By `unreachable`.
    Trap,
}

/// How control goes from an operator to another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// To the next operator, or where a jump always leads.
    Next,
    /// As a branch of this depth that may not be taken.
    Branch(u32),
    /// Where the condition of an `if` is zero.
    Else,
}

/// An edge from one block to another.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub kind: EdgeKind,
    pub to: u32,
}

/// How a loop is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// Only by jumps.
    Jump,
    /// By a branch that may not be taken.
    Branch,
}

struct Frame {
    kind: Kind,
    /// The edges to its end, by the blocks that they leave.
    leaving: Vec<(u32, EdgeKind)>,
}

enum Kind {
    Block,
    Loop(u32),
    /// An `if` before its `else`, after the block that ends with it.
    If(Option<u32>),
}

struct Builder {
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    /// The block that the next operator belongs to; `None` where it cannot be reached.
    current: Option<u32>,
}

/// The blocks of a function, in the order of their first operators.
pub fn blocks(operators: &Operators<'_>) -> Vec<Block> {
    let mut builder = Builder { blocks: Vec::new(), frames: Vec::new(), current: None };
    builder.frames.push(Frame { kind: Kind::Block, leaving: Vec::new() });
    builder.open(None, 0);
    builder.blocks[0].cost = fuel::ENTRY;
    builder.blocks[0].entries = 1;
    for (at, step) in operators.iter().enumerate() {
        builder.operator(at as u32, &step.operator, step.price);
    }
    builder.blocks
}

impl Builder {
    fn open(&mut self, opened_by: Option<u32>, start: u32) -> u32 {
        let block = self.blocks.len() as u32;
        self.blocks.push(Block { opened_by, start, end: start, ..Block::default() });
        self.current = Some(block);
        block
    }

    fn edge(&mut self, from: u32, kind: EdgeKind, to: u32) {
        self.blocks[from as usize].edges.push(Edge { kind, to });
        self.blocks[to as usize].entries += 1;
    }

    /// Opens a block after the operator, which the current one continues in.
    fn continue_in_new_block(&mut self, at: u32) {
        let from = self.current;
        let next = self.open(Some(at), at + 1);
        if let Some(from) = from {
            self.edge(from, EdgeKind::Next, next);
        }
    }

    fn operator(&mut self, at: u32, operator: &Operator<'_>, price: u32) {
        if let Some(block) = self.current {
            let block = &mut self.blocks[block as usize];
            block.cost += price;
            block.end = at + 1;
        }
        match operator {
            Operator::Block { .. } => {
                self.frames.push(Frame { kind: Kind::Block, leaving: Vec::new() });
                self.cut_if_long(at);
            }
            Operator::Loop { .. } => self.loop_(at),
            Operator::If { .. } => self.if_(at),
            Operator::Else => self.else_(at),
            Operator::End => self.end(at),
            _ if self.current.is_none() => {}
            Operator::Br { relative_depth } => self.leave(*relative_depth, EdgeKind::Next),
            Operator::BrIf { relative_depth } => {
                let from = self.current;
                self.leave(*relative_depth, EdgeKind::Branch(*relative_depth));
                self.current = from;
                self.continue_in_new_block(at);
            }
            Operator::BrTable { targets } => self.leave_by_table(targets),
            Operator::Return => self.exit(Exit::Watched),
            Operator::Unreachable => self.exit(Exit::Trap),
            _ if is_watched(operator) => {
                let from = self.current.expect("the operator can be reached");
                self.blocks[from as usize].exit = Exit::Watched;
                self.continue_in_new_block(at);
            }
            _ => self.cut_if_long(at),
        }
    }

    fn loop_(&mut self, at: u32) {
        let reached = self.current.is_some();
        if reached {
            self.continue_in_new_block(at);
        }
        let header = self.blocks.len() as u32 - 1;
        if reached {
            self.blocks[header as usize].header = Some(Back::Jump);
        }
        self.frames.push(Frame { kind: Kind::Loop(header), leaving: Vec::new() });
    }

    fn if_(&mut self, at: u32) {
        let condition = self.current;
        if condition.is_some() {
            self.continue_in_new_block(at);
        }
        self.frames.push(Frame { kind: Kind::If(condition), leaving: Vec::new() });
    }

    fn exit(&mut self, exit: Exit) {
        let block = self.current.take().expect("only operators that can be reached leave");
        self.blocks[block as usize].exit = exit;
    }

    fn cut_if_long(&mut self, at: u32) {
        let Some(block) = self.current else { return };
        if self.blocks[block as usize].cost >= LONGEST_BLOCK {
            self.blocks[block as usize].exit = Exit::Watched;
            self.continue_in_new_block(at);
        }
    }

    /// The current block leads out of the frame of this depth, or back in a loop.
    fn leave(&mut self, depth: u32, kind: EdgeKind) {
        let from = self.current.take().expect("only operators that can be reached leave");
        let at = self.frames.len() - 1 - depth as usize;
        match self.frames[at].kind {
            Kind::Loop(header) => {
                if kind != EdgeKind::Next {
                    self.blocks[header as usize].header = Some(Back::Branch);
                }
                self.edge(from, kind, header);
            }
            _ => self.frames[at].leaving.push((from, kind)),
        }
    }

    fn leave_by_table(&mut self, targets: &wasmparser::BrTable<'_>) {
        let from = self.current;
        let mut depths: Vec<u32> = targets.targets().flatten().chain([targets.default()]).collect();
        depths.sort_unstable();
        depths.dedup();
        for depth in depths {
            self.current = from;
            self.leave(depth, EdgeKind::Branch(depth));
        }
    }

    fn else_(&mut self, at: u32) {
        let frame = self.frames.last_mut().expect("validation balances the frames");
        if let Some(from) = self.current.take() {
            frame.leaving.push((from, EdgeKind::Next));
        }
        let Kind::If(condition) = std::mem::replace(&mut frame.kind, Kind::Block) else {
            unreachable!("validation pairs every else with an if");
        };
        if let Some(condition) = condition {
            let otherwise = self.open(Some(at), at + 1);
            self.edge(condition, EdgeKind::Else, otherwise);
        }
    }

    fn end(&mut self, at: u32) {
        let mut frame = self.frames.pop().expect("validation balances the frames");
        if let Kind::If(Some(condition)) = frame.kind {
            frame.leaving.push((condition, EdgeKind::Else));
        }
        if self.frames.is_empty() {
            self.end_function(at, frame.leaving);
        } else if !frame.leaving.is_empty() {
            let through = self.current;
            let merge = self.open(Some(at), at + 1);
            if let Some(through) = through {
                self.edge(through, EdgeKind::Next, merge);
            }
            for (from, kind) in frame.leaving {
                self.edge(from, kind, merge);
            }
        }
    }

    /// A jump to the end of the function returns: the end is a block of its own, without operators.
    fn end_function(&mut self, at: u32, leaving: Vec<(u32, EdgeKind)>) {
        if let Some(block) = self.current.take() {
            self.blocks[block as usize].exit = Exit::Watched;
        }
        if !leaving.is_empty() {
            let merge = self.open(Some(at), at + 1);
            self.blocks[merge as usize].exit = Exit::Watched;
            for (from, kind) in leaving {
                self.edge(from, kind, merge);
            }
            self.current = None;
        }
    }
}
