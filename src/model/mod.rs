//! Models.
pub mod ast;
