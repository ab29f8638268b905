//! Structured control flow: blocks become blocks of Cranelift, and their results become block parameters.

use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, JumpTableData};
use std::collections::BTreeMap;
use wasmparser::{BlockType, BrTable};

use crate::base::error::InvalidModule;
use crate::base::trap::Trap;
use crate::base::types::ValType;
use crate::compile::charges::{Adjustment, EdgeKind};
use crate::compile::parse;
use crate::compile::translate::translator::{ControlFrame, ControlKind, Translator};

/// Where a branch that may not be taken goes.
struct Branch {
    block: Block,
    args: Vec<BlockArg>,
    /// Where the block of the branch leads, after it has adjusted the counter.
    adjusted: Option<(Adjustment, Block, Vec<BlockArg>)>,
}

impl Translator<'_, '_> {
    fn push_frame(&mut self, ty: BlockType, kind: ControlKind) -> Result<(), InvalidModule> {
        let (params, results) = self.block_types(ty)?;
        let end = self.create_value_block(&results);
        // In unreachable code there are no operands: the values on the stack belong to an outer construct.
        let operands = if self.reachable { params.len() } else { 0 };
        self.control.push(ControlFrame {
            kind,
            end,
            params: params.len(),
            results: results.len(),
            base: self.stack.len() - operands,
            entered: self.reachable,
            end_reached: false,
        });
        Ok(())
    }

    fn block_types(&self, ty: BlockType) -> Result<(Vec<ValType>, Vec<ValType>), InvalidModule> {
        match ty {
            BlockType::Empty => Ok((Vec::new(), Vec::new())),
            BlockType::Type(ty) => Ok((Vec::new(), vec![parse::val_type(ty, 0)?])),
            BlockType::FuncType(index) => {
                let ty = &self.module.info.types[index as usize];
                Ok((ty.params().collect(), ty.results().collect()))
            }
        }
    }

    pub(super) fn block(&mut self, ty: BlockType) -> Result<(), InvalidModule> {
        self.push_frame(ty, ControlKind::Block)
    }

    pub(super) fn loop_(&mut self, ty: BlockType) -> Result<(), InvalidModule> {
        let (params, _) = self.block_types(ty)?;
        let header = self.create_value_block(&params);
        self.push_frame(ty, ControlKind::Loop { header })?;
        if self.reachable {
            let args = self.pop_args(params.len());
            self.builder.ins().jump(header, &args);
            self.builder.switch_to_block(header);
            self.stack.extend_from_slice(self.builder.block_params(header));
        }
        Ok(())
    }

    pub(super) fn if_(&mut self, ty: BlockType) -> Result<(), InvalidModule> {
        let (then, otherwise) = (self.create_block([]), self.create_block([]));
        if self.reachable {
            let condition = self.pop();
            self.builder.ins().brif(condition, then, &[], otherwise, &[]);
            self.builder.switch_to_block(then);
            self.builder.seal_block(then);
            self.builder.seal_block(otherwise);
        }
        let params = self.block_types(ty)?.0.len();
        let params = self.stack[self.stack.len().saturating_sub(params)..].to_vec();
        self.push_frame(ty, ControlKind::If { at: self.at, otherwise, params })
    }

    pub(super) fn else_(&mut self) {
        let depth = self.control.len() - 1;
        self.jump_to_end(depth);
        let frame = &mut self.control[depth];
        let kind = std::mem::replace(&mut frame.kind, ControlKind::Block);
        let ControlKind::If { otherwise, params, .. } = kind else {
            unreachable!("validation pairs every else with an if");
        };
        self.reachable = frame.entered;
        self.stack.truncate(frame.base);
        if self.reachable {
            self.stack.extend(params);
            self.builder.switch_to_block(otherwise);
        }
    }

    pub(super) fn end(&mut self) {
        let depth = self.control.len() - 1;
        self.jump_to_end(depth);
        let frame = self.control.pop().expect("validation balances the control stack");
        self.stack.truncate(frame.base);
        let mut end_reached = frame.end_reached;
        match frame.kind {
            ControlKind::Loop { header } if frame.entered => self.builder.seal_block(header),
            ControlKind::If { at, otherwise, params } if frame.entered => {
                self.builder.switch_to_block(otherwise);
                if let Some(adjustment) = self.charges.and_then(|plan| plan.on_edge(at, EdgeKind::Else)) {
                    self.adjust(adjustment);
                }
                let params: Vec<BlockArg> = params.into_iter().map(BlockArg::Value).collect();
                self.builder.ins().jump(frame.end, &params);
                end_reached = true;
            }
            _ => {}
        }
        self.reachable = end_reached;
        if end_reached {
            self.builder.switch_to_block(frame.end);
            self.builder.seal_block(frame.end);
            self.stack.extend_from_slice(self.builder.block_params(frame.end));
        }
        if self.control.is_empty() {
            self.finish_body();
        }
    }

    fn finish_body(&mut self) {
        if self.reachable {
            let results = std::mem::take(&mut self.stack);
            self.builder.ins().return_(&results);
            self.reachable = false;
        }
        // Blocks of unreachable constructs were created, but never used.
        self.builder.seal_all_blocks();
    }

    fn jump_to_end(&mut self, depth: usize) {
        if self.reachable {
            let (end, results) = (self.control[depth].end, self.control[depth].results);
            self.control[depth].end_reached = true;
            let args = self.top_args(results);
            self.builder.ins().jump(end, &args);
            self.reachable = false;
        }
    }

    /// Where a branch of this depth goes, and how many values it passes.
    fn target(&mut self, relative_depth: u32) -> (Block, usize) {
        let at = self.control.len() - 1 - relative_depth as usize;
        let frame = &mut self.control[at];
        match frame.kind {
            ControlKind::Loop { header } => (header, frame.params),
            _ => {
                frame.end_reached = true;
                (frame.end, frame.results)
            }
        }
    }

    pub(super) fn br(&mut self, relative_depth: u32) {
        let (block, arity) = self.target(relative_depth);
        let args = self.top_args(arity);
        self.builder.ins().jump(block, &args);
        self.reachable = false;
    }

    pub(super) fn br_if(&mut self, relative_depth: u32) {
        let condition = self.pop();
        let taken = self.branch(relative_depth);
        let next = self.create_block([]);
        self.builder.ins().brif(condition, taken.block, &taken.args, next, &[]);
        self.adjust_on(&taken);
        self.builder.switch_to_block(next);
        self.builder.seal_block(next);
    }

    /// A branch that may not be taken, with a block of its own if it adjusts the counter.
    fn branch(&mut self, relative_depth: u32) -> Branch {
        let (target, arity) = self.target(relative_depth);
        let args = self.top_args(arity);
        let kind = EdgeKind::Branch(relative_depth);
        match self.charges.and_then(|plan| plan.on_edge(self.at, kind)) {
            None => Branch { block: target, args, adjusted: None },
            Some(adjustment) => {
                let block = self.create_block([]);
                Branch { block, args: Vec::new(), adjusted: Some((adjustment, target, args)) }
            }
        }
    }

    /// Fills the block of a branch that has one of its own, after all branches to it were created.
    fn adjust_on(&mut self, branch: &Branch) {
        if let Some((adjustment, target, args)) = &branch.adjusted {
            self.builder.switch_to_block(branch.block);
            self.builder.seal_block(branch.block);
            self.adjust(*adjustment);
            self.builder.ins().jump(*target, args);
        }
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<(), InvalidModule> {
        let index = self.pop();
        // Many targets may have the same depth.
        let mut branches: BTreeMap<u32, Branch> = BTreeMap::new();
        let depths = table.targets().collect::<Result<Vec<u32>, _>>()?;
        for &depth in depths.iter().chain([&table.default()]) {
            branches.entry(depth).or_insert_with(|| self.branch(depth));
        }
        let dfg = &mut self.builder.func.dfg;
        let mut call = |depth: &u32| dfg.block_call(branches[depth].block, &branches[depth].args);
        let calls: Vec<_> = depths.iter().map(&mut call).collect();
        let default = call(&table.default());
        let table = self.builder.create_jump_table(JumpTableData::new(default, &calls));
        self.builder.ins().br_table(index, table);
        for branch in branches.values() {
            self.adjust_on(branch);
        }
        self.reachable = false;
        Ok(())
    }

    pub(super) fn unreachable(&mut self) {
        if let Some(block) = self.builder.current_block()
            && self.builder.func.layout.entry_block().is_some_and(|entry| entry != block)
        {
            self.builder.set_cold_block(block);
        }
        // It emits no code. Without it, a block that only traps is folded into the branch to it, and a backtrace
        // shows the line of the condition instead of the line of the panic.
        self.builder.ins().sequence_point();
        self.trap(Trap::UnreachableCodeReached);
        self.reachable = false;
    }

    pub(super) fn return_(&mut self) {
        let depth = self.control.len() as u32 - 1;
        self.br(depth);
    }

    fn pop_args(&mut self, count: usize) -> Vec<BlockArg> {
        let args = self.top_args(count);
        self.stack.truncate(self.stack.len() - count);
        args
    }

    fn top_args(&self, count: usize) -> Vec<BlockArg> {
        self.stack[self.stack.len() - count..].iter().copied().map(BlockArg::Value).collect()
    }
}
