//! Modules of Terraform: what is declared in a folder, and the tree of folders that call each other.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use shoseki_messages::msg;

use super::files::File;
use crate::settings::Value;

/// The folders of files, by their paths.
pub(super) type Folders<'a> = BTreeMap<String, Vec<&'a File>>;

/// Texts of files, by their paths.
pub(super) type Texts<'a> = HashMap<String, &'a str>;

/// How deep modules may call each other, and how many there may be.
const DEEPEST: usize = 8;
const MOST_MODULES: usize = 2_000;

/// A resource or a data source, as it stands.
#[derive(Clone, Copy)]
pub(super) struct Declared<'a> {
    pub(super) file: &'a File,
    pub(super) block: &'a Block,
}

/// A module: a folder as somebody calls it.
pub(super) struct Scope<'a> {
    /// The folder.
    pub(super) folder: String,
    /// What stands before the addresses in it: `module.logs.`, empty for the root.
    pub(super) prefix: String,
    /// The module that calls it, by its place.
    pub(super) parent: Option<usize>,
    /// The call, with what it hands over.
    pub(super) call: Option<&'a Block>,
    /// Defaults of its variables; nothing where one has none.
    pub(super) variables: HashMap<&'a str, Option<&'a Expression>>,
    /// What files of variables say, for the root.
    pub(super) given: HashMap<&'a str, &'a Expression>,
    pub(super) locals: HashMap<&'a str, &'a Expression>,
    pub(super) outputs: HashMap<&'a str, &'a Expression>,
    /// Resources by `type.name`, data sources by `data.type.name`.
    pub(super) declared: BTreeMap<String, Declared<'a>>,
    /// Modules that it calls, by name; nothing where one is not a folder here.
    pub(super) modules: HashMap<&'a str, Option<usize>>,
    /// Values that were evaluated, with their sizes; nothing while one is being.
    pub(super) cache: RefCell<HashMap<String, Option<(Value, usize)>>>,
}

/// All modules below one root.
pub(super) struct Tree<'a> {
    pub(super) scopes: Vec<Scope<'a>>,
    /// Texts of all files that were given, by their paths: `file` reads them.
    pub(super) texts: &'a Texts<'a>,
    /// How much more may be evaluated.
    budget: Cell<usize>,
    /// How deep evaluation is: what refers to what refers to what.
    depth: Cell<usize>,
    /// Folders that a module here is called from, so that they are no roots.
    pub(super) called: Vec<String>,
}

/// How much may be evaluated of one root: values and parts of values.
const BUDGET: usize = 30_000_000;
/// How deep expressions may lead to each other.
const DEEPEST_VALUE: usize = 500;

impl<'a> Tree<'a> {
    /// The tree of a root.
    pub(super) fn of(root: &str, folders: &Folders<'a>, texts: &'a Texts<'a>) -> Self {
        let mut tree =
            Self { scopes: Vec::new(), texts, budget: Cell::new(BUDGET), depth: Cell::new(0), called: Vec::new() };
        tree.add(root, folders, None, &mut vec![root.to_owned()]);
        tree
    }

    fn add(
        &mut self,
        folder: &str,
        folders: &Folders<'a>,
        from: Option<(usize, &'a Block, &str)>,
        path: &mut Vec<String>,
    ) -> Option<usize> {
        let files = folders.get(folder)?;
        if self.scopes.len() >= MOST_MODULES || path.len() > DEEPEST {
            return None;
        }
        let prefix = match from {
            Some((parent, _, name)) => format!("{}module.{name}.", self.scopes.get(parent)?.prefix),
            None => String::new(),
        };
        let mut scope = Scope::new(folder, prefix, from.map(|(parent, _, _)| parent), from.map(|(_, call, _)| call));
        let mut calls: Vec<(&'a str, &'a Block)> = Vec::new();
        for file in files {
            scope.declare(file, from.is_none(), &mut calls);
        }
        let at = self.scopes.len();
        self.scopes.push(scope);
        for (name, call) in calls {
            let source = call.body.get_attribute("source").and_then(|one| one.value.as_str());
            let child = source.filter(|source| source.starts_with('.')).and_then(|source| {
                let child = super::files::joined(folder, source);
                if path.contains(&child) {
                    return None;
                }
                self.called.push(child.clone());
                path.push(child.clone());
                let added = self.add(&child, folders, Some((at, call, name)), path);
                path.pop();
                added
            });
            if let Some(scope) = self.scopes.get_mut(at) {
                scope.modules.insert(name, child);
            }
        }
        Some(at)
    }

    /// Takes from what may be evaluated; `false` where nothing is left.
    pub(super) fn spend(&self, size: usize) -> bool {
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(size));
        left > size
    }

    /// Goes one level deeper; `false` where that is too deep. Each that is entered is left.
    pub(super) fn enter(&self) -> bool {
        let depth = self.depth.get();
        let is_fine = depth < DEEPEST_VALUE;
        if is_fine {
            self.depth.set(depth + 1);
        }
        is_fine
    }

    /// Comes back from a level.
    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// What is said where nothing is left.
    pub(super) fn spent() -> Value {
        Value::Unknown(msg!("iac-too-much"))
    }
}

impl<'a> Scope<'a> {
    fn new(folder: &str, prefix: String, parent: Option<usize>, call: Option<&'a Block>) -> Self {
        Self {
            folder: folder.to_owned(),
            prefix,
            parent,
            call,
            variables: HashMap::new(),
            given: HashMap::new(),
            locals: HashMap::new(),
            outputs: HashMap::new(),
            declared: BTreeMap::new(),
            modules: HashMap::new(),
            cache: RefCell::new(HashMap::new()),
        }
    }

    fn declare(&mut self, file: &'a File, is_root: bool, calls: &mut Vec<(&'a str, &'a Block)>) {
        if file.is_variables {
            if is_root {
                self.given.extend(file.body.attributes().map(|one| (one.key.as_str(), &one.value)));
            }
            return;
        }
        for block in file.body.blocks() {
            let label = |index: usize| block.labels.get(index).map(|label| label.as_str());
            let attribute = |name: &str| block.body.get_attribute(name).map(|one| &one.value);
            match (block.ident.as_str(), label(0), label(1)) {
                ("variable", Some(name), None) => drop(self.variables.insert(name, attribute("default"))),
                ("locals", None, None) => {
                    self.locals.extend(block.body.attributes().map(|one| (one.key.as_str(), &one.value)));
                }
                ("output", Some(name), None) => {
                    self.outputs.extend(attribute("value").map(|value| (name, value)));
                }
                ("module", Some(name), None) => calls.push((name, block)),
                ("resource", Some(kind), Some(name)) => {
                    self.declared.insert(format!("{kind}.{name}"), Declared { file, block });
                }
                ("data", Some(kind), Some(name)) => {
                    self.declared.insert(format!("data.{kind}.{name}"), Declared { file, block });
                }
                _ => (),
            }
        }
    }
}
