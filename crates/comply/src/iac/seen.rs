//! What a reader of files hands on: resources, their pieces, what was not read, and the lines of each block, for what is said in
//! comments. It is bounded: what stands in a line may make ten thousand resources.

use std::collections::BTreeMap;

use shoseki_messages::{Message, msg};

use crate::settings::{Estate, Fact, Facts, Origin, Piece, Resource, Target, Unread};

/// What was seen of one unit: a root of Terraform with its modules, a plan, a template, the manifests of a run.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) resources: Vec<Resource>,
    pub(crate) pieces: Vec<Piece>,
    /// The first and last line of each block, by files.
    pub(crate) blocks: BTreeMap<String, Vec<(u32, u32)>>,
    /// How many resources there are, those included that no check is about.
    pub(crate) count: usize,
    /// How many audit policies of Kubernetes were evaluated.
    pub(crate) policies: usize,
    /// What was not read, and what it may have said.
    pub(crate) unread: Unread,
    /// What was not read, by its file and its line.
    pub(crate) problems: BTreeMap<(String, u32), Message>,
    /// How many resources and pieces there is room for.
    room: usize,
}

/// How many resources and pieces of the types that are judged there may be in one run.
pub(crate) const MOST_RESOURCES: usize = 100_000;
/// How many places are named in one unit that were not read.
const MOST_PROBLEMS: usize = 1_000;

impl Default for Seen {
    fn default() -> Self {
        Self::within(MOST_RESOURCES)
    }
}

impl Seen {
    /// Nothing yet, with room for so many resources and pieces.
    pub(crate) fn within(room: usize) -> Self {
        Self {
            resources: Vec::new(),
            pieces: Vec::new(),
            blocks: BTreeMap::new(),
            count: 0,
            policies: 0,
            unread: Unread::default(),
            problems: BTreeMap::new(),
            room,
        }
    }

    /// How much room is left.
    pub(crate) fn room(&self) -> usize {
        self.room.saturating_sub(self.resources.len() + self.pieces.len())
    }

    /// Whether there is room for more.
    pub(crate) fn has_room(&self) -> bool {
        self.room() > 0
    }

    /// What stands there is not looked at any more: it may say anything of what was seen.
    pub(crate) fn is_cut(&mut self, path: &str, line: u32) {
        if self.unread.whole.is_none() {
            self.problem(path, line, msg!("iac-too-many", most = MOST_RESOURCES));
            self.unread.whole = Some(msg!("iac-too-much"));
        }
    }

    /// Something that was not read.
    pub(crate) fn problem(&mut self, path: &str, line: u32, what: Message) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.entry((path.to_owned(), line)).or_insert(what);
        }
    }

    /// A resource that is known by its address, and by a name where it has one.
    pub(crate) fn resource(&mut self, at: &Place<'_>, name: &Fact<String>, facts: impl Into<Facts>) {
        let mut resource = Resource::new(at.address, at.origin(), facts).called(name);
        resource.doubt = at.doubt.cloned();
        self.resources.push(resource);
    }

    /// A part of another resource.
    pub(crate) fn piece(&mut self, at: &Place<'_>, of: Fact<Target>, part: &'static str, facts: impl Into<Facts>) {
        let (origin, doubt) = (at.origin(), at.doubt.cloned());
        self.pieces.push(Piece { of, doubt, part, origin, facts: facts.into() });
    }

    /// The estate of all that was seen.
    pub(crate) fn estate(self) -> Estate {
        Estate::beside(self.resources, self.pieces, self.unread)
    }
}

/// Where a resource stands, what it is called there, and why it may not be there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    pub(crate) address: &'p str,
    pub(crate) path: &'p str,
    pub(crate) line: u32,
    pub(crate) doubt: Option<&'p Message>,
}

impl Place<'_> {
    fn origin(&self) -> Origin {
        Origin::File { path: self.path.to_owned(), line: self.line }
    }
}
