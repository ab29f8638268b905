//! From the syntax tree of a file to [`Syntax`].
//!
//! Names are taken as they are written: a `use` in a function counts as one of its module, and generic parameters and
//! local variables are told from modules when a path is followed.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::declared::{Comment, Constant, FileModule, Import, Path, Scope, ScopeId, Syntax};

/// Macros whose tokens become code of another crate.
const QUOTING: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned"];

/// Reads a file.
///
/// # Errors
/// It is not Rust, which the compiler says better.
pub fn read(text: &str) -> Result<Syntax, String> {
    let file =
        syn::parse_file(text).map_err(|error| format!("line {}: {error}", error.span().start().line))?;
    let syntax = Syntax { scopes: vec![Scope::default()], ..Syntax::default() };
    let mut reader = Reader { syntax, scope: 0, is_test: false, depth: 0 };
    reader.is_test = file.attrs.iter().any(is_cfg_test);
    reader.syntax.scopes[0].is_test = reader.is_test;
    reader.visit_file(&file);
    let mut syntax = reader.syntax;
    syntax.comments.sort_by_key(|comment| comment.line);
    Ok(syntax)
}

struct Reader {
    syntax: Syntax,
    scope: ScopeId,
    is_test: bool,
    /// Functions, traits and `impl`s around.
    depth: usize,
}

impl Reader {
    /// What a `use` names: each name of a tree in braces.
    fn imports(&mut self, tree: &syn::UseTree, before: &[String], is_shown: bool) {
        let mut segments = before.to_vec();
        let (name, line) = match tree {
            syn::UseTree::Path(path) => {
                segments.push(path.ident.to_string());
                return self.imports(&path.tree, &segments, is_shown);
            }
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.imports(tree, before, is_shown));
            }
            syn::UseTree::Name(name) => (name.ident.to_string(), name.ident.span()),
            syn::UseTree::Rename(rename) => (rename.rename.to_string(), rename.ident.span()),
            syn::UseTree::Glob(glob) => ("*".to_string(), glob.star_token.spans[0]),
        };
        match tree {
            syn::UseTree::Name(named) if named.ident != "self" => segments.push(named.ident.to_string()),
            syn::UseTree::Rename(named) if named.ident != "self" => segments.push(named.ident.to_string()),
            _ => {}
        }
        // `use a::b::{self}` brings in `b`.
        let name = if name == "self" { segments.last().cloned().unwrap_or(name) } else { name };
        let (scope, is_test, line) = (self.scope, self.is_test, line.start().line);
        self.syntax.imports.push(Import { scope, segments, name, is_shown, is_test, line });
    }

    fn path(&mut self, segments: Vec<String>, line: usize) {
        self.syntax.paths.push(Path { scope: self.scope, segments, is_test: self.is_test, line });
    }

    /// Paths among tokens that nobody has parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 && !path.is_empty() {
                        self.path(std::mem::take(&mut path), line);
                    }
                    if path.is_empty() {
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    if punct.spacing() == Spacing::Alone && colons == 1 {
                        self.path(std::mem::take(&mut path), line);
                        colons = 0;
                    }
                }
                other => {
                    if !path.is_empty() {
                        self.path(std::mem::take(&mut path), line);
                    }
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        if !path.is_empty() {
            self.path(path, line);
        }
    }

    fn declares(&mut self, name: &syn::Ident) {
        self.syntax.scopes[self.scope].items.push(name.to_string());
    }

    fn constant(&mut self, name: &syn::Ident, ty: &syn::Type, value: &syn::Expr, is_module_item: bool) {
        let ty = match ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let constant = Constant {
            name: name.to_string(),
            module: self.syntax.scopes[self.scope].name.clone(),
            ty: ty.unwrap_or_default(),
            value: value_of(value),
            is_test: self.is_test,
            is_module_item,
            line: name.span().start().line,
        };
        self.syntax.constants.push(constant);
    }

    /// Visits what has attributes, which may make it a test.
    fn within(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Reader)) {
        let before = self.is_test;
        self.is_test |= attributes.iter().any(|attribute| is_cfg_test(attribute) || is_test(attribute));
        visit(self);
        self.is_test = before;
    }

    /// Visits what is no module's item.
    fn deeper(&mut self, visit: impl FnOnce(&mut Reader)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (name, attributes) = declared(item);
        if let Some(name) = name.filter(|_| self.depth == 0) {
            self.declares(name);
        }
        self.within(attributes, |reader| visit::visit_item(reader, item));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        let (name, scope, is_test) = (item.ident.to_string(), self.scope, self.is_test);
        let Some((_, items)) = &item.content else {
            let path = item.attrs.iter().find_map(path_of);
            self.syntax.files.push(FileModule { scope, name, path, is_test });
            return;
        };
        self.scope = self.syntax.scopes.len();
        self.syntax.scopes.push(Scope { name, parent: Some(scope), is_test, items: Vec::new() });
        items.iter().for_each(|item| self.visit_item(item));
        self.scope = scope;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_shown = !matches!(item.vis, syn::Visibility::Inherited);
        self.imports(&item.tree, &[], is_shown);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.constant(&item.ident, &item.ty, &item.expr, self.depth == 0);
        self.deeper(|reader| visit::visit_item_const(reader, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.constant(&item.ident, &item.ty, &item.expr, false);
        visit::visit_impl_item_const(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.deeper(|reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.deeper(|reader| visit::visit_item_impl(reader, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.deeper(|reader| visit::visit_item_trait(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let is_exported = item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
        if let Some(name) = item.ident.as_ref().filter(|_| is_exported) {
            // Its tokens become code of another crate.
            self.syntax.exported_macros.push(name.to_string());
        } else {
            visit::visit_item_macro(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            self.path(segments, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if !QUOTING.contains(&name.as_str()) {
            self.tokens(mac.tokens.clone());
        }
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {
        // `pub(super)` names nothing that is there.
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                    let is_inner = matches!(attribute.style, syn::AttrStyle::Inner(_));
                    let first = attribute.pound_token.span.start().line;
                    for (at, text) in text.value().lines().enumerate() {
                        let text = text.to_string();
                        self.syntax.comments.push(Comment { line: first + at, is_inner, text });
                    }
                }
            }
            syn::Meta::List(list) if list.path.is_ident("derive") => self.tokens(list.tokens.clone()),
            _ => {}
        }
    }
}

/// `1_000`, `64 << 10`.
fn value_of(value: &syn::Expr) -> Option<u64> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => number.base10_parse().ok(),
        syn::Expr::Binary(syn::ExprBinary { left, op: syn::BinOp::Shl(_), right, .. }) => {
            Some(value_of(left)? << value_of(right)?)
        }
        _ => None,
    }
}

/// The name of an item under which others find it, and its attributes.
fn declared(item: &syn::Item) -> (Option<&syn::Ident>, &[syn::Attribute]) {
    match item {
        syn::Item::Const(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Enum(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
        syn::Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
        syn::Item::Static(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Struct(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Trait(item) => (Some(&item.ident), &item.attrs),
        syn::Item::TraitAlias(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Type(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Union(item) => (Some(&item.ident), &item.attrs),
        syn::Item::Impl(item) => (None, &item.attrs),
        syn::Item::Mod(item) => (None, &item.attrs),
        syn::Item::Use(item) => (None, &item.attrs),
        syn::Item::ForeignMod(item) => (None, &item.attrs),
        _ => (None, &[]),
    }
}

/// `#[cfg(test)]`, `#[cfg(any(test, ...))]`, `#[cfg(doctest)]`.
fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let words: Vec<String> = list.tokens.clone().into_iter().flat_map(words).collect();
    let says = |wanted: &str| words.iter().any(|word| word == wanted);
    list.path.is_ident("cfg") && (says("test") || says("doctest")) && !says("not")
}

fn is_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("test")
}

fn words(token: TokenTree) -> Vec<String> {
    match token {
        TokenTree::Ident(ident) => vec![ident.to_string()],
        TokenTree::Group(group) => group.stream().into_iter().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

/// `#[path = "..."]`.
fn path_of(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
    pair.path.is_ident("path").then(|| text.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Syntax {
        read(text).expect("the example is Rust")
    }

    fn imported(text: &str) -> Vec<(String, String)> {
        let imports = read_text(text).imports.into_iter();
        imports.map(|import| (import.name, import.segments.join("::"))).collect()
    }

    fn paths(text: &str) -> Vec<(usize, String)> {
        let paths = read_text(text).paths.into_iter().filter(|path| path.segments.len() > 1);
        paths.map(|path| (path.line, path.segments.join("::"))).collect()
    }

    #[test]
    fn imports_are_read_name_by_name() {
        let text = "use a::{self, b::C as D, e::*};\npub(crate) use self::f;";
        let wanted = [("a", "a"), ("D", "a::b::C"), ("*", "a::e"), ("f", "self::f")];
        assert_eq!(imported(text), wanted.map(|(name, path)| (name.to_string(), path.to_string())));
        assert_eq!(read_text(text).imports.iter().filter(|import| import.is_shown).count(), 1);
    }

    #[test]
    fn paths_are_read_in_types_expressions_and_macros() {
        let text = "fn f(x: &a::B<c::D>) -> impl e::F {\n  g::h();\n  log!(\"{}\", i::j(k) + l::<m>::n, x: o::P)\n}\n#[derive(q::R)]\nstruct S;\npub(in crate::t) mod u {}";
        let found = paths(text);
        let wanted = ["a::B", "c::D", "e::F", "g::h", "i::j", "o::P", "q::R"];
        assert!(wanted.iter().all(|wanted| found.iter().any(|(_, path)| path == wanted)), "{found:?}");
        assert!(!found.iter().any(|(_, path)| path.starts_with("crate")), "{found:?}");
        assert!(found.contains(&(3, "o::P".to_string())) && found.contains(&(5, "q::R".to_string())));
    }

    #[test]
    fn what_a_quotation_names_is_not_named_here() {
        assert_eq!(
            paths(
                "#[macro_export]\nmacro_rules! m { () => { $crate::a::B } }\nfn f() { quote!(crate::e::F); vec![crate::c::D] }"
            ),
            [(3, "crate::c::D".to_string())]
        );
    }

    #[test]
    fn modules_and_tests_are_told_apart() {
        let syntax = read_text(
            "mod a;\n#[path = \"x.rs\"]\nmod b;\n#[cfg(test)]\nmod tests {\n  use super::c;\n}\n#[cfg(not(test))]\nuse d::e;",
        );
        let files: Vec<_> =
            syntax.files.iter().map(|file| (file.name.as_str(), file.path.as_deref())).collect();
        assert_eq!(files, [("a", None), ("b", Some("x.rs"))]);
        assert_eq!(syntax.imports.iter().map(|import| import.is_test).collect::<Vec<_>>(), [true, false]);
        assert!(syntax.scopes[1].is_test && syntax.scopes[1].parent == Some(0));
    }

    #[test]
    fn constants_and_comments_have_their_lines() {
        let syntax = read_text(
            "//! Head\n//! ```\n//! x\n//! ```\n//! more.\n/// Said.\nconst A: usize = 3 << 4;\nimpl B {\n  const C: Duration = D;\n}",
        );
        assert_eq!(syntax.head(), "Head more.");
        assert_eq!(
            syntax.comments.iter().map(|comment| comment.line).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6]
        );
        let constants: Vec<_> =
            syntax.constants.iter().map(|c| (c.name.as_str(), c.ty.as_str(), c.line)).collect();
        assert_eq!(constants, [("A", "usize", 7), ("C", "Duration", 9)]);
        assert_eq!(syntax.constants[0].value, Some(48));
        assert!(syntax.constants[0].is_module_item && !syntax.constants[1].is_module_item);
    }
}
