//! What a reader of files hands on: resources, their pieces, and the lines of each block, for what is said in comments.

use std::collections::BTreeMap;

use crate::settings::{Estate, Fact, Facts, Origin, Piece, Resource, Target};

/// What was seen of one unit: a root of Terraform with its modules, a plan, a template, the manifests of a run.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) resources: Vec<Resource>,
    pub(crate) pieces: Vec<Piece>,
    /// The first and last line of each block, by files.
    pub(crate) blocks: BTreeMap<String, Vec<(u32, u32)>>,
    /// How many resources there are, those included that no check is about.
    pub(crate) count: usize,
    /// How many audit policies of Kubernetes were evaluated.
    pub(crate) policies: usize,
}

impl Seen {
    /// A resource that is known by its address, and by a name where it has one.
    pub(crate) fn resource(&mut self, at: &Place<'_>, name: &Fact<String>, facts: impl Into<Facts>) {
        self.resources.push(Resource::new(at.address, at.origin(), facts).called(name));
    }

    /// A part of another resource.
    pub(crate) fn piece(&mut self, at: &Place<'_>, of: Fact<Target>, part: &'static str, facts: impl Into<Facts>) {
        self.pieces.push(Piece { of, part, origin: at.origin(), facts: facts.into() });
    }

    /// The estate of all that was seen.
    pub(crate) fn estate(self) -> Estate {
        Estate::of(self.resources, self.pieces)
    }
}

/// Where a resource stands, and what it is called there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    pub(crate) address: &'p str,
    pub(crate) path: &'p str,
    pub(crate) line: u32,
}

impl Place<'_> {
    fn origin(&self) -> Origin {
        Origin::File { path: self.path.to_owned(), line: self.line }
    }
}
