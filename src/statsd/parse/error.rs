//! Why a line, or a sample of it, is refused.

/// A cause; each is a value of the label `reason` of `statsd_exporter_sample_errors_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// No name, no colon, or not UTF-8.
    MalformedLine,
    /// A line longer than allowed.
    LineTooLong,
    /// A name longer than allowed.
    NameTooLong,
    /// More tags than allowed.
    TooManyTags,
    /// A tag whose name or value is longer than allowed.
    LabelTooLong,
    /// Tags both in the name and behind `|#`.
    MixedTaggingStyles,
    /// Nothing behind the value.
    NotEnoughParts,
    /// Several values for a type that can't be packed.
    InvalidExtendedAggregate,
    /// An empty section, or too many of them.
    MalformedComponent,
    /// The value is no number.
    MalformedValue,
    /// `@` without a number (the sample counts all the same, as rate 1), or a section of no known kind.
    InvalidSampleFactor,
    /// `c` without `:` and an identifier.
    MalformedContainerId,
    /// A type that does not exist.
    IllegalEvent,
}

impl LineError {
    /// Every cause, in the order of [`index`](Self::index).
    pub const ALL: [Self; 13] = [
        Self::MalformedLine,
        Self::LineTooLong,
        Self::NameTooLong,
        Self::TooManyTags,
        Self::LabelTooLong,
        Self::MixedTaggingStyles,
        Self::NotEnoughParts,
        Self::InvalidExtendedAggregate,
        Self::MalformedComponent,
        Self::MalformedValue,
        Self::InvalidSampleFactor,
        Self::MalformedContainerId,
        Self::IllegalEvent,
    ];

    /// Place in [`ALL`](Self::ALL).
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The label value.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::MalformedLine => "malformed_line",
            Self::LineTooLong => "line_too_long",
            Self::NameTooLong => "name_too_long",
            Self::TooManyTags => "too_many_tags",
            Self::LabelTooLong => "label_too_long",
            Self::MixedTaggingStyles => "mixed_tagging_styles",
            Self::NotEnoughParts => "not_enough_parts_after_colon",
            Self::InvalidExtendedAggregate => "invalid_extended_aggregate_type",
            Self::MalformedComponent => "malformed_component",
            Self::MalformedValue => "malformed_value",
            Self::InvalidSampleFactor => "invalid_sample_factor",
            Self::MalformedContainerId => "malformed_container_id",
            Self::IllegalEvent => "illegal_event",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_whole() {
        for (place, error) in LineError::ALL.into_iter().enumerate() {
            assert_eq!(error.index(), place, "{error:?}");
        }
    }
}
