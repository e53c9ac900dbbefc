//! What a trail selects, put together from its selectors, basic and advanced: Terraform and CloudFormation spell them alike.

use crate::settings::{DataEvents, Fact, Selectors, Value};

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

/// How a language spells selectors.
pub(crate) struct Names {
    pub(crate) basic: &'static str,
    pub(crate) kinds: &'static str,
    pub(crate) has_management: &'static str,
    pub(crate) excluded: &'static str,
    pub(crate) data: &'static str,
    pub(crate) of: &'static str,
    pub(crate) values: &'static str,
    pub(crate) advanced: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) field: &'static str,
    pub(crate) equals: &'static str,
    /// What else narrows a field.
    pub(crate) others: [&'static str; 5],
}

/// What a trail selects.
pub(crate) fn read(values: &Value, names: &Names) -> Fact<Selectors> {
    let (basic, advanced) = (values.at(names.basic), values.at(names.advanced));
    if let Some(why) = [basic, advanced].into_iter().find_map(Value::unknown_within) {
        return Fact::Unknown(why);
    }
    let text = |value: &Value| value.to_text().known().cloned().unwrap_or_default();
    let texts = |value: &Value| value.to_texts().known().cloned().unwrap_or_default();
    let mut all = Selectors::default();
    for one in basic.entries() {
        let is_all = one.at(names.kinds).to_text().or("All".to_owned()).is_ok_and(|kind| kind == "All");
        all.has_all_management |= is_all && one.at(names.has_management).is().or(true).unwrap_or_default();
        all.excluded.extend(texts(one.at(names.excluded)));
        let is_objects = |data: &&Value| is_all && text(data.at(names.of)) == "AWS::S3::Object";
        for data in one.at(names.data).entries().iter().filter(is_objects) {
            all.add_objects(texts(data.at(names.values)).iter());
        }
    }
    for one in advanced.entries() {
        let field = |value: &Value| Field {
            name: text(value.at(names.field)),
            equals: texts(value.at(names.equals)),
            others: names.others.into_iter().flat_map(|name| texts(value.at(name))).collect(),
        };
        let fields: Vec<Field> = one.at(names.fields).entries().iter().map(field).collect();
        all.add_advanced(&fields);
    }
    if basic.entries().is_empty() && advanced.entries().is_empty() { Fact::Absent } else { Fact::Known(all) }
}
