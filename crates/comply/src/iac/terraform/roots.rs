//! Roots: folders that no other one calls. They are looked at one after another, each with the folders that it calls.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::files::{File, joined};
use super::scope::{BUDGET, Texts, Tree};
use super::{Seen, of_tree};
use crate::iac::Source;

/// A folder.
#[derive(Default)]
pub(crate) struct Folder {
    /// Its files.
    pub(crate) files: Vec<File>,
    /// A file of it that could not be read, and that may say anything.
    pub(crate) broken: Option<String>,
    /// A file of variables that could not be read.
    pub(crate) broken_variables: Option<String>,
}

/// The folders of files, by their paths.
#[derive(Default)]
pub(crate) struct Folders(pub(crate) BTreeMap<String, Folder>);

/// How much may be evaluated in one run, of all roots together.
const ALL: usize = 8 * BUDGET;

impl Folders {
    /// Takes a file.
    pub(crate) fn add(&mut self, file: File) {
        self.0.entry(file.folder.clone()).or_default().files.push(file);
    }

    /// Takes note of a file that could not be read.
    pub(crate) fn is_broken(&mut self, path: &str) {
        let folder = self.0.entry(File::folder_of(path)).or_default();
        let broken = if File::is_of_variables(path) { &mut folder.broken_variables } else { &mut folder.broken };
        broken.get_or_insert_with(|| path.to_owned());
    }

    /// The folder that a call names, where it names one here.
    pub(super) fn called(&self, folder: &str, source: &str) -> Option<String> {
        let is_local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
        is_local.then(|| joined(folder, source)).filter(|path| self.0.contains_key(path))
    }

    fn calls<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = String> + 'f {
        let files = self.0.get(folder).into_iter().flat_map(|one| &one.files);
        let blocks = files.flat_map(|file| file.body.blocks()).filter(|block| block.ident.as_str() == "module");
        let sources = blocks.filter_map(|block| block.body.get_attribute("source")?.value.as_str());
        sources.filter_map(move |source| self.called(folder, source))
    }
}

/// Hands over what each root says. A folder that another one here calls as a module is no root; folders that call each other in a
/// circle have none, and the first of them stands for it.
pub(crate) fn each(folders: &Folders, sources: &[Source], mut seen: Seen, take: &mut dyn FnMut(Seen) -> Seen) {
    let texts: Texts<'_> = sources.iter().map(|source| (joined("", &source.path), source.text.as_str())).collect();
    let called: BTreeSet<String> =
        folders.0.keys().flat_map(|from| folders.calls(from).filter(move |to| to != from)).collect();
    let (inner, roots): (Vec<&String>, Vec<&String>) = folders.0.keys().partition(|name| called.contains(*name));
    let left = Cell::new(ALL);
    let mut looked_at: BTreeSet<String> = BTreeSet::new();
    for root in roots.into_iter().chain(inner) {
        if looked_at.contains(root) {
            continue;
        }
        let tree = Tree::of(root, folders, &texts, left.get().min(BUDGET));
        looked_at.extend(tree.scopes.iter().map(|scope| scope.folder.clone()));
        of_tree(&tree, &mut seen);
        left.set(left.get().saturating_sub(tree.used()));
        seen = take(seen);
    }
}

/// Places by names.
pub(super) type Places = HashMap<String, usize>;
