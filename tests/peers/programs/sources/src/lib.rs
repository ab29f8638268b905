//! Empty: the package is a list of crates whose C sources the runner compiles. Knows nothing of the runner.
