//! What a Rust file declares and names, as plain data: modules, imports, paths, constants and comments.

/// The number of a [`Scope`] in its file.
pub type ScopeId = usize;

/// A file, or a module written out in it.
#[derive(Debug, Default)]
pub struct Scope {
    /// Empty for the file itself.
    pub name: String,
    pub parent: Option<ScopeId>,
    pub is_test: bool,
    /// What is declared here under a name, modules and imports not included.
    pub items: Vec<String>,
}

/// `mod name;`: the module is in a file of its own.
#[derive(Debug)]
pub struct FileModule {
    pub scope: ScopeId,
    pub name: String,
    /// What `#[path]` says.
    pub path: Option<String>,
    pub is_test: bool,
}

/// One name that a `use` brings into a scope.
#[derive(Debug)]
pub struct Import {
    pub scope: ScopeId,
    pub segments: Vec<String>,
    /// `*` where all names of a module are meant.
    pub name: String,
    /// `pub use`, whoever it is for.
    pub is_shown: bool,
    pub is_test: bool,
    pub line: usize,
}

/// A path in code, the tokens of macros included.
#[derive(Debug)]
pub struct Path {
    pub scope: ScopeId,
    pub segments: Vec<String>,
    pub is_test: bool,
    pub line: usize,
}

/// A constant, wherever it stands.
#[derive(Debug)]
pub struct Constant {
    pub name: String,
    /// The inline module around it, empty where there is none.
    pub module: String,
    /// `usize`, `Duration`, ...: the last part of the type's path.
    pub ty: String,
    /// Where it is an integer that is written down as one, or as one shifted.
    pub value: Option<u64>,
    pub is_test: bool,
    /// Whether it is an item of a module, and not of a function, a trait or an `impl`.
    pub is_module_item: bool,
    pub line: usize,
}

/// A line of documentation.
#[derive(Debug)]
pub struct Comment {
    pub line: usize,
    /// `//!`
    pub is_inner: bool,
    pub text: String,
}

/// A Rust file as data.
#[derive(Debug, Default)]
pub struct Syntax {
    /// The first is the file.
    pub scopes: Vec<Scope>,
    pub files: Vec<FileModule>,
    pub imports: Vec<Import>,
    pub paths: Vec<Path>,
    /// Macros that `#[macro_export]` puts into the crate's root.
    pub exported_macros: Vec<String>,
    pub constants: Vec<Constant>,
    /// In the order of the lines.
    pub comments: Vec<Comment>,
}

impl Syntax {
    /// The comment at the head of the file, as one line, without what it draws or shows.
    pub fn head(&self) -> String {
        let inner = self.comments.iter().take_while(|comment| comment.is_inner);
        let mut is_shown = false;
        let said = inner.map(|comment| comment.text.trim()).filter(|text| {
            let is_fence = text.starts_with("```");
            is_shown ^= is_fence;
            !is_fence && !is_shown
        });
        said.collect::<Vec<_>>().join(" ")
    }
}
