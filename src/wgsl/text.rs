//! Lines of a generated kernel, and how every entry point begins.

/// Lines with their indentation.
pub struct Text(pub String);

impl Text {
    pub fn line(&mut self, depth: usize, text: &str) {
        self.0.push_str(&"    ".repeat(depth));
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub fn lines(&mut self, depth: usize, list: &[String]) {
        list.iter().for_each(|l| self.line(depth, l));
    }
}

/// `threads`: of a workgroup.
pub fn begin(text: &mut Text, name: &str, threads: &str) {
    text.line(0, "var<workgroup> halt: u32;");
    text.line(0, "");
    text.line(0, &format!("@compute @workgroup_size({threads})"));
    text.line(0, &format!("fn {name}("));
    text.line(1, "@builtin(workgroup_id) block: vec3<u32>,");
    text.line(1, "@builtin(num_workgroups) blocks: vec3<u32>,");
    text.line(1, "@builtin(local_invocation_index) lane: u32,");
    text.line(0, ") {");
}

/// Leaves, all threads alike, if something went wrong before.
pub fn halt(text: &mut Text) {
    text.line(1, "if (lane == 0u) {");
    text.line(2, "halt = select(0u, 1u, stopped());");
    text.line(1, "}");
    text.line(1, "if (workgroupUniformLoad(&halt) != 0u) {");
    text.line(2, "return;");
    text.line(1, "}");
}
