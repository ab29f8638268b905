//! A mod without its game, of which a test calls the exports itself.

use tinkerbox_abi::LogLevel;
use tinkerbox_wasm::*;

/// A mod without its game: its messages are kept, and every other function that it imports does nothing.
pub struct Alone {
    store: Store<Messages>,
    instance: Instance,
}

/// Each with its level before it.
type Messages = Vec<String>;

impl Alone {
    pub fn new(wasm: &[u8]) -> Alone {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wasm).unwrap();
        let mut linker = Linker::new(&engine);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { panic!("{import:?} is not a function") };
            if import.name() == "log" {
                linker.func_wrap(import.module(), import.name(), log).unwrap();
                continue;
            }
            let none: Vec<Val> = ty.results().map(|ty| Val::default_for_ty(&ty).unwrap()).collect();
            linker
                .func_new(import.module(), import.name(), ty, move |_, _, results| {
                    results.copy_from_slice(&none);
                    Ok(())
                })
                .unwrap();
        }
        let mut store = Store::new(&engine, Messages::new());
        store.set_fuel(u64::MAX).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        Alone { store, instance }
    }

    pub fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, parameters: P) -> R {
        let func = self.instance.get_typed_func::<P, R>(&mut self.store, name).unwrap();
        func.call(&mut self.store, parameters).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    pub fn save(&mut self) -> Vec<u8> {
        let saved = self.call::<(), u64>("tb_save", ());
        let mut bytes = vec![0; saved as u32 as usize];
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory.read(&self.store, (saved >> 32) as usize, &mut bytes).unwrap();
        bytes
    }

    pub fn load(&mut self, bytes: &[u8]) -> i32 {
        let address = self.call::<u32, u32>("tb_alloc", bytes.len() as u32);
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory.write(&mut self.store, address as usize, bytes).unwrap();
        self.call::<(u32, u32), i32>("tb_load", (address, bytes.len() as u32))
    }

    /// What the mod has said since it was asked last.
    pub fn messages(&mut self) -> Messages {
        std::mem::take(self.store.data_mut())
    }
}

fn log(mut caller: Caller<'_, Messages>, level: i32, address: u32, len: u32) {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { panic!("the mod has a memory") };
    let mut text = vec![0; len as usize];
    memory.read(&caller, address as usize, &mut text).unwrap();
    let level = LogLevel::try_from(level).unwrap();
    caller.data_mut().push(format!("{level:?}: {}", String::from_utf8_lossy(&text)));
}
