use super::ast::ModelAst;
pub fn print(_: &ModelAst) -> String { String::new() }
