// Writes the code that saves and loads the mod's state: a pair of functions for each type that is in it.
//
//   @state({ migrate: fromOlder }) const diary = new Diary();
//
//   saveN(saving, value)      writes a value
//   loadN(loading, present)   reads one, and returns what fits of it, or of `present`
//
// The rule itself is in tinkerbox/state.ts. An enum is saved by the names of its members, a class as a map of its fields.

const NUMBERS = new Set("u8 i8 u16 i16 u32 i32 u64 i64 usize isize f32 f64 bool".split(" "));

export class StateCode {
  /** `use(name, statement)` imports a declaration of the mod's, and returns its name. */
  constructor({ classes, enums, aliases, use, fail }) {
    Object.assign(this, { classes, enums, aliases, use, fail });
    this.types = new Map();
    this.lines = [];
  }

  /** The exports. */
  of({ name, type, statement, migrate }) {
    const declaration = this.classes.get(type) ?? this.fail(statement, `the class ${type} is not in this mod`);
    const fields = this.class_(declaration);
    this.use(name, statement);
    const migration = migrate && `    ${this.use(migrate.name, migrate.statement)}(new Older(loading, entries), ${name});`;
    return [
      ...this.lines,
      "export function tb_save(): u64 {",
      "  const saving = new Saving();",
      `  ${fields.save}(saving, ${name});`,
      "  return saving.bytes;",
      "}",
      "export function tb_alloc(len: u32): u32 { return allocate(len); }",
      "export function tb_load(address: u32, len: u32): i32 {",
      `  const loading = beginLoad("${name}", address, len);`,
      "  if (loading == null) return -4;",
      "  const entries = loading.entries();",
      `  ${fields.load}(loading, ${name});`,
      "  if (loading.gone(entries, false) > 0 || loading.hasChanged) {",
      ...(migration ? [migration] : []),
      "    loading.gone(entries, true);",
      "  }",
      "  return 0;",
      "}",
    ];
  }

  /** The pair of functions of a class: `load` begins behind the head of the map. */
  class_(declaration) {
    const { text } = declaration.name;
    const known = this.types.get(`class ${text}`);
    if (known) return known;
    const name = this.use(text, declaration);
    const pair = this.pair(`class ${text}`);
    const fields = declaration.members.filter((member) => member.signature === undefined && !member.is(STATIC));
    if (declaration.extendsType) this.fail(declaration, `the class ${text} is in the state, and can't extend another one`);
    const taken = new Map(fields.map((field) => [field.name.text, `a field of ${text} now`]));
    const saves = [];
    const loads = [];
    for (const field of fields) {
      const key = field.name.text;
      const type = this.type(field.type, field);
      const was = this.formerNames(field, taken);
      saves.push(`  saving.text("${key}");`, `  ${type.save(`value.${key}`)};`);
      loads.push(`  if (loading.field(entries, "${key}"${was})) value.${key} = ${type.load(`value.${key}`)};`);
    }
    this.lines.push(
      `function ${pair.save}(saving: Saving, value: ${name}): void {`,
      `  saving.head(5, ${fields.length});`,
      ...saves,
      "}",
      `function ${pair.load}(loading: Loading, value: ${name}): void {`,
      "  const entries = loading.entries();",
      ...loads,
      `  loading.leave(entries, ${fields.length});`,
      "}",
    );
    return pair;
  }

  /** `@was("tage", "jours")` before a field. */
  formerNames(field, taken) {
    const was = field.decorators?.find((each) => each.name.text == "was");
    if (!was) return "";
    const names = (was.args ?? []).map((argument) => argument.value);
    if (names.length == 0 || names.some((name) => typeof name != "string"))
      this.fail(was, 'write the names that the field had: @was("old")');
    for (const name of names) {
      if (taken.has(name)) this.fail(was, `"${name}" is ${taken.get(name)}: its saved value belongs to that one`);
      taken.set(name, `a former name of ${field.name.text}`);
    }
    return `, [${names.map((name) => JSON.stringify(name)).join(", ")}]`;
  }

  /** What saves and loads a value of a type, as functions from one expression to another. */
  type(node, place) {
    const name = node.name?.identifier?.text;
    if (!name) this.fail(place, "a field of this type can't be in the state");
    if (this.aliases.has(name)) return this.type(this.aliases.get(name), place);
    const whole = this.nonNull(name, node, place);
    return node.isNullable ? this.nullable(whole) : whole;
  }

  nonNull(name, node, place) {
    if (NUMBERS.has(name) || name == "Entity") {
      const type = name == "Entity" ? "u64" : name;
      const empty = name == "bool" ? "false" : "0";
      return {
        name: type,
        empty,
        save: (value) => `saving.scalar<${type}>(${value})`,
        load: (present) => `loading.scalar<${type}>(${present})`,
      };
    }
    if (name == "string")
      return { name, empty: '""', save: (value) => `saving.text(${value})`, load: (present) => `loading.text(${present})` };
    if (name == "Array" || name == "StaticArray") return this.array(name, this.type(node.typeArguments[0], place), place);
    if (this.enums.has(name)) return this.enum_(this.enums.get(name));
    if (this.classes.has(name)) return this.object(this.classes.get(name));
    return this.fail(place, `a ${name} can't be in the state: it has numbers, bools, strings, enums, and classes and arrays of these`);
  }

  object(declaration) {
    const { text: name } = declaration.name;
    const fields = this.class_(declaration);
    return this.functions(name, {
      empty: `new ${name}()`,
      save: [`  ${fields.save}(saving, value);`],
      load: [`  if (loading.isStruct("${name}")) ${fields.load}(loading, present);`, "  return present;"],
    });
  }

  enum_(declaration) {
    const name = this.use(declaration.name.text, declaration);
    const members = declaration.values.map((member) => member.name.text);
    return this.functions(name, {
      empty: `${name}.${members[0]}`,
      save: [
        ...members.map((member) => `  if (value == ${name}.${member}) return saving.text("${member}");`),
        "  saving.scalar<i32>(value);",
      ],
      load: [
        "  const name = loading.variant();",
        ...members.map((member) => `  if (name == "${member}") return ${name}.${member};`),
        `  return loading.misfit<${name}>("a variant of \`${name}\`", present);`,
      ],
    });
  }

  array(kind, element, place) {
    const isFixed = kind == "StaticArray";
    const empty = isFixed ? null : `new Array<${element.name}>()`;
    if (!isFixed && element.empty == null) this.fail(place, "a list can't hold static arrays in the state: put them into a class");
    const fixed = [
      "  const list = loading.items(present.length);",
      "  if (list == null) return present;",
      "  for (let i: u32 = 0; i < list.count && i < <u32>present.length; i++) {",
      "    loading.item(list);",
      `    present[i] = ${element.load("present[i]")};`,
      "  }",
      "  loading.closeItems(list, present.length);",
      "  return present;",
    ];
    const growing = [
      "  const list = loading.elements();",
      "  if (list == null) return present;",
      `  const values = new Array<${element.name}>();`,
      "  for (let i: u32 = 0; i < list.count; i++) {",
      "    loading.element(list);",
      `    const value = ${element.load(element.empty)};`,
      "    if (loading.fits) values.push(value);",
      "  }",
      "  loading.closeElements(list);",
      "  return values;",
    ];
    return this.functions(`${kind}<${element.name}>`, {
      empty,
      save: [
        "  saving.head(4, value.length);",
        `  for (let i = 0; i < value.length; i++) ${element.save("value[i]")};`,
      ],
      load: isFixed ? fixed : growing,
    });
  }

  nullable(type) {
    return this.functions(`${type.name} | null`, {
      empty: "null",
      save: [`  if (value == null) saving.nothing();`, `  else ${type.save("value")};`],
      load: [
        "  if (loading.isNull(present != null)) return null;",
        `  const value = ${type.load(`present == null ? ${type.empty} : present`)};`,
        "  const fits = loading.fits;",
        "  loading.fits = true;",
        "  return fits ? value : present;",
      ],
    });
  }

  /** Functions for a type, once for each. */
  functions(name, { empty, save, load }) {
    let pair = this.types.get(name);
    if (!pair) {
      pair = this.pair(name);
      this.lines.push(
        `function ${pair.save}(saving: Saving, value: ${name}): void {`, ...save, "}",
        `function ${pair.load}(loading: Loading, present: ${name}): ${name} {`, ...load, "}",
      );
    }
    return {
      name,
      empty,
      save: (value) => `${pair.save}(saving, ${value})`,
      load: (present) => `${pair.load}(loading, ${present})`,
    };
  }

  pair(name) {
    const pair = { save: `save${this.types.size}`, load: `load${this.types.size}` };
    this.types.set(name, pair);
    return pair;
  }
}

// The compiler's number for a static member.
const STATIC = 32;
