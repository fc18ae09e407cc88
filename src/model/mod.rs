//! Models.
pub mod ast;
pub mod grammar;
pub mod parse;
pub mod print;
