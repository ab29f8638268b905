//! Runs the directives of one file, each with the store as the previous ones left it.

use std::collections::{BTreeMap, HashMap};

use tinkerbox_wasm::{
    Engine, Instance, InvalidModule, LinkError, Linker, Module, Store, Trap, Val, format_err,
};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, Wast, WastDirective, WastExecute, WastInvoke, Wat};

use crate::suite::{Fuel, SpecFile, Version};
use crate::{spectest, values};

/// The results of a file's directives.
#[derive(Default)]
pub struct Report {
    pub passed: usize,
    /// How many directives need each unsupported feature.
    pub waiting: BTreeMap<String, usize>,
    /// How many return a different result because an earlier module was not instantiated for want of a feature.
    pub follows: usize,
    pub failures: Vec<Failure>,
}

/// A directive that did not do what the file expects.
pub struct Failure {
    /// Counted from 1.
    pub line: usize,
    pub text: String,
}

/// The reason why a directive did not pass.
enum Problem {
    /// It needs a feature that this runtime refuses with that feature's name.
    Waits(String),
    Fails(String),
}

type Outcome<T = ()> = Result<T, Problem>;

/// Runs a file.
///
/// # Errors
/// The file cannot be read as a script.
pub fn run(file: &SpecFile, fuel: Fuel) -> tinkerbox_wasm::Result<Report> {
    let mut lexer = Lexer::new(file.text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let directives = parser::parse::<Wast<'_>>(&buffer)?.directives;
    let mut script = Script::new(file.version, fuel)?;
    let mut report = Report::default();
    for directive in directives {
        let line = directive.span().linecol_in(file.text).0 + 1;
        let is_return = matches!(directive, WastDirective::AssertReturn { .. });
        match script.directive(directive) {
            Ok(()) => report.passed += 1,
            Err(Problem::Waits(feature)) => *report.waiting.entry(feature).or_default() += 1,
            // A module that needs an unsupported feature was not instantiated, and did not change shared state.
            Err(Problem::Fails(_)) if !report.waiting.is_empty() && is_return => report.follows += 1,
            Err(Problem::Fails(text)) => report.failures.push(Failure { line, text }),
        }
    }
    Ok(report)
}

/// An instance, or the feature that its module needs.
type Named = Result<Instance, String>;

struct Script<'a> {
    version: Version,
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    named: HashMap<&'a str, Named>,
    /// The target of a directive without a name.
    last: Option<Named>,
    /// Names of modules that were not registered because they need a feature.
    missing: HashMap<String, String>,
    /// Modules that are defined but not instantiated yet.
    definitions: HashMap<Option<&'a str>, Result<Module, String>>,
}

impl<'a> Script<'a> {
    fn new(version: Version, fuel: Fuel) -> tinkerbox_wasm::Result<Script<'a>> {
        let engine = fuel.engine()?;
        let mut store = Store::new(&engine, ());
        if fuel != Fuel::Off {
            store.set_fuel(u64::MAX)?;
        }
        let mut linker = Linker::new(&engine);
        spectest::define(&mut linker, &mut store)?;
        linker.allow_shadowing(true);
        Ok(Script {
            version,
            engine,
            store,
            linker,
            named: HashMap::new(),
            last: None,
            missing: HashMap::new(),
            definitions: HashMap::new(),
        })
    }

    fn directive(&mut self, directive: WastDirective<'a>) -> Outcome {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::ModuleDefinition(module) => self.define(module),
            WastDirective::ModuleInstance { instance, module, .. } => self.instance_of(instance, module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(invoke) => self.invoke(&invoke)?.map(drop).map_err(unexpected),
            WastDirective::AssertReturn { exec, results, .. } => {
                let found = self.execute(exec)?.map_err(unexpected)?;
                values::check(&results, &found, &self.store).map_err(Problem::Fails)
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                let result = self.execute(exec)?;
                trapped(result, |trap| says(trap, message), message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let result = self.invoke(&call)?;
                trapped(result, |trap| trap == Trap::StackOverflow, message)
            }
            WastDirective::AssertInvalid { module, message, .. }
            | WastDirective::AssertMalformed { module, message, .. } => self.refused(module, message),
            WastDirective::AssertUnlinkable { module, message, .. } => self.unlinkable(module, message),
            WastDirective::AssertException { exec, .. } => {
                self.execute(exec)?.map_err(unexpected)?;
                Err(Problem::Fails("expected an exception, but it returned".to_string()))
            }
            other => Err(Problem::Fails(format!("the harness does not know this directive: {other:?}"))),
        }
    }

    /// Compiles and instantiates a module, which becomes the target of directives without a name.
    fn module(&mut self, mut module: QuoteWat<'a>) -> Outcome {
        let name = module.name();
        let instance = encode(&mut module).and_then(|bytes| {
            let module = self.compile(&bytes)?;
            self.instantiate(&module)?.map_err(unexpected)
        });
        self.name(name, instance)
    }

    /// Compiles a module, which later directives instantiate.
    fn define(&mut self, mut module: QuoteWat<'a>) -> Outcome {
        let name = module.name().map(|name| name.name());
        match encode(&mut module).and_then(|bytes| self.compile(&bytes)) {
            Ok(module) => {
                self.definitions.insert(name, Ok(module));
                Ok(())
            }
            Err(Problem::Waits(feature)) => {
                self.definitions.insert(name, Err(feature.clone()));
                Err(Problem::Waits(feature))
            }
            Err(failure) => Err(failure),
        }
    }

    fn instance_of(&mut self, name: Option<Id<'a>>, module: Option<Id<'a>>) -> Outcome {
        let instance = match self.definitions.get(&module.map(|module| module.name())).cloned() {
            None => Err(Problem::Fails("the module that is meant was not defined".to_string())),
            Some(Err(feature)) => Err(Problem::Waits(feature)),
            Some(Ok(module)) => self.instantiate(&module).and_then(|result| result.map_err(unexpected)),
        };
        self.name(name, instance)
    }

    fn name(&mut self, name: Option<Id<'a>>, instance: Outcome<Instance>) -> Outcome {
        let named = match &instance {
            Ok(instance) => Some(Ok(*instance)),
            Err(Problem::Waits(feature)) => Some(Err(feature.clone())),
            Err(Problem::Fails(_)) => None,
        };
        if let (Some(name), Some(named)) = (name, &named) {
            self.named.insert(name.name(), named.clone());
        }
        self.last = named;
        instance.map(drop)
    }

    fn compile(&self, bytes: &[u8]) -> Outcome<Module> {
        Module::from_binary(&self.engine, bytes).map_err(|error| {
            match missing_feature(self.version, &error) {
                Some(feature) => Problem::Waits(feature),
                None => unexpected(error),
            }
        })
    }

    /// The outer result tells whether it can be tried at all.
    fn instantiate(&mut self, module: &Module) -> Outcome<tinkerbox_wasm::Result<Instance>> {
        let waits = module.imports().find_map(|import| self.missing.get(import.module()));
        if let Some(feature) = waits {
            return Err(Problem::Waits(feature.clone()));
        }
        Ok(self.linker.instantiate(&mut self.store, module))
    }

    fn register(&mut self, name: &str, module: Option<Id<'a>>) -> Outcome {
        match self.instance(module) {
            Ok(instance) => {
                self.missing.remove(name);
                self.linker.instance(&mut self.store, name, instance).map(drop).map_err(unexpected)
            }
            Err(Problem::Waits(feature)) => {
                self.missing.insert(name.to_string(), feature.clone());
                Err(Problem::Waits(feature))
            }
            Err(failure) => Err(failure),
        }
    }

    fn instance(&self, name: Option<Id<'a>>) -> Outcome<Instance> {
        let named = match name {
            Some(name) => self.named.get(name.name()).cloned(),
            None => self.last.clone(),
        };
        match named {
            Some(Ok(instance)) => Ok(instance),
            Some(Err(feature)) => Err(Problem::Waits(feature)),
            None => Err(Problem::Fails("the module that is meant was not instantiated".to_string())),
        }
    }

    /// The outer result tells whether it can be tried at all.
    fn execute(&mut self, execute: WastExecute<'a>) -> Outcome<tinkerbox_wasm::Result<Vec<Val>>> {
        match execute {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let module = self.compile(&encode(&mut QuoteWat::Wat(module))?)?;
                Ok(self.instantiate(&module)?.map(|_| Vec::new()))
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                let found = instance.get_global(&mut self.store, global);
                let found = found.ok_or_else(|| format_err!("there is no global `{global}`"));
                Ok(found.map(|found| vec![found.get(&mut self.store)]))
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'a>) -> Outcome<tinkerbox_wasm::Result<Vec<Val>>> {
        let instance = self.instance(invoke.module)?;
        let arguments = invoke.args.iter().map(|argument| values::argument(argument, &mut self.store));
        let arguments = arguments.collect::<Result<Vec<_>, _>>();
        let arguments = arguments.map_err(|feature| Problem::Waits(feature.to_string()))?;
        let Some(func) = instance.get_func(&mut self.store, invoke.name) else {
            return Err(Problem::Fails(format!("there is no function `{}`", invoke.name)));
        };
        let types = func.ty(&self.store);
        let mut results: Vec<Val> = types.results().map(|_| Val::I32(0)).collect();
        Ok(func.call(&mut self.store, &arguments, &mut results).map(|()| results))
    }

    /// The module cannot be parsed or is not valid. The specification's texts are those of its interpreter: other
    /// runtimes may word them differently, but must not blame a missing feature.
    fn refused(&mut self, mut module: QuoteWat<'a>, message: &str) -> Outcome {
        let bytes = match module.to_test() {
            // The text format is rejected by its parser.
            Err(_) => return Ok(()),
            Ok(QuoteWatTest::Binary(bytes) | QuoteWatTest::Text(bytes)) => bytes,
        };
        let Err(error) = Module::new(&self.engine, bytes) else {
            return Err(Problem::Fails(format!("a module was accepted which is bad: {message}")));
        };
        if let Some(feature) = missing_feature(self.version, &error) {
            return Err(Problem::Waits(feature));
        }
        match error.downcast_ref::<InvalidModule>() {
            Some(invalid) if invalid.message().contains("panicked") => Err(unexpected(error)),
            Some(_) => Ok(()),
            None => Err(unexpected(error)),
        }
    }

    fn unlinkable(&mut self, module: Wat<'a>, message: &str) -> Outcome {
        let module = self.compile(&encode(&mut QuoteWat::Wat(module))?)?;
        match self.instantiate(&module)? {
            Ok(_) => Err(Problem::Fails(format!("a module was linked which must not be: {message}"))),
            Err(error) => match error.downcast_ref::<LinkError>() {
                Some(problem) if problem.to_string().contains(message) => Ok(()),
                _ => Err(Problem::Fails(format!("expected `{message}`, got `{error:#}`"))),
            },
        }
    }
}

fn encode(module: &mut QuoteWat<'_>) -> Outcome<Vec<u8>> {
    module.encode().map_err(|error| Problem::Fails(format!("the module cannot be encoded: {error}")))
}

fn unexpected(error: tinkerbox_wasm::Error) -> Problem {
    Problem::Fails(format!("{error:#}"))
}

fn trapped<T>(result: tinkerbox_wasm::Result<T>, wanted: impl Fn(Trap) -> bool, message: &str) -> Outcome {
    match result {
        Ok(_) => Err(Problem::Fails(format!("expected the trap `{message}`, but it returned"))),
        Err(error) => match error.downcast_ref::<Trap>() {
            Some(trap) if wanted(*trap) => Ok(()),
            _ => Err(Problem::Fails(format!("expected the trap `{message}`, got `{error:#}`"))),
        },
    }
}

/// Whether a trap has the specification's text, which may be a prefix, or end with the element's index.
fn says(trap: Trap, message: &str) -> bool {
    let message = message.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    trap.to_string().contains(message)
}

/// The feature for which a module was refused, if that is the reason and the version includes it. Features of later
/// versions are rightly refused.
fn missing_feature(version: Version, error: &tinkerbox_wasm::Error) -> Option<String> {
    if version != Version::Three {
        return None;
    }
    let message = error.downcast_ref::<InvalidModule>()?.message();
    Some(message.strip_prefix("the feature \"")?.split_once('"')?.0.to_string())
}
