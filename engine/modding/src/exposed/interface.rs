//! What is exposed, as an interface: the description from which authors' tools make everything.

use std::collections::BTreeMap;

use tinkerbox_abi::{API, Docs};
use tinkerbox_interface::{
    Field, Function, Interface, InterfaceError, Member, NamedType, Number, Only, Parameter, SharedType, Type,
    Variant,
};
use tinkerbox_wasm::ValType;

use super::Exposed;
use super::description::{ExposedFunction, FunctionDescription};

/// What the game exposes, as data.
///
/// # Errors
/// See [`interface`](crate::interface).
pub(crate) fn interface_of(exposed: &Exposed, game: &str) -> Result<Interface, InterfaceError> {
    let mut types = Types::default();
    let made = (|| {
        let mut shared = |id: &str, layout: &str, docs: &Docs| {
            let rule = exposed.rules().of(id).cloned().unwrap_or_default();
            let ty = types.shared(id, layout, docs)?;
            let read_only = rule.only == Some(Only::Read);
            Ok::<_, String>(SharedType {
                read_only,
                only: rule.only,
                mods: rule.mods.map(Vec::from_iter),
                ..ty
            })
        };
        let components = exposed.components().into_iter().map(|component| {
            let ty = shared(component.id, component.layout, component.docs)?;
            Ok(SharedType { read_only: ty.read_only || !component.flat.is_mutable(), ..ty })
        });
        let components = components.collect::<Result<_, String>>()?;
        let resources = exposed.resources().map(|it| shared(it.id, it.layout, it.docs));
        let resources = resources.collect::<Result<_, _>>()?;
        let events = exposed.events().map(|it| shared(it.id, it.layout, it.docs));
        let events = events.collect::<Result<_, _>>()?;
        let functions = functions(exposed)?;
        Ok(Interface {
            game: game.to_owned(),
            api: API,
            hash: None,
            constants: exposed.telling().constants.values().cloned().collect(),
            components,
            resources,
            events,
            functions,
            entities: exposed.telling().entities.values().cloned().collect(),
            types: Vec::new(),
        })
    })();
    let interface = made.map_err(|problem| InterfaceError { file: None, problem })?;
    let interface = Interface { types: types.0.into_values().collect(), ..interface };
    // Writing it checks it.
    interface.to_toml().map(|_| interface)
}

/// The hash of the game's interface, if that can be told. It is computed when a mod is refused, and not before.
pub(crate) fn interface_hash(exposed: &Exposed, game: &str) -> Option<String> {
    match &exposed.telling().stands_for {
        Some(interface) if interface.game == game => Some(interface.content_hash()),
        Some(_) => None,
        None => interface_of(exposed, game).ok().map(|interface| interface.content_hash()),
    }
}

/// The named types of fields that were met so far.
#[derive(Default)]
struct Types(BTreeMap<String, NamedType>);

impl Types {
    fn shared(&mut self, id: &str, layout: &str, docs: &Docs) -> Result<SharedType, String> {
        let in_it = |why: String| format!("`{id}`: {why}");
        let fields = match Type::parse(layout).map_err(|error| in_it(error.to_string()))? {
            Type::Struct(ty) => self.fields(ty.fields, docs).map_err(in_it)?,
            other => return Err(in_it(format!("its layout is {other} and not a struct"))),
        };
        let (only, mods) = (None, None);
        Ok(SharedType { id: id.to_owned(), docs: docs.text.to_owned(), read_only: false, only, mods, fields })
    }

    fn fields(&mut self, members: Vec<Member>, docs: &Docs) -> Result<Vec<Field>, String> {
        let field = |Member { name, ty }| {
            let text = docs_of(docs, &name);
            Ok(Field { ty: self.named(ty, docs)?, docs: text, name })
        };
        members.into_iter().map(field).collect()
    }

    /// The type with a name in place of a struct or an enum, which is added to the named types. `docs` are those of the type
    /// that it is in.
    fn named(&mut self, ty: Type, docs: &Docs) -> Result<Type, String> {
        let (name, number) = match &ty {
            Type::Array(element, count) => {
                return Ok(Type::Array(Box::new(self.named((**element).clone(), docs)?), *count));
            }
            Type::Struct(ty) => (ty.name.clone(), None),
            Type::Enum(ty) => (ty.name.clone(), Some(ty.number)),
            _ => return Ok(ty),
        };
        let name = name.ok_or_else(|| format!("the type {ty} of a field has no name"))?;
        let nothing = &Docs { name: "", text: "", fields: &[], nested: &[] };
        let docs = docs.nested.iter().find(|nested| nested.name == name).copied().unwrap_or(nothing);
        let mut found = NamedType {
            name: name.clone(),
            docs: docs.text.to_owned(),
            integers: number,
            variants: Vec::new(),
            fields: Vec::new(),
        };
        match ty {
            Type::Struct(ty) => found.fields = self.fields(ty.fields, docs)?,
            Type::Enum(ty) => {
                found.variants =
                    ty.variants.into_iter().map(|it| variant(it, docs)).collect::<Result<_, _>>()?
            }
            _ => {}
        }
        match self.0.get(&name) {
            Some(known) if *known != found => {
                Err(format!("there are two types of fields that are called `{name}` and differ; rename one"))
            }
            _ => {
                self.0.insert(name.clone(), found);
                Ok(Type::Named(name))
            }
        }
    }
}

fn variant((name, value): (String, i128), docs: &Docs) -> Result<Variant, String> {
    let value =
        i64::try_from(value).map_err(|_| format!("the number of the variant `{name}` is too large"))?;
    Ok(Variant { docs: docs_of(docs, &name), name, value })
}

fn docs_of(docs: &Docs, field: &str) -> String {
    let text = docs.fields.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text);
    text.to_owned()
}

fn functions(exposed: &Exposed) -> Result<Vec<Function>, String> {
    let described = &exposed.telling().functions;
    let known: BTreeMap<String, &ExposedFunction> =
        exposed.functions().map(|(id, function)| (id.to_string(), function)).collect();
    if let Some(id) = described.keys().find(|id| !known.contains_key(*id)) {
        return Err(format!("the function `{id}` is described and not exposed"));
    }
    let rules = exposed.rules();
    let of = |(id, function): (String, &ExposedFunction)| {
        let mods = rules.of(&id).and_then(|rule| rule.mods.clone()).map(Vec::from_iter);
        Ok(Function { mods, ..self::function(described.get(&id), id, function)? })
    };
    known.into_iter().map(of).collect()
}

fn function(
    described: Option<&FunctionDescription>,
    id: String,
    ExposedFunction { fuel, ty }: &ExposedFunction,
) -> Result<Function, String> {
    let numbers = |types: &mut dyn Iterator<Item = ValType>| {
        types.map(|ty| number(ty, &id)).collect::<Result<Vec<_>, _>>()
    };
    let (parameters, results) = (numbers(&mut ty.params())?, numbers(&mut ty.results())?);
    if results.len() > 1 {
        return Err(format!(
            "the function `{id}` returns more than one value, which not every language can take"
        ));
    }
    let unnamed = |(index, ty)| Parameter { name: format!("p{index}"), ty };
    let unnamed: Vec<Parameter> = parameters.into_iter().enumerate().map(unnamed).collect();
    let Some(FunctionDescription { signature, docs }) = described else {
        let result = results.first().copied();
        let (docs, mods) = (String::new(), None);
        return Ok(Function { id, docs, fuel: *fuel, parameters: unnamed, result, mods });
    };
    let (parameters, result) = parse_signature(signature).ok_or_else(|| {
        format!(
            "`{signature}` of the function `{id}` is not a signature: write it as (x: f32, y: f32) -> f32"
        )
    })?;
    let given: Vec<ValType> = parameters.iter().map(|parameter| val_type(parameter.ty)).collect();
    if !given.into_iter().eq(ty.params()) || !result.map(val_type).into_iter().eq(ty.results()) {
        return Err(format!("the function `{id}` is described as {signature}, and its type is {ty}"));
    }
    Ok(Function { id, docs: docs.clone(), fuel: *fuel, parameters, result, mods: None })
}

/// `(x: f32, y: f32) -> f32`.
fn parse_signature(text: &str) -> Option<(Vec<Parameter>, Option<Number>)> {
    let (parameters, rest) = text.trim().strip_prefix('(')?.split_once(')')?;
    let parameter = |text: &str| {
        let (name, ty) = text.split_once(':')?;
        Some(Parameter { name: name.trim().to_owned(), ty: Number::named(ty.trim())? })
    };
    let parameters = match parameters.trim() {
        "" => Vec::new(),
        list => list.split(',').map(parameter).collect::<Option<_>>()?,
    };
    let result = match rest.trim() {
        "" => None,
        rest => Some(Number::named(rest.strip_prefix("->")?.trim())?),
    };
    Some((parameters, result))
}

fn number(ty: ValType, id: &str) -> Result<Number, String> {
    match ty {
        ValType::I32 => Ok(Number::I32),
        ValType::I64 => Ok(Number::I64),
        ValType::F32 => Ok(Number::F32),
        ValType::F64 => Ok(Number::F64),
        other => Err(format!("the function `{id}` takes or returns a {other}, which mods can't make")),
    }
}

/// The type in WebAssembly, which does not tell signed from unsigned.
pub(crate) fn val_type(number: Number) -> ValType {
    match number {
        Number::F32 => ValType::F32,
        Number::F64 => ValType::F64,
        Number::U64 | Number::I64 => ValType::I64,
        _ => ValType::I32,
    }
}
