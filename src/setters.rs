//! Options are built in one way: the default, then a setter per field that shall be otherwise.
//!
//! In: the fields of a struct of options and what a setter takes for each. Out: setters named as the fields, so that the struct can
//! be `#[non_exhaustive]` and take new fields without breaking anybody. Not here: the structs.

/// Writes the setters of a struct of options; a field that is an `Option` takes the value itself, or `None`.
macro_rules! setters {
    ($options:ident { $($field:ident: $given:ty),+ $(,)? }) => {
        impl $options {
            $(
                #[doc = concat!("With this for [`", stringify!($field), "`](", stringify!($options), "::", stringify!($field), ").")]
                #[must_use]
                pub fn $field(mut self, $field: $given) -> $options {
                    self.$field = $field.into();
                    self
                }
            )+
        }
    };
}
