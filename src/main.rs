//! The program: everything is in the library; see its map.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rubentario::app::main(std::env::args_os()))
}
