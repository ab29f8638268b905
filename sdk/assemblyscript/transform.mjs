// Writes what systems declare into the module: `asc --transform .../transform.mjs`.
//
//   afterParse     reads the classes and functions with decorators, and adds a file with the exports that the game calls
//   afterCompile   adds the custom sections: the schema, and the interfaces that the mod was built against
//
// A mistake in a declaration ends the build with the file and the line.

import { StateCode } from "./state.mjs";

const FILE = "tinkerbox-systems.ts";
// The compiler's numbers: a declaration that is exported, and a file whose exports are those of the module.
const EXPORT = 2;
const SOURCE_USER = 0;
const BATCH_BYTES = 4096;
const CHUNK_BYTES = 16384;
// Decorators of queries, and their keys in the schema: `with` is a reserved word.
const FILTERS = { having: "with", without: "without", changed: "changed", added: "added" };

export default class TinkerboxTransform {
  afterParse(parser) {
    this.sources = this.program.sources.filter((source) => !source.normalizedPath.startsWith("~lib/"));
    this.readDeclarations();
    const systems = this.functions.map((declaration) => this.system(declaration));
    if (systems.length == 0) throw new Error("tinkerbox: the mod has no function with @system");
    this.schema = systems.map((system) => system.schema).join("\n");
    // What authors export is for their own files.
    for (const source of this.sources) source.sourceKind = SOURCE_USER;
    parser.parseFile(this.exports(systems), FILE, true);
    // What `throw` and `assert` call.
    const aliases = this.program.options.globalAliases ?? new Map();
    aliases.set("abort", "~lib/tinkerbox/ground/aborted");
    this.program.options.globalAliases = aliases;
  }

  afterCompile(module) {
    module.addCustomSection("tinkerbox.schema", new TextEncoder().encode(this.schema));
    const noted = this.interfaces.map(([game, hash]) => `${game} ${hash}\n`).join("");
    if (noted) module.addCustomSection("tinkerbox.interface", new TextEncoder().encode(noted));
  }

  /** Finds the shared types, the queries, the systems and the state. */
  readDeclarations() {
    this.types = new Map();
    this.queries = new Map();
    this.classes = new Map();
    this.enums = new Map();
    this.aliases = new Map();
    this.plain = new Map();
    this.interfaces = [];
    this.functions = [];
    this.state = null;
    for (const source of this.sources) {
      for (const statement of source.statements) {
        const name = statement.name?.text;
        if (statement.members && name) this.class_(statement, name);
        if (statement.values && name) this.enums.set(name, statement);
        if (statement.type && name) this.aliases.set(name, statement.type);
        if (statement.signature && name) this.plain.set(name, statement);
        const system = decorator(statement, "system");
        if (system) this.functions.push({ statement, system });
        const bindings = decorator(statement, "bindings");
        if (bindings) this.interfaces.push(bindings.args.map((argument) => argument.value));
        const state = decorator(statement, "state");
        if (state) this.state = this.stateOf(statement, state);
        if (system || this.types.has(name) || this.queries.has(name)) statement.flags |= EXPORT;
      }
    }
  }

  class_(statement, name) {
    // They are found by their names, whichever file they are in.
    if (this.types.has(name) || this.queries.has(name)) fail(statement, `there is another class ${name}: rename one`);
    this.classes.set(name, statement);
    const type = decorator(statement, "type");
    if (type) {
      const [id, layout] = (type.args ?? []).map((argument) => argument.value);
      if (!id || !layout) fail(statement, `@type of ${name} has an id and a layout, both texts`);
      this.types.set(name, { name, id, layout, statement });
    }
    if (nameOf(statement.extendsType) == "Query") {
      this.queries.set(name, statement);
      // Its fields are the record that the host writes.
      statement.decorators = (statement.decorators ?? []).filter((each) => !(each.name.text in FILTERS) || this.keep(statement, each));
      statement.decorators.push(unmanagedKind(this.program.sources));
    }
  }

  /** Keeps the filters of a query, which mean nothing to the compiler. */
  keep(statement, filter) {
    (statement.tinkerbox ??= {})[FILTERS[filter.name.text]] = filter.args ?? [];
    return false;
  }

  /** One system: its schema, and the code that runs it. */
  system({ statement, system }) {
    const name = statement.name.text;
    const parameters = statement.signature.parameters.map((each) => this.parameter(each));
    const counts = { query: 0, resource: 0, send: 0 };
    for (const each of parameters) each.index = each.kind in counts ? counts[each.kind]++ : 0;
    const lines = ["[[system]]", `name = '${name}'`, sourceOf(statement), ...this.order(system)];
    const isHead = (each) => each.kind == "on" || each.kind == "commands";
    lines.push(...parameters.filter(isHead).flatMap((each) => each.schema));
    lines.push(...parameters.filter((each) => !isHead(each)).flatMap((each) => each.schema));
    return { name, parameters, statement, schema: lines.join("\n") + "\n" };
  }

  /** `@system({ after: ["grow"], before: ["eat", "wolves:hunt"] })`. */
  order(system) {
    const [options] = system.args ?? [];
    if (!options) return [];
    return options.names.map((key, i) => {
      if (key.text != "after" && key.text != "before") fail(system, `@system has after and before, not ${key.text}`);
      const value = options.values[i];
      const names = value.elementExpressions ?? [value];
      return `${key.text} = [${names.map((each) => `'${each.value}'`).join(", ")}]`;
    });
  }

  parameter(parameter) {
    const type = parameter.type;
    const name = nameOf(type);
    const argument = () => this.type(type.typeArguments?.[0], parameter);
    switch (name) {
      case "Commands":
        return { kind: "commands", schema: ["commands = true"], type: "Commands", bytes: `32 + ${BATCH_BYTES} + 512` };
      case "Events": {
        const { name: event, id, layout } = argument();
        const bytes = `8 + ${BATCH_BYTES} + offsetof<t.${event}>()`;
        return { kind: "on", schema: [`on = { event = '${id}', layout = '${layout}' }`], type: `Events<t.${event}>`, bytes };
      }
      case "Added":
      case "Removed":
      case "Despawned": {
        const { name: component, id } = argument();
        const schema = [`on = { ${name.toLowerCase()} = '${id}' }`];
        return { kind: "on", schema, type: `${name}<t.${component}>`, bytes: `8 + ${BATCH_BYTES}` };
      }
      case "EventWriter": {
        const { name: event, id, layout } = argument();
        const bytes = `16 + ${BATCH_BYTES} + offsetof<t.${event}>()`;
        const schema = ["[[system.send]]", `event = '${id}'`, `layout = '${layout}'`];
        return { kind: "send", schema, type: `EventWriter<t.${event}>`, bytes };
      }
      case "Res":
      case "ResMut": {
        const { name: resource, id, layout } = argument();
        const access = name == "Res" ? "read" : "write";
        const schema = ["[[system.resource]]", `resource = '${id}'`, `access = '${access}'`, `layout = '${layout}'`];
        return { kind: "resource", schema, type: `${name}<t.${resource}>`, bytes: "4" };
      }
    }
    if (this.queries.has(name)) return this.query(this.queries.get(name), name);
    fail(parameter, `a parameter of a system is a class that extends Query, or Commands, Events, Added, Removed, Despawned, EventWriter, Res or ResMut`);
  }

  query(statement, name) {
    const columns = statement.members.map((member) => this.column(member));
    const text = columns.map(
      ({ id, access, optional, layout }) =>
        `{ component = '${id}', access = '${access}', optional = ${optional}, layout = '${layout}' }`,
    );
    const schema = ["[[system.query]]", `columns = [${text.join(", ")}]`];
    for (const filter of Object.values(FILTERS)) {
      const types = (statement.tinkerbox?.[filter] ?? []).map((each) => `'${this.typeNamed(each.text, statement).id}'`);
      if (types.length > 0) schema.push(`${filter} = [${types.join(", ")}]`);
    }
    return { kind: "query", schema, type: `q.${name}`, query: name, columns };
  }

  column(member) {
    const type = member.type;
    if (!type) fail(member, `a query has only columns, as in \`${member.name.text}!: Read<Position>\``);
    const optional = type.isNullable;
    if (nameOf(type) == "Entities") return { id: "entity", access: "read", optional: false, layout: "u64", type: null };
    const access = { Read: "read", Write: "write" }[nameOf(type)];
    if (!access) fail(member, `the column ${member.name.text} is a Read<T>, a Write<T> or Entities`);
    const { id, layout, name } = this.type(type.typeArguments?.[0], member);
    return { id, access, optional, layout, type: name };
  }

  type(node, place) {
    return this.typeNamed(nameOf(node), place);
  }

  typeNamed(name, place) {
    return this.types.get(name) ?? fail(place, `${name} is not a type of the game: those have a decorator @type`);
  }

  /** `@state const diary = new Diary()`, or with `@state({ migrate: fromOlder })`. */
  stateOf(statement, state) {
    if (this.state) fail(statement, "a mod has one @state: put the other's fields into it");
    const [variable] = statement.declarations ?? fail(statement, "@state stands before `const name = new Class()`");
    const type = variable.initializer?.typeName?.identifier.text;
    if (!type) fail(statement, "@state stands before `const name = new Class()`");
    variable.flags |= EXPORT;
    const options = state.args?.[0];
    const keys = options?.names?.map((key) => key.text) ?? [];
    if (options && keys.join() != "migrate") fail(state, "@state takes `{ migrate: function }`, and nothing else");
    return { name: variable.name.text, type, statement, migrate: options?.values[0].text };
  }

  /** The file with the exports that the game calls. */
  exports(systems) {
    const imported = new Map();
    const use = (name, statement) => {
      const path = "./" + statement.range.source.internalPath;
      if (!imported.has(path)) imported.set(path, new Set());
      imported.get(path).add(name);
      return name;
    };
    const lines = [];
    const code = (text) => text.replace(/\bt\.(\w+)/g, (_, name) => use(name, this.types.get(name).statement))
      .replace(/\bq\.(\w+)/g, (_, name) => use(name, this.queries.get(name)));
    for (const { name, id } of this.types.values())
      lines.push(code(`register(idof<t.${name}>(), ${keyOf(id)});`));
    for (const { name, parameters, statement } of systems) {
      parameters.forEach((each, i) => lines.push(code(`const ${name}_${i} = ${memoryOf(each)};`)));
      lines.push(`export function sys_${name}(): void {`);
      parameters.forEach((each, i) => lines.push(code(`  ${openOf(each, `${name}_${i}`)}`)));
      const passed = parameters.map((each, i) => code(`changetype<${each.type}>(${name}_${i})`));
      lines.push(`  ${use(name, statement)}(${passed.join(", ")});`);
      parameters.forEach((each, i) => {
        if (each.kind == "commands" || each.kind == "send")
          lines.push(code(`  changetype<${each.type}>(${name}_${i}).close();`));
      });
      lines.push("  finished();", "}");
    }
    if (this.state) lines.push(...this.stateExports(use));
    const imports = [
      'import { Added, Commands, Despawned, EventWriter, Events, Removed, Res, ResMut } from "tinkerbox";',
      'import { Block, finished, register } from "tinkerbox/ground";',
      'import { Saving, allocate } from "tinkerbox/cbor";',
      'import { Entries, Loading, Older, beginLoad } from "tinkerbox/state";',
    ];
    for (const [path, of] of imported) imports.push(`import { ${[...of].join(", ")} } from "${path}";`);
    return [...imports, ...lines].join("\n") + "\n";
  }

  stateExports(use) {
    const exported = (name, statement) => {
      if (statement.name) statement.flags |= EXPORT;
      return use(name, statement);
    };
    const { classes, enums, aliases, state } = this;
    const { migrate: name } = state;
    const statement = name && (this.plain.get(name) ?? fail(state.statement, `the function ${name} is not in this mod`));
    const migrate = name && { name, statement };
    return new StateCode({ classes, enums, aliases, use: exported, fail }).of({ ...state, migrate });
  }
}

/** Static memory for a parameter. */
function memoryOf({ kind, bytes, columns }) {
  if (kind != "query") return `memory.data(<i32>(${bytes}), 8)`;
  return `memory.data(${72 + 4 * columns.length}, 8)`;
}

/** What is done with a parameter before the system runs. */
function openOf({ kind, type, index, columns }, memory) {
  switch (kind) {
    case "query": {
      const rows = columns.map(({ type }) => (type ? `offsetof<t.${type}>()` : "8"));
      // At least two rows fit, each of their values at a multiple of 8.
      const bytes = rows.length > 0 ? rows.map((row) => `2 * ${row} + 16`).join(" + ") + ` + ${CHUNK_BYTES}` : "8";
      const types = columns.map(({ type }) => `.with(${type ? `idof<t.${type}>()` : "0"})`).join("");
      return `Block.open(${memory}, ${index}, memory.data(<i32>(${bytes}), 8), <u32>(${bytes}))${types};`;
    }
    case "resource":
      return `changetype<${type}>(${memory}).index = ${index};`;
    case "on":
      return "";
    default:
      return `changetype<${type}>(${memory}).open(${index});`;
  }
}

/** 64-bit FNV-1a of an id's bytes. */
function keyOf(id) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return "0x" + hash.toString(16);
}

function decorator(statement, name) {
  return statement.decorators?.find((each) => each.name.text == name);
}

function nameOf(type) {
  return type?.name?.identifier?.text;
}

/** What the SDK's own classes have that are without a header: the compiler knows it by number. */
function unmanagedKind(sources) {
  for (const source of sources) {
    for (const statement of source.statements) {
      const found = decorator(statement, "unmanaged");
      if (found) return found;
    }
  }
  throw new Error("tinkerbox: a class that extends Query needs `import { Query } from \"tinkerbox\"`");
}

function sourceOf(statement) {
  const { source, start } = statement.range;
  return `source = { crate = 'assemblyscript', file = '${source.normalizedPath}', position = [${source.lineAt(start)}] }`;
}

function fail(node, message) {
  const { source, start } = node.range;
  throw new Error(`tinkerbox: ${source.normalizedPath}:${source.lineAt(start)}: ${message}`);
}
