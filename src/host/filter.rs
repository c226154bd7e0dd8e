//! Include and exclude filters over names of devices, mount points and the like.

use crate::flag::{FlagError, Values};
use crate::pattern::Pattern;

/// Which names a collector looks at: those that its include pattern finds, or all but those its exclude pattern finds.
#[derive(Debug, Default)]
pub struct Filter {
    include: Option<Pattern>,
    exclude: Option<Pattern>,
}

impl Filter {
    /// The filter that two flags make, each a regular expression that may match anywhere in the name; an empty one is
    /// not there. Giving both is an error, as it is in node_exporter, except that the default of `exclude` gives way.
    pub fn from_flags(flags: &Values, include: &str, exclude: &str) -> Result<Self, FlagError> {
        let (wanted, mut unwanted) = (pattern(flags, include)?, pattern(flags, exclude)?);
        if wanted.is_some() && unwanted.is_some() {
            if flags.given(exclude) {
                return Err(flags.wrong(include, format!("it can't be used together with --{exclude}")));
            }
            unwanted = None;
        }
        Ok(Self { include: wanted, exclude: unwanted })
    }

    /// The filter that two flags make which may be given together: a name is left out by either.
    pub fn from_both(flags: &Values, include: &str, exclude: &str) -> Result<Self, FlagError> {
        Ok(Self { include: pattern(flags, include)?, exclude: pattern(flags, exclude)? })
    }

    /// Whether the name is left out.
    pub fn ignores(&self, name: &str) -> bool {
        self.exclude.as_ref().is_some_and(|p| p.is_match(name))
            || self.include.as_ref().is_some_and(|p| !p.is_match(name))
    }
}

/// The regular expression that a flag holds; `None` where it is empty.
pub fn pattern(flags: &Values, name: &str) -> Result<Option<Pattern>, FlagError> {
    let text = flags.text(name);
    if text.is_empty() {
        return Ok(None);
    }
    Pattern::new(text).map(Some).map_err(|e| flags.wrong(name, e.to_string()))
}
