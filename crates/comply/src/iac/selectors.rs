//! What a trail selects, put together from its selectors, basic and advanced: Terraform and CloudFormation spell them alike.

use crate::settings::{DataEvents, Selectors};

/// A field of an advanced selector.
pub(crate) struct Field {
    /// Which: `eventCategory`.
    pub(crate) name: String,
    /// What it must be.
    pub(crate) equals: Vec<String>,
    /// What else narrows it: how it must begin, what it must not be.
    pub(crate) others: Vec<String>,
}

impl Selectors {
    /// Buckets of a data resource: `arn:aws:s3` is all of them.
    pub(crate) fn add_objects<'v>(&mut self, values: impl Iterator<Item = &'v String>) {
        for value in values {
            if matches!(value.as_str(), "arn:aws:s3" | "arn:aws:s3:::" | "arn:aws-cn:s3" | "arn:aws-us-gov:s3") {
                self.objects = DataEvents::All;
            } else if self.objects == DataEvents::None {
                self.objects = DataEvents::Some;
            }
            self.of.push(value.clone());
        }
    }

    /// An advanced selector: all of its fields must hold.
    pub(crate) fn add_advanced(&mut self, fields: &[Field]) {
        let find = |name: &str| fields.iter().find(|field| field.name == name);
        let has = |name: &str, value: &str| find(name).is_some_and(|field| field.equals.iter().any(|one| one == value));
        let is_read_or_write_alone = find("readOnly").is_some();
        if has("eventCategory", "Management") && !is_read_or_write_alone {
            self.has_all_management = true;
            let narrowed = fields.iter().filter(|field| field.name != "eventCategory");
            self.excluded.extend(narrowed.flat_map(|field| field.equals.iter().chain(&field.others)).cloned());
        }
        if has("eventCategory", "Data") && has("resources.type", "AWS::S3::Object") && !is_read_or_write_alone {
            let narrowed: Vec<&String> = fields
                .iter()
                .filter(|field| !matches!(field.name.as_str(), "eventCategory" | "resources.type"))
                .flat_map(|field| field.equals.iter().chain(&field.others))
                .collect();
            if narrowed.is_empty() {
                self.objects = DataEvents::All;
            } else if self.objects == DataEvents::None {
                self.objects = DataEvents::Some;
                self.of.extend(narrowed.into_iter().cloned());
            }
        }
    }
}
