//! Shares out the fuel of a frame among the mods.
//!
//! Pure: demands in, shares out. A mod that asks for less than an equal share gets all that it asks for; the rest is shared
//! equally among the others. So no mod gets less because another one asks for more.

/// Lowers the demands until they are at most `most` in all. If that can't be divided evenly, the first mods get one unit
/// more each.
pub(crate) fn share(most: u64, demands: &mut [u64]) {
    let asked = demands.iter().fold(0u64, |sum, demand| sum.saturating_add(*demand));
    if asked <= most {
        return;
    }
    let (level, mut rest) = level(most, demands);
    for demand in demands {
        if *demand > level {
            *demand = level + u64::from(rest > 0);
            rest = rest.saturating_sub(1);
        }
    }
}

/// The most that each gets, and how many of the mods that ask for more get one unit beyond that.
fn level(most: u64, demands: &[u64]) -> (u64, u64) {
    let mut rising = demands.to_vec();
    rising.sort_unstable();
    let mut left = most;
    for (served, demand) in rising.iter().enumerate() {
        let waiting = (rising.len() - served) as u64;
        if demand.saturating_mul(waiting) > left {
            return (left / waiting, left % waiting);
        }
        left -= demand;
    }
    (u64::MAX, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared<const N: usize>(most: u64, mut demands: [u64; N]) -> [u64; N] {
        share(most, &mut demands);
        demands
    }

    #[test]
    fn where_there_is_enough_all_get_what_they_ask_for() {
        assert_eq!(shared(60, [10, 20, 30]), [10, 20, 30]);
        assert_eq!(shared(0, []), [0; 0]);
    }

    #[test]
    fn the_modest_lose_nothing_to_the_greedy() {
        assert_eq!(shared(100, [10, 1_000_000, 20]), [10, 70, 20]);
        assert_eq!(shared(100, [u64::MAX, 10, u64::MAX]), [45, 10, 45]);
        assert_eq!(shared(99, [50, 50, 50]), [33, 33, 33]);
    }

    #[test]
    fn a_rest_goes_to_the_first() {
        assert_eq!(shared(11, [5, 5, 5, 1]), [4, 3, 3, 1]);
        assert_eq!(shared(2, [9, 9, 9]), [1, 1, 0]);
        assert_eq!(shared(0, [9, 9]), [0, 0]);
    }

    /// No fuel is lost, no mod gets more than it asked for, and one that gets less than another asked for no more.
    #[test]
    fn shares_are_fair_for_all_small_demands() {
        for most in 0..16 {
            for bits in 0..4096u64 {
                let demands = [bits % 8, bits / 8 % 8, bits / 64 % 8, bits / 512];
                let got = shared(most, demands);
                assert_eq!(got.iter().sum::<u64>(), most.min(demands.iter().sum()), "{most} of {demands:?}");
                for (asked, got_one) in demands.iter().zip(got) {
                    assert!(got_one <= *asked);
                    let highest = got.iter().max().copied().unwrap_or(0);
                    assert!(got_one == *asked || got_one + 1 >= highest, "{most} of {demands:?}: {got:?}");
                }
            }
        }
    }
}
