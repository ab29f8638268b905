//! Whether an interface fits together: names, types and sizes.

use std::collections::{BTreeMap, BTreeSet};

use tinkerbox_abi::names::{
    FUNCTION_ID_RULE, GAME_NAME_RULE, TYPE_ID_RULE, is_function_id, is_game_name, is_type_id,
};
use tinkerbox_abi::{ALIGNMENT, API, NAME_BYTES_MAX};

use crate::interface::{Constant, Field, Function, Interface, NamedType, SharedType};
use crate::layout::{Number, Type};

/// Parameters of a function: as many as a game's functions can have in Rust.
const PARAMETERS_MAX: usize = 17;
/// How deep types contain each other.
const DEPTH_MAX: usize = 32;
/// What a type consists of, with all names written out: more is no type that a game has, and layouts would not end.
const FIELDS_MAX: u64 = 10_000;

type Checked = Result<(), String>;

impl Interface {
    /// Checks that names are valid and unique, and that all types have a size.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn check(&self) -> Checked {
        let Interface { game, api, .. } = self;
        ensure(is_game_name(game), || format!("`{game}` is not the name of a game: write {GAME_NAME_RULE}"))?;
        ensure(*api == API, || {
            format!(
                "it is for version {api} of the contract with mods, and this is for version {API}: update the older one"
            )
        })?;
        self.constants.iter().try_for_each(check_constant)?;
        self.types.iter().try_for_each(check_named)?;
        unique("constants", self.constants.iter().map(|constant| &constant.name))?;
        unique("types", self.types.iter().map(|ty| &ty.name))?;
        let shared = || self.components.iter().chain(&self.resources).chain(&self.events);
        unique("components, resources and events", shared().map(|ty| &ty.id))?;
        shared().try_for_each(|ty| self.check_shared(ty))?;
        for event in &self.events {
            ensure(!event.fields.is_empty(), || {
                format!("the event `{}` has no fields; give it one", event.id)
            })?;
        }
        unique("functions", self.functions.iter().map(|function| &function.id))?;
        self.functions.iter().try_for_each(check_function)?;
        self.check_entities()?;
        self.check_hash()
    }

    fn check_shared(&self, shared: &SharedType) -> Checked {
        let id = &shared.id;
        ensure(is_type_id(id), || format!("`{id}` is not a valid id: write {TYPE_ID_RULE}"))?;
        let in_it = |why| format!("`{id}`: {why}");
        check_fields(&shared.fields).map_err(in_it)?;
        // Before the layout is written out: types that contain each other have none.
        for field in &shared.fields {
            self.check_names(&field.ty, &mut Vec::new(), &mut BTreeMap::new()).map_err(in_it)?;
        }
        let (_, align) = self.layout(shared).size().map_err(in_it)?;
        ensure(align as usize <= ALIGNMENT, || format!("`{id}` is aligned to {align} bytes"))
    }

    /// Checks that each name stands for a type, and for none that contains it. Returns the number of fields that the type
    /// has when all names are written out; those of named types are kept in `known`, since types may share what they contain.
    fn check_names<'a>(
        &'a self,
        ty: &'a Type,
        within: &mut Vec<&'a str>,
        known: &mut BTreeMap<&'a str, u64>,
    ) -> Result<u64, String> {
        match ty {
            Type::Array(element, _) => self.check_names(element, within, known),
            Type::Struct(_) | Type::Enum(_) => {
                Err("a struct or an enum in a field needs a name: describe it under [[type]]".to_owned())
            }
            Type::Named(name) => {
                if let Some(fields) = known.get(name.as_str()) {
                    return Ok(*fields);
                }
                ensure(!within.contains(&name.as_str()), || format!("the type `{name}` contains itself"))?;
                ensure(within.len() < DEPTH_MAX, || {
                    format!(
                        "the type `{name}` is within {DEPTH_MAX} others, which is the most that is possible"
                    )
                })?;
                let named = self.named(name).ok_or_else(|| {
                    let known: Vec<&str> = self.types.iter().map(|ty| ty.name.as_str()).collect();
                    format!("there is no type `{name}`; under [[type]] are: {}", known.join(", "))
                })?;
                within.push(name);
                let mut fields = 1u64;
                for field in &named.fields {
                    fields += self.check_names(&field.ty, within, known)?;
                }
                within.pop();
                ensure(fields <= FIELDS_MAX, || {
                    format!("the type `{name}` consists of more than {FIELDS_MAX} fields and types")
                })?;
                known.insert(name, fields);
                Ok(fields)
            }
            _ => Ok(1),
        }
    }

    fn check_entities(&self) -> Checked {
        unique("kinds of entities", self.entities.iter().map(|kind| &kind.name))?;
        for kind in &self.entities {
            ensure(is_name(&kind.name), || format!("`{}` can't be the name of a kind of entity", kind.name))?;
            for id in &kind.components {
                ensure(self.components.iter().any(|component| component.id == *id), || {
                    format!("the entity `{}` has the component `{id}`, which is not exposed", kind.name)
                })?;
            }
        }
        Ok(())
    }

    fn check_hash(&self) -> Checked {
        let (Some(hash), right) = (&self.hash, self.content_hash()) else { return Ok(()) };
        ensure(*hash == right, || {
            format!(
                "`hash` is {hash}, and that of the content is {right}: the file was changed by hand. Let the game \
                 write it again, or remove the line"
            )
        })
    }
}

fn check_constant(constant: &Constant) -> Checked {
    let Constant { name, ty, value, .. } = constant;
    ensure(is_name(name), || format!("`{name}` can't be the name of a constant"))?;
    let is_plain = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let (is_valid, range) = match (ty, ty.range()) {
        (_, Some((least, most))) => (
            value.parse().is_ok_and(|value: i128| (least..=most).contains(&value)),
            format!("{least} to {most}"),
        ),
        (Number::F32, None) => {
            (value.parse().is_ok_and(f32::is_finite), format!("{:e} to {:e}", f32::MIN, f32::MAX))
        }
        (_, None) => (value.parse().is_ok_and(f64::is_finite), format!("{:e} to {:e}", f64::MIN, f64::MAX)),
    };
    ensure(is_plain && is_valid, || {
        format!("the constant `{name}` is `{value}`, which is not a number of type {ty}: {range}")
    })
}

fn check_named(named: &NamedType) -> Checked {
    let NamedType { name, integers, variants, fields, .. } = named;
    ensure(is_name(name) && is_no_type(name), || format!("`{name}` can't be the name of a type"))?;
    let in_it = |why| format!("`{name}`: {why}");
    let Some(number) = integers else {
        ensure(!fields.is_empty() && variants.is_empty(), || {
            in_it("a struct has fields and no variants; an enum says which integers it consists of: enum = \"u8\"".to_owned())
        })?;
        return check_fields(fields).map_err(in_it);
    };
    ensure(!variants.is_empty() && fields.is_empty(), || {
        in_it("an enum has variants and no fields".to_owned())
    })?;
    unique("variants", variants.iter().map(|variant| &variant.name)).map_err(in_it)?;
    unique("numbers", variants.iter().map(|variant| variant.value)).map_err(in_it)?;
    let range =
        number.range().ok_or_else(|| in_it(format!("an enum consists of integers, and not of {number}")))?;
    for variant in variants {
        ensure(is_name(&variant.name), || {
            in_it(format!("`{}` can't be the name of a variant", variant.name))
        })?;
        ensure((range.0..=range.1).contains(&variant.value.into()), || {
            in_it(format!("`{}` is {}, which is not a number of type {number}", variant.name, variant.value))
        })?;
    }
    Ok(())
}

fn check_fields(fields: &[Field]) -> Checked {
    unique("fields", fields.iter().map(|field| &field.name))?;
    for (index, Field { name, .. }) in fields.iter().enumerate() {
        let is_valid = is_name(name) || *name == index.to_string();
        ensure(is_valid, || format!("`{name}` can't be the name of a field"))?;
    }
    Ok(())
}

fn check_function(function: &Function) -> Checked {
    let Function { id, parameters, result, .. } = function;
    ensure(is_function_id(id), || format!("`{id}` is not a valid id: write {FUNCTION_ID_RULE}"))?;
    unique("parameters", parameters.iter().map(|parameter| &parameter.name))
        .map_err(|why| format!("`{id}`: {why}"))?;
    for parameter in parameters {
        ensure(is_name(&parameter.name), || {
            format!("`{id}`: `{}` can't be the name of a parameter", parameter.name)
        })?;
    }
    ensure(parameters.len() <= PARAMETERS_MAX, || {
        format!("`{id}` has {} parameters; the limit is {PARAMETERS_MAX}", parameters.len())
    })?;
    let narrow = parameters.iter().map(|parameter| parameter.ty).chain(*result).find(|ty| is_narrow(*ty));
    ensure(narrow.is_none(), || format!("`{id}`: functions take and return numbers of 32 or 64 bits"))
}

fn is_narrow(number: Number) -> bool {
    number.size() < 4
}

/// Whether this can be a name in every language, at times with an underscore behind it.
fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_part)
}

/// Whether a layout does not mean something else by this name.
fn is_no_type(name: &str) -> bool {
    matches!(Type::parse(name), Ok(Type::Named(_)))
}

fn unique<T: Ord + std::fmt::Display>(what: &str, all: impl Iterator<Item = T>) -> Checked {
    let mut seen = BTreeSet::new();
    for one in all {
        let text = one.to_string();
        ensure(seen.insert(one), || format!("`{text}` is there twice among the {what}"))?;
    }
    Ok(())
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(problem()) }
}
