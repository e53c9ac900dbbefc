//! Modules of Terraform: what is declared in a folder, and the tree of folders that call each other.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use shoseki_messages::{Message, msg};

use super::files::File;
use super::roots::{Folders, Places};
use crate::settings::Value;

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
    /// Its first line and its last.
    pub(super) lines: (u32, u32),
}

/// A call of a module that was not read.
pub(super) struct Unread<'a> {
    /// The module that calls it, by its place.
    pub(super) at: usize,
    pub(super) file: &'a File,
    pub(super) line: u32,
    pub(super) call: &'a Block,
    /// Its name: `module.logs`.
    pub(super) name: String,
    /// Why it was not read.
    pub(super) what: Message,
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
    /// What is declared twice, which Terraform refuses.
    pub(super) twice: Vec<(String, Declared<'a>)>,
    /// A file beside its own that could not be read, and one of variables.
    pub(super) broken: [Option<&'a str>; 2],
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
    /// How much that was in the beginning.
    granted: usize,
    /// Modules by what stands before the addresses in them.
    pub(super) prefixes: Places,
    /// Calls of modules that were not read.
    pub(super) unread: Vec<Unread<'a>>,
    /// A file that could not be read in any of these folders.
    pub(super) broken: Option<String>,
}

/// How much may be evaluated of one root, in values and parts of values of some sixty bytes: ten thousand resources with their policies
/// are a million, and all of it fits into a gigabyte.
pub(super) const BUDGET: usize = 12_000_000;
/// How deep expressions may lead to each other.
const DEEPEST_VALUE: usize = 500;

impl<'a> Tree<'a> {
    /// The tree of a root.
    pub(super) fn of(root: &str, folders: &'a Folders, texts: &'a Texts<'a>, budget: usize) -> Self {
        let mut tree = Self {
            scopes: Vec::new(),
            texts,
            budget: Cell::new(budget),
            depth: Cell::new(0),
            granted: budget,
            prefixes: Places::new(),
            unread: Vec::new(),
            broken: None,
        };
        tree.add(root, folders, None, &mut vec![root.to_owned()]);
        tree
    }

    /// How much of it was evaluated.
    pub(super) fn used(&self) -> usize {
        self.granted.saturating_sub(self.budget.get())
    }

    fn add(
        &mut self,
        folder: &str,
        folders: &'a Folders,
        from: Option<(usize, &'a Block, &str)>,
        path: &mut Vec<String>,
    ) -> Option<usize> {
        let its = folders.0.get(folder)?;
        let weight = its.files.iter().map(|file| file.weight).sum();
        if self.scopes.len() >= MOST_MODULES || path.len() > DEEPEST || !self.spend(weight) {
            return None;
        }
        let prefix = match from {
            Some((parent, _, name)) => format!("{}module.{name}.", self.scopes.get(parent)?.prefix),
            None => String::new(),
        };
        let mut scope = Scope::new(folder, prefix, from.map(|(parent, _, _)| parent), from.map(|(_, call, _)| call));
        // Files of variables are the root's alone.
        let variables = its.broken_variables.as_deref().filter(|_| from.is_none());
        scope.broken = [its.broken.as_deref(), variables];
        if let Some(broken) = its.broken.as_deref().or(variables) {
            self.broken.get_or_insert_with(|| broken.to_owned());
        }
        let mut calls: Vec<(&'a str, Declared<'a>)> = Vec::new();
        // What is read later holds: what `*.auto.tfvars` say, before `terraform.tfvars`.
        let is_first =
            |file: &&File| file.path.rsplit('/').next().is_some_and(|name| name.starts_with("terraform.tfvars"));
        let (first, later): (Vec<&'a File>, Vec<&'a File>) = its.files.iter().partition(is_first);
        for file in first.into_iter().chain(later) {
            scope.declare(file, from.is_none(), &mut calls);
        }
        let at = self.scopes.len();
        self.prefixes.insert(scope.prefix.clone(), at);
        self.scopes.push(scope);
        for (name, call) in calls {
            let child = self.call(at, folders, (name, call), path);
            if let Some(scope) = self.scopes.get_mut(at) {
                scope.modules.insert(name, child);
            }
        }
        Some(at)
    }

    /// Follows a call; where that goes nowhere, it is noted why.
    fn call(
        &mut self,
        at: usize,
        folders: &'a Folders,
        (name, call): (&'a str, Declared<'a>),
        path: &mut Vec<String>,
    ) -> Option<usize> {
        let Declared { file, block, lines } = call;
        let source = block.body.get_attribute("source").and_then(|one| one.value.as_str());
        let folder = self.scopes.get(at).map(|scope| scope.folder.clone()).unwrap_or_default();
        let child = source.and_then(|source| folders.called(&folder, source));
        let what = match (&child, source) {
            (Some(child), _) if path.contains(child) => msg!("iac-module-circle"),
            (Some(child), _) => {
                path.push(child.clone());
                let added = self.add(child, folders, Some((at, block, name)), path);
                path.pop();
                if added.is_some() {
                    return added;
                }
                msg!("iac-too-much")
            }
            (None, Some(source)) if source.starts_with('.') => msg!("iac-module-missing", source = source),
            (None, source) => msg!("iac-module-of-others", source = source.unwrap_or_default()),
        };
        if self.unread.len() < MOST_MODULES {
            let prefix = self.scopes.get(at).map_or("", |scope| scope.prefix.as_str());
            let name = format!("{prefix}module.{name}");
            self.unread.push(Unread { at, file, line: lines.0, call: block, name, what });
        }
        None
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
            twice: Vec::new(),
            broken: [None, None],
            modules: HashMap::new(),
            cache: RefCell::new(HashMap::new()),
        }
    }

    /// What is said of a name that is not declared: a file that could not be read may declare it.
    pub(super) fn missing(&self, name: &str) -> Value {
        Value::Unknown(match self.broken[0] {
            Some(path) => msg!("iac-beside-unread", path = path),
            None => msg!("iac-not-declared", name = name),
        })
    }

    fn declare(&mut self, file: &'a File, is_root: bool, calls: &mut Vec<(&'a str, Declared<'a>)>) {
        if file.is_variables {
            if is_root {
                self.given.extend(file.body.attributes().map(|one| (one.key.as_str(), &one.value)));
            }
            return;
        }
        for (index, block) in file.body.blocks().enumerate() {
            let declared = Declared { file, block, lines: file.lines(index, block) };
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
                ("module", Some(name), None) => calls.push((name, declared)),
                ("resource", Some(kind), Some(name)) => {
                    self.resource(format!("{kind}.{name}"), declared);
                }
                ("data", Some(kind), Some(name)) => {
                    self.resource(format!("data.{kind}.{name}"), declared);
                }
                _ => (),
            }
        }
    }

    fn resource(&mut self, name: String, declared: Declared<'a>) {
        if self.declared.contains_key(&name) {
            self.twice.push((name.clone(), declared));
        }
        self.declared.insert(name, declared);
    }
}
