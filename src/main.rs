//! The program: calls the library's command line and nothing else.

fn main() {}
