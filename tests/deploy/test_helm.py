"""The Helm chart, as helm renders it and Kubernetes would read it."""

import importlib
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.intake.mail import mailboxes
from services.runtime.broker import DRAIN_SECONDS, consumer
from services.runtime.settings import MAIL_IN, SERVICES, KafkaSettings
from tests.deploy.test_deploy import known_settings, secret_settings

pytestmark = pytest.mark.helm

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "parvis"
MODEL, MAIL, MAILBOXES, MAIL_TOKENS, MAIL_SERVER = (f"10.1.0.{number}/32" for number in range(7, 12))
FILES = "s3://parvis-files/letters"
EVERYTHING: dict[str, Any] = {
    "settings": {"PARVIS_FILES_URL": FILES},
    "keda": {"enabled": True, "authenticationRef": "kafka"},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls"},
    "secrets": {
        "metricsToken": {"name": "metrics"},
        "llmApiKey": {"name": "model"},
        "embeddingsApiKey": {"name": "embeddings"},
        "smtpUrl": {"name": "mail"},
        "oidcClientSecret": {"name": "oidc"},
        "secondFactorKey": {"name": "factor"},
        "auditKey": {"name": "audit"},
        "signingKey": {"name": "signing"},
        "filesAccess": {"name": "files"},
        "kafkaUsers": {"prefix": "parvis-kafka"},
        "kafkaAuthority": {"name": "authority"},
    },
    "knowledge": {"existingClaim": "articles"},
    "models": {"existingClaim": "models"},
    "networkPolicy": {
        "model": {"to": [{"ipBlock": {"cidr": MODEL}}]},
        "mail": {"to": [{"ipBlock": {"cidr": MAIL}}]},
        "mailboxes": {"to": [{"ipBlock": {"cidr": MAILBOXES}}]},
        "mailTokens": {"to": [{"ipBlock": {"cidr": MAIL_TOKENS}}]},
        "mailServerFrom": [{"ipBlock": {"cidr": MAIL_SERVER}}],
    },
    "mailIn": {
        "mailboxes": [
            {
                "agency": "belrive",
                "imap": "imaps://mail.belrive.example/INBOX",
                "user": "info@belrive.example",
                "password_file": "/etc/parvis/mail-secrets/belrive",
                "since": "2026-03-02",
            }
        ],
        "received": [{"agency": "lakeside", "addresses": ["info@lakeside.example"]}],
        "secret": "mailboxes",
        "serviceAccountName": "keeps-mails",
    },
    "services": {
        "drafting": {"settings": {"PARVIS_LLM_BASE_URL": "https://model.example/v1"}},
        "intake": {"serviceAccountName": "keeps-files"},
    },
}


def rendered(folder: Path, values: Mapping[str, Any], version: str = "1.37") -> list[dict[str, Any]]:
    """All objects of an installation with these values."""
    (folder / "values.yaml").write_text(yaml.safe_dump(dict(values)))
    done = templated(folder / "values.yaml", version)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def templated(values: Path, version: str = "1.37", chart: Path = CHART) -> subprocess.CompletedProcess[str]:
    command = ["helm", "template", "parvis", str(chart), "--kube-version", version, "--values", str(values)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return rendered(tmp_path_factory.mktemp("plain"), {})


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return rendered(tmp_path_factory.mktemp("everything"), EVERYTHING)


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """By the service that each is of."""
    return {each["metadata"]["labels"]["app.kubernetes.io/component"]: each for each in objects if each["kind"] == kind}


def containers(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    workloads = of_kind(objects, "Deployment") | of_kind(objects, "Job")
    return {service: workload["spec"]["template"]["spec"]["containers"][0] for service, workload in workloads.items()}


def secrets_of(container: dict[str, Any]) -> dict[str, str]:
    """Each setting that comes from a secret, and from which."""
    return {env["name"]: env["valueFrom"]["secretKeyRef"]["name"] for env in container["env"] if "valueFrom" in env}


def reached(policy: dict[str, Any]) -> set[str]:
    """The addresses that a policy lets out to."""
    return {peer["ipBlock"]["cidr"] for rule in policy["spec"]["egress"] for peer in rule["to"] if "ipBlock" in peer}


def test_helm_has_nothing_to_say_of_the_chart(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(EVERYTHING))
    for values in ([], ["--values", str(tmp_path / "values.yaml")]):
        done = subprocess.run(["helm", "lint", "--strict", str(CHART), *values], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["1.29", "1.37"])
@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["plain", "everything"])
def test_kubernetes_knows_every_field(tmp_path: Path, version: str, values: dict[str, Any]) -> None:
    schemas = importlib.import_module("kubernetes_validate")
    own = [each for each in rendered(tmp_path, values, version) if each["kind"] not in ("ScaledObject", "ServiceMonitor")]

    assert len(own) > 20
    for each in own:
        schemas.validate(each, version, strict=True)


def test_each_service_is_watched_bounded_and_let_finish(plain: list[dict[str, Any]]) -> None:
    deployments = of_kind(plain, "Deployment")
    assert set(deployments) == set(SERVICES) == set(of_kind(plain, "PodDisruptionBudget")) == set(of_kind(plain, "Service"))
    for service, deployment in deployments.items():
        pod = deployment["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert container["args"][:2] == ["serve", service]
        paths = {probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
        assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
        assert container["resources"]["limits"]["memory"]
        assert pod["terminationGracePeriodSeconds"] >= DRAIN_SECONDS + 5
        assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", [*SERVICES, "migrate", "topics"])
def test_what_runs_can_do_no_more_than_it_must(plain: list[dict[str, Any]], name: str) -> None:
    container = containers(plain)[name]

    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/var/lib/parvis", "/tmp"}  # noqa: S108 - of the pod


def test_only_drafting_reaches_the_model_and_only_dispatch_the_mail_server(everything: list[dict[str, Any]]) -> None:
    policies = of_kind(everything, "NetworkPolicy")

    assert set(policies) == {*SERVICES, MAIL_IN, "migrate", "topics"}
    assert {service for service, policy in policies.items() if MODEL in reached(policy)} == {"drafting"}
    assert {service for service, policy in policies.items() if MAIL in reached(policy)} == {"dispatch"}
    assert {service for service, policy in policies.items() if "0.0.0.0/0" in reached(policy)} == {"dispatch"}
    for policy in policies.values():
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert all(rule.get("to") and rule.get("ports") for rule in policy["spec"]["egress"])


def test_who_has_no_business_with_a_secret_is_not_given_it(everything: list[dict[str, Any]]) -> None:
    given = {name: secrets_of(container) for name, container in containers(everything).items()}

    def having(setting: str) -> set[str]:
        return {name for name, secrets in given.items() if setting in secrets}

    assert having("PARVIS_DATABASE_URL") == {"intake", "review", "dispatch", MAIL_IN, "migrate"}
    assert {name for name, secrets in given.items() if "parvis-database-owner" in secrets.values()} == {"migrate"}
    assert having("PARVIS_LLM_API_KEY") == {"drafting"}
    assert having("PARVIS_SMTP_URL") == {"dispatch"}
    for setting in ("PARVIS_OIDC_CLIENT_SECRET", "PARVIS_SECOND_FACTOR_KEY", "PARVIS_AUDIT_KEY"):
        assert having(setting) == {"review"}
    assert having("PARVIS_EMBEDDINGS_API_KEY") == {"triage", "drafting", "review"}
    for setting in ("PARVIS_SIGNING_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert having(setting) == {"intake", "review", "dispatch", MAIL_IN}
    assert having("PARVIS_KAFKA_SECURITY_PASSWORD") == {*SERVICES, "topics"}
    for name in having("PARVIS_KAFKA_SECURITY_PASSWORD"):
        assert given[name]["PARVIS_KAFKA_SECURITY_USERNAME"] == f"parvis-kafka-{name}"


def test_no_secret_is_written_down(everything: list[dict[str, Any]]) -> None:
    assert [each for each in everything if each["kind"] == "Secret"] == []
    for container in containers(everything).values():
        written = {env["name"] for env in container["env"] if "value" in env}
        assert not any(name.endswith(("PASSWORD", "TOKEN", "KEY", "SECRET", "DATABASE_URL", "SMTP_URL")) for name in written)


def test_every_secret_that_parvis_can_be_given_has_its_place(everything: list[dict[str, Any]]) -> None:
    assert secret_settings() <= {name for container in containers(everything).values() for name in secrets_of(container)}


def test_only_the_service_that_was_given_an_account_has_it(everything: list[dict[str, Any]]) -> None:
    workloads = of_kind(everything, "Deployment") | of_kind(everything, "Job")
    accounts = {name: each["spec"]["template"]["spec"].get("serviceAccountName") for name, each in workloads.items()}

    assert {name: account for name, account in accounts.items() if account} == {"intake": "keeps-files", MAIL_IN: "keeps-mails"}


def test_every_setting_is_one_that_parvis_knows(everything: list[dict[str, Any]]) -> None:
    used = {env["name"] for container in containers(everything).values() for env in container["env"]}

    assert {name for name in used if name.startswith("PARVIS_")} <= known_settings()


def test_tables_come_before_topics_and_both_before_the_services(plain: list[dict[str, Any]]) -> None:
    jobs = of_kind(plain, "Job")
    hooks = {name: job["metadata"]["annotations"] for name, job in jobs.items()}

    assert {name: job["spec"]["template"]["spec"]["containers"][0]["args"] for name, job in jobs.items()} == {
        "migrate": ["db", "upgrade"],
        "topics": ["topics", "apply"],
    }
    assert {hook["helm.sh/hook"] for hook in hooks.values()} == {"pre-install,pre-upgrade"}
    assert int(hooks["migrate"]["helm.sh/hook-weight"]) < int(hooks["topics"]["helm.sh/hook-weight"])


def test_processes_follow_the_lag_of_their_own_group(everything: list[dict[str, Any]], plain: list[dict[str, Any]]) -> None:
    scaled = of_kind(everything, "ScaledObject")

    assert set(scaled) == set(SERVICES)
    for service, each in scaled.items():
        [trigger] = each["spec"]["triggers"]
        assert trigger["metadata"]["consumerGroup"] == consumer(service)["group_id"]
        assert each["spec"]["maxReplicaCount"] <= KafkaSettings().partitions
        assert each["spec"]["scaleTargetRef"]["name"] == of_kind(everything, "Deployment")[service]["metadata"]["name"]
    unscaled = {name for name, deployment in of_kind(everything, "Deployment").items() if "replicas" in deployment["spec"]}
    assert unscaled == {MAIL_IN}  # it reads no topic
    assert all(deployment["spec"]["replicas"] >= 2 for deployment in of_kind(plain, "Deployment").values())


def test_prometheus_brings_the_token(everything: list[dict[str, Any]]) -> None:
    [monitor] = [each for each in everything if each["kind"] == "ServiceMonitor"]
    [endpoint] = monitor["spec"]["endpoints"]

    assert endpoint["path"] == "/metrics"
    assert endpoint["authorization"]["credentials"]["name"] == "metrics"


def test_nobody_takes_mail_until_a_mailbox_is_named(plain: list[dict[str, Any]]) -> None:
    assert [each["kind"] for each in plain if each["metadata"]["labels"].get("app.kubernetes.io/component") == MAIL_IN] == []
    assert all(MAIL_IN not in str(container["env"]) for container in containers(plain).values())


def test_mail_in_is_watched_bounded_and_let_finish_as_the_others(everything: list[dict[str, Any]]) -> None:
    deployments = of_kind(everything, "Deployment")
    mail_in, intake = deployments[MAIL_IN], deployments["intake"]
    [container], [other] = (each["spec"]["template"]["spec"]["containers"] for each in (mail_in, intake))

    assert mail_in["spec"]["replicas"] == 1
    assert mail_in["spec"]["strategy"] == intake["spec"]["strategy"]  # several may read one mailbox: a mail is taken once all the same
    assert container["args"][:2] == ["serve", MAIL_IN]
    for part in ("startupProbe", "livenessProbe", "readinessProbe", "securityContext"):
        assert container[part] == other[part]
    assert container["resources"]["limits"]["memory"]
    assert (
        of_kind(everything, "PodDisruptionBudget")[MAIL_IN]["spec"].keys()
        == of_kind(everything, "PodDisruptionBudget")["intake"]["spec"].keys()
    )
    urls = next(env["value"] for env in containers(everything)["review"]["env"] if env["name"] == "PARVIS_SERVICE_URLS")
    assert "mail-in=http://parvis-mail-in:8080" in urls


def test_mail_in_reads_the_mailboxes_that_were_named_and_secrets_from_files(everything: list[dict[str, Any]], tmp_path: Path) -> None:
    pod = of_kind(everything, "Deployment")[MAIL_IN]["spec"]["template"]["spec"]
    mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    config = of_kind(everything, "ConfigMap")[MAIL_IN]
    (tmp_path / "mailboxes.yaml").write_text(config["data"]["mailboxes.yaml"])

    sources = mailboxes.read(tmp_path / "mailboxes.yaml")

    [mailbox] = sources.mailboxes
    assert (mailbox.agency, mailbox.host, mailbox.folder, str(mailbox.since)) == ("belrive", "mail.belrive.example", "INBOX", "2026-03-02")
    assert sources.agency_of("info@lakeside.example") == "lakeside"
    assert (sources.receiver.protocol, sources.receiver.host, sources.receiver.port) == ("lmtp", "0.0.0.0", 8024)  # noqa: S104 - of the pod
    assert {"name": "PARVIS_MAILBOXES", "value": f"{mounts['mailboxes']}/mailboxes.yaml"} in pod["containers"][0]["env"]
    assert volumes["mailboxes"]["configMap"]["name"] == config["metadata"]["name"]
    assert volumes["mail-secrets"]["secret"]["secretName"] == "mailboxes"
    assert mailbox.password_file is not None
    assert str(mailbox.password_file.parent) == mounts["mail-secrets"]


def test_only_mail_in_reaches_the_mailboxes_and_it_reaches_no_kafka(everything: list[dict[str, Any]]) -> None:
    policies = of_kind(everything, "NetworkPolicy")
    policy = policies[MAIL_IN]["spec"]

    for address in (MAILBOXES, MAIL_TOKENS):
        assert {service for service, each in policies.items() if address in reached(each)} == {MAIL_IN}
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 443, 993, 5432}
    hands_over = [rule for rule in policy["ingress"] if {"port": "lmtp"} in rule["ports"]]
    assert hands_over == [{"from": [{"ipBlock": {"cidr": MAIL_SERVER}}], "ports": [{"port": "lmtp"}]}]
    assert "ingress-nginx" not in str(policy["ingress"])


def test_other_mailboxes_start_mail_in_anew_and_without_addresses_it_receives_nothing(tmp_path: Path) -> None:
    def of(*names: str) -> dict[str, Any]:
        boxes = [{"agency": name, "imap": f"imaps://{name}.example", "user": "info", "password_file": f"/s/{name}"} for name in names]
        values = {"settings": {"PARVIS_FILES_URL": FILES}, "mailIn": {"mailboxes": boxes}}
        template: dict[str, Any] = of_kind(rendered(tmp_path, values), "Deployment")[MAIL_IN]["spec"]["template"]
        return template

    first, same, other = of("belrive"), of("belrive"), of("belrive", "lakeside")

    assert first == same
    assert first["metadata"]["annotations"] != other["metadata"]["annotations"]
    assert [port["name"] for port in first["spec"]["containers"][0]["ports"]] == ["http"]
    assert "mail-secrets" not in [volume["name"] for volume in first["spec"]["volumes"]]


MAILBOX = [{"agency": "belrive", "imap": "imaps://belrive.example", "user": "info", "password_file": "/s/belrive"}]
ADDRESS = [{"agency": "belrive", "addresses": ["info@belrive.example"]}]


def of_files(all_have: str = "", mail_in_has: str = "", review_has: str = "", **mail: Any) -> dict[str, Any]:
    """Values of an installation by where its services keep files; nothing is set where nothing is given."""

    def setting(url: str) -> dict[str, str]:
        return {"PARVIS_FILES_URL": url} if url else {}

    mail_in = {"settings": setting(mail_in_has)} | (mail or {"mailboxes": MAILBOX})
    return {"settings": setting(all_have), "mailIn": mail_in, "services": {"review": {"settings": setting(review_has)}}}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (of_files(), "Set settings.PARVIS_FILES_URL"),
        (of_files(received=ADDRESS), "Set settings.PARVIS_FILES_URL"),
        (of_files(review_has=FILES), "mail-in has no PARVIS_FILES_URL"),
        (of_files("file:///var/lib/parvis/files"), "a folder of its pod alone"),
        (of_files(FILES, mail_in_has="file:///tmp"), "a folder of its pod alone"),
        (of_files(mail_in_has=FILES), "review looks for them in its own pod"),
        (of_files(FILES, review_has="s3://another"), "review looks for them in s3://another"),
    ],
)
def test_mail_is_not_taken_where_its_attachments_would_go_with_the_pod(tmp_path: Path, values: dict[str, Any], says: str) -> None:
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))

    done = templated(tmp_path / "values.yaml")

    assert done.returncode != 0
    assert says in done.stderr


@pytest.mark.parametrize("values", [of_files(FILES), of_files(mail_in_has=FILES, review_has=FILES), of_files("file:///srv/parvis/files")])
def test_mail_in_and_review_have_one_store_of_files(tmp_path: Path, values: dict[str, Any]) -> None:
    stores = {
        name: [env["value"] for env in container["env"] if env["name"] == "PARVIS_FILES_URL"]
        for name, container in containers(rendered(tmp_path, values)).items()
    }

    assert stores[MAIL_IN] == stores["review"] != []
