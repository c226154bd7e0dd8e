//! Values at quantiles, over several lists of points at once: one for each age bucket.
//!
//! Each list knows the ranks of its own points within some range. The rank of a value among all lists is the sum of its
//! ranks in each, and so is the range's width; widths are kept in proportion to the weight above, below or in all of a
//! list (see [`options`](super::options)), and sums of such stay in proportion to the sum of the weights. So the answer
//! over many lists is off by no more of all than each is of its own.

/// A value, and the weight of all values of its list above the step before it, up to and with this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub value: f64,
    pub weight: f64,
    /// How much weight may lie below the value that does not lie below or at the step before.
    pub span: f64,
}

/// A quantile that is looked for.
struct Wanted {
    /// Counted from one.
    rank: f64,
    /// By how much the rank of the best answer may be off.
    error: f64,
    answer: f64,
}

/// Appends the values at the quantiles, which rise: of each the one of rank ceil(q n) of the n that the lists have; where
/// ranks are uncertain, the one that can least be off. `NaN` if there are no values.
pub fn quantiles<L: Iterator<Item = Step>>(
    lists: impl Iterator<Item = L>,
    total: f64,
    quantiles: &[(f64, f64)],
    answers: &mut Vec<f64>,
) {
    let wanted = |&(quantile, _): &(f64, f64)| {
        let rank = (quantile * total).ceil().max(1.0);
        Wanted { rank, error: f64::INFINITY, answer: f64::NAN }
    };
    let mut wanted: Vec<Wanted> = quantiles.iter().map(wanted).collect();
    let mut open = 0;
    let mut lists: Vec<(Step, L)> = lists.filter_map(|mut list| Some((list.next()?, list))).collect();
    // Weight of all steps so far, and what may lie beyond it below the value that is next.
    let mut below = 0.0;
    let mut span: f64 = lists.iter().map(|(step, _)| step.span).sum();
    while open < wanted.len()
        && let Some(value) = lists.iter().map(|(step, _)| step.value).reduce(|a, b| if b < a { b } else { a })
    {
        // The value has the ranks from the first to the last, which is the weight up to and with it, for sure.
        let first = below + span + 1.0;
        let mut at = 0;
        while let Some((step, list)) = lists.get_mut(at) {
            if step.value > value {
                at += 1;
                continue;
            }
            below += step.weight;
            span -= step.span;
            if let Some(next) = list.next() {
                span += next.span;
                *step = next;
            } else {
                lists.swap_remove(at);
            }
        }
        for one in &mut wanted[open..] {
            let error = (one.rank - below).max(first - one.rank).max(0.0);
            if error < one.error {
                (one.error, one.answer) = (error, value);
            }
        }
        // All values from here on are above it by more than that.
        while wanted.get(open).is_some_and(|one| below - one.rank > one.error) {
            open += 1;
        }
    }
    answers.extend(wanted.iter().map(|one| one.answer));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(lists: &[&[(f64, f64)]], wanted: &[f64]) -> Vec<f64> {
        let total = lists.iter().flat_map(|list| list.iter()).map(|step| step.1).sum();
        let wanted: Vec<(f64, f64)> = wanted.iter().map(|&quantile| (quantile, 0.0)).collect();
        let steps = |list: &'_ [(f64, f64)]| {
            let steps: Vec<Step> = list.iter().map(|&(value, weight)| Step { value, weight, span: 0.0 }).collect();
            steps.into_iter()
        };
        let mut answers = Vec::new();
        quantiles(lists.iter().map(|list| steps(list)), total, &wanted, &mut answers);
        answers
    }

    #[test]
    fn a_heavy_value_has_all_its_ranks() {
        let want = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
        let wanted = [0.0, 0.01, 0.02, 0.4, 0.41, 1.0];
        assert_eq!(answers(&[&[(1.0, 1.0), (2.0, 39.0), (3.0, 60.0)]], &wanted), want);
        let parts: [&[(f64, f64)]; 4] =
            [&[(2.0, 20.0), (3.0, 10.0)], &[(1.0, 1.0), (3.0, 50.0)], &[], &[(2.0, 10.0), (2.0, 9.0)]];
        assert_eq!(answers(&parts, &wanted), want);
    }

    #[test]
    fn without_values_there_is_no_answer() {
        assert!(answers(&[], &[0.5, 1.0]).iter().all(|answer| answer.is_nan()));
        assert!(answers(&[&[(1.0, 1.0)]], &[]).is_empty());
    }

    #[test]
    fn of_uncertain_ranks_the_answer_is_the_one_that_can_least_be_off() {
        // Of 2.0 the rank is 11 to 19 or more, of 3.0 surely 20.
        let list = [(1.0, 10.0, 0.0), (2.0, 1.0, 8.0), (3.0, 9.0, 8.0)].map(|(value, weight, span)| Step {
            value,
            weight,
            span,
        });
        let mut answers = Vec::new();
        let wanted = [0.5, 0.55, 0.6, 0.9, 1.0].map(|quantile| (quantile, 0.0));
        quantiles(std::iter::once(list.into_iter()), 20.0, &wanted, &mut answers);
        assert_eq!(answers, [1.0, 1.0, 1.0, 3.0, 3.0]);
    }
}
