//! Fuel as a bound: whatever a module tries, it ends with its budget; and what each operator costs is written
//! down. That the count is exact at every place is tested in `tests/differential/fuel`.

mod call_forms;
mod changed_by_the_host;
mod cheats;
mod holes;
mod long_code;
mod prices;
mod stops_are_fences;

use tinkerbox_wasm::*;

/// With traps that are faults, and with calls in their place.
fn engines() -> [Engine; 2] {
    [true, false].map(|signals| {
        Engine::new(Config::new().consume_fuel(true).signals_based_traps(signals))
            .expect("the machine is supported")
    })
}
