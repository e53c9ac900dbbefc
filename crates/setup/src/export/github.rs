//! A workflow of GitHub Actions: `check iac` of each pull request, and `verify` of the vault every night.

use super::{File, What, commented};
use crate::wish::Setup;

/// The workflow. What is a secret or a name of somebody's is a variable of the repository.
const WORKFLOW: &str = r#"# It belongs into .github/workflows.
# Variables of the repository (Settings, Secrets and variables, Actions): SHOSEKI_IMAGE, your image of shoseki by its digest;
# SHOSEKI_VAULT, the vault's URL; SHOSEKI_VERIFIER_KEY, its verifier key, which is no secret; SHOSEKI_VERIFY_ROLE, a role that
# trusts GitHub's tokens of this repository and may read the vault, and nothing else.
name: evidence
on:
  pull_request:
  schedule:
    # Every night, at 03:17 in Tokyo.
    - cron: "17 18 * * *"
  workflow_dispatch:
permissions: {}
env:
  SHOSEKI_IMAGE: ${{ vars.SHOSEKI_IMAGE }}
jobs:
  iac:
    name: check iac
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      # The findings in the pull request. Without it, as in a pull request from a fork, the job fails by its exit code alone.
      security-events: write
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - name: Settings in code, before they are made
        run: >
          docker run --rm --network none --volume "$GITHUB_WORKSPACE:/src:ro" --workdir /src "$SHOSEKI_IMAGE"
          check iac . -o sarif --fail-on high > shoseki.sarif
      - name: Findings to the pull request
        if: ${{ !cancelled() && hashFiles('shoseki.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: shoseki.sarif
  verify:
    name: verify
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-24.04
    timeout-minutes: 180
    permissions:
      # The job's own token, which AWS takes for credentials.
      id-token: write
    steps:
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: ${{ vars.SHOSEKI_VERIFY_ROLE }}
          aws-region: @region@
      - name: The whole vault, trusting nobody
        env:
          SHOSEKI_VAULT: ${{ vars.SHOSEKI_VAULT }}
          SHOSEKI_VERIFIER_KEY: ${{ vars.SHOSEKI_VERIFIER_KEY }}
        run: >
          docker run --rm --env AWS_ACCESS_KEY_ID --env AWS_SECRET_ACCESS_KEY --env AWS_SESSION_TOKEN --env AWS_REGION
          "$SHOSEKI_IMAGE" verify --vault "$SHOSEKI_VAULT" --key "$SHOSEKI_VERIFIER_KEY"
"#;

/// The workflow, as a file of `.github/workflows`.
pub(super) fn files(setup: &Setup) -> Vec<File> {
    let home = setup.all_regions(None).first().cloned().unwrap_or_else(|| "ap-northeast-1".to_owned());
    let text = format!("{}{}", commented(What::Github, "#"), WORKFLOW.replace("@region@", &home));
    vec![File::new("github/shoseki.yml", text)]
}
