//! Fuel as a bound: every module ends within its budget, and the price of each operator is documented.
//! `tests/differential/fuel` tests that the count is exact at every place.

mod call_forms;
mod changed_by_the_host;
mod cheats;
mod holes;
mod long_code;
mod prices;
mod stops_are_fences;

use tinkerbox_wasm::*;

/// Engines whose traps are faults, and engines that call instead.
fn engines() -> [Engine; 2] {
    [true, false].map(|signals| {
        Engine::new(Config::new().consume_fuel(true).signals_based_traps(signals))
            .expect("the machine is supported")
    })
}
