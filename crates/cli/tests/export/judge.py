"""What others find in a folder of exported code, as JSON: Helm itself, the schemas of Kubernetes, cfn-lint and checkov.

judge.py FOLDER FURTHER…    FURTHER: files beside it that checkov looks at, such as a Dockerfile
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import helm_python
import kubernetes_validate
import yaml

# What the manifests have where the chart must be told.
VALUES = {
    "image": {"repository": "registry.example/shoseki"},
    "vault": "s3://example-vault/shoseki",
    "origin": "example.com/evidence",
}
# As much as the chart can be told.
WHOLE = {
    **VALUES,
    "image": {"repository": "registry.example/shoseki", "digest": "sha256:" + "0" * 64},
    "serviceAccount": {"name": "collector", "roleArn": "arn:aws:iam::111122223333:role/shoseki-collector"},
    "senders": [{"name": "prod", "tokenSha256": "0" * 64, "receivers": ["kubernetes-audit", "falco"]}],
    "extraConfig": "tz = \"Asia/Tokyo\"\n",
    "storage": {"size": "50Gi", "className": "gp3"},
    "podMonitor": {"enabled": True},
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "evidence", "operator": "Exists"}],
    "imagePullSecrets": [{"name": "registry"}],
}
# What the chart's schema must refuse.
WRONG = [
    {**VALUES, "vault": "/var/lib/shoseki"},
    {**VALUES, "sender": []},
    {**VALUES, "senders": [{"name": "prod", "tokenSha256": "secret", "receivers": ["falco"]}]},
    {**VALUES, "podDisruptionBudget": {"maxUnavailable": 2}},
]
# The oldest version that the chart takes, and the newest whose schemas are here.
VERSIONS = ("1.29", "1.37")
# Kinds that are not Kubernetes' own, or no objects of a cluster.
FOREIGN = {"PodMonitor", "Kustomization", "Policy", "Config"}


def documents(text):
    return [one for one in yaml.safe_load_all(text) if one]


def rendered(chart, values, namespace):
    texts = chart.render(values, name="shoseki", namespace=namespace)
    return [one for name, text in sorted(texts.items()) if name.endswith(".yaml") for one in documents(text)]


def is_refused(chart, values):
    try:
        chart.validate_schema(values)
    except helm_python.HelmError:
        return True
    return False


def wrong(objects, where):
    found = []
    for one in objects:
        if one.get("kind") in FOREIGN or "kind" not in one:
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except Exception as error:  # noqa: BLE001 - whatever it says is told
                found.append(f"{where} {one['kind']} {version}: {error}")
    return found


def checkov(arguments):
    command = [sys.executable, "-m", "checkov.main", "--skip-download", "--compact", "--output", "json", "--soft-fail", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        reports = json.loads(run.stdout)
    except ValueError:
        raise SystemExit(f"checkov: {run.stdout[-2000:]} {run.stderr[-2000:]}") from None
    reports = reports if isinstance(reports, list) else [reports]
    all_of = {"failed": [], "skipped": [], "passed": 0, "broken": []}
    for report in reports:
        results = report.get("results", {})
        for kind in ("failed", "skipped"):
            for one in results.get(f"{kind}_checks", []):
                reason = one["check_result"].get("suppress_comment", "")
                all_of[kind].append([one["check_id"], one["resource"], reason, one["file_path"]])
        all_of["passed"] += len(results.get("passed_checks", []))
        all_of["broken"] += results.get("parsing_errors", [])
    return all_of


def main():
    # checkov passes over folders that are hidden, as those of tests may be.
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, "exported")
        shutil.copytree(sys.argv[1], folder)
        json.dump(judged(folder, sys.argv[2:]), sys.stdout)


def judged(folder, further):
    manifests = [one for path in sorted(folder.glob("kubernetes/*.yaml")) for one in documents(path.read_text())]
    namespace = next(one["metadata"]["name"] for one in manifests if one["kind"] == "Namespace")
    said = {"schema": wrong(manifests, "manifests")}
    with helm_python.Chart.load(str(folder / "helm/shoseki")) as chart, tempfile.TemporaryDirectory() as made:
        same, whole = rendered(chart, VALUES, namespace), rendered(chart, WHOLE, namespace)
        said["schema"] += wrong(same, "chart") + wrong(whole, "whole chart")
        said["accepted"] = [one for one in WRONG if not is_refused(chart, one)]
        said["lint"] = helm_python.lint(str(folder / "helm/shoseki"))
        said["same"], said["manifests"], said["whole"] = same, manifests, whole
        text = "---\n".join(yaml.safe_dump(one) for one in whole)
        pathlib.Path(made, "whole.yaml").write_text(text)
        said["checkov"] = {
            "manifests": checkov(["--directory", str(folder / "kubernetes"), "--framework", "kubernetes"]),
            "chart": checkov(["--directory", made, "--framework", "kubernetes"]),
            "terraform": checkov(["--directory", str(folder / "terraform"), "--framework", "terraform"]),
            "cloudformation": checkov(["--directory", str(folder / "cloudformation"), "--framework", "cloudformation"]),
        }
        workflows = pathlib.Path(made, "repository/.github/workflows")
        workflows.mkdir(parents=True)
        (workflows / "shoseki.yml").write_text((folder / "github/shoseki.yml").read_text())
        said["checkov"]["github"] = checkov(["--directory", str(workflows.parent.parent), "--framework", "github_actions"])
        for path in further:
            said["checkov"][pathlib.Path(path).name] = checkov(["--file", path])
    lint = [str(pathlib.Path(sys.executable).parent / "cfn-lint"), "--non-zero-exit-code", "none", "--format", "json", str(folder / "cloudformation/member-account.yaml")]
    said["cfn-lint"] = json.loads(subprocess.run(lint, capture_output=True, text=True, check=True).stdout)
    return said


main()
