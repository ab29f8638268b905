//! What an entity is made of when it is spawned.

use crate::ModComponent;
use bytemuck::Pod;
use tinkerbox_abi::command::{push_component, push_spawn};
use tinkerbox_abi::component_key;

/// A tuple of up to twelve components.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spawned",
    note = "spawn a tuple of components, `(position, Sheep)`; one alone is `(Sheep,)`"
)]
pub trait Bundle {
    /// Adds the spawn record to a buffer of commands.
    #[doc(hidden)]
    fn push(&self, records: &mut Vec<u64>);
}

macro_rules! bundle_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: ModComponent + Pod),*> Bundle for ($($name,)*) {
            #[allow(non_snake_case)]
            fn push(&self, records: &mut Vec<u64>) {
                let ($($name,)*) = self;
                push_spawn(records, [$($name::ID),*].len() as u32);
                $(push_component(records, const { component_key($name::ID) }, bytemuck::bytes_of($name));)*
            }
        }
    };
}

crate::tuples::for_tuples!(bundle_of_tuple);

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use tinkerbox_abi::command::{Command, decode};

    #[derive(Clone, Copy, Pod, Zeroable, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:Point")]
    struct Point {
        x: f32,
        y: f32,
    }

    #[derive(Clone, Copy, Pod, Zeroable, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:Marker")]
    struct Marker;

    #[test]
    fn a_tuple_becomes_one_spawn_record() {
        let mut records = Vec::new();
        (Point { x: 1.0, y: -2.0 }, Marker).push(&mut records);
        let bytes = bytemuck::cast_slice(&records);
        let commands: Vec<_> = decode(bytes).map(Result::unwrap).collect();
        let [Command::Spawn(components)] = &commands[..] else { panic!("{commands:?}") };
        let components: Vec<_> = components.clone().collect();
        let point = bytemuck::bytes_of(&[1.0f32, -2.0]);
        assert_eq!(components[0], (component_key("test:Point"), point));
        assert_eq!(components[1], (component_key("test:Marker"), &[][..]));
    }
}
