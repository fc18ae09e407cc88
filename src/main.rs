//! The command `synfire`. Each verb has a file in `cli/`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
