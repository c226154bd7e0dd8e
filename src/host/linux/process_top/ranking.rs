//! What the processes of a name have taken, and who of them takes most. Lives from scrape to scrape, so that the time of
//! those that end is kept.

use super::read::{Process, seconds_from_ticks};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::f64::consts::LN_2;

/// The CPU that ranks a name is an average in which what is this old weighs half: two scrapers, or one that scrapes more
/// often, change nothing of the order.
const HALF_LIFE_SECONDS: f64 = 60.0;
/// Names without a process are kept until there are more than this, so that a name that comes back goes on where it was.
const MAX_GONE: usize = 1024;

/// What the processes of a name have taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Name {
    /// Ticks in user mode, of all that were ever seen.
    pub user: u64,
    /// Ticks in the kernel.
    pub system: u64,
    /// Bytes in memory.
    pub resident: u64,
    /// Bytes of address space.
    pub virtual_size: u64,
    /// Number of processes now.
    pub processes: u64,
    /// Number of their threads.
    pub threads: u64,
    /// CPUs in use, averaged.
    load: f64,
    /// CPUs in use since the last look.
    now: f64,
}

/// Names, and the processes as they were last seen.
#[derive(Debug, Default)]
pub struct Ranking {
    names: HashMap<String, Name>,
    seen: HashMap<(u32, u64), (u64, u64)>,
    looked: Option<f64>,
}

impl Ranking {
    /// Takes in what the processes are now, `uptime` seconds after the kernel's start.
    pub fn update(&mut self, processes: &[Process], uptime: f64) {
        for name in self.names.values_mut() {
            *name = Name { user: name.user, system: name.system, load: name.load, ..Name::default() };
        }
        let mut seen = HashMap::with_capacity(processes.len());
        for process in processes {
            let before = self.seen.get(&process.id).copied().unwrap_or_default();
            let (user, system) = (process.user.saturating_sub(before.0), process.system.saturating_sub(before.1));
            let begin = self.looked.unwrap_or_else(|| seconds_from_ticks(process.id.1));
            let name = self.names.entry(process.name.clone()).or_default();
            name.user += user;
            name.system += system;
            name.resident = name.resident.saturating_add(process.resident);
            name.virtual_size = name.virtual_size.saturating_add(process.virtual_size);
            name.processes += 1;
            name.threads = name.threads.saturating_add(process.threads);
            // Of what was there before us we know the average over its life.
            name.now += seconds_from_ticks(user.saturating_add(system)) / (uptime - begin).max(1.0);
            // Figures of the kernel may step back a little; what was counted once is not counted again.
            seen.insert(process.id, (process.user.max(before.0), process.system.max(before.1)));
        }
        self.seen = seen;
        let elapsed = self.looked.map(|looked| (uptime - looked).max(0.0));
        let weight = elapsed.map_or(1.0, |elapsed| 1.0 - left_after(elapsed / HALF_LIFE_SECONDS));
        self.names.values_mut().for_each(|name| name.load += weight * (name.now - name.load));
        self.looked = Some(uptime);
        self.forget();
    }

    /// How many names have a process.
    pub fn names_now(&self) -> usize {
        self.names.values().filter(|name| name.processes > 0).count()
    }

    /// The names with most CPU and those with most memory, up to `count` of each, in the order of their names.
    pub fn top(&self, count: usize) -> Vec<(&str, &Name)> {
        let mut names: Vec<(&str, &Name)> = self.names.iter().map(|(name, figures)| (name.as_str(), figures)).collect();
        let mut top = HashSet::new();
        sort(&mut names, |a, b| by_cpu(*b, *a));
        top.extend(names.iter().filter(|(_, figures)| figures.load > 0.0).take(count).map(|(name, _)| *name));
        sort(&mut names, |a, b| (b.1.resident, a.0).cmp(&(a.1.resident, b.0)));
        top.extend(names.iter().filter(|(_, figures)| figures.resident > 0).take(count).map(|(name, _)| *name));
        names.retain(|(name, _)| top.contains(name));
        sort(&mut names, |a, b| a.0.cmp(b.0));
        names
    }

    /// Drops names without a process that are too many, first those with least CPU.
    fn forget(&mut self) {
        let mut gone: Vec<(&str, &Name)> = self.names.iter().map(|(name, figures)| (name.as_str(), figures)).collect();
        gone.retain(|(_, figures)| figures.processes == 0);
        if gone.len() <= MAX_GONE {
            return;
        }
        sort(&mut gone, |a, b| by_cpu(*b, *a));
        let dropped: HashSet<String> = gone.split_off(MAX_GONE).into_iter().map(|(name, _)| name.to_owned()).collect();
        self.names.retain(|name, _| !dropped.contains(name));
    }
}

/// Sorts by an order of which no two names are equal. One function for all orders.
fn sort<'n>(names: &mut [(&'n str, &'n Name)], by: fn(&(&'n str, &'n Name), &(&'n str, &'n Name)) -> Ordering) {
    names.sort_unstable_by(by);
}

/// By CPU; of equals, the one whose name comes later is less.
fn by_cpu(a: (&str, &Name), b: (&str, &Name)) -> Ordering {
    a.1.load.total_cmp(&b.1.load).then_with(|| b.0.cmp(a.0))
}

/// What is left after some half-lives: a half to that power. exp2(3) would be all that the program asks of libm, which
/// would be mapped and relocated for it in each agent: 0.3 MiB.
fn left_after(half_lives: f64) -> f64 {
    /// Powers of e^-x that matter where x is at most the logarithm of 2.
    const TERMS: i32 = 18;
    #[allow(clippy::cast_possible_truncation)] // Rounds down, and ends where nothing is left.
    let whole = half_lives.clamp(0.0, 1100.0) as i32;
    let part = (half_lives - f64::from(whole)).clamp(0.0, 1.0) * LN_2;
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..TERMS {
        term *= -part / f64::from(n);
        sum += term;
    }
    sum * 0.5_f64.powi(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_a_power_of_a_half() {
        for tenths in 0..10_000 {
            let half_lives = f64::from(tenths) / 10.0;
            let (got, want) = (left_after(half_lives), (-half_lives).exp2());
            assert!((got - want).abs() <= want * 1e-14, "{half_lives}: {got}, not {want}");
        }
        assert_eq!((left_after(1e9), left_after(-1.0)), (0.0, 1.0));
    }

    fn process(id: u32, name: &str, ticks: u64, resident: u64) -> Process {
        Process { id: (id, 0), name: name.into(), user: ticks, system: 1, threads: 2, virtual_size: 9, resident }
    }

    fn names(ranking: &Ranking, count: usize) -> Vec<&str> {
        ranking.top(count).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn the_time_of_those_that_end_is_kept() {
        let mut ranking = Ranking::default();
        let user = |ranking: &Ranking| ranking.names["cc"].user;
        ranking.update(&[process(1, "cc", 100, 5), process(2, "cc", 40, 5)], 1000.0);
        assert_eq!(user(&ranking), 140);
        ranking.update(&[process(1, "cc", 130, 5)], 1010.0);
        assert_eq!(user(&ranking), 170, "2 has ended");
        ranking.update(&[], 1020.0);
        assert_eq!((user(&ranking), ranking.names["cc"].processes), (170, 0));
        let again = Process { id: (1, 101_000), ..process(1, "cc", 7, 5) };
        ranking.update(&[again], 1030.0);
        assert_eq!(user(&ranking), 177, "a new process with the number of the old one");
        ranking.update(&[Process { id: (1, 101_000), ..process(1, "cc", 3, 5) }], 1040.0);
        ranking.update(&[Process { id: (1, 101_000), ..process(1, "cc", 8, 5) }], 1050.0);
        assert_eq!(user(&ranking), 178, "a figure that steps back is not counted twice");
    }

    #[test]
    fn a_process_that_changes_its_name_takes_its_future_along() {
        let mut ranking = Ranking::default();
        ranking.update(&[process(1, "sh", 100, 5)], 1000.0);
        ranking.update(&[process(1, "java", 150, 5)], 1010.0);
        assert_eq!((ranking.names["sh"].user, ranking.names["java"].user), (100, 50));
    }

    #[test]
    fn the_top_is_of_cpu_and_of_memory() {
        let mut ranking = Ranking::default();
        let idle = [process(1, "init", 0, 50), process(2, "db", 10, 900), process(3, "old", 90_000, 10)];
        ranking.update(&idle, 1000.0);
        assert_eq!(names(&ranking, 1), ["db", "old"]);
        let busy = [
            process(1, "init", 0, 50),
            process(2, "db", 20, 900),
            process(3, "old", 90_000, 10),
            process(4, "new", 6000, 1),
        ];
        ranking.update(&busy, 1060.0);
        ranking.update(&busy[..3], 1061.0);
        // "old" has taken 900 seconds of the first 1000: its average is 0.45 CPUs yet, that of "new" 0.5.
        assert_eq!(names(&ranking, 1), ["db", "new"]);
        assert_eq!(names(&ranking, 9), ["db", "init", "new", "old"]);
        assert_eq!(ranking.names_now(), 3);
    }

    #[test]
    fn scraping_more_often_changes_no_order() {
        let at = |seconds: u64| [process(1, "even", seconds * 30, 1), process(2, "early", seconds.min(60) * 100, 1)];
        let (mut rare, mut often) = (Ranking::default(), Ranking::default());
        rare.update(&at(0), 0.0);
        often.update(&at(0), 0.0);
        for seconds in 1..=240_u32 {
            often.update(&at(seconds.into()), seconds.into());
            if seconds % 60 == 0 {
                rare.update(&at(seconds.into()), seconds.into());
            }
        }
        for name in ["even", "early"] {
            let (rare, often) = (rare.names[name].load, often.names[name].load);
            assert!((rare - often).abs() < 0.02, "{name}: {rare} and {often}");
        }
    }

    #[test]
    fn names_that_are_gone_are_bounded() {
        let mut ranking = Ranking::default();
        for i in 0..5000_u32 {
            ranking.update(&[process(i, &format!("job-{i}"), 100, 1)], f64::from(i));
        }
        assert_eq!(ranking.names.len(), MAX_GONE + 1);
        assert_eq!(ranking.seen.len(), 1);
    }
}
