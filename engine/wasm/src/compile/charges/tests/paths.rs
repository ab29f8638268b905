//! Generated functions, and all paths through them: every unit that was charged is used by an operator that runs, no
//! operator runs that was not charged for, and no check asks for fuel of operators that need not run.
//!
//! The paths are found here a second time, in the plainest manner: each operator leads to others.

use std::collections::BTreeSet;

use super::generate::{self, Random};
use super::{ChargePlan, Operators, with_operators};
use crate::base::limits::fuel::MOST_AHEAD;
use crate::compile::body::operators::is_watched;
use crate::compile::charges::{Adjustment, EdgeKind};
use wasmparser::Operator;

/// Where control goes from an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// To whatever follows the operator of this index.
    Behind(usize),
    Returned,
}

/// All paths through a function.
struct Paths<'a> {
    operators: &'a Operators<'a>,
    /// Where each operator leads, with the kind of the edge where a charge may lie on it.
    next: Vec<Vec<(Option<EdgeKind>, Next)>>,
}

impl<'a> Paths<'a> {
    fn new(operators: &'a Operators<'a>) -> Paths<'a> {
        let (ends, elses) = partners(operators);
        let mut around: Vec<usize> = Vec::new();
        let mut next = Vec::new();
        for (at, step) in operators.iter().enumerate() {
            let on = (None, Next::Behind(at));
            let target = |depth: u32| match around.len().checked_sub(1 + depth as usize) {
                None => Next::Returned,
                Some(frame) => match operators[around[frame]].operator {
                    Operator::Loop { .. } => Next::Behind(around[frame]),
                    _ => Next::Behind(ends[around[frame]]),
                },
            };
            let branch = |depth: u32| (Some(EdgeKind::Branch(depth)), target(depth));
            next.push(match &step.operator {
                Operator::If { .. } => match elses[at] {
                    Some(otherwise) => vec![on, (None, Next::Behind(otherwise))],
                    None => vec![on, (Some(EdgeKind::Else), Next::Behind(ends[at]))],
                },
                Operator::Else => vec![(None, Next::Behind(ends[*around.last().expect("an if is around")]))],
                Operator::End if around.is_empty() => vec![(None, Next::Returned)],
                Operator::Br { relative_depth } => vec![(None, target(*relative_depth))],
                Operator::BrIf { relative_depth } => vec![branch(*relative_depth), on],
                Operator::BrTable { targets } => {
                    let depths = targets.targets().map(|depth| depth.expect("it was read before"));
                    depths.chain([targets.default()]).map(branch).collect()
                }
                Operator::Return => vec![(None, Next::Returned)],
                Operator::Unreachable => vec![],
                _ => vec![on],
            });
            match &step.operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => around.push(at),
                Operator::End => drop(around.pop()),
                _ => {}
            }
        }
        Paths { operators, next }
    }

    /// Which operators lead to `unreachable` wherever control goes.
    fn doomed(&self) -> Vec<bool> {
        let mut doomed = vec![false; self.operators.len()];
        settle(&mut doomed, |at, doomed| {
            self.next[at].iter().all(|(_, next)| match next {
                Next::Behind(before) => doomed[before + 1],
                Next::Returned => false,
            })
        });
        doomed
    }

    /// The least that can run from an operator until the host may look at the counter, if nothing traps; `None` where
    /// that never happens.
    fn needs(&self) -> Vec<Option<u32>> {
        let doomed = self.doomed();
        let mut needs: Vec<Option<u32>> = vec![None; self.operators.len()];
        settle(&mut needs, |at, needs| {
            let step = &self.operators[at];
            let rest = |(_, next): &(_, Next)| match next {
                Next::Behind(before) => needs[before + 1],
                Next::Returned => Some(0),
            };
            let rest = match is_watched(&step.operator) {
                true if doomed[at] => None,
                true => Some(0),
                false => self.next[at].iter().filter_map(rest).min(),
            };
            rest.map(|rest| rest + step.price)
        });
        needs
    }
}

/// Derives a fact about each operator from the facts about the others, until nothing changes.
fn settle<T: Clone + PartialEq>(said: &mut Vec<T>, say: impl Fn(usize, &[T]) -> T) {
    loop {
        let before = said.clone();
        for at in (0..said.len()).rev() {
            said[at] = say(at, said);
        }
        if *said == before {
            return;
        }
    }
}

/// For each operator that opens a block, where its end and its `else` are.
fn partners(operators: &Operators<'_>) -> (Vec<usize>, Vec<Option<usize>>) {
    let (mut ends, mut elses) = (vec![0; operators.len()], vec![None; operators.len()]);
    let mut around = Vec::new();
    for (at, step) in operators.iter().enumerate() {
        match step.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => around.push(at),
            Operator::Else => elses[*around.last().expect("an if is around")] = Some(at),
            Operator::End => {
                if let Some(start) = around.pop() {
                    ends[start] = at;
                }
            }
            _ => {}
        }
    }
    (ends, elses)
}

/// Follows all paths through a function with what is charged ahead.
struct Walk<'a> {
    paths: Paths<'a>,
    plan: ChargePlan,
    needs: Vec<Option<u32>>,
    /// Operators that were reached, each with what is charged ahead there.
    found: BTreeSet<(usize, u32)>,
    /// Where adjustments were met.
    met: BTreeSet<(Option<usize>, Option<EdgeKind>)>,
}

impl Walk<'_> {
    fn arrive(&mut self, behind: Option<usize>, ahead: u32) -> (usize, u32) {
        let next = behind.map_or(0, |at| at + 1);
        let adjustment = behind.map_or(self.plan.at_entry(), |at| self.plan.behind(at));
        (next, self.adjusted(ahead, adjustment, (behind, None), next))
    }

    fn adjusted(
        &mut self,
        ahead: u32,
        adjustment: Option<Adjustment>,
        place: (Option<usize>, Option<EdgeKind>),
        next: usize,
    ) -> u32 {
        let Some(adjustment) = adjustment else { return ahead };
        self.met.insert(place);
        match adjustment {
            Adjustment::GiveBack(fuel) => ahead.checked_sub(fuel).expect("it was charged"),
            Adjustment::Charge(charge) => {
                assert_eq!(charge.ahead, ahead, "{place:?}: what a stop gives back");
                let wanted = charge.cost + ahead;
                assert!(wanted <= MOST_AHEAD, "{place:?}: a check wants {wanted}");
                let need = self.needs[next];
                assert!(
                    need.is_none_or(|need| wanted <= need),
                    "{place:?}: {wanted} where {need:?} may be enough"
                );
                wanted
            }
        }
    }

    fn walk(&mut self) {
        // Entering the function is paid for before the first operator.
        let (first, ahead) = self.arrive(None, 0);
        let mut waiting = vec![(first, ahead - 1)];
        while let Some((at, ahead)) = waiting.pop() {
            if !self.found.insert((at, ahead)) {
                continue;
            }
            let step = &self.paths.operators[at];
            let left = ahead.checked_sub(step.price).unwrap_or_else(|| panic!("{at}: runs for nothing"));
            assert_eq!(left, self.plan.refund(at), "{at}: what a trap gives back");
            assert!(left == 0 || !is_watched(&step.operator), "{at}: the host sees what was charged ahead");
            for (way, next) in self.paths.next[at].clone() {
                let Next::Behind(behind) = next else {
                    assert_eq!(left, 0, "{at}: returns");
                    continue;
                };
                let adjustment = way.and_then(|way| self.plan.on_edge(at, way));
                let left = self.adjusted(left, adjustment, (Some(at), way), behind + 1);
                let arrived = self.arrive(Some(behind), left);
                waiting.push(arrived);
            }
        }
    }
}

#[test]
fn on_every_way_what_is_charged_is_what_runs() {
    let mut charges = 0;
    for seed in 0..10_000 {
        let mut random = Random(seed);
        let body = generate::body(&mut random);
        with_operators(&body, |mut operators| {
            // Inlined operators begin with one that costs what the call cost.
            let opens = |operator: &Operator<'_>| matches!(operator, Operator::Block { .. } | Operator::Nop);
            for step in operators.iter_mut().filter(|step| opens(&step.operator)) {
                step.price = if random.below(4) == 0 { 2 } else { 0 };
            }
            charges += check(&operators, &format!("seed {seed}: {body}"));
        });
    }
    assert!(charges > 30_000, "only {charges} charges");
}

/// Returns how many adjustments there are.
fn check(operators: &Operators<'_>, what: &str) -> usize {
    let plan = ChargePlan::new(operators);
    let paths = Paths::new(operators);
    let mut needs = paths.needs();
    // Entering the function.
    needs[0] = needs[0].map(|need| need + 1);
    let planned = plan.behind.len() + plan.on_edges.len() + usize::from(plan.at_entry().is_some());
    let mut walk = Walk { paths, plan, needs, found: BTreeSet::new(), met: BTreeSet::new() };
    let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.walk()));
    assert!(walked.is_ok(), "{what}");
    let points: BTreeSet<usize> = walk.found.iter().map(|(at, _)| *at).collect();
    assert_eq!(points.len(), walk.found.len(), "{what}: what is charged ahead depends on the path");
    assert_eq!(walk.met.len(), planned, "{what}: an adjustment is on no path");
    planned
}
