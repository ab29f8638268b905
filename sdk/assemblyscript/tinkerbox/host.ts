// The functions of the host: the module `tinkerbox1` of the contract.

@external("tinkerbox1", "view_next")
export declare function view_next(query: u32, view: usize, buffer: usize, bufferLen: u32): i32;
@external("tinkerbox1", "get")
export declare function get(query: u32, column: u32, entity: u64, address: usize): i32;
@external("tinkerbox1", "set")
export declare function set(query: u32, column: u32, entity: u64, address: usize): i32;
@external("tinkerbox1", "command")
export declare function command(address: usize, len: u32): i32;
@external("tinkerbox1", "entity_reserve")
export declare function entity_reserve(address: usize, count: u32): i32;
@external("tinkerbox1", "event_next")
export declare function event_next(address: usize, len: u32): i32;
@external("tinkerbox1", "event_send")
export declare function event_send(event: u32, address: usize, len: u32): i32;
@external("tinkerbox1", "resource_get")
export declare function resource_get(resource: u32, address: usize): i32;
@external("tinkerbox1", "resource_set")
export declare function resource_set(resource: u32, address: usize): i32;
@external("tinkerbox1", "tick")
export declare function tick(): u64;
@external("tinkerbox1", "delta")
export declare function delta(): f32;
@external("tinkerbox1", "random")
export declare function random(stream: u32): u64;
@external("tinkerbox1", "fuel_left")
export declare function fuel_left(): u64;
@external("tinkerbox1", "log")
export declare function log(level: i32, address: usize, len: u32): void;
@external("tinkerbox1", "panic")
export declare function panic(address: usize, len: u32): void;
