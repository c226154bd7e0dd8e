//! The value at a rank, over several summaries at once.

/// A value and the weight at or below it, in one summary. Pure: all weight since the step before is of exactly this value.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub value: f64,
    pub rank: f64,
    pub pure: bool,
}

/// One summary, walked from its lowest value.
#[derive(Debug)]
struct Run {
    steps: std::ops::Range<usize>,
    /// What lies at or below a value between the step before and the next: if the next is not pure, the middle.
    between: f64,
}

/// The summaries of one window.
#[derive(Debug, Default)]
pub struct Runs {
    steps: Vec<Step>,
    runs: Vec<Run>,
    total: f64,
}

/// The last value walked over, and the weight at or below it.
#[derive(Debug, Clone, Copy)]
struct Reached {
    value: f64,
    rank: f64,
    /// Ranks from here on are this value's.
    from: f64,
}

impl Runs {
    /// Adds one summary.
    pub fn push(&mut self, steps: impl Iterator<Item = Step>) {
        let start = self.steps.len();
        self.steps.extend(steps);
        let Some(last) = self.steps.get(start..).and_then(<[Step]>::last) else { return };
        self.total += last.rank;
        let mut run = Run { steps: start..self.steps.len(), between: 0.0 };
        run.between = between(0.0, self.steps.get(start));
        self.runs.push(run);
    }

    /// The values at some quantiles, which rise. The value at quantile q of n is the one of rank ceil(q n), counted from
    /// one; where ranks are uncertain, the one most likely nearest. `NaN` if there are no values.
    pub fn quantiles(mut self, quantiles: impl Iterator<Item = f64>, answers: &mut Vec<f64>) {
        let mut before = Reached { value: f64::NAN, rank: f64::NEG_INFINITY, from: 0.0 };
        let mut at = self.next().unwrap_or(before);
        for quantile in quantiles {
            let rank = (quantile * self.total).ceil().max(1.0);
            while at.rank < rank {
                let Some(next) = self.next() else { break };
                before = std::mem::replace(&mut at, next);
            }
            answers.push(if rank - before.rank < at.from - rank { before.value } else { at.value });
        }
    }

    /// Walks to the next value of any summary.
    fn next(&mut self) -> Option<Reached> {
        let Self { steps, runs, .. } = self;
        let head = |run: &Run| steps.get(run.steps.start).filter(|_| !run.steps.is_empty());
        let value = runs.iter().filter_map(head).map(|step| step.value).min_by(f64::total_cmp)?;
        let mut reached = Reached { value, rank: 0.0, from: 0.0 };
        for run in runs {
            match head(run).copied().filter(|step| step.value == value) {
                None => {
                    reached.rank += run.between;
                    reached.from += run.between;
                }
                Some(step) => {
                    reached.rank += step.rank;
                    reached.from += if step.pure { run.between } else { step.rank };
                    run.steps.start += 1;
                    run.between = between(step.rank, steps.get(run.steps.clone()).and_then(<[Step]>::first));
                }
            }
        }
        Some(reached)
    }
}

fn between(rank: f64, next: Option<&Step>) -> f64 {
    next.filter(|step| !step.pure).map_or(rank, |step| f64::midpoint(rank, step.rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantiles(runs: &[&[(f64, f64, bool)]], quantiles: &[f64]) -> Vec<f64> {
        let mut all = Runs::default();
        for run in runs {
            all.push(run.iter().map(|&(value, rank, pure)| Step { value, rank, pure }));
        }
        let mut answers = Vec::new();
        all.quantiles(quantiles.iter().copied(), &mut answers);
        answers
    }

    #[test]
    fn ranks_add_up_over_summaries() {
        let one = [(1.0, 1.0, true), (3.0, 2.0, true), (5.0, 3.0, true)];
        let two = [(2.0, 1.0, true), (3.0, 2.0, true), (4.0, 3.0, true)];
        assert_eq!(quantiles(&[&one, &two], &[0.0, 0.3, 0.5, 0.6, 0.8, 1.0]), [1.0, 2.0, 3.0, 3.0, 4.0, 5.0]);
        assert_eq!(quantiles(&[&one, &[]], &[0.5]), [3.0]);
        assert!(quantiles(&[], &[0.5])[0].is_nan());
    }

    #[test]
    fn of_uncertain_ranks_the_nearest_is_taken() {
        let coarse = [(1.0, 1.0, true), (2.0, 40.0, false), (3.0, 100.0, false)];
        assert_eq!(quantiles(&[&coarse], &[0.01, 0.15, 0.25, 0.6, 0.8]), [1.0, 1.0, 2.0, 2.0, 3.0]);
        // A heavy single value has all ranks up to its own.
        let heavy = [(1.0, 1.0, true), (2.0, 40.0, true), (3.0, 100.0, true)];
        assert_eq!(quantiles(&[&heavy], &[0.01, 0.02, 0.4, 0.41]), [1.0, 2.0, 2.0, 3.0]);
    }
}
