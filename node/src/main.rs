//! The program `thinkey`: hands its arguments to the library `node` and ends with the exit code
//! of the command, so that everything it does can be tested as a library.

fn main() -> std::process::ExitCode {
    node::cli::main()
}
