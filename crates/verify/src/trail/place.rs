//! Where a file lies, and whether that is where its digest says. Nothing is read here.
//!
//! What is given may be a bucket, a copy of one, or any folder below or above `AWSLogs`. So a path agrees with
//! `bucket/key` where they are equal from their ends on, through the whole key or through all that lies below what was
//! given.
//!
//! ```text
//! given      /evidence/AWSLogs/111122223333/            root
//! path       /evidence/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/x.json.gz
//! stated     trail-bucket / AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/x.json.gz
//! ```

use shoseki_sources::ObjectName;

/// The folder below which all of AWS's logs lie.
const AWS_LOGS: &str = "AWSLogs";

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// Where it was delivered, or in a folder, which has no bucket.
    Here,
    /// Under its key in another bucket.
    OtherBucket,
    /// Under another name.
    Elsewhere,
}

/// What was given to be looked at: a folder or a part of a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// The path without a slash at its end: a bucket's name and a prefix, or an absolute path.
    pub(crate) path: String,
    /// The bucket's name, where it is one.
    pub(crate) bucket: Option<String>,
}

/// The last part of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name without `.gz`, by which a file and its gunzipped copy are the same.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_suffix(".gz").unwrap_or(name)
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

impl Root {
    /// Whether an object of this root lies where it is stated to lie.
    pub(crate) fn locate(&self, path: &str, stated: &ObjectName) -> Located {
        let below = parts(path).count().saturating_sub(parts(&self.path).count());
        let key = parts(&stated.key).count();
        let equal = parts(plain(path)).rev().zip(parts(plain(&stated.key)).rev()).take_while(|(a, b)| a == b).count();
        if equal < key.min(below) || equal == 0 {
            return Located::Elsewhere;
        }
        match &self.bucket {
            // In its own bucket a digest has one place; in another one it is a copy, which may have lost its prefix.
            Some(bucket) if **bucket != *stated.bucket => Located::OtherBucket,
            Some(_) if parts(path).count() != key + 1 => Located::Elsewhere,
            _ => Located::Here,
        }
    }

    /// Whether an object of this name would lie below this root, were it there. Another bucket holds it only where what is
    /// given is a copy.
    pub(crate) fn could_hold(&self, stated: &ObjectName, is_copy: bool) -> bool {
        if self.bucket.as_deref().is_some_and(|bucket| bucket != &*stated.bucket) && !is_copy {
            return false;
        }
        if self.bucket.as_deref() == Some(&*stated.bucket) {
            let whole = format!("{}/{}", stated.bucket, stated.key);
            return parts(&self.path).zip(parts(&whole)).all(|(a, b)| a == b);
        }
        // A copy: only what stands behind `AWSLogs` can be compared.
        let behind = |path: &str| -> Option<Vec<String>> {
            let all: Vec<&str> = parts(path).collect();
            let at = all.iter().rposition(|part| *part == AWS_LOGS)?;
            Some(all.iter().skip(at).map(|part| (*part).to_owned()).collect())
        };
        match (behind(&self.path), behind(&stated.key)) {
            (Some(root), Some(key)) => key.starts_with(&root),
            _ => true,
        }
    }

    /// Whether what is given is a copy of one region alone, cut below `AWSLogs`.
    pub(crate) fn is_within(&self, region: &str) -> bool {
        parts(&self.path).all(|part| part != AWS_LOGS) && parts(&self.path).any(|part| part == region)
    }
}

/// As people read the name of an object.
pub(crate) fn shown(name: &ObjectName) -> String {
    format!("s3://{}/{}", name.bucket, name.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "p/AWSLogs/o-1/111122223333/CloudTrail/us-east-1/2026/03/05/x.json.gz";

    fn locate(root: &str, bucket: Option<&str>, path: &str) -> Located {
        let root = Root { path: root.to_owned(), bucket: bucket.map(str::to_owned) };
        root.locate(path, &ObjectName { bucket: "b".into(), key: KEY.into() })
    }

    #[test]
    fn a_place_is_compared_as_far_as_it_is_known() {
        assert_eq!(locate("b", Some("b"), &format!("b/{KEY}")), Located::Here);
        assert_eq!(locate("b/p/AWSLogs", Some("b"), &format!("b/{KEY}")), Located::Here);
        assert_eq!(locate("c", Some("c"), &format!("c/{KEY}")), Located::OtherBucket);
        assert_eq!(locate("b/q", Some("b"), &format!("b/q/{KEY}")), Located::Elsewhere);
        assert_eq!(locate("c/q", Some("c"), &format!("c/q/{KEY}")), Located::OtherBucket);
        assert_eq!(locate("/x/b", None, &format!("/x/b/{KEY}")), Located::Here);
        assert_eq!(locate("/x", None, &format!("/x/b/{KEY}")), Located::Here, "above the bucket");
        assert_eq!(locate("/x/us-east-1", None, "/x/us-east-1/2026/03/05/x.json.gz"), Located::Here, "below");
        assert_eq!(locate("/x", None, "/x/x.json"), Located::Here, "gunzipped, without its folders");
        assert_eq!(locate("/x", None, "/x/y.json.gz"), Located::Elsewhere);
        assert_eq!(locate("/x/us-east-1", None, "/x/us-east-1/2026/03/06/x.json.gz"), Located::Elsewhere);
        assert_eq!(locate("b", Some("b"), "b/x.json.gz"), Located::Elsewhere);
        assert_eq!(locate("c", Some("c"), "c/x.json.gz"), Located::OtherBucket);
    }

    #[test]
    fn what_lies_outside_of_what_was_given_is_known() {
        let could = |path: &str, bucket: Option<&str>| {
            let root = Root { path: path.to_owned(), bucket: bucket.map(str::to_owned) };
            root.could_hold(&ObjectName { bucket: "b".into(), key: KEY.into() }, bucket == Some("c"))
        };
        assert!(could("b", Some("b")) && could("b/p/AWSLogs/o-1", Some("b")) && could("/x", None));
        assert!(could("/x/p/AWSLogs/o-1/111122223333", None) && could("c", Some("c")));
        assert!(!could("b/p/AWSLogs/o-1/111122223333/CloudTrail-Digest", Some("b")));
        assert!(!could("/x/AWSLogs/o-1/111122223333/CloudTrail-Digest", None));
    }
}
