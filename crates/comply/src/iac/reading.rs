//! Reading files: each becomes what its content says, and those that belong together are one unit. What cannot be read is said.

use shoseki_messages::{Message, msg};

use super::seen::Seen;
use super::{Judging, Problem, Source, cloudformation, json, kubernetes, terraform, yaml};

/// What was read and belongs together, until all of it is there.
pub(super) struct Reading {
    terraform: terraform::Folders,
    room: terraform::Room,
    manifests: Seen,
}

/// Why a file is not read: its line, and what is said.
type Broken = (u32, Message);

impl Reading {
    /// Reads all files; each unit is judged where it is whole.
    pub(super) fn of(sources: &[Source], judging: &mut Judging<'_, '_>) {
        let (terraform, room) = Default::default();
        let mut reading = Self { terraform, room, manifests: judging.unit() };
        for source in sources {
            let read = match &source.unread {
                Some(why) => Err((0, why.clone())),
                None => reading.file(source, judging),
            };
            let problem = |line, what| Problem { path: source.path.clone(), line, what, is_unread: true };
            match read {
                Ok(true) => (),
                Ok(false) if source.is_named => judging.report.problems.push(problem(0, msg!("iac-none-of-ours"))),
                Ok(false) => (),
                Err((line, what)) => {
                    if terraform::Kind::of(&source.path).is_some() && is_taken(source) {
                        reading.terraform.is_broken(&source.path);
                    }
                    judging.report.problems.push(problem(line, what));
                }
            }
        }
        terraform::read(&reading.terraform, sources, judging.unit(), &mut |seen| judging.take(seen));
        judging.take(reading.manifests);
    }

    /// Reads a file; `false` where it is none of ours.
    fn file(&mut self, source: &Source, judging: &mut Judging<'_, '_>) -> Result<bool, Broken> {
        // Windows puts a mark before a text, which belongs to none of these languages and is taken by all of their programs.
        let text = source.text.strip_prefix('\u{FEFF}').unwrap_or(&source.text);
        if let Some(kind) = terraform::Kind::of(&source.path) {
            return self.terraform(source, (text, kind), judging);
        }
        let end = source.path.rsplit_once('.').map_or("", |(_, end)| end);
        match end {
            "json" => json(source, text, judging),
            "yaml" | "yml" => self.yaml(source, text, judging),
            _ if text.trim_start().starts_with('{') => json(source, text, judging),
            _ => self.yaml(source, text, judging),
        }
    }

    fn terraform(
        &mut self,
        source: &Source,
        (text, kind): (&str, terraform::Kind),
        judging: &mut Judging<'_, '_>,
    ) -> Result<bool, Broken> {
        if !is_taken(source) {
            return Ok(false);
        }
        if is_override(source) {
            return Err((0, msg!("iac-override")));
        }
        let file = terraform::File::read(&source.path, text, kind, &self.room).map_err(|broken| {
            let what = match (broken.what, kind) {
                (None, _) => msg!("iac-too-large"),
                (Some(what), terraform::Kind::Hcl) => msg!("iac-no-hcl", what = what),
                (Some(what), terraform::Kind::Json) => msg!("iac-no-json", what = what),
            };
            (broken.line, what)
        })?;
        self.terraform.add(file);
        judging.report.counts.terraform += 1;
        Ok(true)
    }

    fn yaml(&mut self, source: &Source, text: &str, judging: &mut Judging<'_, '_>) -> Result<bool, Broken> {
        let has = |what: &str| text.contains(what);
        let is_any = ["AWSTemplateFormatVersion", "AWS::", "apiVersion", "falco", "json_output"].into_iter().any(has);
        if !is_any {
            return Ok(false);
        }
        let is_template_of_helm = has("{{") && source.path.split('/').any(|part| part == "templates");
        let documents = match yaml::read(text) {
            Ok(documents) if !is_template_of_helm => documents,
            // A template of Helm says nothing before it is filled in.
            Ok(_) | Err(_) if has("{{") => {
                let is_ours = ["Role", "audit.k8s.io", "falco", "AWS::", "kind: {{"].into_iter().any(has);
                return if is_ours { Err((0, msg!("iac-helm-template"))) } else { Ok(false) };
            }
            Ok(_) => return Ok(false),
            Err(broken) => return Err((broken.line, msg!("iac-no-yaml", what = broken.what))),
        };
        let mut is_manifest = false;
        for (index, node) in documents.iter().enumerate() {
            if cloudformation::is_template(node) {
                let mut seen = judging.unit();
                cloudformation::read(&source.path, node, &mut seen);
                judging.take(seen);
                judging.report.counts.templates += 1;
                return Ok(true);
            }
            if kubernetes::is_manifest(node) {
                is_manifest = true;
                let last = documents.get(index + 1).map_or(u32::MAX, |next| next.line.saturating_sub(1));
                self.manifests.blocks.entry(source.path.clone()).or_default().push((node.line, last));
                kubernetes::read(&source.path, text, node, &mut self.manifests);
            }
        }
        judging.report.counts.manifests += usize::from(is_manifest);
        Ok(is_manifest)
    }
}

fn json(source: &Source, text: &str, judging: &mut Judging<'_, '_>) -> Result<bool, Broken> {
    let has = |what: &str| text.contains(what);
    let may_be_plan = has("\"format_version\"") && (has("\"planned_values\"") || has("\"resource_changes\""));
    if !may_be_plan && !has("AWSTemplateFormatVersion") && !has("\"AWS::") {
        return Ok(false);
    }
    let node = json::read(text, if may_be_plan { terraform::PASSED_OVER } else { &[] })
        .map_err(|broken| (broken.line, msg!("iac-no-json", what = broken.what)))?;
    let mut seen = judging.unit();
    if terraform::is_plan(&node) {
        terraform::read_plan(&source.path, &node, &mut seen);
        judging.report.counts.plans += 1;
    } else if cloudformation::is_template(&node) {
        cloudformation::read(&source.path, &node, &mut seen);
        judging.report.counts.templates += 1;
    } else {
        return Ok(false);
    }
    judging.take(seen);
    Ok(true)
}

/// Whether a file changes what the others declare: it is not put into them.
fn is_override(source: &Source) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".json").unwrap_or(name);
    name == "override.tf" || name.ends_with("_override.tf")
}

/// Whether Terraform takes a file by itself. Of files of variables it takes only these; others are handed to it by name.
fn is_taken(source: &Source) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".json").unwrap_or(name);
    !name.ends_with(".tfvars") || name == "terraform.tfvars" || name.ends_with(".auto.tfvars") || source.is_named
}
