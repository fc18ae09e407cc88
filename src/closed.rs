//! Boxes that only their arrow can make: what everybody may read and nobody else may write.
//!
//! In: the fields of a struct and what its readers get of each. Out: the struct, its fields open within the crate, and a method
//! of the same name for each of them. Not here: the structs.

/// Closes a struct: `field: Type => [what is read]`, a reference or a copy.
macro_rules! closed {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* $field:ident: $type:ty => [$($read:tt)+],)+
        }
    ) => {
        $(#[$about])*
        pub struct $name {
            $($(#[$doc])* pub(crate) $field: $type,)+
        }

        impl $name {
            $(closed!(@read $(#[$doc])* $field [$($read)+]);)+
        }
    };
    (@read $(#[$doc:meta])* $field:ident [&$read:ty]) => {
        $(#[$doc])*
        pub fn $field(&self) -> &$read {
            &self.$field
        }
    };
    (@read $(#[$doc:meta])* $field:ident [$read:ty]) => {
        $(#[$doc])*
        pub fn $field(&self) -> $read {
            self.$field
        }
    };
}
