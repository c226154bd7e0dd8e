pub fn collect(_: &mut dyn crate::model::Sink) {}
